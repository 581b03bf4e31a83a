package bisect

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// after applies events to a search of a chain of n suspects.
func after(t *testing.T, n int, events ...Event) *Search {
	t.Helper()
	w := NewWorld(n, rand.New(rand.NewPCG(1, 1)))
	s, err := replayed(w.Task(0.1, 1), events)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNearAFaultCommitsAreLikelyToBeBroken(t *testing.T) {
	s := after(t, 100, Event{Type: Built, Commit: "c0"}, Event{Type: Built, Commit: "c100"},
		Event{Type: Broken, Commit: "c50", Reason: "E1"}, Event{Type: Broken, Commit: "c60", Reason: "E1"},
		Event{Type: Broken, Commit: "c70", Reason: "E2"})
	look := s.survey()
	for name, c := range map[string]struct{ more, less int }{
		"far from a fault":              {30, 47},
		"near a built one":              {2, 30},
		"nearer to another fault":       {90, 72},
		"outside of one stretch":        {49, 55},
		"between two different faults":  {65, 55},
		"at the edge of what is broken": {45, 49},
	} {
		if more, less := look.lives(c.more), look.lives(c.less); more <= less {
			t.Errorf("%s: c%d lives with %.3f, c%d with %.3f", name, c.more, more, c.less, less)
		}
	}
	for i := range 101 {
		if p := look.lives(i); p <= 0 || p > 1 {
			t.Errorf("c%d lives with %v", i, p)
		}
	}
}

func TestTheMiddleIsTheMedianThatIsLikelyToBuild(t *testing.T) {
	s := after(t, 100, Event{Type: Built, Commit: "c0"}, Event{Type: Built, Commit: "c100"})
	if o := s.middles(); len(o) != 1 || o[0].subject.class != 50 {
		t.Fatalf("%+v", o)
	}
	s = after(t, 100, Event{Type: Built, Commit: "c0"}, Event{Type: Built, Commit: "c100"},
		Event{Type: Broken, Commit: "c50", Reason: "E1"})
	if o := s.middles(); len(o) != 1 || o[0].subject.class > 45 && o[0].subject.class < 55 || o[0].subject.class < 20 || o[0].subject.class > 80 {
		t.Fatalf("beside a broken middle: %+v", o[0].subject)
	}
}

func TestIdleBuildersGetWhatComesNext(t *testing.T) {
	s := after(t, 100)
	if diff := cmp.Diff([]string{"c100", "c50"}, s.Ahead(2)); diff != "" { // the good end is being asked for
		t.Error(diff)
	}
	s = after(t, 100, Event{Type: Built, Commit: "c0"}, Event{Type: Built, Commit: "c100"}, Event{Type: Built, Commit: "c50"})
	if diff := cmp.Diff([]string{"c75", "c25"}, s.Ahead(5)); diff != "" {
		t.Error(diff)
	}
	if got := s.Ahead(0); len(got) != 0 {
		t.Errorf("nobody is idle: %v", got)
	}
}

// TestABuildThatComesLateDisturbsNothing: what was planned goes on.
func TestABuildThatComesLateDisturbsNothing(t *testing.T) {
	s := after(t, 100, Event{Type: Built, Commit: "c0"}, Event{Type: Built, Commit: "c100"})
	before := s.Next()
	for _, e := range []Event{{Type: Built, Commit: "c50"}, {Type: Broken, Commit: "c25", Reason: "E1"}, {Type: Ran, Artifact: 3, Value: 3}} {
		if err := s.Apply(e); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, s.Next()); diff != "" {
			t.Errorf("after %+v: %s", e, diff)
		}
	}
}

func TestABuildIsChosenWhenItIsCheap(t *testing.T) {
	builds := func(seconds float64) (built int) {
		rng := rand.New(rand.NewPCG(61, 62))
		w := NewWorld(256, rng)
		w.Changes[77], w.SD, w.BuildSeconds = math.Log1p(0.05), 0.05, seconds
		task := w.Task(math.Log1p(0.05), 1)
		task.Parameters.OffsetSD = leastOffset
		s, _ := search(t, w, task)
		return s.Outcome().Builds
	}
	if cheap, dear := builds(0.5), builds(200); cheap <= dear {
		t.Errorf("%d builds at half a run each, %d at two hundred", cheap, dear)
	}
}

func TestCostsLearnFromWhatWasSeen(t *testing.T) {
	s := spending{costs: Costs{ColdBuildSeconds: 100, WarmBuildSeconds: 20, WarmReach: 16, RunSeconds: 10}}
	if a, b, c := s.buildCost(0), s.buildCost(16), s.buildCost(math.Inf(1)); a != 20 || b <= a || c != 100 || math.Abs(b-(100-80/math.E)) > 1e-9 {
		t.Errorf("builds at no distance, at sixteen and from nothing: %v, %v, %v", a, b, c)
	}
	for range 30 {
		s.build(200, 100, false)
		s.run(30, false)
	}
	s.build(1, 100, true) // ended early, and says nothing
	s.run(0, true)
	if got := s.buildCost(math.Inf(1)); math.Abs(got-100*6300.0/3300) > 1e-9 {
		t.Errorf("after builds of 200 s one is expected to take %v s", got)
	}
	if got := s.runCost(); math.Abs(got-1000.0/40) > 1e-9 {
		t.Errorf("after runs of 30 s one is expected to take %v s", got)
	}
	if s.cost.Builds != 31 || s.failed != 1 || s.cost.Runs != 31 || s.invalid != 1 || s.cost.Seconds != 30*230+1 {
		t.Errorf("%+v", s)
	}
}

// TestTheOrderOfPairsIsRandomAndSeeded: neither end runs first always, and the same seed gives the same order.
func TestTheOrderOfPairsIsRandomAndSeeded(t *testing.T) {
	order := func(seed uint64) (first []int) {
		w := NewWorld(8, rand.New(rand.NewPCG(1, 1)))
		w.SD, w.Changes[3] = 0.02, 0.3
		_, events := search(t, w, w.Task(0.3, seed))
		for _, e := range events {
			if e.Type == Ran {
				first = append(first, e.Artifact)
			}
		}
		return first[:20]
	}
	a := order(7)
	if !slices.Equal(a, order(7)) || slices.Equal(a, order(8)) {
		t.Errorf("seed 7 %v and %v, seed 8 %v", a, order(7), order(8))
	}
	begins := map[int]int{}
	for i := 0; i < len(a); i += 2 {
		begins[a[i]]++
		if a[i] == a[i+1] {
			t.Errorf("pair %d is twice the same: %v", i/2, a)
		}
	}
	if len(begins) != 2 {
		t.Errorf("one end always runs first: %v", a)
	}
}

// TestAStepSaysHowLikelyItsCommitIsSlow: as the posterior has it, also where only one side of the coin is left under some of the offsets.
func TestAStepSaysHowLikelyItsCommitIsSlow(t *testing.T) {
	w := NewWorld(15, rand.New(rand.NewPCG(6, 82)))
	w.Reproducible, w.SD, w.Offset, w.Changes[8] = true, 0.06, 0.014, math.Log1p(0.12)
	task := w.Task(0, 6)
	s, err := New(task)
	if err != nil {
		t.Fatal(err)
	}
	said, last := 0, Why{}
	for step := s.Next(); step.Action != Done && said < 60; step = s.Next() {
		if step.Phase == PhaseSearch && step.Why != last && step.Commit != "c0" {
			said++
			var slow float64
			for _, p := range s.Posterior()[:1+s.index[step.Commit]] {
				slow += p
			}
			if math.Abs(slow-step.Why.Slow) > 1e-9 {
				t.Fatalf("%s: it is slow with %v, and the step says %v", step.Commit, slow, step.Why.Slow)
			}
		}
		last = step.Why
		if err := s.Apply(w.Do(step)); err != nil {
			t.Fatal(err)
		}
	}
	if said < 10 {
		t.Errorf("only %d steps were looked at", said)
	}
}
