package compare

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
)

// What a machine can show at all, where that was calibrated.

// floorDeviations is how many deviations of a center a change must be to be called one. A test that rejects at its part of the
// error budget has seen more of its own runs' deviations than that; runs that happen to agree by less than they do here have not.
const floorDeviations = 2

// Floor is the smallest relative change for the worse that can be decided where the noise was calibrated: what a trial of the
// calibration's size sees with 80 % power, or two deviations of a pair where that is not known, which is about what six pairs see.
func Floor(n baseline.Noise, better metric.Direction) float64 {
	return asChange(floorShift(n, better), better)
}

// floorShift is Floor as a shift of logarithms: what pairs see goes with the root of their number there.
func floorShift(n baseline.Noise, better metric.Direction) float64 {
	if n.MDE > 0 {
		return asShift(n.MDE, better)
	}
	return floorDeviations * n.Pair
}

// known is the noise that was calibrated of the metric of a candidate; nil where none was.
func (c *candidate) known() *baseline.Noise {
	if n, ok := c.side.noise.Of(c.metric.Name); ok && c.metric.Kind == metric.Continuous {
		return &n
	}
	return nil
}

// floor is the smallest change that counts, by the calibrated noise of the runs at hand; 0 where none was calibrated. Across
// sessions it is part of the test.
func (q question) floor() float64 {
	switch {
	case q.known == nil || !q.oneSession || len(q.head.values) == 0 || len(q.base.values) == 0:
		return 0
	case q.inPairs:
		return asChange(floorDeviations*q.known.Pair/math.Sqrt(float64(len(q.head.values))), q.metric.Better)
	default:
		runs := 1/float64(len(q.head.values)) + 1/float64(len(q.base.values))
		return asChange(floorDeviations*q.known.Within*math.Sqrt(runs), q.metric.Better)
	}
}

// matters is the smallest estimate that is called a change, as a relative one.
func (q question) matters() float64 { return max(q.tolerance/2, q.relativeFloor(), q.floor()) }

// counts tells whether a change is large enough. None is where the base is 0 and the change below the floor.
func counts(effect, matters float64) bool { return effect >= matters && !math.IsInf(matters, 1) }

// reviewTolerances warns of tolerances of gated metrics that are below what can be decided here.
func (d *decider) reviewTolerances() {
	for _, c := range d.candidates {
		n := c.known()
		if n == nil || c.limits.Policy != metric.Block || c.fewBuilds() || c.relative.rule == ruleUndecidable {
			continue
		}
		if least := Floor(*n, c.metric.Better); c.limits.Tolerance < least {
			d.warn("%s: its tolerance of %s is below what can be decided here (about %s, calibrated %s over %s)", where(c.entry),
				metric.Format(c.limits.Tolerance, metric.Ratio), metric.Format(least, metric.Ratio),
				day(c.side.noise.Time), count(c.side.noise.Sessions, "session"))
		}
	}
}

// belowFloor says of a change that was rejected, and is too small for the noise of this machine, why it does not count.
func (e evidence) belowFloor(q question) string {
	effect, floor := math.Abs(e.change), q.floor()
	if min(e.adjWorse, e.adjBetter) > e.alpha || effect < q.tolerance/2 {
		return ""
	}
	if !counts(effect, q.relativeFloor()) {
		return fmt.Sprintf("; it is below the floor of %s", q.absoluteText)
	}
	if effect >= floor {
		return ""
	}
	return fmt.Sprintf("; it is below the noise that was calibrated here (%s)", metric.Format(floor, metric.Ratio))
}
