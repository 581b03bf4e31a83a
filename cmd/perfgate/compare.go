package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/result"
)

func (p *program) compareCommand() *cobra.Command {
	d := &decideFlags{}
	cmd := &cobra.Command{
		Use:   "compare [BASE] HEAD",
		Short: "Decide: results against baselines.toml, or two results directories",
		Long: `Decides whether the results in HEAD are worse than what baselines.toml recorded on this machine, or than the
results in BASE. Two results directories of one machine and configuration count as one session; nothing is measured.

` + exitHelp,
		Example: `  perfgate compare results                 # against baselines.toml
  perfgate compare base-results results    # two directories
  perfgate compare --json results > verdict.json`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error { return p.compare(args, d) },
	}
	d.add(cmd.Flags())
	return cmd
}

func (p *program) compare(args []string, d *decideFlags) error {
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
	verdict, err := p.decide(head, base, d)
	if err != nil {
		return err
	}
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
