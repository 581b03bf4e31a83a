package compare

import (
	"errors"
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/stat"
)

// successRule decides runs that succeeded or not by Fisher's exact test. As long as any run of head fails there is no
// pass: either it is proven worse than base, or it is inconclusive.
type successRule struct{}

func (successRule) center(s series) float64 { return s.mean() }

func (successRule) fault(s series) string {
	for i, v := range s.values {
		if v != 0 && v != 1 {
			return fmt.Sprintf("%s has %v, which is neither success (1) nor failure (0)", s.run(i), v)
		}
	}
	return ""
}

func (s series) trials() stat.Trials {
	succeeded := int(s.sum())
	return stat.Trials{Successes: succeeded, Failures: len(s.values) - succeeded}
}

// trialsIn are as many runs, of which as large a part succeeds.
func trialsIn(t stat.Trials, runs int) stat.Trials {
	succeeded := proportional(t.Successes, t.Successes+t.Failures, runs)
	return stat.Trials{Successes: succeeded, Failures: runs - succeeded}
}

func (successRule) compare(q question) evidence {
	base, head := q.base.trials(), q.head.trials()
	pWorse, errWorse := stat.FisherExact(base, head, stat.Less)
	pBetter, errBetter := stat.FisherExact(base, head, stat.Greater)
	if err := errors.Join(errWorse, errBetter); err != nil {
		return noEvidence(err)
	}
	change := ratioTo(q.head.mean()-q.base.mean(), q.base.mean())
	return evidence{tested: true, pWorse: pWorse, pBetter: pBetter, change: change, low: math.NaN(), high: math.NaN()}
}

func (successRule) decide(q question, e evidence) judgement {
	head, base := q.head.trials(), q.base.trials()
	counts := fmt.Sprintf("%d of %d succeeded, base %d of %d",
		head.Successes, len(q.head.values), base.Successes, len(q.base.values))
	j := judgement{basis: Relative}
	switch {
	case e.adjWorse <= e.alpha && -e.change >= q.tolerance/2:
		j.outcome, j.worse, j.rule, j.reason = Regressed, true, ruleFailsMore, "fails more often: "+counts
	case head.Failures > 0:
		j.outcome, j.rule, j.reason = Inconclusive, ruleSomeFailed, "some runs failed, too few to tell from base: "+counts
		j.more = e.moreCounted(len(q.head.values), func(runs int) (float64, error) {
			more := base
			if q.oneSession { // what was recorded stays as it is
				more = trialsIn(base, runs)
			}
			return stat.FisherExact(more, trialsIn(head, runs), stat.Less)
		})
	case e.adjBetter <= e.alpha && e.change >= q.tolerance/2:
		j.outcome, j.rule, j.reason = Improved, ruleSucceedsMore, "succeeds more often: "+counts
	default:
		j.outcome, j.rule, j.reason = Pass, ruleAllSucceeded, counts
	}
	return j
}

func (successRule) hold(q question, t baseline.Target) finding { return holdByShare(q, t) }

// alone decides without a base: all runs succeeded, or there is nothing to tell how often they should.
func (successRule) alone(q question) judgement {
	t := q.head.trials()
	if t.Failures == 0 {
		return judgement{outcome: Pass, basis: Target, rule: ruleAllSucceeded, reason: fmt.Sprintf("all %s succeeded", count(t.Successes, "run"))}
	}
	return judgement{
		outcome: Inconclusive, basis: Target, rule: ruleSomeFailed,
		reason: fmt.Sprintf("only %d of %d runs succeeded, and there is no base to tell whether that is new", t.Successes, len(q.head.values)),
	}
}
