package compare

import (
	"fmt"

	"github.com/communitas/perfgate/internal/metric"
)

// looks decides what was measured in pairs, look by look. What a look has decided stays: later pairs neither undo it nor
// change its numbers.
func (d *decider) looks() {
	if d.in.Base == nil || !sameTrial(d.in.Base, d.in.Head) {
		return
	}
	for k := range d.in.Head.Trial.Looks {
		var now []*candidate
		for _, c := range d.candidates {
			if c.inPairs && !c.decided() && c.side.pairs.reached > k {
				c.lookAt(k, d.in.Options)
				now = append(now, c)
			}
		}
		d.budget()
		for _, c := range now {
			c.decideAt(k, d.in.Options)
		}
	}
	d.tellTrial()
}

// decided tells that a look has decided the metric for good.
func (c *candidate) decided() bool { return c.entry.DecidedAt > 0 }

// lookAt gathers the evidence of the pairs up to a look. The p-values are those of all looks so far.
func (c *candidate) lookAt(k int, o Options) {
	p := c.side.pairs
	q := c.question(o)
	q.base, q.head = p.upTo(c.base, c.head, p.looks[k])
	q.confidence = 1 - (1-o.Confidence)/float64(len(p.looks))
	c.entry.Pairs = len(q.head.values)
	before := c.evidence
	c.evidence = noEvidence(fmt.Errorf("no pair counts"))
	if len(q.head.values) > 0 {
		c.evidence = c.rule.(comparer).compare(q) //nolint:errcheck // only rules that compare are asked
	}
	e := &c.evidence
	e.tested = true
	e.pWorse, e.pBetter = min(1, e.pWorse*float64(len(p.looks))), min(1, e.pBetter*float64(len(p.looks)))
	if k > 0 {
		e.pWorse, e.pBetter = min(e.pWorse, before.pWorse), min(e.pBetter, before.pBetter)
	}
	e.least *= float64(len(p.looks))
}

// decideAt lets a look decide, or leaves the metric open.
func (c *candidate) decideAt(k int, o Options) {
	q := c.question(o)
	q.base, q.head = c.side.pairs.upTo(c.base, c.head, c.side.pairs.looks[k])
	if c.evidence.open != "" {
		return
	}
	j := c.rule.(comparer).decide(q, c.evidence) //nolint:errcheck // only rules that compare are asked
	if j.outcome == Inconclusive {
		return
	}
	c.entry.DecidedAt = c.side.pairs.looks[k]
	j.policy = c.limits.Policy
	j.reason += fmt.Sprintf(", after %s", count(c.entry.Pairs, "pair"))
	c.relative = j
}

// tellTrial says how far the trial has come.
func (d *decider) tellTrial() {
	t := &Trial{ID: d.in.Head.Trial.ID, Looks: d.in.Head.Trial.Looks, Plans: []TrialPlan{}}
	for _, plan := range d.plans {
		p := d.sides[keyOf(plan)].pairs
		if p == nil {
			continue
		}
		told := TrialPlan{Plan: Plan{plan.Name, plan.Benchmark}, Measured: p.measured, Void: p.void, Open: []string{}}
		if p.reached > 0 {
			told.Look = p.looks[p.reached-1]
		}
		if p.reached < len(p.looks) {
			told.Next = p.looks[p.reached]
		}
		for _, c := range d.candidates {
			c.entry.Open = c.inPairs && !c.decided() && c.limits.Policy == metric.Block
			if c.entry.Open && keyOf(c.plan) == keyOf(plan) {
				told.Open = append(told.Open, c.entry.Metric)
			}
		}
		t.Plans = append(t.Plans, told)
	}
	d.verdict.Trial = t
}
