package bisect

import (
	"cmp"
	"math"
	"slices"
)

// Further is a part of the range in which there may be another change. The model of a search is one change; where there
// are two, it names one of them, and the rest shows here. A Focused event with these ends searches it, and keeps
// everything that was measured.
type Further struct {
	Good       string  `json:"good"`
	Bad        string  `json:"bad"`
	Posterior  float64 `json:"posterior"` // of a change of the least size or more
	Change     float64 `json:"change"`    // as a ratio, no change counted as 0
	ChangeLow  float64 `json:"change_low"`
	ChangeHigh float64 `json:"change_high"`
}

// furtherDoubt is the posterior of another change below which it is not worth a word.
const furtherDoubt = 0.05

// further looks left and right of a culprit, at what was measured there already.
func (s *Search) further(leader *group) []Further {
	first, last := leader.members[0], leader.members[len(leader.members)-1]
	found := []Further{}
	p := s.params
	p.NoChange = 0.5
	p.Effect = Effect{SD: max(p.Effect.SD, math.Abs(p.Effect.Mean))}
	var ends [][2]int
	for _, parent := range s.graph.parents[first][:min(1, len(s.graph.parents[first]))] {
		ends = append(ends, [2]int{s.low, parent})
	}
	ends = append(ends, [2]int{last, s.high})
	for _, e := range ends {
		if e[0] >= e[1] || !s.belief.suspects.inside[e[0]] || !s.belief.suspects.inside[e[1]] {
			continue
		}
		b := s.replayed(e[0], e[1], p)
		if len(b.suspects.listed) == 0 || 1-b.small(p.LeastChange) < furtherDoubt {
			continue
		}
		f := Further{Good: s.task.Commits[e[0]].ID, Bad: s.task.Commits[e[1]].ID, Posterior: 1 - b.small(p.LeastChange)}
		mean, low, high := b.effects(nil, 0.95)
		f.Change, f.ChangeLow, f.ChangeHigh = s.params.ratio(mean), s.params.ratio(low), s.params.ratio(high)
		found = append(found, f)
	}
	slices.SortStableFunc(found, func(a, b Further) int { return cmp.Compare(math.Abs(b.Change), math.Abs(a.Change)) })
	return found
}

// fitsWithout tells whether a culprit stands where the parts that seem to have another change are left out: the commits
// on its other side have to be where one change puts them. With such parts on both sides nothing is left that could say so.
func (s *Search) fitsWithout(further []Further, leader *group) bool {
	low, high := s.low, s.high
	for _, f := range further {
		if f.Posterior < changeSure {
			continue
		}
		if good := s.index[f.Good]; good == s.low {
			low = s.index[f.Bad]
		} else {
			high = good
		}
	}
	if (low == s.low) == (high == s.high) || low >= high {
		return false
	}
	part := *s
	part.low, part.high = low, high
	part.made = slices.Clone(s.made)
	part.rebuild()
	culprit := leader.members[0]
	for _, g := range part.belief.groups {
		if slices.Contains(g.members, culprit) && g.weight > changeSure {
			return part.commits(part.residualsOf(g)).OK
		}
	}
	return false
}

// replayed is what would be believed of a part of the range, by all that was measured in it.
func (s *Search) replayed(low, high int, p Parameters) *belief {
	b := s.beliefBetween(low, high, p)
	seats := make([]int, len(s.made))
	for i, a := range s.made {
		seats[i] = -1
		if b.suspects.sample(s.class[a.commit]) < 0 {
			continue
		}
		same := slices.IndexFunc(s.made[:i], func(o artifact) bool { return a.content != "" && o.content == a.content })
		if same >= 0 {
			seats[i] = seats[same]
			continue
		}
		seats[i] = b.addBinary(s.class[a.commit])
	}
	for _, r := range s.runs {
		if seats[r.artifact] >= 0 {
			b.observe(seats[r.artifact], r.y, r.at)
		}
	}
	return b
}
