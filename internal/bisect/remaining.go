package bisect

import "math"

// Posterior returns the probability of every commit of the range to be the culprit, by its index in the task; 0 for the good
// end, for what is outside of the present ends, and for what can not be. What is missing to 1 is the probability that there
// is no change.
func (s *Search) Posterior() []float64 {
	posterior := make([]float64, s.graph.size())
	if s.params.Exact {
		s.sharedExact(posterior)
		return posterior
	}
	for _, g := range s.belief.groups {
		for _, c := range g.members {
			posterior[c] = min(1, g.weight/float64(len(g.members)))
		}
	}
	return posterior
}

// Remaining expects what is still to be built and run until the search is over, if it is one that ends with a culprit. It is
// zero when the search is over with anything but undecided; of a search that a budget has ended, it says what would go on.
func (s *Search) Remaining() Cost {
	if s.outcome != nil && (s.outcome.Outcome != OutcomeUndecided || s.outcome.Halt == HaltEnds || s.outcome.Halt == HaltExhausted) {
		return Cost{} // nothing more would decide
	}
	if s.params.Exact {
		return s.remainingExact()
	}
	return s.missingEnds().plus(s.expected())
}

// entropy is how many bits are missing to the knowledge of the culprit.
func (s *Search) entropy() float64 {
	var bits float64
	for _, g := range s.belief.groups {
		if g.weight > 0 && len(g.members) > 0 {
			bits -= g.weight * math.Log2(g.weight/float64(len(g.members)))
		}
	}
	return bits
}

func (c Cost) plus(o Cost) Cost {
	return Cost{Builds: c.Builds + o.Builds, Runs: c.Runs + o.Runs, Seconds: c.Seconds + o.Seconds}
}
