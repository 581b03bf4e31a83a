package gate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/communitas/perfgate/internal/build"
	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/host"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/store"
)

// side is one subject, built and measured in one place, with its results.
type side struct {
	Plan
	inv *invocation
	// trial is what its results say of the trial that it is a side of, nil outside of one; commit what a person calls it.
	trial  *result.Trial
	commit string
	// units are the plans of its suite, and courses their runs, with the same indices.
	units   []unit
	courses []course

	results   *result.Results
	assembler result.Assembler
	binary    build.Built
	// copied is the private copy of the binary, which the nodes run; "" before there is one.
	copied string
	// benches are the courses of the benchmarks, in the order of the suite.
	benches []*benchmarkCourse
	// block is that of the turn that goes on, and again says that the machine has disturbed the last one: it is to be taken again.
	block int
	again bool
}

// side makes a side of the invocation, with a course of each plan.
func (inv *invocation) side(plan Plan, trial *result.Trial) *side {
	s := &side{Plan: plan, inv: inv, trial: trial, units: unitsOf(plan)}
	networks := &networks{side: s}
	for _, u := range s.units {
		switch {
		case u.builds():
			s.courses = append(s.courses, &buildCourse{side: s})
		case u.benchmark != nil:
			c := s.benchmarkCourse(*u.benchmark)
			s.benches = append(s.benches, c)
			s.courses = append(s.courses, c)
		default:
			s.courses = append(s.courses, &networkCourse{networks: networks, scenario: *u.scenario})
		}
	}
	inv.sides = append(inv.sides, s)
	return s
}

// started makes empty results, unless there are some, with everything that is known before the first sample.
func (s *side) started(ctx context.Context) {
	if s.results != nil {
		return
	}
	head, err := gitrepo.ReadHead(ctx, s.Project)
	if err != nil {
		s.Log.Warn("the commit of the subject is unknown", "error", err)
	}
	s.results = &result.Results{
		Schema: result.Schema, Tool: s.Tool, Created: time.Now().UTC().Truncate(time.Second),
		Subject: result.Subject{
			Name: s.Suite.Subject.Name, Commit: head.Commit, Dirty: head.Dirty, BinarySHA256: s.binary.SHA256,
		},
		Environment: host.Describe(ctx, s.Project, s.Suite.Subject.Build),
		Overrides:   s.Overrides,
		Runs:        []result.Run{},
		Trial:       s.trial,
	}
	for _, u := range s.units {
		s.results.Scenarios = append(s.results.Scenarios, u.plan(s.inv.Suite)) // as it is written: in a trial paths of base are moved
	}
}

// keep takes a run with its samples into the results and saves them.
func (s *side) keep(run result.Run, samples []result.Measurement) error {
	run.Block = s.block
	s.results.Runs = append(s.results.Runs, run)
	if len(samples) > 0 {
		s.assembler.Add(run.Scenario, run.Run, run.Order, samples)
	}
	return s.save()
}

func (s *side) save() error {
	s.results.Series = s.assembler.Series()
	for _, b := range s.benches {
		s.results.Series = append(s.results.Series, b.executed.series()...)
	}
	if s.trial != nil {
		s.planned()
	}
	return store.WriteFile(filepath.Join(s.Dir, ResultsFile), func(w io.Writer) error {
		return result.Write(w, s.results)
	})
}

// planned makes the plans of a trial those of the pairs so far: how many there will be is decided on the way.
func (s *side) planned() {
	for i := range s.results.Scenarios {
		plan := &s.results.Scenarios[i]
		if s.units[i].builds() {
			continue
		}
		plan.Runs = 0
		for _, run := range s.results.RunsOf(*plan) {
			if !run.Warmup {
				plan.Runs = max(plan.Runs, run.Run)
			}
		}
	}
}

// tell reports a moment of this side.
func (s *side) tell(p Progress) {
	p.Side, p.Block = sideOf(s.trial), s.block
	s.inv.tell(p)
}

// controls takes the negative controls of a run. Only a trial has a use for them, and not one whose figures are to count whatever
// else the machine does.
func (s *side) controls(ctx context.Context, dir string) *result.Controls {
	if s.trial == nil || s.inv.Disturbed == runner.Keep {
		return nil
	}
	return host.Controls(ctx, dir)
}

// copy makes the private copy of the binary, in a folder of its own in the results directory, and syncs it: a build beside it
// changes nothing, and pages that are still to be written to the disk would count as private memory of the nodes.
func (s *side) copy() error {
	name := "subject"
	if s.trial != nil {
		name += "-" + s.trial.Side
	}
	folder, err := s.inv.container.Folder(name)
	if err != nil {
		return fmt.Errorf("copy the subject: %w", err)
	}
	target := filepath.Join(folder, filepath.Base(s.binary.Path))
	if err := copyFile(s.binary.Path, target); err != nil {
		return fmt.Errorf("copy the subject: %w", errors.Join(err, s.inv.container.RemoveFolder(folder)))
	}
	s.copied = target
	return nil
}

func (s *side) removeCopy() {
	if s.copied == "" {
		return
	}
	if err := s.inv.container.RemoveFolder(filepath.Dir(s.copied)); err != nil {
		s.Log.Warn("the copy of the subject is still there", "error", err)
	}
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}
