package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
)

func (p *program) runCommand() *cobra.Command {
	f := &suiteFlags{}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Build the subject, run the suite, write a results directory",
		Long: `Builds the subject, measures the selected scenarios with networks of real nodes, and writes a results directory.

` + suiteEnvironment + `

` + exitHelpRun,
		Example: `  perfgate run                          # what carries the tag "pr"
  perfgate run -s standard --runs 3     # one scenario, three samples
  perfgate run --tag full -o results    # the whole suite, kept in ./results
  perfgate run --benchmark codec        # one benchmark, and no network
  perfgate run --subject target/release/communitas-headless
  perfgate run --disturbed=keep         # take the figures, whatever else the machine does`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.run(cmd.Context(), f) },
	}
	f.add(cmd.Flags())
	return cmd
}

func (p *program) run(ctx context.Context, f *suiteFlags) error {
	results, dir, err := p.measure(ctx, f)
	if err != nil {
		return err
	}
	if p.asJSON {
		if err := result.Write(p.stdout, results); err != nil {
			return err
		}
	} else if err := report.Measurements(p.stdout, results, p.style()); err != nil {
		return err
	}
	p.log.Info("results are in " + dir)
	return quietly(runCode(results))
}

// measure carries out a measurement with its display. What was measured before an error is kept and named.
func (p *program) measure(ctx context.Context, f *suiteFlags) (*result.Results, string, error) {
	plan, err := p.plan(f)
	if err != nil {
		return nil, "", err
	}
	defer f.claim.Close() //nolint:errcheck // what is not given back goes back with the process
	show := p.display(plan.Suite)
	plan.Progress = show.take
	results, err := gate.Measure(ctx, plan)
	show.end()
	if err != nil {
		if results != nil && len(results.Runs) > 0 {
			p.log.Warn("what was measured so far is in " + plan.Dir)
		}
		return results, plan.Dir, err
	}
	if f.replace {
		if err := copyLastRun(plan.Dir, results); err != nil {
			return results, plan.Dir, err
		}
	}
	return results, plan.Dir, nil
}

// runCode is the exit code of a measurement without a comparison.
func runCode(results *result.Results) int {
	apart := map[string]bool{} // scenarios of which no run formed: their metrics fail for that reason
	for _, run := range results.Runs {
		if run.Warmup {
			continue
		}
		switch {
		case found(run, result.FindingGaugeInvalid):
			return exitFailed
		case run.Invalid != "" && !run.FaultOfSubject(): // the machine's doing; what it left without a sample is found below
		case found(run, result.FindingNotFormed): // also a run that was not tried since those before it did not form
			apart[run.Scenario] = true
		case run.Failure != "":
			return exitFailed
		}
	}
	for _, s := range results.Series {
		if s.Status == result.Failed && !apart[s.Scenario] {
			return exitFailed
		}
	}
	if len(apart) > 0 {
		return exitRegressed
	}
	return exitPass
}

func found(run result.Run, kind string) bool {
	return slices.ContainsFunc(run.Findings, func(f result.Finding) bool { return f.Kind == kind })
}

// copyLastRun lays the files of the last run where the replaced script had them: at the top of LOG_DIR.
func copyLastRun(dir string, results *result.Results) error {
	for _, run := range slices.Backward(results.Runs) {
		from := filepath.Join(dir, run.Scenario, fmt.Sprintf("run-%02d", run.Run))
		if _, err := os.Stat(from); err != nil { // a run that was not tried
			continue
		}
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			return fmt.Errorf("fill LOG_DIR: %w", err)
		}
		return nil
	}
	return nil
}
