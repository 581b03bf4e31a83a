package hunt_test

import (
	"path/filepath"
	"testing"
)

// TestBuildsThatLeaveTheirBinaryInOnePlaceTakeTurns: else one commit's could be taken for another's.
func TestBuildsThatLeaveTheirBinaryInOnePlaceTakeTurns(t *testing.T) {
	r := newRepository(t)
	r.write("build.sh", `mkdir "$SHARED.lock" || { echo "error: another build goes on"; exit 1; }
{ echo '#!/bin/sh'; cat source; } >"$SHARED"
sleep 0.2
chmod +x "$SHARED"
rmdir "$SHARED.lock"
`)
	commits := r.line(sizes()...)
	shared := filepath.Join(t.TempDir(), "text")
	t.Setenv("SHARED", shared)
	plan := r.plan(t.TempDir(), commits[0], commits[7])
	plan.Suite.Subject.Binary, plan.Settings.Builders = shared, 3
	if o := found(t, plan).Outcome; o.Culprit != commits[4] || o.FailedBuilds > 0 {
		t.Errorf("%s, %d builds failed; not %s", o, o.FailedBuilds, commits[4])
	}
}
