package bisect

import "slices"

// suspects are the commits that may be the culprit, and the classes of commits that share their measurements. Commits
// of one class are one program, so they are all slow or all fast: a suspect that some of a class contain and others do
// not can not be the culprit of a single change. That excludes a commit which touches nothing that is measured, whatever
// is between a change and its exact revert, and a branch that a merge has dropped.
type suspects struct {
	graph   graph
	class   []int   // of each commit
	members [][]int // the commits of each class, rising
	listed  []int   // the commits that may be the culprit, rising
	inside  []bool  // which commits may be measured: what contains the good end and is contained in the bad one, ends included
	low     int     // the index of the commit that counts as the good end
	high    int     // the index of the commit that counts as the bad end
}

// newSuspects makes the suspects between two commits of the range; class has a number from 0 for each commit.
func newSuspects(g graph, class []int, low, high int) *suspects {
	s := &suspects{graph: g, class: class, low: low, high: high}
	for i, c := range class {
		for c >= len(s.members) {
			s.members = append(s.members, nil)
		}
		s.members[c] = append(s.members[c], i)
	}
	s.inside = g.between(low, high)
	contained, before := g.ancestors(high), g.ancestors(low)
	impossible := s.impossible()
	for i := 1; i < g.size(); i++ {
		if contained.has(i) && !before.has(i) && !impossible[i] {
			s.listed = append(s.listed, i)
		}
	}
	return s
}

// impossible marks the suspects about which the members of some class disagree. Members outside of the ends do not count.
func (s *suspects) impossible() []bool {
	marked := make([]bool, s.graph.size())
	var shared [][]int
	for _, members := range s.members {
		if len(members) < 2 {
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(members), func(i int) bool { return !s.inside[i] })
		if len(kept) > 1 {
			shared = append(shared, kept)
		}
	}
	if len(shared) == 0 {
		return marked
	}
	if s.graph.linear {
		for _, members := range shared {
			for i := members[0] + 1; i <= members[len(members)-1]; i++ {
				marked[i] = true
			}
		}
		return marked
	}
	all := make([]int, 0, s.graph.size())
	for i := 1; i < s.graph.size(); i++ {
		all = append(all, i)
	}
	s.graph.eachBatch(all, func(part []int, masks []batch) {
		for _, members := range shared {
			markDisagreement(marked, part, masks, members)
		}
	})
	return marked
}

func markDisagreement(marked []bool, part []int, masks []batch, members []int) {
	either, both := masks[members[0]], masks[members[0]]
	for _, i := range members[1:] {
		for w := range either {
			either[w] |= masks[i][w]
			both[w] &= masks[i][w]
		}
	}
	for k, c := range part {
		if (either[k/64]&^both[k/64])>>(k%64)&1 == 1 {
			marked[c] = true
		}
	}
}

// contained returns the suspects that the commits of a class contain: their members agree about every suspect.
func (s *suspects) contained(class int) set { return s.graph.ancestors(s.sample(class)) }

// sample returns the commit that stands for a class: its first between the ends, or -1.
func (s *suspects) sample(class int) int {
	for _, i := range s.members[class] {
		if s.inside[i] {
			return i
		}
	}
	return -1
}

// parted returns the members that are in a set, and the others; both rise.
func parted(members []int, contained set) (in, out []int) {
	for _, c := range members {
		if contained.has(c) {
			in = append(in, c)
		} else {
			out = append(out, c)
		}
	}
	return in, out
}

// share returns which part of some suspects, given rising, is in a set.
func share(of []int, in set) float64 {
	if len(of) == 0 {
		return 0
	}
	var n int
	if in.words == nil {
		n, _ = slices.BinarySearch(of, in.prefix+1)
	} else {
		for _, i := range of {
			if in.has(i) {
				n++
			}
		}
	}
	return float64(n) / float64(len(of))
}
