package compare

import "github.com/communitas/perfgate/internal/result"

// Plan names what has pairs of its own: a scenario, or a benchmark; the builds have neither name.
type Plan struct {
	Scenario  string `json:"scenario"`
	Benchmark string `json:"benchmark"`
}

// Trial is how far a trial has come: what was measured in pairs, and what more pairs could still decide.
type Trial struct {
	ID string `json:"id"`
	// Looks are the numbers of pairs after which it is decided, rising.
	Looks []int       `json:"looks"`
	Plans []TrialPlan `json:"plans"`
}

// TrialPlan is how far one plan of a trial has come.
type TrialPlan struct {
	Plan
	// Measured is how many pairs both sides have runs of, void ones included.
	Measured int `json:"measured"`
	// Look is the last look that was reached, as its number of pairs; 0 before the first.
	Look int `json:"look"`
	// Next is the number of pairs of the look that comes then; 0 after the last.
	Next int `json:"next"`
	// Void are the pairs that give nothing.
	Void []VoidPair `json:"void"`
	// Open are the gated metrics that no look has decided; with Next above 0 more pairs may decide them.
	Open []string `json:"open"`
}

// VoidPair is a pair that gives nothing to any metric.
type VoidPair struct {
	// Pair is the number of both its runs.
	Pair   int    `json:"pair"`
	Reason string `json:"reason"`
}

// Open returns the plans of a trial for which more pairs are wanted: there is a look to come, and a gated metric that is
// not decided. They come in the order of head; outside of a trial there are none.
func (v Verdict) Open() []Plan {
	var open []Plan
	if v.Trial == nil {
		return nil
	}
	for _, p := range v.Trial.Plans {
		if p.Next > 0 && len(p.Open) > 0 {
			open = append(open, p.Plan)
		}
	}
	return open
}

// sameTrial tells whether two results are the sides of one trial, as base and head.
func sameTrial(base, head *result.Results) bool {
	a, b := base.Trial, head.Trial
	return a != nil && b != nil && a.ID == b.ID && a.Side == result.SideBase && b.Side == result.SideHead
}
