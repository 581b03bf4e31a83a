package bisect

import (
	"math"
	"slices"
)

// option is an action that could come next.
type option struct {
	subject subject
	part    []float64 // of each group: the share that the commit contains
	build   float64   // expected seconds of the build, 0 when there is none
	lives   float64   // probability that it can be measured
}

// groupsParted is how many of the likeliest groups get a commit in their middle proposed.
const groupsParted = 6

// choose plans the action that tells most per second.
func (s *Search) choose() {
	best, bits := s.best(s.options(), s.firstBinary(s.class[s.low]), s.leastBatch())
	if bits < leastBits {
		if s.belief.small(s.params.LeastChange) > 1-s.params.Confidence && !s.endsExhausted() {
			s.begin(s.endsPlan()) // where a change is can not be asked before there is one
			return
		}
		if s.sharpen(s.belief.leader()) {
			return
		}
		s.end(OutcomeUndecided, "nothing that could be measured would tell more")
		s.outcome.Halt = HaltExhausted
		return
	}
	s.begin(best)
}

// best returns the plan that tells most per second, and the bits of the one that tells most.
func (s *Search) best(options []option, reference, least int) (best plan, bits float64) {
	var rate float64
	for _, o := range options {
		f, slow := s.belief.foresee(o.subject, o.part, reference), s.belief.slowBy(o.part)
		for _, m := range batchLengths() {
			if m < least {
				continue
			}
			for _, referenced := range []bool{false, true} {
				told := f.tells(s.table, m, referenced)
				p := s.planned(o, slow, m, reference, referenced)
				p.why.Bits = told
				bits = max(bits, told)
				if told*o.lives/p.why.Seconds > rate {
					rate, best = told*o.lives/p.why.Seconds, p
				}
			}
		}
	}
	return best, bits
}

// planned makes the plan of an option.
func (s *Search) planned(o option, slow float64, m, reference int, referenced bool) plan {
	p := plan{phase: PhaseSearch, build: -1, a: o.subject.binary, b: -1, left: m, why: Why{Slow: slow, Runs: m}}
	if referenced {
		p.b, p.why.Runs = reference, 2*m
	}
	if p.a < 0 {
		p.build, p.rebuild = o.subject.class, s.timesBuilt(o.subject.class)
	}
	p.why.Seconds = o.build + float64(p.why.Runs)*s.spent.runCost()
	return p
}

func batchLengths() []int { return []int{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48} }

// firstBinary is the oldest binary of a class that was built.
func (s *Search) firstBinary(class int) int {
	i := slices.IndexFunc(s.made, func(a artifact) bool { return a.binary >= 0 && s.class[a.commit] == class })
	return s.made[i].binary
}

func (s *Search) timesBuilt(class int) int {
	var n int
	for _, a := range s.made {
		if s.class[a.commit] == class {
			n++
		}
	}
	return n
}

// options are what could be measured next: again what was built, what was built built again, and the middles of groups.
func (s *Search) options() []option {
	var options []option
	for slot, class := range s.belief.classes {
		if p := s.belief.slowAt(slot); p < 1e-6 || p > 1-1e-6 || s.broken[class] != "" {
			continue
		}
		part := make([]float64, len(s.belief.groups))
		for i, g := range s.belief.groups {
			if g.slow[slot] {
				part[i] = 1
			}
		}
		enough := s.enough()
		for binary, of := range s.belief.binaries {
			if of == slot && (s.same || s.belief.ran[binary] < 2*enough) {
				options = append(options, option{subject: subject{class: class, binary: binary}, part: part, lives: 1})
			}
		}
		if !s.same {
			options = append(options, s.again(class, part))
		}
	}
	return append(options, s.middles()...)
}

// enough is the number of runs of one binary from which on another build of the same commit tells more for its price: the
// best size of a sub-sample, √(cost of a build/cost of a run)·(noise of a run/offset of a build) (Cochran 1977, section
// 10.6). Without it a choice that looks one step ahead runs one binary for ever, since each run is cheap and tells a bit.
func (s *Search) enough() int {
	run, _, _ := s.belief.noise()
	var logOffset float64 // of the typical offset: the mean would be that of the largest that is possible
	s.belief.each(func(_ *group, f *filter, weight float64) { logOffset += weight * math.Log(f.cell.offset) })
	return int(math.Ceil(math.Sqrt(s.spent.buildCost(0)/s.spent.runCost()*run) / math.Exp(logOffset)))
}

// again is to build a class once more.
func (s *Search) again(class int, part []float64) option {
	cost := s.spent.buildCost(0)
	return option{subject: s.tobuild(class, cost), part: part, build: cost, lives: 1}
}

func (s *Search) tobuild(class int, cost float64) subject {
	return subject{class: class, binary: -1, until: cost / s.params.Costs.RunSeconds}
}

// middles proposes, for each of the likeliest groups, the commit that parts it best: the posterior median, or a neighbour
// that is likelier to build or cheaper.
func (s *Search) middles() []option {
	var groups []*group
	for _, g := range s.belief.groups {
		if len(g.members) > 1 && g.weight > 1e-3 {
			groups = append(groups, g)
		}
	}
	slices.SortStableFunc(groups, func(a, b *group) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	var options []option
	look := s.survey()
	for _, g := range groups[:min(groupsParted, len(groups))] {
		class := s.middle(g, func(i int) float64 { return look.lives(i) / s.spent.buildCost(look.distance(i)) })
		if class < 0 || slices.ContainsFunc(options, func(o option) bool { return o.subject.class == class }) {
			continue
		}
		i := s.belief.suspects.sample(class)
		contained := s.belief.suspects.contained(class)
		part := make([]float64, len(s.belief.groups))
		for k, other := range s.belief.groups {
			part[k] = share(other.members, contained)
		}
		cost := s.spent.buildCost(look.distance(i))
		options = append(options, option{subject: s.tobuild(class, cost), part: part, build: cost, lives: look.lives(i)})
	}
	return options
}

// survey is how far each commit is from what is known of others.
type survey struct {
	built, broken []float64 // distance by index to the nearest, +Inf when there is none
	between       []bool    // two commits with the same fault are around it, and none that was built in between
	rate          float64   // share of commits that are broken, as far as was seen
}

// survey looks along the order of the range. Note: distance is that of indices, on a graph as well: commits of one branch
// are next to one another in topological order, and more is not needed to guess where a fault begins.
func (s *Search) survey() survey {
	n := s.graph.size()
	v := survey{built: make([]float64, n), broken: make([]float64, n), between: make([]bool, n)}
	isBuilt := make([]bool, n)
	for _, a := range s.made {
		isBuilt[a.commit] = true
	}
	after, before := s.neighbours(isBuilt, n-1, -1), s.neighbours(isBuilt, 0, 1)
	seen := map[int]bool{}
	var broken int
	for i := range n {
		a, b := after[i], before[i]
		v.built[i], v.broken[i] = min(a.built, b.built), min(a.broken, b.broken)
		v.between[i] = a.reason != "" && a.reason == b.reason && a.broken < a.built && b.broken < b.built
		if c := s.class[i]; s.broken[c] != "" && !seen[c] {
			seen[c] = true
			broken++
		}
	}
	v.rate = float64(1+broken) / float64(10+broken+len(s.belief.classes))
	return v
}

// near is what lies in one direction.
type near struct {
	built, broken float64
	reason        string // of the nearest broken one
}

func (s *Search) neighbours(built []bool, from, by int) []near {
	found := make([]near, len(built))
	at := near{built: math.Inf(1), broken: math.Inf(1)}
	for i := from; i >= 0 && i < len(built); i += by {
		at.built++
		at.broken++
		if built[i] {
			at.built = 0
		}
		if why := s.broken[s.class[i]]; why != "" {
			at.broken, at.reason = 0, why
		}
		found[i] = at
	}
	return found
}

func (v survey) distance(i int) float64 { return v.built[i] }

// lives is the probability that a commit can be measured. Faults come in stretches: near a broken commit it is likely to
// be broken too, near a built one it is not, and between two commits of one fault it nearly always is, so that the ends
// of a stretch are tried first.
func (v survey) lives(i int) float64 {
	const stretch = 0.97
	broken := v.rate
	if v.broken[i] < v.built[i] {
		broken += (1 - v.rate) * math.Exp(-v.broken[i]/brokenReach)
	} else if !math.IsInf(v.built[i], 1) {
		broken *= 1 - math.Exp(-v.built[i]/brokenReach)
	}
	if v.between[i] {
		broken = max(broken, stretch)
	}
	return 1 - min(broken, stretch)
}
