package compare

import (
	"fmt"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// continuousRule decides noisy positive values by ranks: the exact one-sided rank-sum test, and the Hodges-Lehmann
// estimate of the ratio with its interval. A series that holds zeros or does not vary at all is a fault of measurement.
type continuousRule struct{}

// minConstant is from how many equal values on a series counts as stuck: two may be equal by chance.
const minConstant = 3

func (continuousRule) center(s series) float64 { return s.median() }

func (continuousRule) fault(s series) string {
	zero, negative := 0, 0
	for _, v := range s.values {
		switch {
		case v == 0:
			zero++
		case v < 0:
			negative++
		}
	}
	switch {
	case negative > 0:
		return fmt.Sprintf("%d of %s negative: no such measure can be", negative, count(len(s.values), "sample"))
	case zero > 0:
		return fmt.Sprintf("%d of %s 0: nothing was measured there", zero, count(len(s.values), "sample"))
	case len(s.values) >= minConstant && s.timeouts == 0 && s.constant():
		return fmt.Sprintf("all %d samples are equal (%s): a measure that varies by nature is stuck or too coarse",
			len(s.values), metric.Format(s.values[0], s.unit))
	default:
		return ""
	}
}

func (continuousRule) compare(q question) evidence {
	if q.inPairs {
		return comparePairs(q)
	}
	effect, err := q.memo.RatioChangeCensored(q.base.values, q.head.values, commonLimit(q.base, q.head), q.confidence)
	if err != nil {
		return noEvidence(err)
	}
	e := evidence{tested: true, change: effect.Change, low: effect.Low, high: effect.High}
	if err := e.testRanks(q); err != nil {
		return noEvidence(err)
	}
	if deviation, err := stat.PooledLogDeviation(q.base.measured(), q.head.measured()); err == nil {
		e.noise = &noise{deviation: deviation, base: len(q.base.values), head: len(q.head.values)}
	}
	if n := q.head.timeouts + q.base.timeouts; n > 0 {
		e.notes = append(e.notes, fmt.Sprintf("%s timed out: the interval may be open", count(n, "sample")))
	}
	e.acrossSessions(q)
	return e
}

// comparePairs holds run against run: in the ratio of a pair cancels out what both runs share.
func comparePairs(q question) evidence {
	effect, err := stat.PairedRatioChangeCensored(q.base.values, q.head.values, commonLimit(q.base, q.head), q.confidence)
	if err != nil {
		return noEvidence(err)
	}
	e := evidence{tested: true, change: effect.Change, low: effect.Low, high: effect.High}
	e.testPairs(q, logRatios(q.base, q.head), 0)
	if n := q.head.timeouts + q.base.timeouts; n > 0 {
		e.notes = append(e.notes, fmt.Sprintf("%s timed out: the interval may be open", count(n, "sample")))
	}
	return e
}

// excess is by how much each pair is worse, on the scale of the test, and room by how much it stays below the tolerance.
func (continuousRule) excess(q question) (excess, room []float64) {
	sign := worse(1, q.metric.Better)
	excess = logRatios(q.base, q.head)
	room = make([]float64, len(excess))
	for i := range excess {
		excess[i] *= sign
		room[i] = asShift(q.allowedOf(q.base.values[i]), q.metric.Better) - excess[i]
	}
	return excess, room
}

func (continuousRule) decide(q question, e evidence) judgement {
	return e.withoutBalance(q, e.withoutSessions(q, e.judge(q)))
}

func (continuousRule) hold(q question, t baseline.Target) finding {
	return holdByInterval(q, t, true)
}

// commonLimit is what every timed-out value of both sides is known to be at least; 0 when none timed out.
func commonLimit(base, head series) float64 {
	switch {
	case base.timeouts == 0:
		return head.limit
	case head.timeouts == 0:
		return base.limit
	default:
		return min(base.limit, head.limit)
	}
}
