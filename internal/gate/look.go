package gate

import (
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/compare"
)

// Look is how far a trial has come.
type Look struct {
	// Pairs were measured so far; Next is the number of pairs after which is looked next, 0 when no look comes.
	Pairs, Next int
	// Open are the units of which more pairs are wanted, each with the metrics that no look has decided; before the first look
	// those are unknown. Identical are the scenarios that need no run.
	Open      []OpenUnit
	Identical []string
	// Left is what is left of the budget, 0 without one.
	Left time.Duration
	// End says why no more is measured, "" while it goes on.
	End string
}

// OpenUnit is a scenario or benchmark of which more pairs are wanted.
type OpenUnit struct {
	Name    string
	Metrics []string
}

// begin says what is to be measured at all: everything but builds, and without the scenarios when they would measure the same
// binary twice.
func (t *trial) begin() {
	identical := !t.MeasureIdentical && t.identical()
	t.progress.Next = t.Looks[0]
	for i, u := range t.units {
		switch {
		case u.builds():
		case u.scenario != nil && identical:
			t.progress.Identical = append(t.progress.Identical, u.name())
			t.base.results.Scenarios[i].Identical, t.head.results.Scenarios[i].Identical = true, true
		default:
			t.open = append(t.open, i)
			t.progress.Open = append(t.progress.Open, OpenUnit{Name: u.name()})
		}
	}
	if len(t.open) == 0 {
		t.end = "there is nothing to measure in pairs"
		if identical {
			t.end = "both binaries are the same"
		}
	}
}

// look asks what is still open after the pairs of a look, and ends the trial when nothing is, or no look is left.
func (t *trial) look(index int) {
	verdict := t.Decide(t.base.results, t.head.results)
	wanted := verdict.Open()
	t.open = slices.DeleteFunc(t.open, func(i int) bool { return !slices.Contains(wanted, t.units[i].planOf()) })
	t.progress.Open, t.progress.Next = nil, 0
	for _, i := range t.open {
		t.progress.Open = append(t.progress.Open, OpenUnit{t.units[i].name(), metricsOf(verdict, t.units[i].planOf())})
	}
	switch {
	case len(wanted) > 0 && index+1 < len(t.Looks):
		t.progress.Next = t.Looks[index+1]
	case verdict.Verdict == compare.Failed:
		t.end = "nothing more would help: " + verdict.Reason
	case undecided(verdict):
		t.end = "no look is left"
	default:
		t.end = "every gated metric is decided"
	}
}

// undecided tells whether any plan of a trial has a metric that no look has decided.
func undecided(v compare.Verdict) bool {
	return v.Trial != nil && slices.ContainsFunc(v.Trial.Plans, func(p compare.TrialPlan) bool { return len(p.Open) > 0 })
}

func metricsOf(v compare.Verdict, plan compare.Plan) []string {
	for _, p := range v.Trial.Plans {
		if p.Plan == plan {
			return p.Open
		}
	}
	return nil
}

// planOf is what compare calls the unit.
func (u unit) planOf() compare.Plan {
	switch {
	case u.scenario != nil:
		return compare.Plan{Scenario: u.scenario.Name}
	case u.benchmark != nil:
		return compare.Plan{Benchmark: u.benchmark.Name}
	}
	return compare.Plan{}
}

// tell reports how far the trial has come.
func (t *trial) tell() {
	told := t.progress
	told.Pairs, told.Left, told.End = t.pairs, t.left(), t.end
	t.inv.tell(Progress{Look: &told})
	t.progress.Identical = nil // once is enough
}
