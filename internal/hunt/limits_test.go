package hunt_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/hunt"
	"github.com/communitas/perfgate/internal/runner"
)

// TestASearchGoesOnWithOtherLimits: it has lost nothing, builds nothing twice, and keeps what it was told for the next time.
func TestASearchGoesOnWithOtherLimits(t *testing.T) {
	r := newRepository(t)
	commits := r.line(sizes()...)
	home := t.TempDir()
	plan := r.plan(home, commits[0], commits[7])
	plan.Settings.MaxRuns = 2
	if o := found(t, plan).Outcome; o.Halt != bisect.HaltBudget || o.Runs != 2 {
		t.Fatalf("%s: %+v", o, o)
	}
	if kept, err := filepath.Glob(filepath.Join(home, "project", "bisect", "2*", "binaries", "*.bin")); err != nil || len(kept) != 2 {
		t.Errorf("binaries that a search which goes on needs: %v, %v", kept, err)
	}
	plan.Resume = "latest"
	if o := found(t, plan).Outcome; o.Halt != bisect.HaltBudget || o.Runs != 2 {
		t.Errorf("without a word on its limits: %s", o)
	}
	plan.Limits = hunt.Limits{MaxRuns: 3, Disturbed: new(runner.Retry)}
	if o := found(t, plan).Outcome; o.Halt != bisect.HaltBudget || o.Runs != 3 {
		t.Errorf("with one run more: %s", o)
	}
	plan.Limits = hunt.Limits{MaxRuns: 100}
	if o := found(t, plan).Outcome; o.Culprit != commits[4] || o.Builds > 5 {
		t.Errorf("%s after %d builds, not %s", o, o.Builds, commits[4])
	}
	told, err := hunt.Log(filepath.Join(home, "project"), "latest")
	if err != nil {
		t.Fatal(err)
	}
	limited := 0
	for _, e := range told.Hunts[0].Events {
		if e.Type == bisect.Limited {
			limited++
		}
	}
	if limited != 2 {
		t.Errorf("the journal has %d changes of limits", limited)
	}
}

// TestAllChangesWaitForTheWholeRange: where a limit ends the search of the whole range, no part of it is searched in its place, so that a
// larger limit goes on with the whole.
func TestAllChangesWaitForTheWholeRange(t *testing.T) {
	r := newRepository(t)
	commits := r.line(sizes()...)
	plan := r.plan(t.TempDir(), commits[0], commits[7])
	plan.Settings.MaxRuns, plan.Settings.AllChanges = 2, true
	if told := found(t, plan); told.Outcome.Halt != bisect.HaltBudget || len(told.Elsewhere) > 0 {
		t.Errorf("%s, and elsewhere %v", told.Outcome, told.Elsewhere)
	}
	plan.Resume, plan.Limits = "latest", hunt.Limits{MaxRuns: 100}
	if told := found(t, plan); told.Outcome.Culprit != commits[4] || len(told.Elsewhere) > 0 {
		t.Errorf("%s, and elsewhere %v; not %s", told.Outcome, told.Elsewhere, commits[4])
	}
}

// TestASearchThatCanNotBeTakenIsGivenBack: once what stood in the way is removed it goes on, in the same process as well.
func TestASearchThatCanNotBeTakenIsGivenBack(t *testing.T) {
	r := newRepository(t)
	commits := r.line(sizes()[3:5]...)
	home := t.TempDir()
	plan := r.plan(home, commits[0], commits[1])
	plan.Settings.MaxRuns = 1
	found(t, plan)
	process := filepath.Join(home, "project", "bisect", "latest", "process")
	if err := errors.Join(os.Remove(process), os.MkdirAll(filepath.Join(process, "in the way"), 0o755)); err != nil {
		t.Fatal(err)
	}
	plan.Resume, plan.Limits.MaxRuns = "latest", 10
	if _, err := hunt.Run(t.Context(), plan); err == nil {
		t.Fatal("it was taken")
	}
	if err := os.RemoveAll(process); err != nil {
		t.Fatal(err)
	}
	if o := found(t, plan).Outcome; o.Culprit != commits[1] {
		t.Errorf("%s, not %s", o, commits[1])
	}
}
