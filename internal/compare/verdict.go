package compare

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
)

// Schema names the version of the verdict that is printed as JSON.
const Schema = "perfgate.verdict/1"

// Outcome is what is said of one metric, or of the whole.
type Outcome string

// The outcomes, the worst first. NotJudged is that of a metric with neither a base nor a target: it was measured and
// nothing decides about it. It is null in JSON.
const (
	Failed       Outcome = "failed"       // could not be measured, and the reason says why
	Regressed    Outcome = "regressed"    // worse than base
	OverTarget   Outcome = "over_target"  // a target is broken by what was measured
	Inconclusive Outcome = "inconclusive" // the measurement does not decide
	Improved     Outcome = "improved"     // better than base
	Pass         Outcome = "pass"
	NotJudged    Outcome = ""
)

// Outcomes returns all outcomes but NotJudged, the worst first.
func Outcomes() []Outcome {
	return []Outcome{Failed, Regressed, OverTarget, Inconclusive, Improved, Pass}
}

// severity is 0 for NotJudged, 1 for Pass and the higher the worse.
func (o Outcome) severity() int {
	worstFirst := Outcomes()
	at := slices.Index(worstFirst, o)
	if at < 0 {
		return 0
	}
	return len(worstFirst) - at
}

// Bad tells the outcomes that keep a change out: failed, regressed, over_target and inconclusive.
func (o Outcome) Bad() bool { return o.severity() >= Inconclusive.severity() }

// MarshalJSON writes null for NotJudged.
func (o Outcome) MarshalJSON() ([]byte, error) {
	if o == NotJudged {
		return []byte("null"), nil
	}
	return json.Marshal(string(o))
}

// Number is a float64 that may be absent (NaN) or without bound (an infinity). JSON has neither: both are null there,
// and the notes of the metric say which of them an open end is.
type Number float64

// Absent is the number that is not there.
func Absent() Number { return Number(math.NaN()) }

// Present tells whether there is a number, be it an infinity.
func (n Number) Present() bool { return !math.IsNaN(float64(n)) }

// MarshalJSON writes null for NaN and the infinities.
func (n Number) MarshalJSON() ([]byte, error) {
	if !finite(float64(n)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// Basis says what a metric's outcome rests on.
type Basis string

// The bases of an outcome.
const (
	Relative Basis = "relative" // a statistical test against base
	Target   Basis = "target"   // an absolute budget
	ByValue  Basis = "exact"    // the values themselves: no noise, no test
)

// Verdict is the whole decision. Build it with Decide: the zero value says nothing.
type Verdict struct {
	Schema  string  `json:"schema"`
	Verdict Outcome `json:"verdict"`
	// Qualifier limits the verdict: "targets only", "targets only in SCENARIO", or "" when nothing limits it.
	Qualifier string `json:"qualifier"`
	// Reason is the why in one clause, for the first line of a report.
	Reason string `json:"reason"`
	// Alpha is the probability with which any gated metric without a change is called regressed. Confidence is that of
	// the intervals of changes.
	Alpha      float64 `json:"alpha"`
	Confidence float64 `json:"confidence"`
	// Comparison says what head was compared with.
	Comparison Comparison `json:"comparison"`
	// Subject, Commit and Environment are those of head.
	Subject     string   `json:"subject"`
	Commit      string   `json:"commit"`
	Environment string   `json:"environment"`
	Counts      Counts   `json:"counts"`
	Metrics     []Metric `json:"metrics"`
	// Problems concern more than one metric: a crash, an empty scenario, a base that is wanting.
	Problems      []Problem       `json:"problems"`
	Warnings      []string        `json:"warnings"`
	NotMeasurable []NotMeasurable `json:"not_measurable"`
	// Next says what a person can do about it, the most useful first.
	Next []string `json:"next"`
	// Trial is how far a trial has come; nil outside of one.
	Trial *Trial `json:"trial"`
}

// Comparison says what head was compared with.
type Comparison struct {
	// Kind is the best base that any scenario had.
	Kind BaseKind `json:"kind"`
	// Description is for people: which recording, or which results.
	Description string `json:"description"`
	// Reason says why there is no base, or what the base does not allow; "" when it allows everything.
	Reason string `json:"reason"`
	// Release describes the last release that head was held against as well, "" without one.
	Release string `json:"release"`
}

// Counts are how many metrics ended how. Gated counts those whose outcome has the policy block.
type Counts struct {
	Gated         int `json:"gated"`
	Failed        int `json:"failed"`
	Regressed     int `json:"regressed"`
	OverTarget    int `json:"over_target"`
	Inconclusive  int `json:"inconclusive"`
	Improved      int `json:"improved"`
	Pass          int `json:"pass"`
	NotJudged     int `json:"not_judged"`
	NotMeasurable int `json:"not_measurable"`
}

// Metric is what was decided about one metric of one scenario. Numbers that do not exist are Absent.
type Metric struct {
	Scenario string  `json:"scenario"`
	Metric   string  `json:"metric"`
	Verdict  Outcome `json:"verdict"`
	Basis    Basis   `json:"basis"`
	Reason   string  `json:"reason"`
	// Base and Head are the centers of both series, in the base unit: the median, for events the mean of a run, for
	// successes the share, for exact values the value.
	Base Number `json:"base"`
	Head Number `json:"head"`
	// Change is head against base as a ratio (0.1 is +10 %), ChangeLow and ChangeHigh bound it.
	Change     Number `json:"change"`
	ChangeLow  Number `json:"change_low"`
	ChangeHigh Number `json:"change_high"`
	// Target is the budget in the base unit, TargetText what the person wrote.
	Target     Number `json:"target"`
	TargetText string `json:"target_text"`
	// TargetLow and TargetHigh bound the center of head, for the target.
	TargetLow  Number `json:"target_low"`
	TargetHigh Number `json:"target_high"`
	// MDE is the smallest relative change for the worse that would have been called one with 80 % power, at least
	// half the tolerance; 0 is any change.
	MDE Number `json:"mde"`
	// MDERough tells that MDE is an order of magnitude: it rests on how far the runs vary, and too few at hand and calibrated here know that.
	MDERough bool `json:"mde_rough"`
	// PValue is one-sided, for a change for the worse; PAdjusted is it after Holm's correction over the gated metrics,
	// and equal to it for a metric outside the budget.
	PValue    Number `json:"p_value"`
	PAdjusted Number `json:"p_adjusted"`
	// InBudget tells whether the test took part in the error budget.
	InBudget bool `json:"in_budget"`
	// Release is the version of the last release that head was held against as well, "" where that does not have the metric.
	// ReleaseBase is its center, the others are as those of the base.
	Release           string `json:"release"`
	ReleaseBase       Number `json:"release_base"`
	ReleaseChange     Number `json:"release_change"`
	ReleaseChangeLow  Number `json:"release_change_low"`
	ReleaseChangeHigh Number `json:"release_change_high"`
	// ReleasePValue and ReleasePAdjusted are Absent where the comparison has no test that may convict.
	ReleasePValue    Number `json:"release_p_value"`
	ReleasePAdjusted Number `json:"release_p_adjusted"`
	// ReleaseVerdict is regressed where the metric is proven worse than the release, NotJudged otherwise.
	ReleaseVerdict Outcome `json:"release_verdict"`
	// RelativeVerdict and TargetVerdict are the two other outcomes that Verdict is the weightiest of.
	RelativeVerdict Outcome       `json:"relative_verdict"`
	TargetVerdict   Outcome       `json:"target_verdict"`
	Policy          metric.Policy `json:"policy"`
	Tolerance       Number        `json:"tolerance"`
	// Floor is the smallest absolute change that matters, in the base unit; absent without one.
	Floor  Number           `json:"floor"`
	Unit   metric.Unit      `json:"unit"`
	Better metric.Direction `json:"better"`
	// BaseSamples and HeadSamples are the valid samples, Planned those that head was to have.
	BaseSamples int `json:"base_samples"`
	HeadSamples int `json:"head_samples"`
	Planned     int `json:"planned"`
	// MoreRuns is about how many more runs would settle an inconclusive metric, of each side or, beside a recording, of head; 0 when unknown
	// or settled.
	MoreRuns int `json:"more_runs"`
	// Pairs are the pairs of a trial that count and that the numbers come from; 0 outside of one.
	Pairs int `json:"pairs"`
	// DecidedAt is the look of a trial at which it was decided, as its number of pairs; 0 while it is open, and outside.
	// What was measured later changes nothing.
	DecidedAt int `json:"decided_at"`
	// Open tells that the metric blocks and that no look of the trial has decided it.
	Open bool `json:"open"`
	// Waived quotes the waiver that turned a regression into a pass.
	Waived string   `json:"waived"`
	Notes  []string `json:"notes"`
}

// Problem concerns more than one metric. Scenario is "" when it concerns the whole invocation or the builds.
type Problem struct {
	Scenario string  `json:"scenario"`
	Verdict  Outcome `json:"verdict"`
	Reason   string  `json:"reason"`
}

// NotMeasurable is a metric that this node, window or file system cannot give.
type NotMeasurable struct {
	Scenario string `json:"scenario"`
	Metric   string `json:"metric"`
	Reason   string `json:"reason"`
}

// newMetric is the one place where a Metric begins, with every number absent.
func newMetric(scenario, name string) Metric {
	return Metric{
		Scenario: scenario, Metric: name, Basis: Relative,
		Base: Absent(), Head: Absent(), Change: Absent(), ChangeLow: Absent(), ChangeHigh: Absent(),
		Target: Absent(), TargetLow: Absent(), TargetHigh: Absent(),
		ReleaseBase: Absent(), ReleaseChange: Absent(), ReleaseChangeLow: Absent(), ReleaseChangeHigh: Absent(),
		ReleasePValue: Absent(), ReleasePAdjusted: Absent(),
		MDE: Absent(), PValue: Absent(), PAdjusted: Absent(), Tolerance: Absent(), Floor: Absent(),
		Notes: []string{},
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
