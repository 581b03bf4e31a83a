package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

func (p *program) compareCommand() *cobra.Command {
	d, explain, again := &decideFlags{}, "", false
	cmd := &cobra.Command{
		Use:   "compare [BASE] HEAD",
		Short: "Decide: results against baselines.toml, or two results directories",
		Long: `Decides whether the results in HEAD are worse than what baselines.toml recorded on this machine, or than the
results in BASE. Two results directories of one machine and configuration count as one session; nothing is measured.

With --explain METRIC it shows how the verdict of a metric came about, with the numbers to redo it by hand: METRIC in every
scenario that has it, or SCENARIO/METRIC.

With --replay it decides again what perfgate check decided when it measured HEAD: from the samples, by the rules, options and date
that are kept there, and holds that against the verdict of then, byte for byte. With --explain it explains that verdict.

` + exitHelp,
		Example: `  perfgate compare results                 # against baselines.toml
  perfgate compare base-results results    # two directories
  perfgate compare --explain formation_time base-results results
  perfgate compare --replay results        # the verdict of perfgate check again, bit for bit
  perfgate compare --json results > verdict.json`,
		Args: oneOrTwoResults,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !again {
				return p.compare(args, d, explain)
			}
			if len(args) != 1 {
				return usage("--replay takes one results directory: base lies in it, or in its rules")
			}
			for _, name := range []string{"baselines", "strict", "require-baseline"} {
				if cmd.Flags().Changed(name) {
					return usage("--replay decides by what is kept in %s: leave --%s out", args[0], name)
				}
			}
			return p.replay(args[0], d, explain)
		},
	}
	d.add(cmd.Flags())
	addExplain(cmd.Flags(), &explain)
	cmd.Flags().BoolVar(&again, "replay", false, "decide again by the rules, options and date that perfgate check has kept in HEAD, and hold that against its verdict")
	return cmd
}

func oneOrTwoResults(cmd *cobra.Command, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return fmt.Errorf("%s takes one results directory or two, and was given %d", cmd.CommandPath(), len(args))
	}
	return nil
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
	file, err := p.loadBaselines(d.baselines)
	if err != nil {
		return err
	}
	p.warnOfRules(file, head, base)
	in := compare.Input{Head: head, Base: base, Baselines: file, Now: time.Now(), Options: d.options()}
	if explain != "" {
		return p.explain(in, explain, d)
	}
	verdict := compare.Decide(in)
	if err := p.say(verdict, head); err != nil {
		return err
	}
	return p.end(verdict, d)
}

// warnOfRules tells of rules that fit nothing. They are no mistake for certain: results may be of a part of the suite, or of another
// commit's, and the suite that knows all names may be elsewhere.
func (p *program) warnOfRules(file *baseline.File, all ...*result.Results) {
	var given []metric.Metric
	for _, r := range all {
		if r == nil {
			continue
		}
		for _, s := range r.Series {
			given = append(given, metric.Describe(s.Metric, s.Unit, s.Better))
		}
	}
	if err := file.Check(given, nil); err != nil {
		p.log.Warn(err.Error())
	}
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
