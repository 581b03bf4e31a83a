package compare

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// explainPairs tells of the pairs of a trial, what each look found, and what it spent.
func (d *decider) explainPairs(c *candidate, e *Explained) {
	s, p := c.seq, c.side.pairs
	e.Pairs = c.explainedPairs()
	if s.ranks != nil {
		e.Scale = "log_ratio"
		if c.metric.Kind == metric.Level {
			e.Scale = "difference"
		}
	}
	for _, entry := range s.account {
		v := entry.evidence
		e.Looks = append(e.Looks, ExplainedLook{
			Look: p.looks[entry.look], Pairs: s.pairs.upTo[entry.look], Share: s.share(entry.look), PWorse: Number(v.pWorse), PBetter: Number(v.pBetter),
			PAdjusted: Number(v.adjWorse), Change: Number(v.change), Low: Number(v.low), High: Number(v.high), Outcome: entry.outcome,
		})
	}
	if s.ranks == nil || len(s.account) == 0 {
		return
	}
	e.Worse, e.Better = d.spending(c, forWorse), d.spending(c, forBetter)
	alpha := cleanShare * (1 - s.q.confidence)
	e.Clean = &ExplainedSpending{Alpha: alpha, Exponent: cleanExponent, Steps: []ExplainedStep{}}
	e.Clean.Looks = c.books(s.room, alpha, cleanExponent, func(n int) (stat.SignFlipTest, error) { return stat.SignFlip(s.room[:n], 0) })
}

// explainedPairs are all pairs that were measured, void ones with their reason.
func (c *candidate) explainedPairs() []ExplainedPair {
	s, p := c.seq, c.side.pairs
	index := map[int]int{}
	for i, run := range s.pairs.head.runs {
		index[run] = i
	}
	blocks := c.side.pairs.blocks
	var all []ExplainedPair
	for n := 1; n <= p.measured; n++ {
		pair := ExplainedPair{Pair: n, Block: blocks[n], Base: Absent(), Head: Absent(), Excess: Absent(), Room: Absent()}
		if i, counts := index[n]; counts {
			pair.Base, pair.Head = Number(s.pairs.base.values[i]), Number(s.pairs.head.values[i])
			if s.ranks != nil {
				pair.Excess, pair.Room = Number(s.excess[i]), Number(s.room[i])
			}
		} else {
			pair.Void = c.whyVoid(n)
		}
		all = append(all, pair)
	}
	return all
}

// whyVoid says why a pair gives nothing to this metric.
func (c *candidate) whyVoid(pair int) string {
	for _, v := range c.side.pairs.void {
		if v.Pair == pair {
			return v.Reason
		}
	}
	for _, side := range []struct {
		name string
		series
	}{{"base", c.base}, {"head", c.head}} {
		for _, sample := range side.leftOut {
			if sample.Run == pair {
				return fmt.Sprintf("no sample of %s: %s", side.name, sample.Reason)
			}
		}
	}
	return "one side has no sample"
}

// spending are the books of one direction, at the step of the ladder of errors that Holm's procedure last held the metric against, or at
// alpha outside of it.
func (d *decider) spending(c *candidate, way direction) *ExplainedSpending {
	s, f := c.seq, d.shared
	alpha, last := f.alpha, s.account[len(s.account)-1].look
	if c.limits.Policy == metric.Block {
		for _, step := range f.steps {
			if step.way == way && step.look <= last && step.left > 0 {
				alpha = f.alpha / float64(step.left)
			}
			if step.way == way && slices.Contains(step.rejected, c) {
				break
			}
		}
	}
	var greater []float64
	if c.limits.Policy == metric.Block {
		at := f.step(alpha)
		alpha, greater = f.ladder[at], f.ladder[:at]
	}
	e := &ExplainedSpending{Alpha: alpha, Exponent: worseExponent, Steps: []ExplainedStep{}}
	for _, greater := range greater {
		step := ExplainedStep{Alpha: greater}
		if s.crosses(way, greater, last) {
			step.ProvenAt = s.looks[s.crossings[crossing{way, greater}]]
		}
		e.Steps = append(e.Steps, step)
	}
	e.Looks = c.books(s.towards(way), alpha, worseExponent, func(n int) (stat.SignFlipTest, error) { return s.test(way, n) })
	return e
}

// books are the looks that were gone through, up to the one that crosses.
func (c *candidate) books(values []float64, alpha, exponent float64, test func(n int) (stat.SignFlipTest, error)) []ExplainedBook {
	books := []ExplainedBook{}
	accounts, err := c.seq.plan(alpha, exponent).Account(values, test)
	if err != nil {
		return books
	}
	last := c.seq.account[len(c.seq.account)-1].look
	for _, a := range accounts {
		if a.Look > last {
			break
		}
		books = append(books, ExplainedBook{
			Look: c.seq.looks[a.Look], Pairs: a.Values, May: a.May, Planned: a.Planned, P: a.P, Rule: a.Rule,
			Spent: Number(a.Spent), Needed: Number(a.Needed), Level: Number(a.Level), Crossed: a.Crossed,
		})
	}
	return books
}

// explainFamily gives the place of a metric among the gated tests; nil when it has none.
func (d *decider) explainFamily(c *candidate) *ExplainedFamily {
	if !c.evidence.inBudget {
		return nil
	}
	if d.shared != nil {
		return d.trialFamily()
	}
	var members []*candidate
	for _, other := range d.tests() {
		if other.evidence.inBudget {
			members = append(members, other)
		}
	}
	e := &ExplainedFamily{Tests: len(members), Direction: "worse", Members: []FamilyMember{}, Steps: []FamilyStep{}}
	if c.relative.outcome == Improved {
		e.Direction = "better"
	}
	for _, m := range members {
		told := FamilyMember{Scenario: m.entry.Scenario, Metric: m.entry.Metric, P: Number(m.evidence.pWorse), Adjusted: Number(m.evidence.adjWorse), Release: d.against(m), This: m == c}
		if e.Direction == "better" {
			told.P, told.Adjusted = Number(m.evidence.pBetter), Number(m.evidence.adjBetter)
		}
		e.Members = append(e.Members, told)
	}
	slices.SortStableFunc(e.Members, func(a, b FamilyMember) int { return cmp.Compare(a.P, b.P) })
	for i := range e.Members {
		e.Members[i].Factor = len(members) - i
	}
	return e
}

// against is the release that a test is against, "" of one against the base.
func (d *decider) against(test *candidate) string {
	for _, c := range d.candidates {
		if c.since != nil && &c.since.candidate == test {
			return c.since.version
		}
	}
	return ""
}

// trialFamily are the steps of Holm's procedure: those that rejected, and in each direction the last, which did not.
func (d *decider) trialFamily() *ExplainedFamily {
	f := d.shared
	e := &ExplainedFamily{Tests: f.tests, Members: []FamilyMember{}, Steps: []FamilyStep{}}
	reached := 0
	for _, c := range d.candidates {
		if c.seq != nil {
			reached = max(reached, c.side.pairs.reached)
		}
	}
	lasts := map[direction]int{}
	for i, step := range f.steps {
		if step.look < reached {
			lasts[step.way] = i
		}
	}
	for i, step := range f.steps {
		if step.left == 0 || step.look >= reached || len(step.rejected) == 0 && lasts[step.way] != i {
			continue
		}
		told := FamilyStep{
			Look: d.in.Head.Trial.Looks[step.look], Direction: []string{"worse", "better"}[step.way], Left: step.left,
			Alpha: f.alpha / float64(step.left), Rejected: []string{},
		}
		for _, c := range step.rejected {
			name := QualifiedName(c.entry.Scenario, c.entry.Metric)
			if version := d.against(c); version != "" {
				name += " since release " + version
			}
			told.Rejected = append(told.Rejected, name)
		}
		e.Steps = append(e.Steps, told)
	}
	return e
}
