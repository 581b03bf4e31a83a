package bisect

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestReproducibleBuildsAreSearchedAllTheSame: where building again gives the same binary, the ends alone do not tell a change of a few
// percent from what two builds differ by. Those of other commits do, or the search ends when they have told what they can.
func TestReproducibleBuildsAreSearchedAllTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		commits int
		change  float64
		want    OutcomeKind
		halt    Halt
	}{
		"none":             {100, 0, OutcomeNone, ""},
		"a small one":      {100, 0.02, OutcomeCulprit, ""},
		"a plain one":      {100, 0.05, OutcomeCulprit, ""},
		"a large one":      {100, 0.1, OutcomeCulprit, ""},
		"in a short range": {15, 0.05, OutcomeCulprit, ""},
		"of two commits":   {2, 0.05, OutcomeUndecided, HaltExhausted},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(6) {
				culprit := (c.commits + 1) / 2
				w := NewWorld(c.commits, rand.New(rand.NewPCG(seed, 81)))
				w.Reproducible, w.SD = true, 0.003
				if c.change > 0 {
					w.Changes[culprit] = math.Log1p(c.change)
				}
				task := w.Task(0, seed)
				task.Parameters.LeastChange = math.Log1p(0.02)
				s, _ := search(t, w, task)
				o := s.Outcome()
				if o.Outcome != c.want || o.Halt != c.halt || o.Runs > 1000 || c.want == OutcomeCulprit && o.Culprit != task.Commits[culprit].ID {
					t.Errorf("%s after %d builds and %d runs, halted by %q", o, o.Builds, o.Runs, o.Halt)
				}
				if more := s.Remaining(); more != (Cost{}) {
					t.Errorf("%+v is still to do", more)
				}
			}
		})
	}
}
