package compare

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// evidence is what a comparison of two series has shown, wherever the series come from.
type evidence struct {
	// tested tells whether there is a test at all; the p-values belong to the error budget then.
	tested bool
	// open says why the series could not be compared, "" when they were.
	open string
	// change is head against base as a ratio, low and high bound it; NaN where a ratio means nothing.
	change, low, high float64
	// pWorse and pBetter are one-sided p-values. least is the smallest that so many samples can give; 0 when it depends
	// on the values.
	pWorse, pBetter, least float64
	// noise is what the precision of the comparison depends on; nil where it is not defined.
	noise *noise
	// sessions is what the test and the interval contain of the difference between sessions, deviation that of the change as a
	// logarithm with it; nil and 0 where they contain nothing of it.
	sessions  *stat.Sessions
	deviation float64
	notes     []string
	// underFloor tells that the bad end of the interval, in the unit of the metric, stays below the floor.
	underFloor bool

	// inPairs tells that looks at pairs decide; clean, that the change is then proven to be below the tolerance.
	inPairs, clean bool

	// The rest is filled in once the family of gated tests is known.
	inBudget            bool
	adjWorse, adjBetter float64
	alpha               float64 // that the adjusted p-values must not exceed
	share               float64 // the strictest part of it that this test may have to meet
	// reach is the shift that the test at share sees with 80 % power, in standard deviations; cleanReach likewise at the
	// level of one end of the interval.
	reach, cleanReach float64
	// foreseen is the standard deviation that what would have been seen is reckoned with, 0 where it is that of the noise; least shift is the
	// smallest that would be called a change, on the same scale.
	foreseen, leastShift float64
}

// untested is evidence without a test: the change alone.
func untested(change float64) evidence {
	return evidence{change: change, low: change, high: change, pWorse: 1, pBetter: 1, adjWorse: 1, adjBetter: 1}
}

// noEvidence is what stands beside an error of the statistics.
func noEvidence(err error) evidence {
	e := untested(math.NaN())
	e.open = fmt.Sprintf("not comparable: %v", err)
	return e
}

// testRanks makes the exact one-sided rank-sum test in the direction of the effect. In the other direction the p-value is
// at least a half and proves nothing: it is taken as 1, which is on the safe side of every use.
func (e *evidence) testRanks(q question) error {
	forWorse := worse(e.change, q.metric.Better) >= 0
	bad, direction := directions(q.metric.Better)
	if forWorse {
		direction = bad
	}
	test, err := q.memo.RankSum(q.base.values, q.head.values, direction)
	if err != nil {
		return err
	}
	e.pWorse, e.pBetter, e.least = 1, test.P, leastP(len(q.base.values), len(q.head.values))
	if forWorse {
		e.pWorse, e.pBetter = test.P, 1
	}
	return nil
}

// directions are those in which head is worse and better.
func directions(better metric.Direction) (bad, good stat.Alternative) {
	if better == metric.Higher {
		return stat.Less, stat.Greater
	}
	return stat.Greater, stat.Less
}

// leastP is the smallest p-value of a rank-sum test of n against m different values: one labelling of all.
func leastP(n, m int) float64 {
	p := 1.0
	for i := 1; i <= n; i++ {
		p *= float64(i) / float64(m+i)
	}
	return p
}

// budget spends the error budget: Holm's correction over the tests of the metrics with policy block, once for each
// direction. A metric that does not block is judged at alpha by itself, outside the budget.
func (d *decider) budget() {
	var family []*candidate
	alpha := d.in.Options.Alpha
	for _, c := range d.tests() {
		if !c.evidence.tested {
			continue
		}
		e := &c.evidence
		e.alpha, e.share, e.adjWorse, e.adjBetter = alpha, alpha, e.pWorse, e.pBetter
		if c.limits.Policy == metric.Block {
			e.inBudget = true
			family = append(family, c)
		}
	}
	tests := len(family)
	if d.trial() { // those that looks decide belong to it, too
		tests = len(d.family())
	}
	correct(family, tests, alpha)
	d.foresee()
}

// correct adjusts the p-values of the family, which share alpha with all other of so many tests.
func correct(family []*candidate, tests int, alpha float64) {
	worse, better := make([]float64, len(family)), make([]float64, len(family))
	for i, c := range family {
		worse[i], better[i] = c.evidence.pWorse, c.evidence.pBetter
	}
	adjWorse, errWorse := stat.Holm(worse)
	adjBetter, errBetter := stat.Holm(better)
	for i, c := range family {
		e := &c.evidence
		e.share, e.adjWorse, e.adjBetter = alpha/float64(tests), 1, 1
		if errWorse == nil && errBetter == nil {
			e.adjWorse, e.adjBetter = adjWorse[i], adjBetter[i]
		}
		if e.least > e.share {
			e.notes = append(e.notes, fmt.Sprintf(
				"so few samples cannot prove a regression among %s: the smallest possible p-value is %.3g, and %.3g is needed",
				count(tests, "gated test"), e.least, e.share))
		}
	}
}

// judge applies the common rule to tested evidence. Worse is proven when the adjusted p-value is within alpha, the effect
// at least half the tolerance and no less than what the machine was calibrated to show, and no end of the interval for the better: the one-sided test of a metric outside the
// budget may reject where the two-sided interval still holds both. Clean, when the bound of the interval on the bad side is below the tolerance.
func (e evidence) judge(q question) judgement {
	j := judgement{basis: Relative}
	effect, bound, least := worse(e.change, q.metric.Better), e.worstEnd(q.metric.Better), e.bestEnd(q.metric.Better)
	text, tolerance := ChangeText(e.change, e.low, e.high), q.toleranceText()
	matters, allowed := q.matters(), q.allowed()
	switch {
	case e.adjWorse <= e.alpha && counts(effect, matters) && !(least < 0):
		j.outcome, j.worse, j.rule = Regressed, true, ruleWorse
		j.reason = fmt.Sprintf("worse: %s, tolerance %s", text, tolerance)
	case e.adjBetter <= e.alpha && counts(-effect, matters) && !(bound > 0):
		j.outcome, j.rule = Improved, ruleBetter
		j.reason = "better: " + text
	case e.stays(bound, allowed):
		j.outcome, j.rule = Pass, e.ruleOfClean()
		j.reason = fmt.Sprintf("%s stays within %s", text, tolerance)
	default:
		j.outcome, j.rule = Inconclusive, ruleNeither
		j.reason = fmt.Sprintf("%s is neither proven worse nor proven within %s%s", text, tolerance, e.belowFloor(q))
		j.more = e.moreRuns(q)
	}
	return j
}

// stays tells whether the change is clean, by the bad end of its interval and, in pairs, by the looks too.
func (e evidence) stays(bound, allowed float64) bool {
	return (bound < allowed || bound <= 0 || e.underFloor) && (e.clean || !e.inPairs)
}

func (e evidence) ruleOfClean() string {
	if e.inPairs {
		return ruleCleanPairs
	}
	return ruleClean
}

// worstEnd is the end of the interval on the bad side, positive when it is for the worse.
func (e evidence) worstEnd(better metric.Direction) float64 {
	if better == metric.Higher {
		return -e.low
	}
	return e.high
}

// bestEnd is the end of the interval on the good side, positive when even that is for the worse. An interval that does not
// exist, or ends at no change since values are tied, contradicts nothing.
func (e evidence) bestEnd(better metric.Direction) float64 {
	if better == metric.Higher {
		return -e.high
	}
	return e.low
}

// withoutSessions weakens what a noisy metric shows against a recording of another session, where how much sessions differ is
// not on record: neither worse nor better is proven then.
func (e evidence) withoutSessions(q question, j judgement) judgement {
	if q.oneSession {
		return j
	}
	text := ChangeText(e.change, e.low, e.high)
	switch {
	case j.outcome == Inconclusive && j.more == 0:
		j.mend = mendSession
	case e.sessions != nil:
	case j.outcome == Regressed:
		j.outcome, j.mend, j.rule = Inconclusive, mendSession, ruleOtherSession
		j.reason = fmt.Sprintf("looks worse by %s, tolerance %s; the session-to-session variance is not on record, "+
			"so a stored baseline cannot prove it", text, q.toleranceText())
	case j.outcome == Improved && e.worstEnd(q.metric.Better) < q.allowed():
		j.outcome, j.rule = Pass, ruleOtherSession
		j.reason = fmt.Sprintf("looks better: %s; a stored baseline cannot prove it", text)
	}
	return j
}
