package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/result"
)

func (p *program) compareCommand() *cobra.Command {
	d, explain := &decideFlags{}, ""
	cmd := &cobra.Command{
		Use:   "compare [BASE] HEAD",
		Short: "Decide: results against baselines.toml, or two results directories",
		Long: `Decides whether the results in HEAD are worse than what baselines.toml recorded on this machine, or than the
results in BASE. Two results directories of one machine and configuration count as one session; nothing is measured.

With --explain METRIC it shows how the verdict of a metric came about, with the numbers to redo it by hand: METRIC in every
scenario that has it, or SCENARIO/METRIC.

` + exitHelp,
		Example: `  perfgate compare results                 # against baselines.toml
  perfgate compare base-results results    # two directories
  perfgate compare --explain formation_time base-results results
  perfgate compare --json results > verdict.json`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error { return p.compare(args, d, explain) },
	}
	d.add(cmd.Flags())
	addExplain(cmd.Flags(), &explain)
	return cmd
}

func (p *program) compare(args []string, d *decideFlags, explain string) error {
	if err := d.check(); err != nil {
		return err
	}
	head, err := loadResults(args[len(args)-1])
	if err != nil {
		return err
	}
	var base *result.Results
	if len(args) == 2 {
		if base, err = loadResults(args[0]); err != nil {
			return err
		}
	}
	in, err := p.input(head, base, d)
	if err != nil {
		return err
	}
	if explain != "" {
		return p.explain(in, explain, d)
	}
	verdict := compare.Decide(in)
	if err := p.say(verdict, head); err != nil {
		return err
	}
	return p.end(verdict, d)
}

// loadResults reads a results directory. One that is not there is the caller's mistake; one that cannot be read is a
// measurement that failed.
func loadResults(path string) (*result.Results, error) {
	results, err := gate.Load(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &exitError{code: exitUsage, err: err}
	}
	return results, err
}
