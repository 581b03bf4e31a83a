package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/store"
	"github.com/communitas/perfgate/internal/suite"
)

// againstFlags are those of a trial.
type againstFlags struct {
	revision         string
	budget           time.Duration
	maxPairs         int
	measureIdentical bool
	flags            *pflag.FlagSet
}

func (f *againstFlags) add(flags *pflag.FlagSet) {
	f.flags = flags
	flags.StringVar(&f.revision, "against", "", "measure this revision too, in turns with the checkout, and decide between both")
	flags.DurationVar(&f.budget, "budget", 0, "with --against: how long pairs of runs may be measured, builds not counted (default: no limit)")
	flags.IntVar(&f.maxPairs, "max-pairs", 0, "with --against: the most pairs of runs (default 24)")
	flags.BoolVar(&f.measureIdentical, "measure-identical", false, "with --against: measure also where both binaries are the same")
}

// check tells whether there is to be a trial, and refuses flags that fit none.
func (f *againstFlags) check(s *suiteFlags) (bool, error) {
	asked := f.flags.Changed("against")
	for _, name := range []string{"budget", "max-pairs", "measure-identical"} {
		if f.flags.Changed(name) && !asked {
			return false, usage("--%s belongs to --against REVISION", name)
		}
	}
	switch {
	case f.flags.Changed("max-pairs") && f.maxPairs < 1:
		return false, usage("--max-pairs has to be above 0")
	case f.flags.Changed("budget") && f.budget <= 0:
		return false, usage("--budget has to be above 0")
	case asked && f.flags.Changed("max-pairs") && s.flags.Changed("runs"):
		return false, usage("--runs says exactly how many pairs, and --max-pairs how many at most: give one of them")
	}
	return asked, nil
}

// looksBeyond is the step in which looks go on after those by default.
const looksBeyond = 4

// looks are those of a trial. With --runs there is one, after so many pairs. Else they are the default ones up to --max-pairs,
// which is the last; without it the last is 24, or the largest number of runs in the suite where that is more.
func (f *againstFlags) looks(runs int, s *suite.Suite) []int {
	if runs > 0 {
		return []int{runs}
	}
	last := f.maxPairs
	all := compare.DefaultLooks()
	if last == 0 {
		last = all[len(all)-1]
		for _, scenario := range s.Scenarios {
			last = max(last, scenario.Runs)
		}
		for _, b := range s.Benchmarks {
			last = max(last, b.Runs)
		}
	}
	for all[len(all)-1]+looksBeyond < last {
		all = append(all, all[len(all)-1]+looksBeyond)
	}
	all = slices.DeleteFunc(all, func(pairs int) bool { return pairs >= last })
	return append(all, last)
}

// trial measures the checkout against a revision, with its display.
func (p *program) trial(ctx context.Context, f *suiteFlags, a *againstFlags, decide decision) (base, head *result.Results, dir string, err error) {
	if err := f.fromEnvironment(); err != nil {
		return nil, nil, "", err
	}
	whole, project, err := p.loadSuite()
	if err != nil {
		return nil, nil, "", err
	}
	if f.subject != "" && len(whole.Subject.Build) == 0 {
		return nil, nil, "", usage("--against with --subject: the given binary is head's, and nothing says how to build base's (give subject.build)")
	}
	commit, err := p.resolve(ctx, project, a.revision)
	if err != nil {
		return nil, nil, "", err
	}
	plan, err := p.againstPlan(f, a, decide, commit)
	if err != nil {
		return nil, nil, "", err
	}
	defer f.claim.Close() //nolint:errcheck // what is not given back goes back with the process
	show := p.display(plan.Head.Suite)
	plan.Head.Progress = show.take
	base, head, err = gate.Against(ctx, plan)
	show.end()
	if err != nil {
		if head != nil && base != nil && len(head.Runs)+len(base.Runs) > 0 {
			p.log.Warn("what was measured so far is in " + plan.Head.Dir)
		}
		return nil, nil, "", err
	}
	if f.replace {
		err = copyLastRun(plan.Head.Dir, head)
	}
	p.tellSides(commit, base, head)
	return base, head, plan.Head.Dir, err
}

func (p *program) againstPlan(f *suiteFlags, a *againstFlags, decide decision, commit gitrepo.Commit) (gate.AgainstPlan, error) {
	plan, err := p.plan(f)
	if err != nil {
		return gate.AgainstPlan{}, err
	}
	home, err := store.Home(plan.Project)
	if err != nil {
		return gate.AgainstPlan{}, usage("%w", err)
	}
	looks := a.looks(f.runs, plan.Suite)
	if plan.Suite, _, err = plan.Suite.Override(suite.Overrides{Runs: looks[len(looks)-1]}); err != nil {
		return gate.AgainstPlan{}, usage("%w", err)
	}
	return gate.AgainstPlan{
		TrialPlan: gate.TrialPlan{
			Head: plan, HeadName: "the checkout", Looks: looks, Budget: a.budget, MeasureIdentical: a.measureIdentical,
			Decide: decide.of,
		},
		Commit: commit, Home: home,
	}, nil
}

// resolve finds the commit of a revision; one that is none is the caller's mistake.
func (p *program) resolve(ctx context.Context, project, revision string) (gitrepo.Commit, error) {
	commit, err := gitrepo.Resolve(ctx, project, revision)
	if wrong, ok := errors.AsType[*gitrepo.RevisionError](err); ok {
		return gitrepo.Commit{}, usage("--against: %w", wrong)
	}
	if err != nil {
		return gitrepo.Commit{}, fmt.Errorf("--against %s: %w", revision, err)
	}
	return commit, nil
}

// tellSides says what both sides are.
func (p *program) tellSides(commit gitrepo.Commit, base, head *result.Results) {
	p.log.Info(fmt.Sprintf("base is %s -> %s %q", commit.Revision, commit.SHA, commit.Title))
	text := "head is the checkout"
	if head.Subject.Commit != "" {
		text += " -> " + head.Subject.Commit
	}
	if head.Subject.Dirty {
		text += ", with changes that are not committed"
	}
	p.log.Info(text)
	for _, plan := range head.Scenarios {
		if n := min(pairsOf(base, plan), pairsOf(head, plan)); n > 0 {
			p.log.Info(fmt.Sprintf("%s: %d pairs", nameOf(plan), n))
		}
	}
}

// pairsOf is how many runs one side of a plan has.
func pairsOf(r *result.Results, plan result.Scenario) int {
	most := 0
	for _, run := range r.RunsOf(plan) {
		if !run.Warmup {
			most = max(most, run.Run)
		}
	}
	return most
}

func nameOf(plan result.Scenario) string {
	if plan.Benchmark != "" {
		return "benchmark " + plan.Benchmark
	}
	return plan.Name
}
