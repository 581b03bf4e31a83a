package bisect

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Search is the state of a search: a fold over its events. The same task and events give the same state, the same next
// step and the same outcome. Events are taken whatever the search had asked for, in any order that respects time: what
// another machine measured, or a build that comes late, is as welcome as what was planned.
type Search struct {
	task    Task
	params  Parameters
	graph   graph
	class   []int          // of each commit; equal binaries make classes one
	index   map[string]int // of each id
	table   *table
	low     int // ends of the present search
	high    int
	belief  *belief
	made    []artifact
	runs    []run
	broken  []string // of each class: why it can not be measured, "" when nothing is known
	spent   spending
	at      float64 // of the last event
	invalid unmeasured
	same    bool // a rebuild gave the same binary: rebuilding tells nothing

	searching bool // a change was established
	ended     int  // pairs of runs of both ends
	pairs     []pair
	plan      plan
	predicted Cost
	outcome   *Outcome
}

// artifact is one build.
type artifact struct {
	commit  int
	content string // name of the binary, "" unlike any other
	binary  int    // its number in the belief, -1 when it lies outside of the present ends
}

// run is one valid run.
type run struct {
	artifact int
	y        float64 // logarithm of the value
	at       float64 // seconds
}

// New begins a search. The error names the commit or the parameter that is impossible.
func New(task Task) (*Search, error) {
	params, err := task.Parameters.complete()
	if err != nil {
		return nil, fmt.Errorf("begin search: %w", err)
	}
	g, class, index, err := task.checked()
	if err != nil {
		return nil, fmt.Errorf("begin search: %w", err)
	}
	s := &Search{task: task, params: params, graph: g, class: class, index: index, table: tabled(), high: g.size() - 1}
	s.broken = make([]string, 1+slices.Max(class))
	s.spent.costs = params.Costs
	s.rebuild()
	s.decide()
	return s, nil
}

// Apply takes an event in. After an error the search is as it was.
func (s *Search) Apply(e Event) error {
	if err := s.refuse(e); err != nil {
		return err
	}
	s.at = e.AtSeconds
	switch e.Type {
	case Built:
		s.built(e)
	case Broken:
		s.breaks(e)
	case Ran:
		s.ran(e)
		return nil
	case Invalid:
		s.invalid.run(true, e.Reason)
		s.spent.run(e.Seconds, true)
		if s.invalid.hopeless() != "" || s.spent.beyond(s.params.Budget) != "" {
			s.decide()
		}
		return nil
	case Limited:
		s.limited(*e.Budget)
		return nil
	case Focused:
		s.low, s.high = s.index[e.Good], s.index[e.Bad]
		s.searching, s.ended, s.pairs = false, 0, nil
		s.rebuild()
		s.decide()
	}
	return nil
}

// refuse says why an event does not fit the search.
func (s *Search) refuse(e Event) error {
	if err := e.check(); err != nil {
		return err
	}
	if e.AtSeconds < s.at {
		return fmt.Errorf("%s: at %v s, after an event at %v s: time runs forward", e.Type, e.AtSeconds, s.at)
	}
	for _, id := range []string{e.Commit, e.Good, e.Bad} {
		if _, known := s.index[id]; id != "" && !known {
			return fmt.Errorf("%s: commit %q is not in the range", e.Type, id)
		}
	}
	if e.Artifact < 0 || e.Artifact > len(s.made) {
		return fmt.Errorf("%s: artifact %d: %d were built", e.Type, e.Artifact, len(s.made))
	}
	if e.Type == Ran && e.Value == 0 && s.params.Counts == 0 {
		return errors.New("ran: value 0: the model is one of ratios, so what is no count is above 0")
	}
	if e.Type == Focused {
		return s.refuseFocus(s.index[e.Good], s.index[e.Bad])
	}
	return nil
}

func (s *Search) refuseFocus(low, high int) error {
	if low < high && (low == 0 || s.graph.ancestors(high).has(low)) {
		return nil
	}
	return fmt.Errorf("focused: %q does not contain %q", s.task.Commits[high].ID, s.task.Commits[low].ID)
}

func (s *Search) built(e Event) {
	commit := s.index[e.Commit]
	class := s.class[commit]
	s.spent.build(e.Seconds, s.spent.saidBuild(s.distance(commit)), false)
	s.broken[class] = ""
	s.made = append(s.made, artifact{commit: commit, content: e.Binary, binary: -1})
	for _, other := range s.made[:len(s.made)-1] {
		if e.Binary == "" || other.content != e.Binary {
			continue
		}
		if s.class[other.commit] == class {
			s.same = true
			continue
		}
		s.unite(class, s.class[other.commit])
		s.rebuild()
		s.searching = s.searching && len(s.belief.suspects.listed) > 0
		s.decide()
		return
	}
	s.seat(len(s.made) - 1)
	if s.plan.build != class {
		return // it was built ahead, and what was planned goes on
	}
	s.plan.build = -1
	if s.plan.left == 0 || s.params.Exact {
		s.decide()
		return
	}
	if s.plan.a < 0 {
		s.plan.a = s.made[len(s.made)-1].binary
	}
}

// breaks takes in that a commit can not be measured: its build has failed, or a run of what was built has shown it.
func (s *Search) breaks(e Event) {
	commit := s.index[e.Commit]
	class := s.class[commit]
	s.broken[class] = e.Reason
	if s.plan.build != class && s.binaryOf(class) >= 0 {
		s.spent.run(e.Seconds, true)
	} else {
		s.spent.build(e.Seconds, s.spent.saidBuild(s.distance(commit)), true)
	}
	if s.plans(class) {
		s.decide()
	}
}

// unite makes two classes one, since their binaries are equal.
func (s *Search) unite(a, b int) {
	for i, c := range s.class {
		if c == a {
			s.class[i] = b
		}
	}
}

// rebuild makes the belief anew from all that was measured between the present ends.
func (s *Search) rebuild() {
	s.belief = s.beliefBetween(s.low, s.high, s.params)
	s.plan = plan{build: -1}
	for i := range s.made {
		s.made[i].binary = -1
	}
	for i := range s.made {
		s.seat(i)
	}
	for _, r := range s.runs {
		if b := s.made[r.artifact].binary; b >= 0 && !s.params.Exact {
			s.belief.observe(b, r.y, r.at)
		}
	}
}

func (s *Search) beliefBetween(low, high int, p Parameters) *belief {
	return newBelief(newSuspects(s.graph, s.class, low, high), p, s.params.Costs.RunSeconds)
}

// seat gives an artifact its place in the belief: that of an equal binary, or a new one; none outside of the ends.
func (s *Search) seat(number int) {
	a := &s.made[number]
	if s.belief.suspects.sample(s.class[a.commit]) < 0 {
		return
	}
	for _, other := range s.made[:number] {
		if a.content != "" && other.content == a.content {
			a.binary = other.binary
			return
		}
	}
	a.binary = s.belief.addBinary(s.class[a.commit])
}

func (s *Search) ran(e Event) {
	s.invalid.run(false, "")
	s.spent.run(e.Seconds, false)
	a := e.Artifact - 1
	y := s.params.logarithm(e.Value)
	s.runs = append(s.runs, run{artifact: a, y: y, at: e.AtSeconds})
	if s.params.Exact {
		s.decide()
		return
	}
	b := s.made[a].binary
	if b >= 0 {
		s.belief.observe(b, y, e.AtSeconds)
	}
	if s.advance(b, y) {
		s.decide()
	}
}

// plans tells whether the plan is to build or run a class, or is done.
func (s *Search) plans(class int) bool {
	return s.plan.phase == PhaseDone || s.plan.build == class || slices.ContainsFunc(s.made, func(a artifact) bool {
		return s.class[a.commit] == class && a.binary >= 0 && (a.binary == s.plan.a || a.binary == s.plan.b)
	})
}

// distance is how many commits lie between a commit and the nearest built one, by index.
func (s *Search) distance(commit int) float64 {
	nearest := math.Inf(1)
	for _, a := range s.made {
		nearest = min(nearest, math.Abs(float64(a.commit-commit)))
	}
	return nearest
}

// binaryOf returns the newest binary of a class in the belief, or -1.
func (s *Search) binaryOf(class int) int {
	for _, a := range slices.Backward(s.made) {
		if a.binary >= 0 && s.class[a.commit] == class {
			return a.binary
		}
	}
	return -1
}

// artifactOf returns the number, from 1, of the first artifact with a binary.
func (s *Search) artifactOf(binary int) int {
	return 1 + slices.IndexFunc(s.made, func(a artifact) bool { return a.binary == binary })
}
