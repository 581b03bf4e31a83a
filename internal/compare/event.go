package compare

import (
	"errors"
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/stat"
)

// eventRule decides counts of independent events by the exact conditional test of two Poisson rates. No more events
// than on base is a pass: the interval of a ratio of small counts is too wide to ever clear a tolerance.
type eventRule struct{}

func (eventRule) center(s series) float64 { return s.mean() }

func (eventRule) fault(s series) string {
	for i, v := range s.values {
		if v < 0 || v != math.Trunc(v) || v > 1e9 {
			return fmt.Sprintf("%s counts %v events: that is no count", s.run(i), v)
		}
	}
	if s.sum() > 1e9 {
		return "more than a billion events: that is no count"
	}
	return ""
}

func (s series) events() stat.Events {
	return stat.Events{Count: int(s.sum()), Exposure: float64(len(s.values))}
}

// eventsIn are events that go on to come as often as they did, in so many runs.
func eventsIn(e stat.Events, runs int) stat.Events {
	return stat.Events{Count: proportional(e.Count, int(e.Exposure), runs), Exposure: float64(runs)}
}

func (eventRule) compare(q question) evidence {
	base, head := q.base.events(), q.head.events()
	bad, good := directions(q.metric.Better)
	pWorse, errWorse := stat.PoissonTest(base, head, bad)
	pBetter, errBetter := stat.PoissonTest(base, head, good)
	ratio, errRatio := stat.RateRatio(base, head, q.confidence)
	if err := errors.Join(errWorse, errBetter, errRatio); err != nil {
		return noEvidence(err)
	}
	e := evidence{tested: true, pWorse: pWorse, pBetter: pBetter, low: ratio.Low - 1, high: ratio.High - 1}
	e.change = ratio.Value - 1
	if base.Count == 0 && head.Count == 0 {
		e.change, e.low, e.high = 0, math.NaN(), math.NaN()
	}
	return e
}

func (eventRule) decide(q question, e evidence) judgement {
	j := e.judge(q)
	base, head := q.base.events(), q.head.events()
	counts := fmt.Sprintf("%d in %s, base %d in %s", head.Count, count(len(q.head.values), "run"), base.Count, count(len(q.base.values), "run"))
	switch {
	case j.outcome == Inconclusive && worse(e.change, q.metric.Better) <= 0:
		j.outcome, j.rule, j.reason = Pass, ruleNoMore, "no worse than base: "+counts
	case j.outcome == Inconclusive:
		j.reason = "too few events to tell: " + counts
		j.more = e.moreCounted(len(q.head.values), func(runs int) (float64, error) {
			more := base
			if q.oneSession { // what was recorded stays as it is
				more = eventsIn(base, runs)
			}
			bad, _ := directions(q.metric.Better)
			return stat.PoissonTest(more, eventsIn(head, runs), bad)
		})
	default:
		j.reason += " (" + counts + ")"
	}
	return j
}

func (eventRule) hold(q question, t baseline.Target) finding { return holdInEachRun(q, t) }
