package bisect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The truth is simulated here in small; make bisect-bench does it in large. Seeds are fixed, and a failure names its own.
// Short mode, which the race detector runs in, takes one seed of each, and leaves out what counts over several.

// seeds returns how many seeds to take.
func seeds(full uint64) uint64 {
	if testing.Short() {
		return 1
	}
	return full
}

// manySearches skips what needs all of its seeds.
func manySearches(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("short mode: it counts over many searches")
	}
}

func TestTheCulpritIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		commits int
		effect  float64
		prepare func(w *World)
	}{
		"calm machine":           {1024, 0.05, func(w *World) { w.SD = 0.02 }},
		"noise as large as it":   {64, 0.05, func(w *World) { w.SD = 0.05 }},
		"an improvement":         {256, -0.1, func(w *World) { w.SD = 0.04 }},
		"outliers":               {256, 0.1, func(w *World) { w.SD, w.Heavy = 0.05, 0.05 }},
		"drift":                  {256, 0.1, func(w *World) { w.SD, w.Drift = 0.05, 0.1 }},
		"builds that differ":     {256, 0.1, func(w *World) { w.SD, w.Offset = 0.03, 0.01 }},
		"two commits":            {2, 0.1, func(w *World) { w.SD = 0.05 }},
		"the only commit":        {1, 0.1, func(w *World) { w.SD = 0.05 }},
		"a long range":           {4096, 0.3, func(w *World) { w.SD = 0.1 }},
		"more noise than a grid": {16, 0.3, func(w *World) { w.SD = 0.2 }},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range seeds(3) {
				rng := rand.New(rand.NewPCG(seed, 21))
				w := NewWorld(c.commits, rng)
				at := 1 + rng.IntN(c.commits)
				w.Changes[at] = math.Log1p(c.effect)
				c.prepare(w)
				s, _ := search(t, w, w.Task(math.Log1p(c.effect), seed))
				o := s.Outcome()
				if o.Outcome != OutcomeCulprit || o.Culprit != fmt.Sprintf("c%d", at) {
					t.Errorf("seed %d: %s, the truth is c%d; %+v", seed, o, at, o.Checks)
				}
				if o.Change*c.effect <= 0 || o.Posterior < 0.999 {
					t.Errorf("seed %d: %s", seed, o)
				}
			}
		})
	}
}

func TestNobodyIsAccusedWithoutAChange(t *testing.T) {
	for name, prepare := range map[string]func(w *World){
		"calm machine":       func(w *World) { w.SD = 0.02 },
		"noise":              func(w *World) { w.SD = 0.05 },
		"outliers":           func(w *World) { w.SD, w.Heavy = 0.05, 0.05 },
		"drift":              func(w *World) { w.SD, w.Drift = 0.03, 0.1 },
		"builds that differ": func(w *World) { w.SD, w.Offset = 0.02, 0.01 },
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range seeds(4) {
				w := NewWorld(512, rand.New(rand.NewPCG(seed, 22)))
				prepare(w)
				s, _ := search(t, w, w.Task(math.Log1p(0.05), seed))
				if o := s.Outcome(); o.Outcome != OutcomeNone || o.Posterior < 0.99 || o.Culprit != "" || len(o.Set) > 0 {
					t.Errorf("seed %d: %s, there is no change", seed, o)
				}
			}
		})
	}
}

// TestCommitsThatDoNotBuild wants the smallest set that can be told: the culprit with the broken commits before it.
func TestCommitsThatDoNotBuild(t *testing.T) {
	manySearches(t)
	var sets int
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 23))
		w := NewWorld(128, rng)
		at := 2 + rng.IntN(126)
		w.Changes[at], w.SD = math.Log1p(0.1), 0.04
		for i := 2; i < 128; i++ { // stretches of a mean length of eight
			w.Broken[i] = w.Broken[i-1] && rng.IntN(8) > 0 || rng.IntN(45) == 0
		}
		if seed%2 == 0 {
			for i := max(2, at-3); i < at; i++ {
				w.Broken[i] = true
			}
		}
		want := []string{fmt.Sprintf("c%d", at)}
		for i := at - 1; w.Broken[i]; i-- {
			want = append(want, fmt.Sprintf("c%d", i))
		}
		for i := at; w.Broken[i] && i < 128; i++ {
			want = append(want, fmt.Sprintf("c%d", i+1))
		}
		s, _ := search(t, w, w.Task(math.Log1p(0.1), seed))
		o := s.Outcome()
		kind := OutcomeCulprit
		if len(want) > 1 {
			kind = OutcomeSet
			sets++
		}
		got := slices.Sorted(slices.Values(o.Set))
		slices.Sort(want)
		if o.Outcome != kind || !slices.Equal(got, want) || o.Posterior < 0.999 || (o.Culprit != "") != (kind == OutcomeCulprit) {
			t.Errorf("seed %d: %s %v, want %s %v", seed, o, got, kind, want)
		}
	}
	if sets < 4 {
		t.Errorf("only %d searches had a set to name", sets)
	}
}

func TestHistoriesWithMerges(t *testing.T) {
	for seed := range seeds(6) {
		rng := rand.New(rand.NewPCG(seed, 24))
		w := NewWorld(150, rng)
		w.Parents = randomParents(151, rng)
		at := 1 + rng.IntN(150)
		w.Changes[at], w.SD = math.Log1p(0.1), 0.03
		s, _ := search(t, w, w.Task(math.Log1p(0.1), seed))
		if o := s.Outcome(); o.Outcome != OutcomeCulprit || o.Culprit != fmt.Sprintf("c%d", at) {
			t.Errorf("seed %d: %s, the truth is c%d; %+v", seed, o, at, o.Checks)
		}
	}
}

// TestTwoChanges wants a true one named, the other pointed at, and found once the search is led there.
func TestTwoChanges(t *testing.T) {
	manySearches(t)
	var both int
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 25))
		w := NewWorld(256, rng)
		a, b := 1+rng.IntN(100), 130+rng.IntN(100)
		w.Changes[a], w.Changes[b], w.SD = math.Log1p(0.1), math.Log1p(0.1), 0.03
		truth := []string{fmt.Sprintf("c%d", a), fmt.Sprintf("c%d", b)}
		task := w.Task(math.Log1p(0.15), seed)
		s, events := search(t, w, task)
		o := s.Outcome()
		if o.Outcome == OutcomeCulprit && !slices.Contains(truth, o.Culprit) {
			t.Errorf("seed %d: %s is innocent, the truth is %v", seed, o, truth)
		}
		if o.Outcome != OutcomeCulprit || len(o.Further) == 0 {
			t.Logf("seed %d: %s, further %+v", seed, o, o.Further)
			continue
		}
		next := Event{Type: Focused, Good: o.Further[0].Good, Bad: o.Further[0].Bad, AtSeconds: w.Clock}
		if err := s.Apply(next); err != nil {
			t.Fatal(err)
		}
		events = append(events, next)
		for step := s.Next(); step.Action != Done; step = s.Next() {
			e := w.Do(step)
			if err := s.Apply(e); err != nil {
				t.Fatal(err)
			}
			events = append(events, e)
		}
		second := s.Outcome()
		if second.Outcome == OutcomeCulprit && slices.Contains(truth, second.Culprit) && second.Culprit != o.Culprit {
			both++
		} else {
			t.Logf("seed %d: first %s, then %s", seed, o, second)
		}
		again, err := replayed(task, events)
		if err != nil || string(shown(t, again)) != string(shown(t, s)) {
			t.Errorf("seed %d: a replay with a focus ends elsewhere: %v", seed, err)
		}
	}
	if both < 4 {
		t.Errorf("both changes were found in %d of 6 searches", both)
	}
}

// TestAModelThatIsWrongAccusesNobody: the offsets of builds are said to be known and small, and are not.
func TestAModelThatIsWrongAccusesNobody(t *testing.T) {
	manySearches(t)
	var refused int
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 26))
		w := NewWorld(128, rng)
		at := 1 + rng.IntN(128)
		w.Changes[at], w.SD, w.Offset = math.Log1p(0.05), 0.015, 0.03
		task := w.Task(math.Log1p(0.05), seed)
		task.Parameters.OffsetSD = 0.002
		task.Parameters.Budget.Runs = 600
		s, _ := search(t, w, task)
		o := s.Outcome()
		if o.Outcome == OutcomeCulprit && o.Culprit != fmt.Sprintf("c%d", at) {
			t.Errorf("seed %d: %s, the truth is c%d: %+v, further %+v", seed, o, at, o.Checks, o.Further)
		}
		if o.Outcome == OutcomeUndecided && strings.HasPrefix(o.Reason, "the measurements contradict the model") {
			refused++
		}
	}
	if t.Logf("%d of 8 refused", refused); refused == 0 {
		t.Error("no check has refused anything")
	}
}
