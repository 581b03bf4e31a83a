package gate

import (
	"iter"
	"slices"

	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

// unit is a plan of the suite: its builds, a scenario, or a benchmark.
type unit struct {
	scenario  *suite.Scenario
	benchmark *suite.Benchmark
	// runs are measured, after so many warm-up runs.
	runs, warmup int
}

func (u unit) builds() bool { return u.scenario == nil && u.benchmark == nil }

// name is what a person calls it.
func (u unit) name() string {
	switch {
	case u.scenario != nil:
		return u.scenario.Name
	case u.benchmark != nil:
		return "benchmark " + u.benchmark.Name
	}
	return "build"
}

// plan is what results say of the unit, as it is in a suite.
func (u unit) plan(s *suite.Suite) result.Scenario {
	switch {
	case u.scenario != nil:
		return result.Scenario{
			Name: u.scenario.Name, Nodes: u.scenario.Nodes, Runs: u.runs, Configuration: s.Configuration(u.scenario.Name),
			DurationSeconds: u.scenario.Duration.Seconds(), Expect: u.scenario.Expect.String(),
		}
	case u.benchmark != nil:
		at := slices.IndexFunc(s.Benchmarks, func(b suite.Benchmark) bool { return b.Name == u.benchmark.Name })
		return result.Scenario{Benchmark: u.benchmark.Name, Runs: u.runs, Configuration: s.Benchmarks[at].Configuration()}
	}
	return result.Scenario{Runs: u.runs, Configuration: s.Configuration("")}
}

// unitsOf are the units of a plan in the order of a plain measurement. There is something to build or examine always for a
// network, and for benchmarks alone where the suite says how, since they may measure what the build leaves.
func unitsOf(p Plan) []unit {
	var all []unit
	if len(p.Suite.Scenarios) > 0 || p.Subject != "" || len(p.Suite.Subject.Build) > 0 {
		u := unit{runs: p.Suite.Subject.BuildRuns}
		if p.Subject != "" {
			u.runs = 1
		}
		all = append(all, u)
	}
	for i := range p.Suite.Scenarios {
		s := &p.Suite.Scenarios[i]
		all = append(all, unit{scenario: s, runs: s.Runs, warmup: s.Warmup})
	}
	for i := range p.Suite.Benchmarks {
		b := &p.Suite.Benchmarks[i]
		all = append(all, unit{benchmark: b, runs: b.Runs, warmup: b.Warmup})
	}
	return all
}

// oneByOne is the schedule of a measurement by itself: one unit after the other, warm-up runs first. What the machine has
// disturbed comes again behind all others of its unit: none uses up the attempts of the rest, and what disturbed the machine has
// some time to end.
func oneByOne(s *side) iter.Seq[step] {
	return func(yield func(step) bool) {
		for i, u := range s.units {
			for queue := u.turns(); len(queue) > 0; queue = queue[1:] {
				t := queue[0]
				if !yield(step{s, i, t}) {
					return
				}
				if s.again {
					t.attempt++
					queue = append(queue, t)
				}
			}
		}
	}
}

// turns are the first attempts at the runs of a unit.
func (u unit) turns() []turn {
	var all []turn
	for i := range u.warmup {
		all = append(all, turn{number: i + 1, attempt: 1, warmup: true})
	}
	for i := range u.runs {
		all = append(all, turn{number: i + 1, attempt: 1, last: i+1 == u.runs})
	}
	return all
}
