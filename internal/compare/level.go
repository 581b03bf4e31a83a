package compare

import (
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// levelRule decides steps that are constant when all is well, by the rank-sum test and the Hodges-Lehmann shift of the
// values themselves. Equal values and zeros are welcome.
type levelRule struct{}

func (levelRule) center(s series) float64 { return s.median() }

func (levelRule) fault(series) string { return "" }

func (levelRule) compare(q question) evidence {
	if q.inPairs {
		return compareSteps(q)
	}
	shift, err := q.memo.AbsoluteChange(q.base.values, q.head.values, q.confidence)
	if err != nil {
		return noEvidence(err)
	}
	center := q.base.median()
	e := evidence{
		tested: true,
		change: ratioTo(shift.Change, center), low: ratioTo(shift.Low, center), high: ratioTo(shift.High, center),
	}
	if min(slices.Min(q.base.values), slices.Min(q.head.values)) >= 0 {
		e.low = max(e.low, -1) // nothing that is never negative falls by more than all of it
	}
	e.underFloor = q.underFloor(shift.Low, shift.High)
	if err := e.testRanks(q); err != nil {
		return noEvidence(err)
	}
	if deviation, err := stat.PooledDeviation(q.base.measured(), q.head.measured()); err == nil && center != 0 {
		e.noise = &noise{deviation: deviation, center: center, base: len(q.base.values), head: len(q.head.values)}
	}
	if center == 0 {
		e.notes = append(e.notes, "the base is 0: any change is without bound as a ratio")
	}
	return e
}

// compareSteps is compare for pairs: the differences of the pairs, as a ratio to the center of the base.
func compareSteps(q question) evidence {
	all, center := differences(q.base, q.head), q.base.median()
	shift, err := stat.PseudoMedian(all, q.confidence)
	if err != nil {
		return noEvidence(err)
	}
	e := evidence{
		tested: true,
		change: ratioTo(shift.Value, center), low: ratioTo(shift.Low, center), high: ratioTo(shift.High, center),
	}
	if min(slices.Min(q.base.values), slices.Min(q.head.values)) >= 0 {
		e.low = max(e.low, -1)
	}
	e.underFloor = q.underFloor(shift.Low, shift.High)
	e.testPairs(q, all, math.Abs(center))
	return e
}

// excess is by how much each pair is worse, and room by how much it stays below the tolerance, which is a part of the
// pair's base, or the floor. Where both are 0 nothing got worse: there is a little room, so that pairs of zeros speak for what they show.
func (levelRule) excess(q question) (excess, room []float64) {
	excess = differences(q.base, q.head)
	room = make([]float64, len(excess))
	for i := range excess {
		excess[i] = worse(excess[i], q.metric.Better)
		room[i] = max(q.tolerance*math.Abs(q.base.values[i]), q.absolute) - excess[i]
		if room[i] == 0 && excess[i] == 0 {
			room[i] = math.SmallestNonzeroFloat32
		}
	}
	return excess, room
}

// ratioTo is a shift as a ratio to a center: without bound when the center is 0 and the shift is not.
func ratioTo(shift, center float64) float64 {
	switch {
	case shift == 0:
		return 0
	case center == 0:
		return math.Inf(int(math.Copysign(1, shift)))
	default:
		return shift / math.Abs(center)
	}
}

func (levelRule) decide(q question, e evidence) judgement {
	return e.withoutSessions(q, e.judge(q))
}

// hold wants each run to meet a target at the very end of the scale (a share of 100 %), and an exact value; any other
// target has to be cleared by the interval.
func (levelRule) hold(q question, t baseline.Target) finding {
	extreme := q.metric.Unit == metric.Ratio && (t.Value == 1 && t.Op == ">=" || t.Value == 0 && t.Op == "<=")
	if extreme || t.Op == "=" {
		return holdInEachRun(q, t)
	}
	return holdByInterval(q, t, false)
}
