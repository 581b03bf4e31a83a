package hunt_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/hunt"
)

// TestABinaryThatIsGoneIsNotBuiltWhereAnotherIsBeingBuilt: the build of the bad end takes its time, and when it goes on its tree has to be
// that of its commit still. (Should the machine be so slow that the other build has not begun by then, the test sees nothing.)
func TestABinaryThatIsGoneIsNotBuiltWhereAnotherIsBeingBuilt(t *testing.T) {
	r := newRepository(t)
	r.write("build.sh", `
grep -q slow source && for i in 1 2 3 4 5 6 7 8; do test -e "$NEVER" || sleep 0.2; done
{ echo '#!/bin/sh'; cat source; } >text
chmod +x text
`)
	t.Setenv("NEVER", filepath.Join(t.TempDir(), "never"))
	commits := r.line(sized(0, 1000), "slow"+sized(1, 1100))
	home := t.TempDir()
	plan := r.plan(home, commits[0], commits[1])
	plan.Settings.Builders, plan.Settings.BesideRuns = 2, true
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	plan.Progress = func(p hunt.Progress) {
		if p.Event != nil && p.Event.Type == bisect.Built {
			cancel()
		}
	}
	if told, err := hunt.Run(ctx, plan); err == nil || told.Hunts[0].Outcome.Builds == 0 {
		t.Fatalf("interrupted after the first build: %v, %+v", err, told.Hunts)
	}
	if left, err := hunt.Clean(home, false); err != nil || len(left) != 1 {
		t.Fatalf("clean: %+v, %v", left, err)
	}
	plan.Progress, plan.Resume = nil, "latest"
	if o := found(t, plan).Outcome; o.Culprit != commits[1] {
		t.Errorf("%s, not %s", o, commits[1])
	}
}
