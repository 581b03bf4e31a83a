package bisect

import "slices"

// Ahead proposes commits for builders that are idle while the machine measures or another one builds: the middles of the
// likeliest groups, as the next step could ask for, and of both halves of a group whose middle is being built. They are
// ids, at most so many, the likeliest first, without what is built, broken or being asked for now. A build that comes of
// it is a Built event like any other, and disturbs nothing that is planned.
func (s *Search) Ahead(most int) []string {
	ahead := []string{}
	if s.outcome != nil {
		return ahead
	}
	if s.params.Exact {
		return s.aheadExact(most)
	}
	for _, end := range []int{s.low, s.high} {
		ahead = s.propose(ahead, s.class[end], most)
	}
	for _, o := range s.middles() {
		ahead = s.propose(ahead, o.subject.class, most)
	}
	if s.plan.build < 0 || s.belief.slots[s.plan.build] >= 0 {
		return ahead
	}
	contained := s.belief.suspects.contained(s.plan.build)
	for _, g := range s.belief.groups {
		in, out := parted(g.members, contained)
		if len(in) == 0 || len(out) == 0 {
			continue
		}
		for _, half := range [][]int{in, out} {
			if class := s.middle(&group{members: half}, func(int) float64 { return 1 }); class >= 0 {
				ahead = s.propose(ahead, class, most)
			}
		}
	}
	return ahead
}

func (s *Search) propose(ahead []string, class, most int) []string {
	if len(ahead) >= most || class == s.plan.build || s.broken[class] != "" || s.binaryOf(class) >= 0 {
		return ahead
	}
	if id := s.idOf(class); !slices.Contains(ahead, id) {
		return append(ahead, id)
	}
	return ahead
}
