package bisect

import (
	"fmt"
	"math"
)

// Cost is what a search takes.
type Cost struct {
	Builds  int     `json:"builds"`  // those that fail included
	Runs    int     `json:"runs"`    // invalid ones included
	Seconds float64 `json:"seconds"` // of builds and runs, one after another
}

// spending is what was spent, and what the next build and run will take by that experience.
type spending struct {
	costs         Costs
	cost          Cost
	failed        int // builds
	invalid       int // runs
	buildSeconds  float64
	buildExpected float64
	runSeconds    float64
	timed         int // runs of which the time is known
}

// The weight of what was said beforehand against what was seen, in builds and in runs.
const buildsBelieved, runsBelieved = 3, 10

func (s *spending) build(seconds, expected float64, failed bool) {
	s.cost.Builds++
	s.cost.Seconds += seconds
	if failed {
		s.failed++
	}
	if failed || seconds == 0 { // it ended early, or was there already: that says nothing of a whole build
		return
	}
	s.buildSeconds += seconds
	s.buildExpected += expected
}

func (s *spending) run(seconds float64, invalid bool) {
	s.cost.Runs++
	s.cost.Seconds += seconds
	if invalid {
		s.invalid++
	}
	if seconds > 0 {
		s.runSeconds += seconds
		s.timed++
	}
}

// saidBuild is what was said beforehand of a build whose nearest built neighbour is so many commits away: a cold build
// beyond reach, a warm one beside it.
func (s *spending) saidBuild(distance float64) float64 {
	c := s.costs
	return c.WarmBuildSeconds + (c.ColdBuildSeconds-c.WarmBuildSeconds)*(1-math.Exp(-distance/c.WarmReach))
}

// buildCost expects the seconds of such a build: what earlier ones took scales what was said.
func (s *spending) buildCost(distance float64) float64 {
	believed := buildsBelieved * s.costs.ColdBuildSeconds
	return s.saidBuild(distance) * (believed + s.buildSeconds) / (believed + s.buildExpected)
}

// runCost expects the seconds of a run.
func (s *spending) runCost() float64 {
	return (runsBelieved*s.costs.RunSeconds + s.runSeconds) / float64(runsBelieved+s.timed)
}

// beyond says which limit of a budget was reached, "" for none.
func (s *spending) beyond(b Budget) string {
	switch {
	case b.Builds > 0 && s.cost.Builds >= b.Builds:
		return fmt.Sprintf("the budget of %d builds is spent", b.Builds)
	case s.cost.Runs >= b.Runs:
		return fmt.Sprintf("the budget of %d runs is spent", b.Runs)
	case b.Seconds > 0 && s.cost.Seconds >= b.Seconds:
		return fmt.Sprintf("the budget of %.0f seconds is spent", b.Seconds)
	}
	return ""
}
