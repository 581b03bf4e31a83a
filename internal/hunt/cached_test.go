package hunt_test

import (
	"testing"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/hunt"
)

// TestWhatIsInItsTreeStillIsNotBuilt: a second benchmark of the same two commits finds both where they were built, and learns nothing of the time
// of a build.
func TestWhatIsInItsTreeStillIsNotBuilt(t *testing.T) {
	skipLong(t)
	r := newRepository(t)
	commits := r.line("1000\n# 0\n", "1300\n# 1\n")
	plan := r.plan(t.TempDir(), commits[0], commits[1])
	cost := hunt.Target{Benchmark: "cost", Metric: "cost/cost", LeastChange: 0.1}
	plan.Targets = []hunt.Target{cost, cost}
	told, err := hunt.Run(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	first, second := told.Hunts[0], told.Hunts[1]
	if first.Cached != 0 || second.Cached != 2 {
		t.Errorf("there already were %d builds of the first search, and %d of the second", first.Cached, second.Cached)
	}
	for _, e := range second.Events {
		if e.Type == bisect.Built && e.Seconds > 0 {
			t.Errorf("%s took %v s to build", e.Commit, e.Seconds)
		}
	}
}
