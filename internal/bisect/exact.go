package bisect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// An exact metric, such as the size of a file, has no noise: one look at a build tells its value, and no probability is in
// it. What can go wrong is another thing: the ends may differ by the sum of many small changes, and then halving, which asks
// only on which side of a threshold a commit is, accuses whichever commit happens to cross it.
//
// So the steps between looked-at commits are searched, and not a threshold. The line from the bad end back to the good one
// is parted into stretches between known values. Always the stretch with the greatest change in the direction of the whole is
// parted, until it is one commit: that is the culprit, and no other stretch has a greater change. When no stretch is left
// with a change of the least size, it was a creep, and nobody is accused.

// stretch is a part of the line between two looked-at commits; from and to are places in the line.
type stretch struct {
	from, to int
	change   float64 // of logarithms
}

// decideExact plans the next look, or ends the search.
func (s *Search) decideExact() {
	s.plan, s.outcome = plan{phase: PhaseDone, build: -1, a: -1, b: -1}, nil
	if halt, why := s.stuck(); halt != "" {
		s.endExact(OutcomeUndecided, why, nil)
		s.outcome.Halt = halt
		return
	}
	for _, end := range []int{s.low, s.high} {
		if s.look(s.class[end], PhaseEnds) {
			return
		}
	}
	line := s.line()
	all := s.stretches(line)
	total := s.value(s.class[s.high]) - s.value(s.class[s.low])
	if math.Abs(total) < s.params.LeastChange {
		s.endExact(OutcomeNone, fmt.Sprintf("no change of %.3g %% or more", 100*s.params.ratio(s.params.LeastChange)), nil)
		return
	}
	if s.predicted == (Cost{}) {
		s.predictExact(len(line) - 1)
	}
	found := greatest(all, total)
	if found == nil || math.Abs(found.change) < s.params.LeastChange {
		s.endExact(OutcomeUndecided, fmt.Sprintf("the change of %+.3g %% is the sum of smaller ones: no single commit was found to change it by %.3g %% or more",
			100*s.params.ratio(total), 100*s.params.ratio(s.params.LeastChange)), nil)
		return
	}
	if middle := s.middleOf(line, *found); middle >= 0 {
		s.look(s.class[middle], PhaseSearch)
		return
	}
	kind, reason := OutcomeCulprit, "exact: its parent and it were looked at"
	if found.to-found.from > 1 {
		kind, reason = OutcomeSet, "no commit between them can be measured"
	}
	s.endExact(kind, reason, found)
}

// look plans what is missing until the value of a class is known; it tells whether something was.
func (s *Search) look(class int, phase Phase) bool {
	if _, known := s.known(class); known {
		return false
	}
	why := Why{Slow: 0.5, Bits: 1, Runs: 1, Seconds: s.spent.runCost()}
	if binary := s.binaryOf(class); binary >= 0 {
		s.begin(plan{phase: phase, build: -1, a: binary, b: -1, left: 1, why: why})
		return true
	}
	why.Seconds += s.spent.buildCost(s.distance(s.belief.suspects.sample(class)))
	s.begin(plan{phase: phase, build: class, a: -1, b: -1, left: 1, why: why})
	return true
}

// known is the value of a class, if one of its builds was looked at.
func (s *Search) known(class int) (float64, bool) {
	for _, r := range s.runs {
		if s.class[s.made[r.artifact].commit] == class {
			return r.y, true
		}
	}
	return 0, false
}

func (s *Search) value(class int) float64 {
	y, _ := s.known(class)
	return y
}

// line goes from the good end to the bad one by first parents, or where those lead past the good end, by the first parent
// that contains it.
func (s *Search) line() []int {
	line := []int{s.high}
	for at := s.high; at != s.low; line = append(line, at) {
		next := s.low
		for _, parent := range s.graph.parents[at] {
			if parent == s.low || s.low == 0 || parent > s.low && s.graph.ancestors(parent).has(s.low) {
				next = parent
				break
			}
		}
		at = next
	}
	slices.Reverse(line)
	return line
}

// stretches are the parts of the line between commits whose value is known.
func (s *Search) stretches(line []int) []stretch {
	var all []stretch
	last, from := 0.0, -1
	for i, commit := range line {
		y, known := s.known(s.class[commit])
		if !known {
			continue
		}
		if from >= 0 {
			all = append(all, stretch{from: from, to: i, change: y - last})
		}
		last, from = y, i
	}
	return all
}

// greatest is the stretch with the greatest change in one direction, nil when none goes there.
func greatest(all []stretch, direction float64) *stretch {
	var best *stretch
	for i := range all {
		if all[i].change*direction > 0 && (best == nil || math.Abs(all[i].change) > math.Abs(best.change)) {
			best = &all[i]
		}
	}
	return best
}

// middleOf is the commit to look at within a stretch: near its middle, and likely to build. -1 when none can be measured.
func (s *Search) middleOf(line []int, of stretch) int {
	look := s.survey()
	middle, best := -1, 0.0
	for i := of.from + 1; i < of.to; i++ {
		commit := line[i]
		if s.broken[s.class[commit]] != "" || s.belief.suspects.sample(s.class[commit]) < 0 {
			continue
		}
		f := float64(i-of.from) / float64(of.to-of.from)
		if value := f * (1 - f) * look.lives(commit); value > best {
			middle, best = commit, value
		}
	}
	return middle
}

// predictExact expects what parting so many commits takes, beside what was spent.
func (s *Search) predictExact(commits int) { s.predicted = s.spent.cost.plus(s.halvings(commits)) }

// halvings are a build and a look for each.
func (s *Search) halvings(commits int) Cost {
	n := int(math.Ceil(math.Log2(float64(max(1, commits)))))
	return Cost{Builds: n, Runs: n, Seconds: float64(n) * (s.spent.buildCost(s.params.Costs.WarmReach) + s.spent.runCost())}
}

// remainingExact expects the looks at the ends that are missing, and what parting takes.
func (s *Search) remainingExact() Cost {
	var ends Cost
	for _, end := range []int{s.low, s.high} {
		if _, known := s.known(s.class[end]); !known {
			ends = ends.plus(Cost{Builds: 1, Runs: 1, Seconds: s.spent.buildCost(s.params.Costs.WarmReach) + s.spent.runCost()})
		}
	}
	from, to := s.suspected()
	line := s.line()
	if ends == (Cost{}) && math.Abs(s.value(s.class[line[to]])-s.value(s.class[line[from]])) < s.params.LeastChange {
		return Cost{} // it is a creep, and no look more would show a step
	}
	return ends.plus(s.halvings(to - from))
}

// suspected are the places in the line between which the change is looked for.
func (s *Search) suspected() (from, to int) {
	line := s.line()
	all := s.stretches(line)
	if found := greatest(all, s.value(s.class[s.high])-s.value(s.class[s.low])); found != nil {
		return found.from, found.to
	}
	return 0, len(line) - 1
}

// sharedExact gives each suspect the same part; nobody has one when nobody is accused.
func (s *Search) sharedExact(posterior []float64) {
	if s.outcome != nil && len(s.outcome.Set) == 0 {
		return
	}
	from, to := s.suspected()
	for _, commit := range s.line()[from+1 : to+1] {
		posterior[commit] = 1 / float64(to-from)
	}
}

// aheadExact proposes the middles of both halves of what is being looked at.
func (s *Search) aheadExact(most int) []string {
	ahead := []string{}
	for _, end := range []int{s.low, s.high} {
		ahead = s.propose(ahead, s.class[end], most)
	}
	line := s.line()
	at := slices.IndexFunc(line, func(commit int) bool { return s.class[commit] == s.plan.build })
	for _, of := range s.stretches(line) {
		if at <= of.from || at >= of.to {
			continue
		}
		for _, half := range []stretch{{from: of.from, to: at}, {from: at, to: of.to}} {
			if middle := s.middleOf(line, half); middle >= 0 {
				ahead = s.propose(ahead, s.class[middle], most)
			}
		}
	}
	return ahead
}

// endExact ends the search with what was found, nil for nobody.
func (s *Search) endExact(kind OutcomeKind, reason string, found *stretch) {
	o := s.sayExact(kind, reason, found)
	s.outcome = &o
}

// sayExact puts together what is known. What was looked at is certain.
func (s *Search) sayExact(kind OutcomeKind, reason string, found *stretch) Outcome {
	o := s.account(kind, reason)
	line := s.line()
	o.SuspectsAtAll = len(line) - 1
	all := s.stretches(line)
	if len(all) > 0 {
		o.Change = s.params.ratio(s.value(s.class[s.high]) - s.value(s.class[s.low]))
	}
	if kind == OutcomeNone {
		o.Posterior, o.NoChange = 1, 1
	}
	if found != nil {
		o.Posterior, o.Change = 1, s.params.ratio(found.change)
		for _, commit := range line[found.from+1 : found.to+1] {
			o.Set = append(o.Set, s.task.Commits[commit].ID)
			o.Likeliest = append(o.Likeliest, Suspect{Commit: o.Set[len(o.Set)-1], Posterior: 1 / float64(found.to-found.from)})
		}
		o.Likeliest = o.Likeliest[:min(10, len(o.Likeliest))]
	}
	if kind == OutcomeCulprit {
		o.Culprit = o.Set[0]
	}
	o.ChangeLow, o.ChangeHigh = o.Change, o.Change
	for _, other := range all {
		if found != nil && other == *found || math.Abs(other.change) < s.params.LeastChange {
			continue
		}
		change := s.params.ratio(other.change)
		o.Further = append(o.Further, Further{
			Good: s.task.Commits[line[other.from]].ID, Bad: s.task.Commits[line[other.to]].ID,
			Posterior: 1, Change: change, ChangeLow: change, ChangeHigh: change,
		})
	}
	slices.SortStableFunc(o.Further, func(a, b Further) int { return cmp.Compare(math.Abs(b.Change), math.Abs(a.Change)) })
	return o
}
