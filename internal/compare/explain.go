package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// QualifiedName is how an explanation is asked for: METRIC, or SCENARIO/METRIC for one scenario of several.
func QualifiedName(scenario, name string) string {
	if scenario == "" {
		return name
	}
	return scenario + "/" + name
}

// UnknownMetricError says that nothing decides about a metric.
type UnknownMetricError struct {
	Name string
	// Known are the names that can be explained, with and without their scenarios; nil when Reason says why this one was not measured.
	Known  []string
	Reason string
}

func (e *UnknownMetricError) Error() string {
	if e.Reason != "" {
		return fmt.Sprintf("%s was not measured, so nothing decides about it: %s", e.Name, e.Reason)
	}
	return fmt.Sprintf("no metric %q was judged", e.Name)
}

// Explain decides as Decide does, and gives the account of one metric from the very numbers that decided: of every scenario that has it,
// or of one that the name is qualified with. The error is an *UnknownMetricError.
func Explain(in Input, name string) (Verdict, Explanation, error) {
	d, v := decided(in)
	e := Explanation{
		Schema: ExplanationSchema, Verdict: v.Verdict, Reason: v.Reason, Alpha: v.Alpha, Confidence: v.Confidence,
		Comparison: v.Comparison, Metrics: []Explained{},
	}
	var known []string
	for _, c := range d.candidates {
		qualified := QualifiedName(c.entry.Scenario, c.entry.Metric)
		for _, n := range []string{c.entry.Metric, qualified} {
			if !slices.Contains(known, n) { // in several scenarios, or in none
				known = append(known, n)
			}
		}
		if name == c.entry.Metric || name == qualified {
			e.Metrics = append(e.Metrics, d.account(c))
		}
	}
	if len(e.Metrics) > 0 {
		return v, e, nil
	}
	for _, n := range v.NotMeasurable {
		if name == n.Metric || name == QualifiedName(n.Scenario, n.Metric) {
			return v, e, &UnknownMetricError{Name: name, Reason: n.Reason}
		}
	}
	return v, e, &UnknownMetricError{Name: name, Known: known}
}

// account gathers what was computed on the way to the outcome of a metric.
func (d *decider) account(c *candidate) Explained {
	e := Explained{
		Entry: c.entry, Base: c.side.kind, Limits: c.explainLimits(), Matters: Absent(), Pairs: []ExplainedPair{}, Looks: []ExplainedLook{},
		Samples: SidesOfSamples{Base: d.samplesOf(d.in.Base, c.plan, c.base), Head: d.samplesOf(d.in.Head, c.plan, c.head)},
	}
	if c.side.kind == NoBase || c.side.kind == "" {
		e.Base = NoBase
	}
	if c.evidence.tested {
		q := c.question(d.in.Options)
		if c.seq != nil && c.entry.Pairs > 0 {
			q, _ = c.seq.at(c.seq.account[len(c.seq.account)-1].look)
		}
		e.Test, e.Matters = testName(c), Number(q.matters())
	}
	if c.seq != nil {
		d.explainPairs(c, &e)
	}
	if known := c.evidence.sessions; known != nil {
		e.Sessions = &ExplainedSessions{Count: known.Count, Within: known.Within, Between: known.Between, Deviation: c.evidence.deviation}
	}
	if s := c.since; s != nil {
		e.Release = &ExplainedRelease{Version: s.version, Samples: d.samplesOf(nil, c.plan, s.base), HeadSamples: len(s.head.values), Convicts: s.convicts}
	}
	e.Family = d.explainFamily(c)
	if n := c.evidence.noise; n != nil && c.evidence.tested {
		e.Noise = &ExplainedNoise{Deviation: c.evidence.spread(), Center: n.center, Level: c.evidence.share, Reach: Number(c.evidence.reach)}
	}
	for _, j := range c.judgements() {
		e.Judgements = append(e.Judgements, ExplainedJudgement{j.basis, j.outcome, j.policy, j.reason, j.rule})
	}
	return e
}

// testName names what tested a metric, and what estimated its change.
func testName(c *candidate) string {
	switch {
	case c.metric.Kind == metric.Event:
		return "exact conditional test of two Poisson rates; interval of the ratio of the rates"
	case c.metric.Kind == metric.Success:
		return "Fisher's exact test of two shares"
	case c.seq != nil && c.metric.Kind == metric.Level:
		return "sign-flip test of the differences of the pairs; their pseudo-median (Hodges-Lehmann) as a part of the base's median"
	case c.seq != nil:
		return "sign-flip test of the log ratios of the pairs; exp of their pseudo-median (Hodges-Lehmann) - 1"
	case c.metric.Kind == metric.Level:
		return "rank-sum test; Hodges-Lehmann shift as a part of the base's median"
	default:
		return "rank-sum test; exp of the Hodges-Lehmann shift of the logarithms - 1"
	}
}

func (c *candidate) explainLimits() ExplainedLimits {
	l := c.limits
	e := ExplainedLimits{
		Tolerance: Number(l.Tolerance), ToleranceOrigin: l.ToleranceOrigin, Policy: l.Policy, PolicyOrigin: l.PolicyOrigin,
		TargetPolicy: l.TargetPolicy, TargetPolicyOrigin: l.TargetPolicyOrigin,
	}
	if l.Target != nil {
		e.Target, e.TargetOrigin = l.Target.Text, l.Target.Origin
	}
	if f := l.Floor; f != nil {
		e.Floor, e.FloorOrigin = f.Text, f.Origin
	}
	if w := l.Waiver; w != nil {
		e.Waiver = fmt.Sprintf("up to %s until %s: %s", metric.Format(w.Max, metric.Ratio), day(w.Until), w.Reason)
		e.WaiverOrigin = at(*w)
	}
	return e
}

// samplesOf are the samples of one side; those of a recording have lost their runs.
func (d *decider) samplesOf(r *result.Results, plan result.Scenario, s series) []ExplainedSample {
	all := []ExplainedSample{}
	if s.samples == nil || r == nil {
		for _, v := range s.values {
			sample := ExplainedSample{Value: Number(v), Counts: true, TimedOut: math.IsInf(v, 1)}
			if sample.TimedOut {
				sample.Value = Absent()
			}
			all = append(all, sample)
		}
		return all
	}
	runs := lastAttempts(r, plan)
	for _, given := range s.samples {
		sample := ExplainedSample{Run: given.Run, Block: runs[given.Run].Block, Value: Absent(), TimedOut: given.Censored, Counts: given.Valid && given.Value != nil, Reason: given.Reason}
		if given.Value != nil {
			sample.Value = Number(*given.Value)
		}
		if reason := runs[given.Run].Invalid; reason != "" && !sample.Counts && sample.Reason == "" {
			sample.Reason = reason
		}
		all = append(all, sample)
	}
	return all
}
