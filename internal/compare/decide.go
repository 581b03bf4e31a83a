package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
)

// decide brings a prepared candidate to its outcome, once the error budget is known.
func (c *candidate) decide(in Input) {
	q := c.question(in.Options)
	if c.whole.outcome == NotJudged {
		c.decideRelative(q)
		c.giveWay(in.Options)
		c.decideSince(in)
		c.waive(in.Now)
		c.decideTarget(q)
	}
	c.merge()
}

func (c *candidate) decideRelative(q question) {
	able, compares := c.rule.(comparer)
	switch {
	case c.seq != nil:
		c.showEvidence(q)
		return
	case c.relative.outcome != NotJudged || !compares || c.fewBuilds():
		return
	case c.side.kind == NoBase:
		c.decideAlone(q)
		return
	}
	c.showEvidence(q)
	if c.evidence.open != "" {
		c.relative = c.undecided(c.evidence.open, c.side.mend)
		return
	}
	c.relative = able.decide(q, c.evidence)
	c.relative.policy = c.limits.Policy
	if c.relative.more > 0 {
		each := " a side"
		if c.side.kind == Stored { // what was recorded stays as it is
			each = ""
		}
		c.relative.reason += fmt.Sprintf("; about %s%s would settle it", count(c.relative.more, "more run"), each)
		c.relative.runs = len(c.head.values) + c.relative.more
	}
}

// decideAlone judges what needs neither base nor target: a run that does not succeed, a share of nothing.
func (c *candidate) decideAlone(q question) {
	switch {
	case c.metric.Kind == metric.Success && c.limits.Target == nil:
		c.relative = successRule{}.alone(q)
		c.relative.policy = c.limits.Policy
	case productive(c.metric.Name) && c.limits.Target == nil && slices.Max(c.head.values) == 0:
		c.relative = c.undecided("0 in every run: nothing was achieved, and there is no base to tell whether that is new", "")
	}
}

// showEvidence fills the numbers of a relative comparison into the entry.
func (c *candidate) showEvidence(q question) {
	e := c.evidence
	c.entry.Change, c.entry.ChangeLow, c.entry.ChangeHigh = Number(e.change), Number(e.low), Number(e.high)
	for _, text := range e.notes {
		c.note("%s", text)
	}
	if !e.tested {
		return
	}
	c.entry.PValue, c.entry.PAdjusted, c.entry.InBudget = Number(e.pWorse), Number(e.adjWorse), e.inBudget
	c.entry.MDE = Number(e.mde(c.metric.Better))
	c.entry.MDERough = c.metric.Kind == metric.Continuous && c.degrees() < enoughDegrees && roughly(e.mde(c.metric.Better), q)
	switch {
	case math.IsInf(e.change, 0):
		c.note("the change has no bound: %s", Percent(e.change))
	case math.IsInf(e.low, 0) || math.IsInf(e.high, 0):
		c.note("the interval is open: %s", ChangeText(e.change, e.low, e.high))
	}
}

func (c *candidate) decideTarget(q question) {
	if err := c.limits.TargetErr; err != nil {
		c.target = judgement{outcome: Inconclusive, basis: Target, policy: c.limits.TargetPolicy, rule: ruleUndecided, reason: "the target cannot be judged: " + err.Error()}
		return
	}
	if c.limits.Target == nil {
		return
	}
	f := c.rule.hold(q, *c.limits.Target)
	c.target = judgement{outcome: f.outcome, basis: Target, policy: c.limits.TargetPolicy, reason: f.reason, rule: f.rule, more: f.more}
	if c.head.timeouts == len(c.head.values) {
		c.target.reason = fmt.Sprintf("all %s timed out (after %s); %s", count(len(c.head.values), "run"), metric.Format(c.head.limit, c.head.unit), f.reason)
	}
	if f.more > 0 {
		c.target.reason += fmt.Sprintf("; about %s would settle it", count(f.more, "more run"))
		c.target.runs = len(c.head.values) + f.more
	}
	c.entry.TargetLow, c.entry.TargetHigh = Number(f.low), Number(f.high)
}

// merge lets the weightiest of the outcomes speak for the metric: among bad ones that with the stronger policy, then
// the worse. The other is still told.
func (c *candidate) merge() {
	c.entry.RelativeVerdict, c.entry.TargetVerdict = c.relative.outcome, c.target.outcome
	c.entry.ReleaseVerdict = c.creep().outcome
	said := c.judgements()
	if len(said) == 0 {
		c.entry.Basis, c.entry.Reason = c.basis(), "measured, and not judged: "+c.whyNotJudged()
		return
	}
	slices.SortStableFunc(said, func(a, b judgement) int {
		return cmp.Or(cmp.Compare(b.rank(), a.rank()), cmp.Compare(b.outcome.severity(), a.outcome.severity()), cmp.Compare(weight(b.policy), weight(a.policy)))
	})
	first := said[0]
	c.entry.Verdict, c.entry.Basis, c.entry.Policy, c.entry.Reason = first.outcome, first.basis, first.policy, first.reason
	c.entry.MoreRuns = first.more
	for _, other := range said[1:] {
		switch {
		case other.outcome.Bad() && other.policy != first.policy:
			c.entry.Reason += fmt.Sprintf("; also %s (policy %s): %s", other.outcome, other.policy, other.reason)
		case other.outcome.Bad():
			c.entry.Reason += fmt.Sprintf("; also %s: %s", other.outcome, other.reason)
		case !first.outcome.Bad():
			c.entry.Reason += "; " + other.reason
		}
	}
}

// rank puts bad outcomes that block first, then those that warn, then those for information; good outcomes are 0.
func (j judgement) rank() int {
	if !j.outcome.Bad() {
		return 0
	}
	return 1 + weight(j.policy)
}

// creep is what has come of holding the metric against the last release.
func (c *candidate) creep() judgement {
	if c.since == nil {
		return judgement{}
	}
	return c.since.judgement
}

// judgements are the outcomes that were reached, relative before target.
func (c *candidate) judgements() []judgement {
	var said []judgement
	for _, j := range []judgement{c.whole, c.relative, c.creep(), c.target} {
		if j.outcome != NotJudged {
			said = append(said, j)
		}
	}
	return said
}

func (c *candidate) whyNotJudged() string {
	switch {
	case c.metric.Kind == metric.Signed:
		return "there is no target, and a ratio means nothing around zero"
	case c.fewBuilds():
		return "there is no target, and too few builds to compare"
	default:
		return "there is neither a base nor a target"
	}
}
