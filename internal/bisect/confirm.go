package bisect

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/stat"
)

// pair is a run of the culprit and one of its parent, one right after the other, in random order.
type pair struct {
	slow, fast int     // artifacts, from 1
	of         float64 // logarithm of the culprit's value
	reference  float64 // and of its parent's
	order      bool    // the parent ran first
}

// Confirmation is the culprit against its parent by a method that knows nothing of the model: the pseudo-median of the
// paired differences (Hodges and Lehmann 1963) with the interval that inverts the signed-rank test (Tukey 1949).
type Confirmation struct {
	Culprit    string  `json:"culprit"`
	Parent     string  `json:"parent"`
	Pairs      []Pair  `json:"pairs"`
	Change     float64 `json:"change"` // as a ratio: 0.1 is +10 %
	ChangeLow  float64 `json:"change_low"`
	ChangeHigh float64 `json:"change_high"`
	Confidence float64 `json:"confidence"` // of the interval: at least 0.9
}

// Pair is one of the confirmation's pairs of runs.
type Pair struct {
	Culprit     float64 `json:"culprit"`      // value of the culprit's run
	Parent      float64 `json:"parent"`       // and of its parent's
	Change      float64 `json:"change"`       // of the one against the other, as a ratio
	ParentFirst bool    `json:"parent_first"` // the order of the two
}

// confirm measures the culprit against its parent until there are pairs enough, and then ends the search. A set has its
// first commit that can be measured in place of the culprit, and the last before it in place of the parent.
func (s *Search) confirm(leader *group) {
	slow, fast := s.witnesses(leader)
	for _, class := range []int{slow, fast} {
		if s.binaryOf(class) < 0 {
			s.begin(plan{phase: PhaseConfirm, build: class, a: -1, b: -1,
				why: Why{Slow: leader.weight, Seconds: s.spent.buildCost(s.distance(s.belief.suspects.sample(class)))}})
			return
		}
	}
	done := s.pairsOf(slow, fast)
	more := s.params.ConfirmPairs - len(done)
	if more <= 0 {
		if s.agreement(leader, slow, fast).OK || len(done) >= mostConfirmPairs {
			s.accuse(leader, slow, fast)
			return
		}
		more = min(s.params.ConfirmPairs, mostConfirmPairs-len(done))
	}
	s.begin(plan{phase: PhaseConfirm, build: -1, a: s.binaryOf(slow), b: s.binaryOf(fast), left: more,
		why: Why{Slow: leader.weight, Runs: 2 * more, Seconds: float64(2*more) * s.spent.runCost()}})
}

// witnesses returns the classes that confirm a group: its only member and the first parent of that, where both can be
// measured and the parent is not slow too; else the measured ones nearest to the group on both sides.
func (s *Search) witnesses(leader *group) (slow, fast int) {
	slow, fast = s.nearest(leader)
	if len(leader.members) > 1 {
		return slow, fast
	}
	culprit := leader.members[0]
	if own := s.class[culprit]; s.broken[own] == "" && s.belief.suspects.inside[culprit] {
		slow = own
	}
	for _, parent := range s.graph.parents[culprit][:min(1, len(s.graph.parents[culprit]))] {
		p := s.class[parent]
		if s.broken[p] == "" && s.belief.suspects.sample(p) >= 0 && !s.belief.suspects.contained(p).has(culprit) {
			fast = p
		}
	}
	return slow, fast
}

// sharpen is for a culprit of whom the search is nearly sure, where no commit is in doubt any more but how far builds
// differ: more pairs of the culprit and its parent, or one of them built again, or where that gives the same binary a commit beside them. It
// tells whether there was something to do.
func (s *Search) sharpen(leader *group) bool {
	if leader.weight < changeSure || !s.inseparable(leader) {
		return false
	}
	slow, fast := s.witnesses(leader)
	if s.binaryOf(slow) < 0 || s.binaryOf(fast) < 0 {
		return false
	}
	p := plan{phase: PhaseConfirm, build: -1, a: s.binaryOf(slow), b: s.binaryOf(fast), why: Why{Slow: leader.weight}}
	switch done := len(s.pairsOf(slow, fast)); {
	case done < min(s.enough(), mostConfirmPairs):
		p.left = s.params.ConfirmPairs
		p.why.Runs = 2 * p.left
		p.why.Seconds = float64(p.why.Runs) * s.spent.runCost()
	case s.same:
		if p.build = s.beside(leader.members[0]); p.build < 0 {
			return false
		}
		p.phase, p.a, p.left = PhaseOffsets, -1, s.params.ConfirmPairs
		p.why.Runs = 2 * p.left
		p.why.Seconds = s.spent.buildCost(s.distance(s.belief.suspects.sample(p.build))) + float64(p.why.Runs)*s.spent.runCost()
	default:
		p.build = slow
		if s.timesBuilt(slow) > s.timesBuilt(fast) {
			p.build = fast
		}
		p.rebuild, p.why.Seconds = s.timesBuilt(p.build), s.spent.buildCost(0)
	}
	s.begin(p)
	return true
}

// beside returns the class nearest to a commit that can be measured and was not yet, -1 when there is none: where building again gives the same
// binary, only builds of other commits show how far builds differ.
func (s *Search) beside(commit int) int {
	class, nearest := -1, s.graph.size()
	for i := range s.class {
		c := s.class[i]
		if d := max(i-commit, commit-i); d < nearest && s.belief.slots[c] < 0 && s.broken[c] == "" && s.belief.suspects.sample(c) == i {
			class, nearest = c, d
		}
	}
	return class
}

// nearest returns the measured class with the fewest suspects that contains a group, and the one with the most that does not.
func (s *Search) nearest(leader *group) (slow, fast int) {
	slow, fast = -1, -1
	most, fewest := -1.0, math.Inf(1)
	for slot, class := range s.belief.classes {
		if s.broken[class] != "" {
			continue
		}
		size := share(s.belief.suspects.listed, s.belief.suspects.contained(class))
		if leader.slow[slot] && size < fewest {
			slow, fewest = class, size
		}
		if !leader.slow[slot] && size > most {
			fast, most = class, size
		}
	}
	return slow, fast
}

// pairsOf returns the pairs of the newest binaries of two classes.
func (s *Search) pairsOf(slow, fast int) []pair {
	var of []pair
	slow, fast = s.artifactOf(s.binaryOf(slow)), s.artifactOf(s.binaryOf(fast))
	for _, p := range s.pairs {
		if p.slow == slow && p.fast == fast {
			of = append(of, p)
		}
	}
	return of
}

// confirmation sums the pairs up.
func (s *Search) confirmation(slow, fast int) (Confirmation, stat.Estimate) {
	c := Confirmation{Culprit: s.idOf(slow), Parent: s.idOf(fast)}
	var differences []float64
	for _, p := range s.pairsOf(slow, fast) {
		difference := p.of - p.reference
		differences = append(differences, difference)
		c.Pairs = append(c.Pairs, Pair{
			Culprit: s.params.value(p.of), Parent: s.params.value(p.reference), Change: s.params.ratio(difference), ParentFirst: p.order,
		})
	}
	estimate, err := stat.PseudoMedian(differences, 0.9)
	if err != nil || !estimate.Reached {
		return c, estimate // there are no five pairs: agreement says so
	}
	c.Change, c.ChangeLow, c.ChangeHigh = s.params.ratio(estimate.Value), s.params.ratio(estimate.Low), s.params.ratio(estimate.High)
	c.Confidence = estimate.Confidence
	return c, estimate
}

func (s *Search) idOf(class int) string { return s.task.Commits[s.belief.suspects.sample(class)].ID }

// agreement holds the pairs against what the model believes of them: the effect and the offsets of both binaries.
func (s *Search) agreement(leader *group, slow, fast int) Check {
	_, estimate := s.confirmation(slow, fast)
	if !estimate.Reached {
		return Check{Name: "pairs", Says: "there are too few pairs of culprit and parent for an interval"}
	}
	low, high := s.belief.gap(leader, s.binaryOf(slow), s.binaryOf(fast), 0.95)
	c := Check{Name: "pairs", OK: estimate.High >= low && estimate.Low <= high}
	c.Says = fmt.Sprintf("the pairs of culprit and parent differ by %s, the model expects %s", s.percents(estimate.Low, estimate.High), s.percents(low, high))
	return c
}

func (s *Search) percents(low, high float64) string {
	return fmt.Sprintf("%+.2f %% to %+.2f %%", 100*s.params.ratio(low), 100*s.params.ratio(high))
}

// gap returns the interval of how far two binaries differ, under one group.
func (b *belief) gap(of *group, slow, fast int, confidence float64) (low, high float64) {
	var parts []normal
	for k, f := range of.filters {
		n, i, j := len(f.mean), offsetAt+slow, offsetAt+fast
		at := func(i, j int) float64 { return f.cov[i*n+j] }
		variance := at(effectAt, effectAt) + at(i, i) + at(j, j) + 2*at(effectAt, i) - 2*at(effectAt, j) - 2*at(i, j)
		parts = append(parts, normal{weight: of.weights[k] / of.weight,
			mean: f.mean[effectAt] + f.mean[i] - f.mean[j], sd: math.Sqrt(max(variance, 1e-18))})
	}
	tail := (1 - confidence) / 2
	return quantile(parts, tail), quantile(parts, 1-tail)
}
