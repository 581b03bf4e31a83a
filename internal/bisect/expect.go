package bisect

import "math"

// predict expects what the whole search will take, from what is known when a change is established. Builds: one for each of
// the log2 N halvings, besides those that there are. Runs: log2 N bits at the capacity of a pair, which is two runs and has
// √2 of the noise (Burnashev and Zigangirov 1974 without the term for the last bits), and the confirmation.
func (s *Search) predict() {
	variance, _, _ := s.belief.noise()
	d := max(0.05, math.Abs(s.belief.meanEffect())/math.Sqrt(variance))
	bits := math.Log2(float64(max(1, len(s.belief.suspects.listed))))
	builds := int(math.Ceil(bits))
	runs := int(math.Ceil(2*bits/information(0.5, d/math.Sqrt2))) + 2*s.params.ConfirmPairs
	s.predicted = Cost{
		Builds:  s.spent.cost.Builds + builds,
		Runs:    s.spent.cost.Runs + runs,
		Seconds: s.spent.cost.Seconds + float64(builds)*s.spent.buildCost(s.params.Costs.WarmReach) + float64(runs)*s.spent.runCost(),
	}
}
