package bisect

import "math"

// predict expects what the whole search will take, from what is known when a change is established.
func (s *Search) predict() { s.predicted = s.spent.cost.plus(s.expected()) }

// Forecast expects what a search will take before anything was measured, when a run varies by so much, as a ratio. It is for a
// search that ends with a culprit; without an expected effect it is for the median of what may be expected.
func (s *Search) Forecast(cv float64) Cost {
	effect := math.Abs(s.params.Effect.Mean)
	if effect == 0 {
		const median = 0.6745 // of the size of a normal value
		effect = max(s.params.LeastChange, median*s.params.Effect.SD)
	}
	if s.params.Exact {
		return s.remainingExact()
	}
	return s.missingEnds().plus(s.expectedAt(effect / max(cv, leastNoise)))
}

// missingEnds is what is still to do until both ends have run as often as at first.
func (s *Search) missingEnds() Cost {
	var ends Cost
	for _, end := range []int{s.low, s.high} {
		if s.binaryOf(s.class[end]) < 0 {
			ends.Builds++
			ends.Seconds += s.spent.buildCost(s.params.Costs.WarmReach)
		}
	}
	if missing := s.params.EndRuns - s.ended; !s.searching && missing > 0 {
		ends.Runs = 2 * missing
		ends.Seconds += float64(ends.Runs) * s.spent.runCost()
	}
	return ends
}

// expected is what is still to come until a culprit is accused, by what is known. Nobody is accused of less than the least
// change, so no less is expected: before the first run the mean of the effect is often 0, and says nothing of its size.
func (s *Search) expected() Cost {
	variance, _, _ := s.belief.noise()
	return s.expectedAt(max(math.Abs(s.belief.meanEffect()), s.params.LeastChange) / math.Sqrt(variance))
}

// expectedAt expects it for an effect in units of the noise. Builds: one for each bit of the posterior, which halves it. Runs: the bits
// at the capacity of a pair, which is two runs and has √2 of the noise (Burnashev and Zigangirov 1974 without the term for the
// last bits), and the confirmation.
func (s *Search) expectedAt(d float64) Cost {
	const least = 0.05
	bits := s.entropy()
	pairs := s.params.ConfirmPairs
	if s.plan.phase == PhaseConfirm {
		pairs = s.plan.left
	}
	const certain = 0.1 // bits that no build is needed for
	c := Cost{
		Builds: int(math.Ceil(bits - certain)),
		Runs:   int(math.Ceil(2*bits/information(0.5, max(least, d)/math.Sqrt2))) + 2*pairs,
	}
	c.Seconds = float64(c.Builds)*s.spent.buildCost(s.params.Costs.WarmReach) + float64(c.Runs)*s.spent.runCost()
	return c
}
