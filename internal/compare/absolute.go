package compare

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/metric"
)

// A tolerance is relative. Where base is next to nothing, a tenth of it is too: a floor says from which absolute size on a change
// matters at all. Both hold: what is called worse exceeds half the tolerance and the floor, and what is clean stays below the greater of both.

// relativeFloor is the floor as a relative change to the base at hand; 0 without one. Against a base of 0 any change is without bound, and so is
// a floor that it stays below.
func (q question) relativeFloor() float64 {
	if q.absolute == 0 {
		return 0
	}
	by := ruleOf(q.metric.Kind)
	base := math.Abs(by.center(q.base))
	switch {
	case base > 0:
		return q.absolute / base
	case math.Abs(by.center(q.head)) < q.absolute:
		return math.Inf(1)
	default:
		return 0
	}
}

// allowed is the relative change that a metric has to be proven to stay below.
func (q question) allowed() float64 { return max(q.tolerance, q.relativeFloor()) }

// allowedOf is allowed where the base is this value.
func (q question) allowedOf(base float64) float64 {
	if q.absolute == 0 {
		return q.tolerance
	}
	return max(q.tolerance, q.absolute/math.Abs(base))
}

// underFloor tells whether the bad end of an interval in the base unit stays below the floor; false without one. Where base is 0 no ratio can say so.
func (q question) underFloor(low, high float64) bool {
	return max(worse(low, q.metric.Better), worse(high, q.metric.Better)) < q.absolute
}

// toleranceText is what is allowed, and where it is the floor that allows it.
func (q question) toleranceText() string {
	allowed := metric.Format(q.allowed(), metric.Ratio)
	switch floor := q.relativeFloor(); {
	case math.IsInf(floor, 1):
		return "the floor of " + q.absoluteText
	case floor > q.tolerance:
		return fmt.Sprintf("%s (the floor of %s)", allowed, q.absoluteText)
	}
	return allowed
}
