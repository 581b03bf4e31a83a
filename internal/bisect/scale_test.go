package bisect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// counted is a world whose runs give counts: sums of independent events, with this rate before the culprit and that from it on, or
// numbers of failures of this probability. Rates may vary from run to run, log-normally.
type counted struct {
	*World
	before, after, spread float64
	failures              bool
	culprit, sum          int
	rng                   *rand.Rand
}

func (w counted) do(step Step) Event {
	e := w.Do(step)
	if e.Type != Ran {
		return e
	}
	rate := w.before
	if w.where[step.Artifact-1] >= w.culprit {
		rate = w.after
	}
	e.Value = 0
	for range w.sum {
		switch varied := rate * math.Exp(w.spread*w.rng.NormFloat64()); {
		case !w.failures:
			e.Value += poisson(w.rng, varied)
		case w.rng.Float64() < rate:
			e.Value++
		}
	}
	return e
}

func poisson(rng *rand.Rand, rate float64) float64 {
	n := 0.0
	for sum := rng.ExpFloat64(); sum < rate; sum += rng.ExpFloat64() {
		n++
	}
	return n
}

func (w counted) search(t *testing.T) Outcome {
	t.Helper()
	task := w.Task(0, 1)
	task.Parameters.Counts, task.Parameters.LeastChange, task.Parameters.Budget.Runs = w.sum, math.Log1p(0.5), 1000
	s, err := New(task)
	if err != nil {
		t.Fatal(err)
	}
	for step := s.Next(); step.Action != Done; step = s.Next() {
		if err := s.Apply(w.do(step)); err != nil {
			t.Fatal(err)
		}
	}
	return s.Outcome()
}

// TestCountsThatMayBeNothingAreSearched: from no event at all on, and where every network formed. What is rare is summed up, since a
// single run with an event looks like an outlier: docs/MATH.md has what came of that, and of 40 searches each.
func TestCountsThatMayBeNothingAreSearched(t *testing.T) {
	searches := uint64(16)
	if testing.Short() {
		searches = 4
	}
	for _, world := range []counted{
		{before: 0, after: 1}, {before: 0, after: 3}, {before: 0.2, after: 2}, {before: 3, after: 8}, {before: 30, after: 60},
		{before: 3, after: 12, spread: 0.6}, {before: 8, after: 3},
		{before: 0, after: 0}, {before: 0.05, after: 0.05}, {before: 0.3, after: 0.3}, {before: 3, after: 3}, {before: 3, after: 3, spread: 0.6},
		{before: 0, after: 0.5, failures: true}, {before: 0, after: 1, failures: true}, {before: 0.05, after: 0.5, failures: true},
		{before: 0, after: 0, failures: true}, {before: 0.05, after: 0.05, failures: true}, {before: 0.5, after: 0.5, failures: true},
	} {
		name := fmt.Sprintf("%v to %v by %v, failures %v", world.before, world.after, world.spread, world.failures)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var right, wrong, runs int
			for seed := range searches {
				w := world
				rng := rand.New(rand.NewPCG(seed, 10))
				w.World, w.rng, w.culprit, w.sum = NewWorld(64, rng), rng, 1+rng.IntN(64), 5
				if w.failures {
					w.sum = 10
				}
				o := w.search(t)
				runs += o.Runs
				truth := OutcomeCulprit
				if w.before == w.after {
					truth = OutcomeNone
				}
				switch is := o.Outcome == truth && (truth == OutcomeNone || o.Culprit == fmt.Sprintf("c%d", w.culprit)); {
				case is:
					right++
				case o.Outcome == OutcomeCulprit || o.Outcome == OutcomeNone:
					wrong++
				}
			}
			t.Logf("right %d, wrong %d of %d, %d sums", right, wrong, searches, runs/int(searches))
			if wrong > 0 || right < int(searches)*9/10 {
				t.Errorf("right %d, wrong %d of %d", right, wrong, searches)
			}
		})
	}
}

// TestChangesOfCountsAreOfOneMore: the ends of a search without noise differ by what the search says.
func TestChangesOfCountsAreOfOneMore(t *testing.T) {
	p := Parameters{Counts: 5}
	for _, tc := range []struct{ from, to, want float64 }{{0, 3, 3}, {3, 0, -0.75}, {9, 19, 1}} {
		if got := p.ratio(p.logarithm(tc.to) - p.logarithm(tc.from)); math.Abs(got-tc.want) > 1e-12 {
			t.Errorf("%v to %v: %v, not %v", tc.from, tc.to, got, tc.want)
		}
		if got := p.value(p.logarithm(tc.to)); math.Abs(got-tc.to) > 1e-12 {
			t.Errorf("%v became %v", tc.to, got)
		}
	}
	s, err := New(Task{Commits: Chain("a", "b"), Parameters: Parameters{Costs: Costs{ColdBuildSeconds: 1, RunSeconds: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Apply(Event{Type: Built, Commit: "a"})
	if err == nil {
		err = s.Apply(Event{Type: Ran, Artifact: 1})
	}
	if err == nil || !strings.Contains(err.Error(), "what is no count is above 0") {
		t.Errorf("0 of what is no count: %v", err)
	}
}
