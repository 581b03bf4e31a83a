package bisect

import (
	"fmt"
	"math"
)

// decide ends the search with an outcome, or makes the next plan. The phases, in order: both ends are measured until
// there is a change or none; then commits between, by information per second; then the culprit against its parent.
func (s *Search) decide() {
	if s.params.Exact {
		s.decideExact()
		return
	}
	s.plan, s.outcome = plan{phase: PhaseDone, build: -1, a: -1, b: -1}, nil
	if s.ended >= s.params.EndRuns || len(s.belief.suspects.listed) == 0 {
		if s.belief.small(s.params.LeastChange) >= s.params.NoneSure {
			s.end(OutcomeNone, s.noneReason())
			return
		}
	}
	if halt, why := s.stuck(); halt != "" {
		s.end(OutcomeUndecided, why)
		s.outcome.Halt = halt
		return
	}
	if s.searching && 1-s.belief.small(s.params.LeastChange) < changeDoubted {
		s.searching = false // what looked like a change was none: the ends again
	}
	if !s.searching && !s.measureEnds() {
		return
	}
	if leader := s.belief.leader(); leader.weight >= s.params.Confidence && s.inseparable(leader) {
		s.confirm(leader)
		return
	}
	s.choose()
}

func (s *Search) noneReason() string {
	if len(s.belief.suspects.listed) == 0 {
		return "both ends are the same program, or no commit between them can be a lasting change"
	}
	return fmt.Sprintf("no change of %.3g %% or more", 100*s.params.ratio(s.params.LeastChange))
}

// measureEnds plans what is missing of both ends; it tells whether a change is established.
func (s *Search) measureEnds() bool {
	for _, end := range []int{s.low, s.high} {
		if class := s.class[end]; s.binaryOf(class) < 0 {
			s.begin(plan{phase: PhaseEnds, build: class, a: -1, b: -1,
				why: Why{Seconds: s.spent.buildCost(s.distance(s.belief.suspects.sample(class)))}})
			return false
		}
	}
	if s.ended >= s.params.EndRuns && (1-s.belief.small(s.params.LeastChange) >= changeSure || s.endsExhausted()) {
		s.searching = true
		if s.predicted == (Cost{}) {
			s.predict()
		}
		return true
	}
	s.begin(s.endsPlan())
	return false
}

// endsExhausted tells that more runs of the ends would say little, and that building them again gives the same binaries: whether what they
// differ by is a change or the offsets of two builds, only builds of other commits can tell.
func (s *Search) endsExhausted() bool {
	enough := s.enough()
	return s.same && s.belief.ran[s.binaryOf(s.class[s.low])] >= enough && s.belief.ran[s.binaryOf(s.class[s.high])] >= enough
}

// endsPlan is more pairs of the ends, or one of them built once more: two builds differ by their offsets too, and no
// number of runs takes that away.
func (s *Search) endsPlan() plan {
	low, high := s.class[s.low], s.class[s.high]
	pairs := s.params.EndRuns - s.ended
	p := plan{phase: PhaseEnds, build: -1, a: s.binaryOf(high), b: s.binaryOf(low), left: pairs}
	if pairs <= 0 {
		p.left = max(5, s.leastBatch())
		enough := s.enough()
		switch {
		case s.same:
		case s.belief.ran[p.a] >= enough && s.belief.ran[p.a] >= s.belief.ran[p.b]:
			p.build, p.a = high, -1
		case s.belief.ran[p.b] >= enough:
			p.build, p.a, p.b = low, -1, p.a
		}
	}
	if p.build >= 0 {
		p.rebuild, p.why.Seconds = s.timesBuilt(p.build), s.spent.buildCost(0)
	}
	p.why.Slow, p.why.Runs = 1-s.belief.groups[0].weight, 2*p.left
	p.why.Seconds += float64(2*p.left) * s.spent.runCost()
	return p
}

// leastBatch is the fewest runs that can tell something: deciding more often costs thought and gains nothing.
func (s *Search) leastBatch() int {
	variance, _, _ := s.belief.noise()
	effect := max(math.Abs(s.belief.meanEffect()), s.params.LeastChange)
	return int(max(1, min(48, math.Ceil(redecide*variance/(effect*effect)))))
}

// inseparable tells whether no commit that can still be measured would part a group.
func (s *Search) inseparable(g *group) bool {
	if len(g.members) == 1 {
		return true
	}
	class := s.middle(g, func(int) float64 { return 1 })
	return class < 0
}

// middle returns the class that parts a group best, by what it is worth to measure a commit and how evenly that parts it; -1 for none.
func (s *Search) middle(g *group, worth func(commit int) float64) int {
	weight := make([]float64, s.graph.size())
	for _, c := range g.members {
		weight[c] = 1 / float64(len(g.members))
	}
	mass := s.graph.masses(weight)
	class, best := -1, 0.0
	for i, f := range mass {
		c := s.class[i]
		const rounding = 1e-9
		if f < rounding || f > 1-rounding || !s.belief.suspects.inside[i] || s.broken[c] != "" || s.belief.slots[c] >= 0 {
			continue
		}
		if s.belief.suspects.sample(c) != i {
			continue
		}
		if value := f * (1 - f) * worth(i); value > best {
			class, best = c, value
		}
	}
	return class
}
