package hunt_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/hunt"
)

// TestABuildWithoutNetworkEndsTheSearchUntilTheCommitIsSkipped: it is nobody's fault, and may never be mended, as of a host that is gone.
func TestABuildWithoutNetworkEndsTheSearchUntilTheCommitIsSkipped(t *testing.T) {
	r := newRepository(t)
	sources := sizes()
	sources[3] += "gone"
	commits := r.line(sources...)
	home := t.TempDir()
	plan := r.plan(home, commits[0], commits[7])
	told, err := hunt.Run(t.Context(), plan)
	for _, want := range []string{"can not fetch what it needs from the network (curl: (6) Could not resolve host: gone", "failed 4 times", "--skip COMMIT", "gone.example.org"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, without %q", err, want)
		}
	}
	if o := told.Hunts[0].Outcome; o.Outcome != bisect.OutcomeUndecided || len(o.Unmeasured) > 0 {
		t.Errorf("%s: %+v", o, o.Unmeasured)
	}
	plan.Resume, plan.Skip = "latest", []string{commits[3]}
	with := found(t, plan)
	if !strings.HasSuffix(with.Command, " --skip "+commits[3]) {
		t.Errorf("to be repeated by %q, which ends as it did before", with.Command)
	}
	o := with.Outcome
	if want := []string{commits[3], commits[4]}; o.Outcome != bisect.OutcomeSet || !slices.Equal(o.Set, want) {
		t.Errorf("%s %v, not %v", o, o.Set, want)
	}
	if len(o.Unmeasured) != 1 || !strings.Contains(o.Unmeasured[0].Reason, "skipped") {
		t.Errorf("%+v", o.Unmeasured)
	}
	plan.Skip = nil
	again, err := hunt.Log(filepath.Join(home, "project"), "latest")
	if err != nil {
		t.Fatal(err)
	}
	if after := found(t, plan).Outcome; after.String() != o.String() || len(again.Hunts[0].Events) == 0 {
		t.Errorf("gone on with once more: %s, and then %s", o, after)
	}
}

func TestAnEndIsNotSkipped(t *testing.T) {
	r := newRepository(t)
	commits := r.line(sizes()...)
	plan := r.plan(t.TempDir(), commits[0], commits[7])
	plan.Skip = []string{"HEAD"}
	_, err := hunt.Run(t.Context(), plan)
	if unfit, ok := errors.AsType[*hunt.UnfitError](err); !ok || !strings.Contains(unfit.Problem, "HEAD is an end") {
		t.Errorf("%v", err)
	}
	plan.Skip = []string{commits[2]}
	if o := found(t, plan).Outcome; o.Culprit != commits[4] {
		t.Errorf("%s, not %s", o, commits[4])
	}
}
