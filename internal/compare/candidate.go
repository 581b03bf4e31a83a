package compare

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// candidate is one metric on its way to an outcome.
type candidate struct {
	entry  Metric
	metric metric.Metric
	limits baseline.Rule
	rule   rule
	plan   result.Scenario
	side   scenarioBase
	base   series
	head   series
	// within is " within 60s" for the success of formations that timed out, "" otherwise.
	within string
	// seq are the looks of a trial that decide the relative comparison; nil where there are none.
	seq *sequence
	// calibrated is the spread of the pairs where that is known without a file; its degrees are 0 elsewhere.
	calibrated spread
	// evidence of the relative comparison; evidence.tested tells whether there is any.
	evidence evidence
	// whole settles the metric without relative and target: it failed, or its samples are no evidence.
	whole    judgement
	relative judgement
	target   judgement
	// since is the metric held against the last release; nil where that does not have it.
	since *since
	memo  *stat.Memo
}

// rule decides metrics of one kind.
type rule interface {
	// center is the value that stands for a series in a table.
	center(s series) float64
	// fault names what makes a series no evidence, "" when it is.
	fault(s series) string
	// hold checks the target against head.
	hold(q question, t baseline.Target) finding
}

// comparer is a rule of metrics of which head and base can be compared.
type comparer interface {
	rule
	// compare turns both series into evidence. It is asked only for series without a fault and with enough samples.
	compare(q question) evidence
	// decide says what the evidence means, once the error budget is known.
	decide(q question, e evidence) judgement
}

// ruleOf gives each kind of evidence its rule.
func ruleOf(kind metric.Kind) rule {
	switch kind {
	case metric.Level:
		return levelRule{}
	case metric.Event:
		return eventRule{}
	case metric.Success:
		return successRule{}
	case metric.Exact:
		return exactRule{}
	case metric.Signed:
		return signedRule{}
	default:
		return continuousRule{}
	}
}

// question is what a rule gets to decide.
type question struct {
	metric     metric.Metric
	base, head series
	tolerance  float64
	// absolute is the smallest change that matters in the base unit, 0 for none, and absoluteText what the person wrote.
	absolute     float64
	absoluteText string
	confidence   float64
	// oneSession tells that base and head count as one session, so that a noisy metric may be called regressed.
	oneSession bool
	// sessions is how much sessions differ in this metric here; nil where that is not on record, or not needed.
	sessions *stat.Sessions
	// known is the noise of the metric that was calibrated here; nil where none was.
	known *baseline.Noise
	// imbalance says how the machine differed between both sides.
	imbalance imbalance
	// inPairs tells that the values of base and head with one index are a pair.
	inPairs bool
	// flip is the sign-flip test of the pairs' excess where looks have made it; nil leaves it to be made.
	flip *stat.SignFlipTest
	// memo keeps null distributions that the metrics of a decision share; nil keeps nothing.
	memo *stat.Memo
}

// judgement is one outcome with what it rests on.
type judgement struct {
	outcome Outcome
	basis   Basis
	policy  metric.Policy
	reason  string
	// rule says by which rule it came about, for an explanation.
	rule string
	mend string
	// more is about how many more runs would settle it, of runs in all; 0 when unknown.
	more, runs int
	// worse tells that head is proven worse, whether or not it may be called regressed.
	worse bool
}

func (d *decider) candidate(plan result.Scenario, side scenarioBase, name string, head series) *candidate {
	m := metric.Describe(name, head.unit, head.better)
	c := &candidate{
		entry: newMetric(plan.Name, name), metric: m, rule: ruleOf(m.Kind), plan: plan, side: side, head: head, memo: &d.memo,
		limits: d.in.Baselines.Rule(m, plan.Name, plan.Nodes, len(d.in.Head.Overrides) > 0),
	}
	if side.kind != NoBase && side.refusal == "" {
		c.base = side.series[name]
	}
	if formation, ok := d.in.Head.Find(plan.Name, "formation_time"); ok && m.Kind == metric.Success {
		if limit := fromResults(formation).limit; limit > 0 {
			c.within = " within " + metric.Format(limit, metric.Seconds)
		}
	}
	c.entry.Unit, c.entry.Better = head.unit, head.better
	c.entry.Policy, c.entry.Tolerance = c.limits.Policy, Number(c.limits.Tolerance)
	c.entry.Planned = plan.Runs
	if f := c.limits.Floor; f != nil {
		c.entry.Floor = Number(f.Value)
	}
	if t := c.limits.Target; t != nil {
		c.entry.Target, c.entry.TargetText = Number(t.Value), t.Text
	}
	return c
}

// hasBase tells whether the base knows the metric and may be compared.
func (c *candidate) hasBase() bool { return c.base.status != "" }

// lostMeasure tells that the base has measured what head calls not measurable. For a build that is the invocation's
// choice (a binary that was given); for a network it is a node that offers less than before.
func (c *candidate) lostMeasure() bool {
	return c.hasBase() && c.base.status == result.Measured && c.metric.Origin != metric.FromBuild
}

func (c *candidate) question(o Options) question {
	q := question{
		metric: c.metric, base: c.base, head: c.head, tolerance: c.limits.Tolerance, confidence: o.Confidence,
		oneSession: c.side.kind == Session || c.side.kind == Paired, imbalance: c.side.imbalance, memo: c.memo,
		sessions: c.sessions(), known: c.known(),
	}
	if f := c.limits.Floor; f != nil {
		q.absolute, q.absoluteText = f.Value, f.Text
	}
	return q
}

// prepare settles what needs no statistics, and gathers the evidence of the rest.
func (c *candidate) prepare(o Options) {
	c.describe()
	if reason := c.failure(); reason != "" {
		c.whole = judgement{outcome: Failed, basis: c.basis(), policy: c.strictest(), reason: reason, rule: ruleFailed}
		return
	}
	if fault := c.faultOf(c.head); fault != "" {
		c.whole = judgement{outcome: Inconclusive, basis: c.basis(), policy: c.strictest(), reason: fault, rule: ruleFault}
		return
	}
	able, compares := c.rule.(comparer)
	if !compares || c.side.kind == NoBase {
		return
	}
	if c.fewBuilds() {
		c.note("%s, base %s: too few to compare, the target alone decides", count(len(c.head.values), "build"), count(len(c.base.values), "build"))
		return
	}
	if c.relative = c.incomparable(); c.relative.outcome != NotJudged {
		return
	}
	if c.side.kind == Paired && c.metric.Kind != metric.Exact {
		c.seq, c.evidence = newSequence(c, o), untested(math.NaN())
		return
	}
	c.evidence = able.compare(c.question(o))
}

// describe fills the numbers that any outcome shows.
func (c *candidate) describe() {
	c.entry.HeadSamples, c.entry.BaseSamples = len(c.head.values), len(c.base.values)
	if len(c.head.values) > 0 {
		c.entry.Head = Number(c.rule.center(c.head))
	}
	if len(c.base.values) > 0 {
		c.entry.Base = Number(c.rule.center(c.base))
	}
	if c.head.proxy != "" {
		c.note("proxy: %s", c.head.proxy)
	}
	if c.head.status == result.Measured && c.head.reason != "" {
		c.note("%s", c.head.reason)
	}
	if n := len(c.head.values); n > 0 && n < c.plan.Runs && everyRun(c.plan) {
		c.note("%d of %d planned samples are valid", n, c.plan.Runs)
	}
	for _, s := range c.head.leftOut {
		c.note("run %d is left out: %s", s.Run, s.Reason)
	}
}

func (c *candidate) note(format string, args ...any) {
	c.entry.Notes = append(c.entry.Notes, fmt.Sprintf(format, args...))
}

// failure says why the metric counts as not measured, "" when it was.
func (c *candidate) failure() string {
	switch {
	case c.head.status == result.NotMeasurable:
		return "measured in base, not in head: " + c.head.reason
	case c.head.status == result.Failed:
		return c.head.reason
	case c.metric.Unit != c.head.unit:
		return fmt.Sprintf("measured in %q, but %s is defined in %q", c.head.unit, c.metric.Name, c.metric.Unit)
	case c.metric.Better != c.head.better:
		return fmt.Sprintf("%s counts as better here, but %s is defined the other way round", c.head.better, c.metric.Name)
	case c.metric.Kind == metric.Success && len(c.head.values) > 0 && c.head.sum() == 0:
		return fmt.Sprintf("no run formed (0 of %d%s)", len(c.head.values), c.within)
	case !c.hasBase():
		return ""
	case c.base.unit != c.head.unit:
		return fmt.Sprintf("the unit changed from %q in base to %q in head", c.base.unit, c.head.unit)
	case c.base.better != c.head.better:
		return fmt.Sprintf("the direction changed: better was %s in base and is %s in head", c.base.better, c.head.better)
	default:
		return ""
	}
}

func (c *candidate) faultOf(s series) string {
	if fault := s.impossible(); fault != "" {
		return fault
	}
	if s.timeouts > 0 && c.metric.Kind != metric.Continuous {
		return "timed-out samples of a metric that is no time"
	}
	return c.rule.fault(s)
}

// incomparable is the judgement where a relative comparison is wanted and cannot be made; NotJudged where it can.
func (c *candidate) incomparable() judgement {
	switch {
	case c.limits.FloorErr != nil:
		return c.undecided("the floor cannot be judged: "+c.limits.FloorErr.Error(), "")
	case c.side.refusal != "":
		return c.undecided(c.side.refusal, c.side.mend)
	case !c.hasBase() && c.side.kind == Stored:
		return c.undecided("not in the recorded baseline", mendRecord)
	case !c.hasBase():
		return c.undecided("not in the base", "measure base again with this perfgate")
	case c.base.status != result.Measured:
		return c.undecided("base has no measure of it: "+c.base.reason, c.side.mend)
	}
	if fault := c.faultOf(c.base); fault != "" {
		return c.undecided("the base: "+fault, c.side.mend)
	}
	if n := len(c.base.values); c.base.timeouts == n {
		return c.undecided(fmt.Sprintf("all %s of the base timed out: nothing to compare with", count(n, "sample")), c.side.mend)
	}
	if c.twoWays() {
		return c.undecided(fmt.Sprintf("measured in two ways: base %s, head %s", way(c.base.proxy), way(c.head.proxy)), "measure base and head again with nodes that offer the same")
	}
	if c.metric.Kind == metric.Exact || c.side.kind == Paired {
		return judgement{}
	}
	return c.tooFew()
}

// twoWays tells that base and head were not measured alike. A recording does not say how it was.
func (c *candidate) twoWays() bool {
	return c.metric.Kind == metric.Continuous && c.side.kind != Stored && c.base.proxy != c.head.proxy
}

// way names how a series was measured.
func way(proxy string) string {
	if proxy == "" {
		return "as it is defined"
	}
	return proxy
}

// fewBuilds tells that there are not enough builds for a comparison. Builds are dear: the target alone decides then.
func (c *candidate) fewBuilds() bool {
	return c.metric.Origin == metric.FromBuild && c.metric.Kind != metric.Exact && c.hasBase() &&
		min(len(c.head.values), len(c.base.values)) < minSamples
}

// tooFew is inconclusive when a side has fewer samples than any test needs.
func (c *candidate) tooFew() judgement {
	head, base := len(c.head.values), len(c.base.values)
	switch {
	case head < minSamples:
		j := c.undecided(fmt.Sprintf("head has %s: too few, at least %d a side are needed", count(head, "sample"), minSamples), "")
		j.runs = minSamples
		return j
	case base < minSamples:
		return c.undecided(fmt.Sprintf("base has %s: too few, at least %d a side are needed", count(base, "sample"), minSamples), c.side.mendFew())
	default:
		return judgement{}
	}
}

func (c *candidate) undecided(reason, mend string) judgement {
	return judgement{outcome: Inconclusive, basis: c.basis(), policy: c.limits.Policy, reason: reason, mend: mend, rule: ruleUndecided}
}

// basis is what a relative outcome of the metric rests on; that of a target where there is nothing relative.
func (c *candidate) basis() Basis {
	_, compares := c.rule.(comparer)
	switch {
	case c.metric.Kind == metric.Exact:
		return ByValue
	case !compares || c.side.kind == NoBase || c.fewBuilds():
		return Target
	default:
		return Relative
	}
}

// strictest is the stronger of the policies that wait for the metric's samples.
func (c *candidate) strictest() metric.Policy {
	if c.limits.Target != nil && weight(c.limits.TargetPolicy) > weight(c.limits.Policy) {
		return c.limits.TargetPolicy
	}
	return c.limits.Policy
}

func weight(p metric.Policy) int {
	switch p {
	case metric.Block:
		return 2
	case metric.Warn:
		return 1
	default:
		return 0
	}
}
