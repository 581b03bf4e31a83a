// Package refresh decides which newly measured samples take the place of recorded ones, metric by metric, so that a baseline can be
// kept up to date by a machine: an improvement is taken over when it is proven, and a regression never.
package refresh

import (
	"cmp"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Schema names the version of a plan that is printed as JSON.
const Schema = "perfgate.refresh/1"

// Outcome says what becomes of baselines.toml.
type Outcome string

// The outcomes.
const (
	Refreshed Outcome = "refreshed" // recordings change
	Unchanged Outcome = "unchanged" // there is nothing to take over
	Refused   Outcome = "refused"   // what was measured is worse than it should be, and nothing changes
)

// Fate says what becomes of one metric.
type Fate string

// The fates.
const (
	TakenOver Fate = "taken_over" // proven better than what is recorded
	New       Fate = "new"        // nothing is recorded of it
	Anew      Fate = "anew"       // what is recorded is of another configuration or subject, and compares with nothing any more
	Kept      Fate = "kept"       // what is recorded stays
	Worse     Fate = "refused"    // worse than what is recorded, than the last release or than its target: what is recorded stays
	Gone      Fate = "gone"       // it is recorded, and was not measured
)

// Fates returns all of them in the order in which they are told.
func Fates() []Fate { return []Fate{Worse, TakenOver, New, Anew, Gone, Kept} }

// Metric is what becomes of one metric of one scenario in one environment.
type Metric struct {
	Environment string `json:"environment"`
	// Scenario is "" for builds and benchmarks.
	Scenario string           `json:"scenario"`
	Metric   string           `json:"metric"`
	Fate     Fate             `json:"fate"`
	Reason   string           `json:"reason"` // never ""
	Unit     metric.Unit      `json:"unit"`
	Better   metric.Direction `json:"better"`
	// Recorded and Measured are medians in the base unit; Absent without samples, null in JSON also where most runs timed out.
	Recorded compare.Number `json:"recorded"`
	Measured compare.Number `json:"measured"`
	// Change is Measured against Recorded as a ratio (0.1 is +10 %); Absent where one of them is, or where they do not compare.
	Change compare.Number `json:"change"`
}

// Judged is one set of results and what was decided about it.
type Judged struct {
	// Name is where the results are, as the caller names it.
	Name string `json:"name"`
	// Environment is the fingerprint, Note what a person can read of it.
	Environment string `json:"environment"`
	Note        string `json:"note"`
	// Commit is the whole SHA, "" outside git.
	Commit  string          `json:"commit"`
	Time    time.Time       `json:"time"`
	Verdict compare.Outcome `json:"verdict"`
	Reason  string          `json:"reason"`
	// Overtaken tells that newer results of another commit have all that these have: they decide nothing.
	Overtaken bool `json:"overtaken"`
}

// Untouched is a recording that nothing was measured for.
type Untouched struct {
	Environment string `json:"environment"`
	Note        string `json:"note"`
	Scenario    string `json:"scenario"`
	Benchmark   string `json:"benchmark"`
	Reason      string `json:"reason"`
}

// Plan is all that a refresh comes to. Build it with Decide.
type Plan struct {
	Schema  string  `json:"schema"`
	Outcome Outcome `json:"outcome"`
	// Reason is the why in one clause.
	Reason string `json:"reason"`
	// Verdict is the worst of the results that count.
	Verdict   compare.Outcome `json:"verdict"`
	Results   []Judged        `json:"results"`
	Metrics   []Metric        `json:"metrics"`
	Untouched []Untouched     `json:"untouched"`
	// Recordings are those that change, as they are to be written.
	Recordings []baseline.Recording `json:"-"`
}

// Source is a set of results with the name that it goes by.
type Source struct {
	Name    string
	Results *result.Results
}

// Suite names what perfgate.toml has: what is recorded and not there is of no use any more. Nil lists say that it is not known.
type Suite struct {
	Scenarios, Benchmarks []string
}

// Input is all that a plan depends on.
type Input struct {
	File *baseline.File
	// Sources are results of the main branch, at least one, in any order.
	Sources []Source
	Suite   Suite
	// Now decides which waivers still hold.
	Now time.Time
}

// Decide says what is to be recorded. Of several results the newest that has a scenario speaks for it (of one second, that named last), and older ones of the same
// commit may object: where any of these must not become a baseline, nothing is recorded. The error is a *baseline.UnfitError where
// results that speak were measured wrongly.
func Decide(in Input) (Plan, error) {
	p := Plan{Schema: Schema, Verdict: compare.Pass, Results: []Judged{}, Metrics: []Metric{}, Untouched: []Untouched{}}
	views, err := view(in)
	if err != nil {
		return Plan{}, err
	}
	for _, v := range views {
		p.Results = append(p.Results, v.judged)
		if !v.judged.Overtaken {
			p.Verdict = worst(p.Verdict, v.verdict.Verdict)
		}
	}
	red := unfit(views)
	for _, v := range views {
		for _, rec := range v.speaksFor {
			p.recording(in.File, v, rec, red)
		}
	}
	slices.SortStableFunc(p.Metrics, func(a, b Metric) int { return cmp.Compare(rank(a.Fate), rank(b.Fate)) })
	p.Untouched = untouched(in, views)
	p.conclude(red)
	return p, nil
}

// conclude says what it comes to.
func (p *Plan) conclude(red string) {
	counts := map[Fate]int{}
	for _, m := range p.Metrics {
		counts[m.Fate]++
	}
	switch {
	case red != "":
		p.Outcome, p.Reason, p.Recordings = Refused, red, nil
	case len(p.Recordings) == 0:
		p.Outcome, p.Reason = Unchanged, "no improvement is proven, and nothing is new"
	default:
		p.Outcome, p.Reason = Refreshed, tell(counts)
	}
}

func rank(f Fate) int { return slices.Index(Fates(), f) }

// worst is the weightier of two outcomes.
func worst(a, b compare.Outcome) compare.Outcome {
	all := compare.Outcomes()
	if i := slices.Index(all, b); i >= 0 && i < slices.Index(all, a) {
		return b
	}
	return a
}
