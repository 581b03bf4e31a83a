package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
)

// trial tells whether head and base are the two sides of a trial.
func (d *decider) trial() bool { return d.in.Base != nil && sameTrial(d.in.Base, d.in.Head) }

// decidePairs decides what was measured in pairs, look by look. What a look has decided stays, with its numbers, but for one thing: what
// was proven clean may still be proven worse, or better, as long as pairs are measured for others. What the looks could have seen is left
// out when known is nil. With stop no look is gone to after one that has left nothing open, as a trial does.
func (d *decider) decidePairs(known *reaches, stop bool) {
	family := d.family()
	f := newFamily(d.in.Options.Alpha, len(family))
	d.shared = f
	for k := range d.in.Head.Trial.Looks {
		now := d.atLook(k)
		d.goTo(k)
		for _, c := range now {
			c.lookAt(k)
		}
		f.reject(family, k)
		for _, c := range now {
			if c.seq.passed != nil {
				if !f.changed(c, k) {
					continue // it is as it was
				}
				c.gather(k)
			}
			if c.evidence.open == "" {
				c.adjust(f, k)
				c.decideAt(k)
			}
			c.seq.account = append(c.seq.account, lookEntry{k, c.evidence, c.relative.outcome})
			c.keepClean()
		}
		if stop && !slices.ContainsFunc(now, (*candidate).open) {
			break
		}
	}
	for _, c := range d.tests() {
		if c.seq != nil {
			c.foreseePairs(known, d.othersEnd(c))
			c.endLooks(d.in.Options)
		} else if c.evidence.tested {
			c.adjust(f, len(d.in.Head.Trial.Looks))
		}
	}
}

// atLook are the candidates that a look may still say something of.
func (d *decider) atLook(k int) []*candidate {
	var now []*candidate
	for _, c := range d.candidates {
		if c.seq != nil && !c.seq.settled && c.side.pairs.reached > k {
			now = append(now, c)
		}
	}
	return now
}

// goTo notes that the trial has gone to a look, for metrics of which it says no more too.
func (d *decider) goTo(k int) {
	for _, c := range d.candidates {
		if c.seq != nil && c.side.pairs.reached > k {
			c.seq.lookedAt = k
		}
	}
}

// open tells that no look so far has decided the metric.
func (c *candidate) open() bool {
	return c.relative.outcome == NotJudged || c.relative.outcome == Inconclusive
}

// family are the gated metrics that a test may call worse or better, whatever became of them: one that could not be judged has
// its part of the error all the same, so that what is left is never more for the others.
func (d *decider) family() []*candidate {
	var family []*candidate
	for _, c := range d.tests() {
		if _, compares := c.rule.(comparer); compares && c.limits.Policy == metric.Block && c.metric.Kind != metric.Exact && !c.fewBuilds() {
			family = append(family, c)
		}
	}
	return family
}

// lookAt takes a look at the pairs. Of what was proven clean it takes no more than the test: the rest is gathered when that proves a change.
func (c *candidate) lookAt(k int) {
	if c.seq.passed != nil {
		if test := c.seq.flip(c.seq.pairs.upTo[k]); test != nil {
			c.seq.note(test.Greater, test.Less)
			return
		}
	}
	c.gather(k)
	c.seq.note(c.evidence.pWorse, c.evidence.pBetter)
}

// note keeps the p-values of a look.
func (s *sequence) note(pWorse, pBetter float64) {
	s.values[forWorse] = append(s.values[forWorse], pWorse)
	s.values[forBetter] = append(s.values[forBetter], pBetter)
}

// gather gathers the evidence of the pairs up to a look.
func (c *candidate) gather(k int) {
	q, n := c.seq.at(k)
	c.entry.Pairs = n
	if n == 0 {
		c.evidence = untested(math.NaN())
		c.evidence.open = "no pair counts so far"
	} else {
		q.flip = c.seq.flip(n)
		c.evidence = c.rule.(comparer).compare(q) //nolint:errcheck // only rules that compare have looks
	}
	e := &c.evidence
	e.inPairs, e.clean = c.seq.ranks != nil, c.seq.clean >= 0 && c.seq.clean <= k
	if k+1 < len(c.seq.looks) && counts(worse(e.change, q.metric.Better), q.matters()) {
		e.clean = false // it would be called worse, and a later look may prove it: with little noise clean is proven first
	}
}

// adjust fills in what the family leaves of the p-values: what it has rejected is within alpha.
func (c *candidate) adjust(f *family, k int) {
	e := &c.evidence
	e.tested, e.alpha, e.share = true, f.alpha, f.alpha
	e.inBudget = c.limits.Policy == metric.Block
	tests := 1.0
	if e.inBudget {
		tests, e.share = float64(f.tests), f.alpha/float64(f.tests)
	}
	for way, adjusted := range map[direction]*float64{forWorse: &e.adjWorse, forBetter: &e.adjBetter} {
		*adjusted = min(1, tests*c.repeated(way))
		rejected := f.rejected[way][c]
		if !e.inBudget {
			rejected = c.proves(way, f.alpha, k)
		}
		if rejected {
			*adjusted = min(*adjusted, f.alpha)
		}
	}
}

// decideAt lets a look decide. That a metric changed is for good; that nothing did holds until something does.
func (c *candidate) decideAt(k int) {
	q, _ := c.seq.at(k)
	j := c.rule.(comparer).decide(q, c.evidence) //nolint:errcheck // only rules that compare have looks
	j.policy = c.limits.Policy
	c.relative, c.entry.DecidedAt = j, 0
	if j.outcome == Inconclusive {
		return
	}
	c.entry.DecidedAt = c.seq.looks[k]
	c.seq.settled = j.outcome == Regressed || j.outcome == Improved
	c.relative.reason += fmt.Sprintf(", after %s", count(c.entry.Pairs, "pair"))
}

// endLooks says what looks have left open.
func (c *candidate) endLooks(o Options) {
	p := c.side.pairs
	switch {
	case c.relative.outcome != NotJudged && c.relative.outcome != Inconclusive:
		return
	case p.reached == 0:
		c.relative = c.undecided(fmt.Sprintf("%s measured, the first look is at %d", count(p.measured, "pair"), p.looks[0]), mendPairs)
	case c.evidence.open != "":
		c.relative = c.undecided(c.evidence.open, mendPairs)
	case p.reached == len(p.looks):
		c.relative.reason += fmt.Sprintf(", after %s and the last look", count(c.entry.Pairs, "pair"))
		if c.seq.ranks != nil { // what a look said of it was before it was known what looks see
			c.relative.more = c.evidence.moreRuns(c.seq.q)
		}
		if c.relative.more > 0 {
			c.relative.reason += fmt.Sprintf("; about %s would settle it", count(c.relative.more, "more pair"))
		}
		c.relative.mend = mendPairs
	default:
		c.untilNextLook(p)
	}
	_, undecidable := c.hidden(o)
	c.entry.Open = c.limits.Policy == metric.Block && (p.reached == 0 || !undecidable)
}

// untilNextLook says of a metric that is open how many pairs it lacks for the next look, and about how many until it is settled.
func (c *candidate) untilNextLook(p *pairing) {
	next, wanted := p.looks[p.reached], c.entry.Pairs+c.relative.more
	if c.seq.ranks != nil {
		wanted = c.evidence.runsWanted(c.seq.q)
	}
	c.relative.reason += fmt.Sprintf(", after %s; the next look is at %d", count(c.entry.Pairs, "pair"), next)
	c.relative.more, c.relative.mend = max(1, next-p.measured), mendPairs
	if wanted > next {
		c.relative.more = wanted - p.measured
		c.relative.reason += fmt.Sprintf(", and about %s would settle it", count(c.relative.more, "more pair"))
	}
}

const mendPairs = "measure more pairs, or on a calmer machine"

// tellTrial says how far the trial has come.
func (d *decider) tellTrial() {
	d.tellToolchains()
	t := &Trial{ID: d.in.Head.Trial.ID, Looks: slices.Clone(d.in.Head.Trial.Looks), Plans: []TrialPlan{}}
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
			if c.entry.Open && keyOf(c.plan) == keyOf(plan) {
				told.Open = append(told.Open, c.entry.Metric)
			}
		}
		for _, void := range p.void {
			d.warn("%s: pair %d gives nothing: %s", place(plan), void.Pair, void.Reason)
		}
		t.Plans = append(t.Plans, told)
	}
	d.verdict.Trial = t
}
