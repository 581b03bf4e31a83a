package bisect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The truth is simulated here in small; BenchmarkCalibration does it in large. Seeds are fixed, and a failure names its own.
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
		prepare func(w *world)
	}{
		"calm machine":           {1024, 0.05, func(w *world) { w.sd = 0.02 }},
		"noise as large as it":   {64, 0.05, func(w *world) { w.sd = 0.05 }},
		"an improvement":         {256, -0.1, func(w *world) { w.sd = 0.04 }},
		"outliers":               {256, 0.1, func(w *world) { w.sd, w.heavy = 0.05, 0.05 }},
		"drift":                  {256, 0.1, func(w *world) { w.sd, w.drift = 0.05, 0.1 }},
		"builds that differ":     {256, 0.1, func(w *world) { w.sd, w.offset = 0.03, 0.01 }},
		"two commits":            {2, 0.1, func(w *world) { w.sd = 0.05 }},
		"the only commit":        {1, 0.1, func(w *world) { w.sd = 0.05 }},
		"a long range":           {4096, 0.3, func(w *world) { w.sd = 0.1 }},
		"more noise than a grid": {16, 0.3, func(w *world) { w.sd = 0.2 }},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range seeds(3) {
				rng := rand.New(rand.NewPCG(seed, 21))
				w := newWorld(c.commits, rng)
				at := 1 + rng.IntN(c.commits)
				w.changes[at] = math.Log1p(c.effect)
				c.prepare(w)
				s, _ := w.search(t, w.task(math.Log1p(c.effect), seed))
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
	for name, prepare := range map[string]func(w *world){
		"calm machine":       func(w *world) { w.sd = 0.02 },
		"noise":              func(w *world) { w.sd = 0.05 },
		"outliers":           func(w *world) { w.sd, w.heavy = 0.05, 0.05 },
		"drift":              func(w *world) { w.sd, w.drift = 0.03, 0.1 },
		"builds that differ": func(w *world) { w.sd, w.offset = 0.02, 0.01 },
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range seeds(4) {
				w := newWorld(512, rand.New(rand.NewPCG(seed, 22)))
				prepare(w)
				s, _ := w.search(t, w.task(math.Log1p(0.05), seed))
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
		w := newWorld(128, rng)
		at := 2 + rng.IntN(126)
		w.changes[at], w.sd = math.Log1p(0.1), 0.04
		for i := 2; i < 128; i++ { // stretches of a mean length of eight
			w.broken[i] = w.broken[i-1] && rng.IntN(8) > 0 || rng.IntN(45) == 0
		}
		if seed%2 == 0 {
			for i := max(2, at-3); i < at; i++ {
				w.broken[i] = true
			}
		}
		want := []string{fmt.Sprintf("c%d", at)}
		for i := at - 1; w.broken[i]; i-- {
			want = append(want, fmt.Sprintf("c%d", i))
		}
		for i := at; w.broken[i] && i < 128; i++ {
			want = append(want, fmt.Sprintf("c%d", i+1))
		}
		s, _ := w.search(t, w.task(math.Log1p(0.1), seed))
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
		w := newWorld(150, rng)
		w.parents = randomParents(151, rng)
		at := 1 + rng.IntN(150)
		w.changes[at], w.sd = math.Log1p(0.1), 0.03
		s, _ := w.search(t, w.task(math.Log1p(0.1), seed))
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
		w := newWorld(256, rng)
		a, b := 1+rng.IntN(100), 130+rng.IntN(100)
		w.changes[a], w.changes[b], w.sd = math.Log1p(0.1), math.Log1p(0.1), 0.03
		truth := []string{fmt.Sprintf("c%d", a), fmt.Sprintf("c%d", b)}
		task := w.task(math.Log1p(0.15), seed)
		s, events := w.search(t, task)
		o := s.Outcome()
		if o.Outcome == OutcomeCulprit && !slices.Contains(truth, o.Culprit) {
			t.Errorf("seed %d: %s is innocent, the truth is %v", seed, o, truth)
		}
		if o.Outcome != OutcomeCulprit || len(o.Further) == 0 {
			t.Logf("seed %d: %s, further %+v", seed, o, o.Further)
			continue
		}
		next := Event{Type: Focused, Good: o.Further[0].Good, Bad: o.Further[0].Bad, AtSeconds: w.clock}
		if err := s.Apply(next); err != nil {
			t.Fatal(err)
		}
		events = append(events, next)
		for step := s.Next(); step.Action != Done; step = s.Next() {
			e := w.do(step)
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
		again, err := replay(task, events, theTable)
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
		w := newWorld(128, rng)
		at := 1 + rng.IntN(128)
		w.changes[at], w.sd, w.offset = math.Log1p(0.05), 0.015, 0.03
		task := w.task(math.Log1p(0.05), seed)
		task.Parameters.OffsetSD = 0.002
		task.Parameters.Budget.Runs = 600
		s, _ := w.search(t, task)
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
