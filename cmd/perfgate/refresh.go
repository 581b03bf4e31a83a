package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/refresh"
	"github.com/communitas/perfgate/internal/report"
)

// refreshFlags are those of perfgate baseline refresh.
type refreshFlags struct {
	suite  suiteFlags
	dryRun bool
	pull   pullFlags
}

const exitHelpRefresh = `Exit codes:
  0    refreshed, or there is nothing to take over
  1    refused: what was measured is worse than what is recorded, or breaks a target
  2    usage or configuration
  3    failed: could not measure, or results that must not teach anything
  5    refreshed here, and the pull request could not be made
  130  interrupted`

func (p *program) baselineRefreshCommand(path *string) *cobra.Command {
	f := &refreshFlags{}
	cmd := &cobra.Command{
		Use: "refresh [RESULTS...]", Short: "Take over what is proven better, and what is new",
		Long: `Measures the checkout, which is to be the main branch, or takes results directories of it that are there already, and brings
the machine's part of baselines.toml up to date; of the people's part every byte stays. Metric by metric it says what becomes of it:

  taken over  proven better than what is recorded
  new         nothing is recorded of it: a new metric, scenario or machine
  anew        perfgate.toml measures something else now, with which the old samples do not compare
  gone        recorded, and not measured any more
  refused     worse than what is recorded, than the last release or than its target
  kept        no change is proven: a baseline that follows each good day would take in a regression step by step

A red main never becomes the baseline: with a metric that blocks and is worse, nothing is written, and the exit code is 1. Of
several results the newest that has a scenario speaks for it; older ones count where they are of the same commit.
perfgate baseline record is for what a person decides.

With --pull-request the refreshed file is also committed through GitHub's API, on a branch of perfgate's own on top of the branch
that is measured, and one pull request is opened, or brought up to date. GITHUB_TOKEN (or GH_TOKEN) has to have the rights
contents: write and pull-requests: write.

` + suiteEnvironment + `

` + exitHelpRefresh,
		Example: `  perfgate baseline refresh                      # measure, then refresh
  perfgate baseline refresh --dry-run --tag full # what would become of it
  perfgate baseline refresh monday wednesday     # from results of the week
  perfgate baseline refresh --pull-request       # in a workflow of the main branch`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return p.baselineRefresh(cmd.Context(), *path, f, args) },
	}
	f.suite.add(cmd.Flags())
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would become of baselines.toml, and write nothing")
	cmd.Flags().BoolVar(&f.pull.asked, "pull-request", false, "commit what changes on a branch of perfgate's own, and open or update its pull request")
	cmd.Flags().StringVar(&f.pull.repository, "repository", "", "OWNER/NAME of the pull request (default $GITHUB_REPOSITORY)")
	cmd.Flags().StringVar(&f.pull.base, "base", "", "branch that the pull request goes to (default $GITHUB_REF_NAME, or main)")
	return cmd
}

func (p *program) baselineRefresh(ctx context.Context, path string, f *refreshFlags, args []string) error {
	if err := f.check(args); err != nil {
		return err
	}
	if err := p.checkBaselines(path); err != nil { // before an hour of measuring, not after
		return err
	}
	where, err := p.pullPlace(f.pull, p.baselinesPath(path))
	if err != nil {
		return err
	}
	sources, err := p.refreshSources(ctx, f, args)
	if err != nil {
		return err
	}
	file, plan, err := p.refreshPlan(path, sources)
	if err != nil {
		return err
	}
	if err := p.sayRefresh(plan); err != nil {
		return err
	}
	if err := p.endRefresh(plan, f, p.baselinesPath(path), file); err != nil {
		return err
	}
	if where == nil || f.dryRun || plan.Outcome != refresh.Refreshed {
		return nil
	}
	return p.pull(ctx, where, plan)
}

// refreshPlan reads the file and decides what becomes of it.
func (p *program) refreshPlan(path string, sources []refresh.Source) (*baseline.File, refresh.Plan, error) {
	file, err := p.loadBaselines(path)
	if err != nil {
		return nil, refresh.Plan{}, err
	}
	known, err := p.suiteNames()
	if err != nil {
		return nil, refresh.Plan{}, err
	}
	plan, err := refresh.Decide(refresh.Input{File: file, Sources: sources, Suite: known, Now: time.Now()})
	return file, plan, err
}

// endRefresh writes what changes, and ends with the code of the outcome.
func (p *program) endRefresh(plan refresh.Plan, f *refreshFlags, target string, file *baseline.File) error {
	switch plan.Outcome {
	case refresh.Refused:
		return &exitError{code: verdictCode(plan.Verdict, "fail"), err: fmt.Errorf(
			"%s stays as it is: %s; mend it, accept it with a waiver, or record it with perfgate baseline record --accept", target, plan.Reason)}
	case refresh.Unchanged:
		p.log.Info(target + " stays as it is: " + plan.Reason)
		return nil
	case refresh.Refreshed:
	}
	raw, err := file.WithRecordings(plan.Recordings)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	if f.dryRun {
		p.log.Info(fmt.Sprintf("%s was not written (--dry-run)", target))
		return nil
	}
	if err := writeBaselines(target, raw); err != nil {
		return err
	}
	p.log.Info(fmt.Sprintf("refreshed %s; review and commit it", target))
	return nil
}

// check refuses flags of a measurement where nothing is measured.
func (f *refreshFlags) check(args []string) error {
	if len(args) == 0 {
		return nil
	}
	measuring := pflag.NewFlagSet("", pflag.ContinueOnError)
	(&suiteFlags{}).add(measuring)
	var wrong error
	measuring.VisitAll(func(flag *pflag.Flag) {
		if f.suite.flags.Changed(flag.Name) && wrong == nil {
			wrong = usage("--%s is for a measurement, and results were named: give one of them", flag.Name)
		}
	})
	return wrong
}

// refreshSources are the results that were named, or those of a measurement.
func (p *program) refreshSources(ctx context.Context, f *refreshFlags, args []string) ([]refresh.Source, error) {
	var sources []refresh.Source
	for _, dir := range args {
		results, err := loadResults(dir)
		if err != nil {
			return nil, err
		}
		sources = append(sources, refresh.Source{Name: dir, Results: results})
	}
	if len(args) > 0 {
		return sources, nil
	}
	results, dir, err := p.measure(ctx, &f.suite)
	if err != nil {
		return nil, err
	}
	p.log.Info("results are in " + dir)
	return []refresh.Source{{Name: dir, Results: results}}, nil
}

// suiteNames are the scenarios and benchmarks of perfgate.toml.
func (p *program) suiteNames() (refresh.Suite, error) {
	s, _, err := p.loadSuite()
	if err != nil {
		return refresh.Suite{}, err
	}
	known := refresh.Suite{Scenarios: []string{}, Benchmarks: []string{}}
	for _, scenario := range s.Scenarios {
		known.Scenarios = append(known.Scenarios, scenario.Name)
	}
	for _, b := range s.Benchmarks {
		known.Benchmarks = append(known.Benchmarks, b.Name)
	}
	return known, nil
}

func (p *program) sayRefresh(plan refresh.Plan) error {
	if p.asJSON {
		return report.RefreshJSON(p.stdout, plan)
	}
	return report.Refresh(p.stdout, plan, p.style())
}
