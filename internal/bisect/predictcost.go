package bisect

import "math"

// predict expects what the whole search will take, from what is known when a change is established. Builds: each of the
// log2 N halvings one, and the two ends. Runs: log2 N bits at the capacity of a run and of its reference, and what it
// takes to make the odds of both neighbours 1/(1-confidence) (Burnashev and Zigangirov 1974), besides the confirmation.
func (s *Search) predict() {
	variance, _, _ := s.belief.noise()
	d := max(0.05, math.Abs(s.belief.meanEffect())/math.Sqrt(variance))
	bits := math.Log2(float64(max(1, len(s.belief.suspects.listed))))
	capacity := information(0.5, d)
	odds := -math.Log(1 - s.params.Confidence)
	perBuild := math.Ceil(bits) * max(1, 1/capacity)
	settle := 2 * odds / (d * d / 2)
	builds, runs := int(math.Ceil(bits)), int(math.Ceil(perBuild+settle))+2*s.params.ConfirmPairs
	s.predicted = Cost{
		Builds:  s.spent.cost.Builds + builds,
		Runs:    s.spent.cost.Runs + runs,
		Seconds: s.spent.cost.Seconds + float64(builds)*s.spent.buildCost(s.params.Costs.WarmReach) + float64(runs)*s.spent.runCost(),
	}
}
