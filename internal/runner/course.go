package runner

import (
	"context"

	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

// Course is the runs of one scenario with one binary. Whoever drives a measurement says when the next one is due, so that runs
// of other scenarios and binaries can come between.
type Course struct {
	runner   *Runner
	scenario suite.Scenario
	// extra is how many attempts are left beyond one for each run, useless how many runs in a row gave nothing, and last is the
	// last run that says anything of the subject.
	extra, useless int
	last           Run
}

// Course begins the runs of a scenario. Its number of runs bounds how many attempts there may be.
func (r *Runner) Course(scenario suite.Scenario) *Course {
	return &Course{runner: r, scenario: scenario, extra: ExtraAttempts(scenario.Runs)}
}

// Run measures a run once and hands it to keep. It tells whether the machine was disturbed so that the run is to be attempted
// again, when and between which others is up to the caller. It returns early with the context's error, with keep's, or when the
// run cannot be set up: no ports, no folder. A run that fails is no error: it says so itself. After three in a row that gave
// nothing no more is tried; those runs have the order 0. A run during which the machine was disturbed says nothing about that.
func (c *Course) Run(ctx context.Context, at Turn, keep func(Run) error) (again bool, err error) {
	if c.useless == giveUpAfter {
		return false, keep(c.runner.skipped(c.scenario, at, c.last))
	}
	t := turn{Turn: at, order: c.runner.next(), more: c.extra > 0 && !at.Warmup}
	run, err := c.runner.one(ctx, c.scenario, t)
	if err == nil && run.Again { // the folder is for the next attempt
		c.extra--
		err = c.runner.setAside(c.scenario, t, run.aside())
	}
	if err != nil {
		return false, err
	}
	if run.Invalid == "" || run.FaultOfSubject() { // else it says nothing of the subject
		c.last, c.useless = run, c.runner.useless(run, c.useless)
	}
	return run.Again, keep(run)
}

// next is the place of an attempt in the invocation.
func (r *Runner) next() int {
	if r.Next != nil {
		return r.Next()
	}
	r.order++
	return r.order
}

// controls takes the time of work that the subject has no part in, where that was asked for.
func (r *Runner) controls(ctx context.Context, dir string) *result.Controls {
	if r.Controls == nil {
		return nil
	}
	return r.Controls(ctx, dir)
}
