package bisect

import "math/rand/v2"

// Action is what has to be done next.
type Action string

// The actions of a step.
const (
	Build Action = "build" // build a commit; answer with built or broken
	Run   Action = "run"   // run an artifact once; answer with ran, invalid or, when it can never give a value, broken
	Done  Action = "done"  // nothing: the outcome is there
)

// Phase says what an action is for.
type Phase string

// The phases of a search, in their order; a search may return from confirm to search.
const (
	PhaseEnds    Phase = "ends"    // is there a change at all?
	PhaseSearch  Phase = "search"  // where is it?
	PhaseConfirm Phase = "confirm" // the culprit against its parent, before it is accused
	PhaseOffsets Phase = "offsets" // builds of commits beside the suspect: how far do builds differ?
	PhaseDone    Phase = "done"
)

// Step is the next action.
type Step struct {
	Action   Action `json:"action"`
	Phase    Phase  `json:"phase"`
	Commit   string `json:"commit,omitempty"`   // to build, or what runs
	Artifact int    `json:"artifact,omitempty"` // to run, from 1
	// Rebuild says that the commit was built before, and that the new binary must have another layout: another order of
	// linking, other padding. 0 for a first build, else how often it was built.
	Rebuild int `json:"rebuild,omitempty"`
	Why     Why `json:"why"`
}

// Why is what a choice was made by.
type Why struct {
	Slow    float64 `json:"slow"`    // probability that the commit contains the culprit
	Bits    float64 `json:"bits"`    // what the planned runs would tell about that
	Seconds float64 `json:"seconds"` // what they cost, the build included
	Runs    int     `json:"runs"`    // planned runs, with those of the reference
}

// plan is a batch: a build, where one is needed, and runs of one binary, or of two in pairs of random order. It goes on
// until it is done or nothing is in doubt any more, and only then is the next one chosen.
type plan struct {
	phase   Phase
	build   int  // class to build first, -1 for none
	rebuild int  // how often it was built before
	a, b    int  // binaries: a is -1 until it is built, b is -1 when there is no reference
	left    int  // runs of a that are still to do
	half    bool // one of a pair is done
	swapped bool // b runs first in this pair
	first   float64
	why     Why
}

// Next returns what has to be done. Asking does not change the search.
func (s *Search) Next() Step {
	p := s.plan
	step := Step{Phase: p.phase, Why: p.why}
	switch {
	case s.outcome != nil:
		return Step{Action: Done, Phase: PhaseDone}
	case p.build >= 0:
		step.Action, step.Rebuild = Build, p.rebuild
		step.Commit = s.task.Commits[s.belief.suspects.sample(p.build)].ID
	default:
		step.Action, step.Artifact = Run, s.artifactOf(s.due())
		step.Commit = s.task.Commits[s.made[step.Artifact-1].commit].ID
	}
	return step
}

// due returns the binary that runs next.
func (s *Search) due() int {
	if s.plan.b >= 0 && s.plan.swapped != s.plan.half {
		return s.plan.b
	}
	return s.plan.a
}

// begin makes a plan the present one.
func (s *Search) begin(p plan) {
	s.plan = p
	s.toss()
}

// toss decides the order of the next pair, by the seed and the number of runs alone.
func (s *Search) toss() {
	s.plan.swapped = rand.New(rand.NewPCG(s.params.Seed, uint64(len(s.runs)))).IntN(2) == 1
}

// advance takes a run of a binary off the plan, and tells whether it is time to decide anew.
func (s *Search) advance(binary int, y float64) bool {
	if s.outcome != nil {
		return true
	}
	if s.spent.beyond(s.params.Budget) != "" {
		return true
	}
	p := &s.plan
	if p.build >= 0 || binary < 0 || binary != s.due() {
		return false // nobody asked for it, and the plan goes on
	}
	if p.b >= 0 && !p.half {
		p.half, p.first = true, y
		return false
	}
	if p.b >= 0 {
		s.paired(y)
		p.half = false
	}
	p.left--
	if p.left <= 0 || s.settled() {
		return true
	}
	s.toss()
	return false
}

// paired takes note of a whole pair.
func (s *Search) paired(second float64) {
	p := s.plan
	of, reference := p.first, second
	if p.swapped {
		of, reference = second, p.first
	}
	switch p.phase {
	case PhaseEnds:
		s.ended++
	case PhaseConfirm:
		s.pairs = append(s.pairs, pair{
			slow: s.artifactOf(p.a), fast: s.artifactOf(p.b), of: of, reference: reference, order: p.swapped})
	case PhaseSearch, PhaseOffsets, PhaseDone:
	}
}

// settled tells whether a batch of the search has nothing left to find out.
func (s *Search) settled() bool {
	if s.plan.phase != PhaseSearch {
		return false
	}
	p := s.belief.slowAt(s.belief.binaries[s.plan.a])
	return p < settledLow || p > settledHigh || s.belief.small(s.params.LeastChange) >= s.params.NoneSure
}
