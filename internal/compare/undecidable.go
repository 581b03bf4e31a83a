package compare

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
)

// What gates by default follows from the calibration (docs/adr/0023-what-trials-lose-and-gate.md). On a machine that others use, times vary so
// much that no trial of a sensible size decides about a tenth of them: then they would leave each check inconclusive, and people would
// raise tolerances until nothing could fire. So such a time does not hold up a verdict, as long as nobody has said that it is to; CPU time,
// memory, counts and sizes decide. What is proven worse is regressed all the same.

// byFar is how many times what matters a machine must hide for a metric to be undecidable there: a calibration of few
// sessions knows its noise to a fifth, and a metric somewhat above its tolerance is decided now and then.
const byFar = 2

// Hidden is what a machine hides of a metric: the smallest change for the worse that a trial of so many pairs sees there with 80 % power, from
// what a calibration of its own number of pairs has shown; pairs of 0 are as many. Undecidable tells that this is by far more
// than the tolerance, and that nobody has said that the metric blocks.
func Hidden(m metric.Metric, c baseline.Calibration, limits baseline.Rule, pairs int) (least float64, undecidable bool) {
	n, known := c.Of(m.Name)
	if !known || m.Kind != metric.Continuous {
		return 0, false
	}
	shift := floorShift(n, m.Better)
	if had := float64(c.Pairs) / float64(max(1, c.Sessions)); pairs > 0 && had > 0 {
		shift *= math.Sqrt(had / float64(pairs))
	}
	least = asChange(shift, m.Better)
	ofTime := m.Unit == metric.Seconds || m.Unit == metric.BytesPerSecond
	defaulted := limits.Policy == metric.Block && limits.PolicyOrigin == baseline.DefaultOrigin
	return least, ofTime && defaulted && least > byFar*limits.Tolerance
}

// hidden is what the machine hides of a metric, and whether that keeps it from being decided.
func (c *candidate) hidden(o Options) (least float64, undecidable bool) {
	pairs := 0
	if c.side.pairs != nil {
		pairs = c.side.pairs.looks[len(c.side.pairs.looks)-1]
	}
	limits := c.limits
	if c.hasBase() {
		limits.Tolerance = c.question(o).allowed()
	}
	return Hidden(c.metric, c.side.noise, limits, pairs)
}

// giveWay has a metric warn of what is neither proven worse nor clean where it is undecidable.
func (c *candidate) giveWay(o Options) {
	if c.relative.outcome != Inconclusive || c.relative.rule != ruleNeither {
		return
	}
	least, undecidable := c.hidden(o)
	if !undecidable {
		return
	}
	c.relative.policy, c.relative.more, c.relative.runs, c.relative.mend = metric.Warn, 0, 0, ""
	c.relative.rule = ruleUndecidable
	c.relative.reason += fmt.Sprintf("; undecidable here: changes below %s hide in the noise (calibrated %s), so it blocks only when it is proven worse",
		metric.Format(least, metric.Ratio), day(c.side.noise.Time))
}
