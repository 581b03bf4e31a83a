package bisect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shown is all that a search says, as bytes.
func shown(t *testing.T, s *Search) []byte {
	t.Helper()
	text, err := json.Marshal(struct {
		Outcome Outcome
		Next    Step
		Ahead   []string
	}{s.Outcome(), s.Next(), s.Ahead(3)})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// replayed is a search of a task to which events were applied.
func replayed(task Task, events []Event) (*Search, error) {
	s, err := New(task)
	if err != nil {
		return nil, err
	}
	for i, e := range events {
		if err := s.Apply(e); err != nil {
			return nil, fmt.Errorf("event %d: %w", i+1, err)
		}
	}
	return s, nil
}

// typical is a search with some of everything: a broken stretch, outliers, drift and offsets.
func typical(t *testing.T) (Task, *Search, []Event) {
	t.Helper()
	w := NewWorld(60, rand.New(rand.NewPCG(11, 12)))
	w.Changes[23], w.SD, w.Heavy, w.Drift, w.Offset = math.Log1p(0.2), 0.05, 0.03, 0.05, 0.002
	for i := 28; i < 35; i++ {
		w.Broken[i] = true
	}
	task := w.Task(math.Log1p(0.15), 5)
	s, events := search(t, w, task)
	return task, s, events
}

func TestTheSameEventsGiveTheSameSearch(t *testing.T) {
	task, live, events := typical(t)
	again, err := replayed(task, events)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := shown(t, live), shown(t, again); !bytes.Equal(a, b) {
		t.Errorf("live %s\nreplayed %s", a, b)
	}
	// After each event a replay asks for what the live search went on with.
	part, err := New(task)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range events {
		step, before := part.Next(), shown(t, part)
		if !bytes.Equal(before, shown(t, part)) {
			t.Fatalf("event %d: asking changed the search", i)
		}
		if want := map[Action][]EventType{Build: {Built, Broken}, Run: {Ran}}[step.Action]; !slices.Contains(want, e.Type) ||
			step.Action == Build && step.Commit != e.Commit || step.Action == Run && step.Artifact != e.Artifact {
			t.Fatalf("event %d is %+v, the step was %+v", i, e, step)
		}
		if err := part.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheOutcomeOfATypicalSearch(t *testing.T) {
	_, s, events := typical(t)
	o := s.Outcome()
	if o.Outcome != OutcomeCulprit || o.Culprit != "c23" || o.Posterior < 0.999 || !cmp.Equal(o.Set, []string{"c23"}) {
		t.Fatalf("%s", o)
	}
	if o.ChangeLow > 0.2 || o.ChangeHigh < 0.2 || o.ChangeLow < 0.1 || o.ChangeHigh > 0.3 {
		t.Errorf("change %v [%v, %v], the truth is 0.2", o.Change, o.ChangeLow, o.ChangeHigh)
	}
	if o.Confirmation == nil || o.Confirmation.Culprit != "c23" || o.Confirmation.Parent != "c22" || len(o.Confirmation.Pairs) < 5 {
		t.Errorf("confirmation %+v", o.Confirmation)
	}
	count := map[EventType]int{}
	for _, e := range events {
		count[e.Type]++
	}
	if o.Builds != count[Built]+count[Broken] || o.FailedBuilds != count[Broken] || o.Runs != count[Ran] {
		t.Errorf("%d builds, %d failed, %d runs; events %v", o.Builds, o.FailedBuilds, o.Runs, count)
	}
	if o.Predicted.Builds < 4 || o.Predicted.Runs < 20 || o.Predicted.Seconds <= 0 {
		t.Errorf("predicted %+v", o.Predicted)
	}
	for _, c := range o.Checks {
		if !c.OK {
			t.Errorf("check %+v", c)
		}
	}
	if !strings.HasPrefix(o.String(), "culprit c23 (99.9") {
		t.Errorf("in one line: %s", o)
	}
}

// The state must not depend on when a commit was built: a split of the suspects copies what was learnt before.
func TestALateBuildGivesTheSamePosterior(t *testing.T) {
	task, _, events := typical(t)
	late, err := replayed(task, events)
	if err != nil {
		t.Fatal(err)
	}
	before := late.belief
	late.rebuild() // all binaries first, then all runs
	for _, g := range before.groups {
		other := slices.IndexFunc(late.belief.groups, func(o *group) bool { return slices.Equal(o.members, g.members) })
		if other < 0 || math.Abs(late.belief.groups[other].weight-g.weight) > 1e-5 {
			t.Fatalf("group of %v: %v, made anew %+v", g.members, g.weight, late.belief.groups)
		}
	}
}

func TestEventsThatDoNotFit(t *testing.T) {
	s, err := New(Task{Commits: Chain("a", "b", "c"), Parameters: Parameters{Costs: Costs{ColdBuildSeconds: 20, RunSeconds: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(Event{Type: Built, Commit: "a", AtSeconds: 20}); err != nil {
		t.Fatal(err)
	}
	before := shown(t, s)
	for want, e := range map[string]Event{
		`commit "x" is not in the range`:   {Type: Built, Commit: "x", AtSeconds: 21},
		"built: has no commit":             {Type: Built, AtSeconds: 21},
		"has value, which belongs":         {Type: Built, Commit: "b", Value: 1, AtSeconds: 21},
		"time runs forward":                {Type: Built, Commit: "b", AtSeconds: 19},
		"artifact 2: 1 were built":         {Type: Ran, Artifact: 2, Value: 1, AtSeconds: 21},
		"artifact -1: 1 were built":        {Type: Ran, Artifact: -1, Value: 1, AtSeconds: 21},
		"what is no count is above 0":      {Type: Ran, Artifact: 1, AtSeconds: 21},
		"values are above 0 and finite":    {Type: Ran, Artifact: 1, Value: -2, AtSeconds: 21},
		"value +Inf":                       {Type: Ran, Artifact: 1, Value: math.Inf(1), AtSeconds: 21},
		"value NaN":                        {Type: Ran, Artifact: 1, Value: math.NaN(), AtSeconds: 21},
		"times are from 0 to":              {Type: Ran, Artifact: 1, Value: 1, AtSeconds: math.NaN()},
		"invalid: has no reason":           {Type: Invalid, Artifact: 1, AtSeconds: 21},
		"unknown type \"exploded\"":        {Type: "exploded", AtSeconds: 21},
		`focused: "a" does not contain`:    {Type: Focused, Good: "b", Bad: "a", AtSeconds: 21},
		"focused: has artifact, which":     {Type: Focused, Good: "a", Bad: "b", Artifact: 1, AtSeconds: 21},
		"broken: has no reason":            {Type: Broken, Commit: "b", AtSeconds: 21},
		"seconds -1: times are from 0 to ": {Type: Built, Commit: "b", Seconds: -1, AtSeconds: 21},
	} {
		if err := s.Apply(e); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", e, err, want)
		}
	}
	if after := shown(t, s); !bytes.Equal(before, after) {
		t.Errorf("refused events changed the search: %s, then %s", before, after)
	}
}

func TestImpossibleTasks(t *testing.T) {
	costs := Costs{ColdBuildSeconds: 20, RunSeconds: 1}
	for want, task := range map[string]Task{
		"commit 1 has no id":                 {Commits: []Commit{{ID: "a"}, {Parents: []int{0}}}, Parameters: Parameters{Costs: costs}},
		`commits 0 and 1 are both "a"`:       {Commits: Chain("a", "a"), Parameters: Parameters{Costs: costs}},
		"costs.run_seconds is above 0":       {Commits: Chain("a", "b"), Parameters: Parameters{Costs: Costs{ColdBuildSeconds: 1}}},
		"confidence is a probability":        {Commits: Chain("a", "b"), Parameters: Parameters{Costs: costs, Confidence: 1}},
		"give finite numbers":                {Commits: Chain("a", "b"), Parameters: Parameters{Costs: costs, LeastChange: math.NaN()}},
		"at most that of a cold build":       {Commits: Chain("a", "b"), Parameters: Parameters{Costs: Costs{ColdBuildSeconds: 1, WarmBuildSeconds: 2, RunSeconds: 1}}},
		"confirm_pairs is from 5 to 20":      {Commits: Chain("a", "b"), Parameters: Parameters{Costs: costs, ConfirmPairs: 4}},
		"the good end and at least one more": {Commits: Chain("a"), Parameters: Parameters{Costs: costs}},
	} {
		if _, err := New(task); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestEndsThatAreOneProgramNeedNoRun(t *testing.T) {
	commits := Chain("a", "b", "c")
	commits[0].Class, commits[2].Class = "same", "same"
	s, err := New(Task{Commits: commits, Parameters: Parameters{Costs: Costs{ColdBuildSeconds: 20, RunSeconds: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	o := s.Outcome()
	if s.Next().Action != Done || o.Outcome != OutcomeNone || o.Posterior < 1-1e-9 || o.Change != 0 || o.Builds != 0 {
		t.Errorf("next %+v, %+v", s.Next(), o)
	}
}

// Two commits whose binaries turn out to be equal share their runs, and neither made the change against the other.
func TestEqualBinariesAreOneCommit(t *testing.T) {
	s, err := New(Task{Commits: Chain("a", "b", "c", "d"), Parameters: Parameters{Costs: Costs{ColdBuildSeconds: 20, RunSeconds: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range []Event{
		{Type: Built, Commit: "a", Binary: "fast"},
		{Type: Built, Commit: "d", Binary: "slow"},
		{Type: Ran, Artifact: 1, Value: 1, AtSeconds: 1},
		{Type: Ran, Artifact: 2, Value: 2, AtSeconds: 2},
		{Type: Built, Commit: "c", Binary: "slow", AtSeconds: 3},
		{Type: Built, Commit: "b", Binary: "fast", AtSeconds: 4},
	} {
		if err := s.Apply(e); err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
	}
	if diff := cmp.Diff([]int{2}, s.belief.suspects.listed); diff != "" {
		t.Error(diff)
	}
	if s.made[0].binary != s.made[3].binary || s.made[1].binary != s.made[2].binary || len(s.belief.binaries) != 2 {
		t.Errorf("artifacts %+v", s.made)
	}
}

func TestAnEndThatCannotBeMeasuredEndsTheSearch(t *testing.T) {
	s, err := New(Task{Commits: Chain("a", "b", "c"), Parameters: Parameters{Costs: Costs{ColdBuildSeconds: 20, RunSeconds: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(Event{Type: Broken, Commit: "a", Reason: "E0432"}); err != nil {
		t.Fatal(err)
	}
	o := s.Outcome()
	if s.Next().Action != Done || o.Outcome != OutcomeUndecided || o.Reason != "the end a can not be measured: E0432" {
		t.Errorf("%+v", o)
	}
	if diff := cmp.Diff([]Unmeasured{{Reason: "E0432", Commits: []string{"a"}}}, o.Unmeasured); diff != "" {
		t.Error(diff)
	}
}

func TestAMachineThatIsNeverCalmEndsTheSearch(t *testing.T) {
	s, err := New(Task{Commits: Chain("a", "b"), Parameters: Parameters{Costs: Costs{ColdBuildSeconds: 20, RunSeconds: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if err := s.Apply(Event{Type: Built, Commit: []string{"a", "b"}[i]}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range invalidInARow {
		step := s.Next()
		if step.Action != Run {
			t.Fatalf("after %d invalid runs: %+v", i, step)
		}
		if err := s.Apply(Event{Type: Invalid, Artifact: step.Artifact, Reason: "steal 20 %"}); err != nil {
			t.Fatal(err)
		}
	}
	o := s.Outcome()
	if o.Outcome != OutcomeUndecided || o.Halt != HaltDisturbed || o.InvalidRuns != invalidInARow ||
		!strings.Contains(o.Reason, "10 runs in a row did not count (the last one: steal 20 %)") {
		t.Errorf("%+v", o)
	}
}

func TestBudgetsEndTheSearch(t *testing.T) {
	for want, budget := range map[string]Budget{
		"the budget of 5 builds is spent":    {Builds: 5},
		"the budget of 31 runs is spent":     {Runs: 31},
		"the budget of 150 seconds is spent": {Seconds: 150},
	} {
		t.Run(want, func(t *testing.T) {
			w := NewWorld(200, rand.New(rand.NewPCG(1, 1)))
			w.Changes[77], w.SD = 0.1, 0.05
			task := w.Task(0.1, 1)
			task.Parameters.Budget = budget
			s, _ := search(t, w, task)
			if o := s.Outcome(); o.Outcome != OutcomeUndecided || o.Reason != want || o.Culprit != "" {
				t.Errorf("%+v", o)
			}
		})
	}
}

func ExampleSearch() {
	w := NewWorld(16, rand.New(rand.NewPCG(3, 3)))
	w.Changes[11], w.SD = math.Log1p(0.3), 0.04
	s, err := New(w.Task(0, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	for step := s.Next(); step.Action != Done; step = s.Next() {
		if err := s.Apply(w.Do(step)); err != nil { // builds or runs, and says what came of it
			fmt.Println(err)
			return
		}
	}
	fmt.Println(s.Outcome().Outcome, s.Outcome().Culprit)
	// Output: culprit c11
}
