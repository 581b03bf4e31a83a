package bisect

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// halted searches a world until a limit ends it. Of so many runs one counts.
func halted(t *testing.T, w *World, oneOf int, adapt func(p *Parameters)) (Task, *Search, []Event) {
	t.Helper()
	task := w.Task(0.1, 1)
	adapt(&task.Parameters)
	s, err := New(task)
	if err != nil {
		t.Fatal(err)
	}
	var events []Event
	for step := s.Next(); step.Action != Done; step = s.Next() {
		e := w.Do(step)
		if e.Type == Ran && len(events)%oneOf != 0 {
			e = Event{Type: Invalid, Artifact: e.Artifact, AtSeconds: e.AtSeconds, Seconds: e.Seconds, Reason: "busy"}
		}
		if err := s.Apply(e); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return task, s, events
}

func changing() *World {
	w := NewWorld(16, rand.New(rand.NewPCG(3, 3)))
	w.Changes[9], w.SD = 0.1, 0.02
	return w
}

func TestASearchInWhichHardlyARunCountsEnds(t *testing.T) {
	_, s, _ := halted(t, changing(), 5, func(*Parameters) {})
	if o := s.Outcome(); o.Halt != HaltDisturbed || o.InvalidRuns != invalidAtAll || !strings.Contains(o.Reason, "30 of 3") {
		t.Errorf("%+v", o)
	}
	if _, s, _ := halted(t, changing(), 2, func(*Parameters) {}); s.Outcome().Outcome != OutcomeCulprit {
		t.Errorf("where every other run counts: %v", s.Outcome())
	}
}

// TestALimitedSearchGoesOn: with another budget it finds what it would have found, its journal tells the same, and it ends no sooner.
func TestALimitedSearchGoesOn(t *testing.T) {
	for name, adapt := range map[string]func(*Parameters){
		"noisy": func(p *Parameters) { p.Budget.Runs = 15 },
		"exact": func(p *Parameters) { p.Exact, p.Budget.Runs = true, 2 },
	} {
		t.Run(name, func(t *testing.T) {
			w := changing()
			if name == "exact" {
				w.SD = 0
			}
			task, s, events := halted(t, w, 1, adapt)
			if s.Halted() != HaltBudget {
				t.Fatalf("it ended by %q: %v", s.Halted(), s.Outcome())
			}
			more := Event{Type: Limited, AtSeconds: events[len(events)-1].AtSeconds, Budget: &Budget{Runs: 4000}}
			for step := (Step{}); step.Action != Done; step = s.Next() {
				e := more
				if step.Action != "" {
					e = w.Do(step)
				}
				if err := s.Apply(e); err != nil {
					t.Fatal(err)
				}
				events = append(events, e)
			}
			if o := s.Outcome(); o.Culprit != task.Commits[9].ID || o.Halt != "" {
				t.Errorf("%+v", o)
			}
			again, err := replayed(task, events)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(s.Outcome(), again.Outcome()); diff != "" {
				t.Errorf("-live +replayed\n%s", diff)
			}
			if err := s.Apply(Event{Type: Limited, AtSeconds: s.at, Budget: &Budget{Runs: 1}}); err != nil || s.Outcome().Outcome != OutcomeCulprit {
				t.Errorf("an outcome that no limit has made: %v, %v", err, s.Outcome())
			}
		})
	}
}

func TestALowerBudgetEndsASearch(t *testing.T) {
	w := changing()
	s, err := New(w.Task(0.1, 1))
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if err := s.Apply(w.Do(s.Next())); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Apply(Event{Type: Limited, AtSeconds: s.at, Budget: &Budget{Runs: 5}}); err != nil {
		t.Fatal(err)
	}
	if s.Next().Action != Done || s.Halted() != HaltBudget {
		t.Errorf("%+v", s.Next())
	}
	for _, e := range []Event{{Type: Limited}, {Type: Limited, Budget: &Budget{}}, {Type: Limited, Budget: &Budget{Runs: 1, Seconds: -1}}} {
		if err := s.Apply(e); err == nil {
			t.Errorf("%+v is taken", e)
		}
	}
}

// TestARunThatShowsACommitToBeBrokenIsARun: it built, and so no build has failed.
func TestARunThatShowsACommitToBeBrokenIsARun(t *testing.T) {
	s, err := New(NewWorld(8, nil).Task(0, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []Event{
		{Type: Built, Commit: "c0", Seconds: 20}, {Type: Built, Commit: "c8", Seconds: 20},
		{Type: Ran, Artifact: 1, Value: 3, Seconds: 1}, {Type: Broken, Commit: "c8", Reason: "it does not start", Seconds: 1},
	} {
		if err := s.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	if o := s.Outcome(); o.Builds != 2 || o.FailedBuilds != 0 || o.Runs != 2 || o.InvalidRuns != 1 || o.Seconds != 42 || o.Halt != HaltEnds {
		t.Errorf("%s: %d builds, %d failed; %d runs, %d invalid; %v s", o, o.Builds, o.FailedBuilds, o.Runs, o.InvalidRuns, o.Seconds)
	}
}
