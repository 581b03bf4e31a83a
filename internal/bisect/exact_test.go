package bisect

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sizes is a world of exact values: the size of each commit, 0 where it does not build.
type sizes []float64

// steps makes sizes that grow by these ratios at these commits.
func steps(n int, at map[int]float64) sizes {
	all := make(sizes, n)
	size := 1e6
	for i := range all {
		size *= 1 + at[i]
		all[i] = size
	}
	return all
}

func (w sizes) task(least float64) Task {
	ids := make([]string, len(w))
	for i := range ids {
		ids[i] = fmt.Sprintf("c%d", i)
	}
	return Task{Commits: Chain(ids...), Parameters: Parameters{
		Exact: true, LeastChange: math.Log1p(least), Costs: Costs{ColdBuildSeconds: 60, RunSeconds: 0.01},
	}}
}

func (w sizes) search(t *testing.T, task Task) *Search {
	t.Helper()
	s, err := New(task)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 * len(w) {
		step := s.Next()
		if step.Action == Done {
			return s
		}
		e := Event{Type: Built, Commit: step.Commit, Seconds: 60}
		size := w[s.index[step.Commit]]
		switch {
		case step.Action == Run:
			e = Event{Type: Ran, Artifact: step.Artifact, Value: size}
		case size == 0:
			e = Event{Type: Broken, Commit: step.Commit, Reason: "it does not build"}
		}
		if err := s.Apply(e); err != nil {
			t.Fatal(err)
		}
		s.Ahead(2)
	}
	t.Fatalf("it does not end: %+v", s.Next())
	return nil
}

func TestAnExactMetricIsSearchedWithOneLookAtEachBuild(t *testing.T) {
	broken := steps(64, map[int]float64{40: 0.05})
	broken[39], broken[40] = 0, 0
	creep := map[int]float64{}
	for i := 1; i < 64; i++ {
		creep[i] = 0.002
	}
	withStep := map[int]float64{50: 0.04}
	for i := 1; i < 64; i++ {
		withStep[i] += 0.0005
	}
	for name, c := range map[string]struct {
		sizes   sizes
		outcome OutcomeKind
		set     []string
		most    int // builds
	}{
		"one step":                         {steps(64, map[int]float64{40: 0.05}), OutcomeCulprit, []string{"c40"}, 9},
		"smaller":                          {steps(64, map[int]float64{40: -0.05}), OutcomeCulprit, []string{"c40"}, 9},
		"the last commit":                  {steps(64, map[int]float64{63: 0.05}), OutcomeCulprit, []string{"c63"}, 9},
		"the greater of two":               {steps(64, map[int]float64{9: 0.03, 40: 0.2}), OutcomeCulprit, []string{"c40"}, 9},
		"a step in a creep":                {steps(64, withStep), OutcomeCulprit, []string{"c50"}, 9},
		"what was taken back":              {steps(64, map[int]float64{9: 0.05, 40: -0.0476}), OutcomeNone, []string{}, 2},
		"nothing":                          {steps(64, nil), OutcomeNone, []string{}, 2},
		"less than matters":                {steps(64, map[int]float64{40: 0.01}), OutcomeNone, []string{}, 2},
		"a creep accuses nobody":           {steps(64, creep), OutcomeUndecided, []string{}, 20},
		"what does not build is in a set":  {broken, OutcomeSet, []string{"c39", "c40", "c41"}, 14},
		"the first commit":                 {steps(2, map[int]float64{1: 0.05}), OutcomeCulprit, []string{"c1"}, 2},
		"an end that does not build":       {sizes{0, 1e6, 1e6}, OutcomeUndecided, []string{}, 1},
		"against the direction of the sum": {steps(64, map[int]float64{9: -0.1, 20: 0.3}), OutcomeCulprit, []string{"c20"}, 9},
	} {
		t.Run(name, func(t *testing.T) {
			if c.sizes[0] != 0 && len(c.sizes) > 2 && name == "what does not build is in a set" {
				c.sizes[41] = c.sizes[42]
			}
			s := c.sizes.search(t, c.sizes.task(0.02))
			o := s.Outcome()
			var sum float64
			for _, p := range s.Posterior() {
				sum += p
			}
			if want := float64(min(1, len(c.set))); math.Abs(sum-want) > 1e-9 {
				t.Errorf("the posterior sums up to %v, not %v", sum, want)
			}
			if o.Outcome != c.outcome || !cmp.Equal(o.Set, c.set) {
				t.Errorf("%s of %v: %s", o.Outcome, o.Set, o)
			}
			if o.Builds > c.most {
				t.Errorf("%d builds, %d are enough", o.Builds, c.most)
			}
		})
	}
}

func TestAnExactSearchIsRepeatedByItsJournal(t *testing.T) {
	w := steps(30, map[int]float64{9: 0.03, 20: 0.2})
	s := w.search(t, w.task(0.02))
	if o := s.Outcome(); o.Culprit != "c20" || len(o.Further) != 1 || o.Further[0].Good != "c0" {
		t.Fatalf("%s, further %+v", o, o.Further)
	}
	further := s.Outcome().Further[0]
	if err := s.Apply(Event{Type: Focused, Good: further.Good, Bad: further.Bad}); err != nil {
		t.Fatal(err)
	}
	for s.Next().Action != Done {
		step := s.Next()
		e := Event{Type: Built, Commit: step.Commit}
		if step.Action == Run {
			e = Event{Type: Ran, Artifact: step.Artifact, Value: w[s.index[step.Commit]]}
		}
		if err := s.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	if o := s.Outcome(); o.Culprit != "c9" {
		t.Errorf("focused on the rest: %s", o)
	}
}

// TestEqualBinariesAreLookedAtOnce: what is equal by its class or its content has one value.
func TestEqualBinariesAreLookedAtOnce(t *testing.T) {
	w := steps(9, map[int]float64{4: 0.1})
	task := w.task(0.02)
	for i := 4; i < 8; i++ {
		task.Commits[i].Class = "same"
	}
	o := w.search(t, task).Outcome()
	if o.Culprit != "c4" || o.Builds != 5 {
		t.Errorf("%s after %d builds", o, o.Builds)
	}
}

// TestARunThatCanNeverGiveAValueBreaksItsCommit: the search goes on without it.
func TestARunThatCanNeverGiveAValueBreaksItsCommit(t *testing.T) {
	for name, exact := range map[string]bool{"exact": true, "noisy": false} {
		t.Run(name, func(t *testing.T) {
			task := steps(9, nil).task(0.02)
			task.Parameters.Exact = exact
			s, err := New(task)
			if err != nil {
				t.Fatal(err)
			}
			for s.Next().Action == Build {
				if err := s.Apply(Event{Type: Built, Commit: s.Next().Commit}); err != nil {
					t.Fatal(err)
				}
			}
			first := s.Next()
			if err := s.Apply(Event{Type: Broken, Commit: first.Commit, Reason: "its suite does not start"}); err != nil {
				t.Fatal(err)
			}
			if more := s.Remaining(); more != (Cost{}) {
				t.Errorf("an end can not be measured, and yet there is something to do: %+v", more)
			}
			if next := s.Next(); next.Action == Run && next.Commit == first.Commit {
				t.Errorf("it is to run again: %+v", next)
			}
		})
	}
}
