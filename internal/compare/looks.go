package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// trial tells whether head and base are the two sides of a trial.
func (d *decider) trial() bool { return d.in.Base != nil && sameTrial(d.in.Base, d.in.Head) }

// decidePairs decides what was measured in pairs, look by look. What a look has decided stays: later pairs neither undo it nor
// change its numbers. What the looks could have seen is left out when known is nil.
func (d *decider) decidePairs(known reaches) {
	family := d.family()
	f := newFamily(d.in.Options.Alpha, len(family))
	d.shared = f
	for k := range d.in.Head.Trial.Looks {
		var now []*candidate
		for _, c := range d.candidates {
			if c.seq != nil && !c.seq.settled && c.side.pairs.reached > k {
				c.lookAt(k)
				now = append(now, c)
			}
		}
		f.reject(family, k)
		for _, c := range now {
			if c.evidence.open == "" {
				c.adjust(f, k)
				c.decideAt(k)
			}
			c.seq.account = append(c.seq.account, lookEntry{k, c.evidence, c.relative.outcome})
		}
	}
	for _, c := range d.tests() {
		if c.seq != nil {
			c.endLooks(known)
		} else if c.evidence.tested {
			c.adjust(f, len(d.in.Head.Trial.Looks))
		}
	}
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

// lookAt gathers the evidence of the pairs up to a look.
func (c *candidate) lookAt(k int) {
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
	c.seq.values[forWorse] = append(c.seq.values[forWorse], e.pWorse)
	c.seq.values[forBetter] = append(c.seq.values[forBetter], e.pBetter)
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

// decideAt lets a look decide. Noisy metrics are decided for good; counts only when they prove something: that nothing
// happened so far holds until something does.
func (c *candidate) decideAt(k int) {
	q, _ := c.seq.at(k)
	j := c.rule.(comparer).decide(q, c.evidence) //nolint:errcheck // only rules that compare have looks
	j.policy = c.limits.Policy
	c.relative, c.entry.DecidedAt = j, 0
	if j.outcome == Inconclusive {
		return
	}
	c.entry.DecidedAt = c.seq.looks[k]
	c.seq.settled = c.seq.ranks != nil || j.outcome == Regressed || j.outcome == Improved
	c.relative.reason += fmt.Sprintf(", after %s", count(c.entry.Pairs, "pair"))
}

// endLooks says what looks have left open, and what they could have seen.
func (c *candidate) endLooks(known reaches) {
	p := c.side.pairs
	c.foreseePairs(known)
	switch {
	case c.relative.outcome != NotJudged && c.relative.outcome != Inconclusive:
		return
	case p.reached == 0:
		c.relative = c.undecided(fmt.Sprintf("%s measured, the first look is at %d", count(p.measured, "pair"), p.looks[0]), mendPairs)
	case c.evidence.open != "":
		c.relative = c.undecided(c.evidence.open, mendPairs)
	case p.reached == len(p.looks):
		c.relative.reason += fmt.Sprintf(", after %s and the last look", count(c.entry.Pairs, "pair"))
		q := c.seq.q
		if more := c.evidence.moreRuns(q); more > 0 && c.seq.ranks != nil {
			c.relative.more = more
			c.relative.reason += fmt.Sprintf("; about %s would settle it", count(more, "more pair"))
		}
		c.relative.mend = mendPairs
	default:
		c.relative.reason += fmt.Sprintf(", after %s; the next look is at %d", count(c.entry.Pairs, "pair"), p.looks[p.reached])
		c.relative.more, c.relative.mend = p.looks[p.reached]-p.looks[p.reached-1], mendPairs
	}
	c.entry.Open = c.limits.Policy == metric.Block
}

const mendPairs = "measure more pairs, or on a calmer machine"

// reaches are the shifts that plans of looks see with 80 % power, in standard deviations of a pair, by plan.
type reaches map[string]float64

func (r reaches) of(p stat.SequentialPlan) float64 {
	key := fmt.Sprint(p)
	if _, known := r[key]; !known {
		shift, err := p.MDE(power)
		if err != nil {
			shift = math.NaN()
		}
		r[key] = shift
	}
	return r[key]
}

// foreseePairs fills in what the looks could have seen: all of them, since a metric that is not decided goes on to the last.
func (c *candidate) foreseePairs(known reaches) {
	e := &c.evidence
	switch {
	case e.noise == nil || c.seq.ranks == nil:
		return
	case known == nil:
		e.noise = nil
		return
	}
	all := c.seq.whole(e.share, worseExponent)
	e.reach = known.of(all)
	e.cleanReach = known.of(c.seq.whole(cleanShare*(1-c.seq.q.confidence), cleanExponent))
	e.noise.base = all.Values[len(all.Values)-1]
	e.noise.head = e.noise.base
}

// tellTrial says how far the trial has come.
func (d *decider) tellTrial() {
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
