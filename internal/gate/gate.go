// Package gate drives measurements: it builds subjects, runs the suite, and keeps what was measured in a results directory
// after every run, so that whatever ends it, nothing that was measured is lost.
//
// A side (side.go) is one subject in one place, with its results. It has a course (course.go) of each plan of the suite: the
// builds, the scenarios, the benchmarks. A schedule says which side takes the next turn of which course: that of a plain
// measurement (schedule.go) goes through one side's courses one after the other, that of a trial (trial.go) through two sides'
// in turns, and asks after each look what is still open.
package gate

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/communitas/perfgate/internal/build"
	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
)

// ResultsFile is the name of the results in their directory.
const ResultsFile = "results.json"

// Plan says what to measure and where to keep it.
type Plan struct {
	// Suite is what was selected, with the overrides that are named in Overrides.
	Suite     *suite.Suite
	Overrides []string
	// Project is the folder of perfgate.toml: commands run there, paths are relative to it.
	Project string
	// Subject is a binary that is already built, "" to build it.
	Subject string
	// Dir is the results directory; it exists and belongs to this invocation.
	Dir string
	// Cache is a folder for the caches of builds.
	Cache string
	// BuildEnvironment are variables, NAME=value, for the commands of a build beside the caller's.
	BuildEnvironment []string
	// BuildLimit is how long each command of a build may take; 0 is build.MaxDuration.
	BuildLimit time.Duration
	// State is the folder of everything that perfgate keeps, Cleanup the method by which processes are held; "" is the best.
	State   string
	Cleanup contain.Method
	// BasePort and BaseMetricsPort fix the nodes' ports; 0 chooses.
	BasePort        int
	BaseMetricsPort int
	// Disturbed says what becomes of runs during which the machine was busy with something else; "" measures them again.
	Disturbed runner.Disturbed
	Tool      result.Tool
	Log       *slog.Logger
	// Progress is told what happens; nil for nobody.
	Progress func(Progress)
}

// Progress is a moment of a measurement: of a build, of a run, or of an execution of a benchmark, which is told like a run.
type Progress struct {
	// Side is the side of a trial, "" of a measurement by itself; Block the block of the run, 0 outside of the blocks.
	Side  string
	Block int
	// Building is the command that begins, Built what it gave; both empty while runs are measured.
	Building string
	Built    *build.Built
	Run      *runner.Progress
	// Look is how far a trial has come, at its beginning, at each look and at its end; nil at every other moment.
	Look *Look
}

// Measure carries out the plan and returns the results, which also lie in Dir. With an error the results are what was
// measured so far, or nil when no node was launched.
func Measure(ctx context.Context, plan Plan) (*result.Results, error) {
	inv, err := begin(ctx, plan)
	if err != nil {
		return nil, err
	}
	s := inv.side(plan, nil)
	err = inv.carryOut(ctx, oneByOne(s))
	return s.results, errors.Join(err, inv.end())
}
