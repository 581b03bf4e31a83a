package gate

import (
	"context"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
)

// course is the runs of one plan on one side. Its turns are taken in their order, with turns of other courses between them.
type course interface {
	// take measures a run once and keeps it in the results of the side. It tells whether the machine was disturbed so that the
	// run is to be measured again. What the subject does wrong is in the run; the error is perfgate's own, the context's, or a
	// build's.
	take(ctx context.Context, t turn) (again bool, err error)
}

// networks is what the scenarios of one side share: the runner, made when the binary is there.
type networks struct {
	side   *side
	runner *runner.Runner
}

// networkCourse is the runs of a scenario.
type networkCourse struct {
	networks *networks
	scenario suite.Scenario
	course   *runner.Course
}

func (c *networkCourse) take(ctx context.Context, t turn) (again bool, err error) {
	s := c.networks.side
	if c.course == nil {
		r, err := c.networks.open()
		if err != nil {
			return false, err
		}
		c.course = r.Course(c.scenario)
	}
	return c.course.Run(ctx, runner.Turn{Number: t.number, Attempt: t.attempt, Warmup: t.warmup}, s.keepNetwork)
}

// keepNetwork takes an attempt at a run into the results. A warm-up run, and an attempt that another one follows, give no sample.
func (s *side) keepNetwork(run runner.Run) error {
	if run.Formed {
		s.results.Level = measure.LevelName(run.Level)
	}
	if run.Warmup || run.Again {
		return s.keep(run.Run, nil)
	}
	return s.keep(run.Run, run.Measurements)
}

// open makes the runner of a side with the copy of its binary.
func (n *networks) open() (*runner.Runner, error) {
	if n.runner != nil {
		return n.runner, nil
	}
	s := n.side
	ports, err := s.inv.takePorts()
	if err != nil {
		return nil, err
	}
	n.runner = &runner.Runner{
		Suite: s.Suite, Binary: s.copied, Project: s.Project, Dir: s.Dir, Ports: ports, Contain: s.inv.container, Log: s.Log,
		Disturbed: s.inv.Disturbed, Next: s.inv.next, Controls: s.controls, ReadAgain: s.results.Trial != nil,
	}
	if s.inv.Progress != nil {
		n.runner.Progress = func(p runner.Progress) { s.tell(Progress{Run: &p}) }
	}
	s.results.Level = n.runner.Level()
	return n.runner, nil
}
