package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
)

// decideFlags are those of every command that decides.
type decideFlags struct {
	baselines       string
	requireBaseline bool
	inconclusive    string
	strict          bool
}

func (f *decideFlags) add(flags *pflag.FlagSet) {
	f.addVerdict(flags)
	flags.StringVar(&f.inconclusive, "inconclusive", "", "let an inconclusive verdict exit as pass, fail or warn instead of 4")
}

// addVerdict adds what a verdict depends on, for commands whose exit code does not follow it.
func (f *decideFlags) addVerdict(flags *pflag.FlagSet) {
	f.addLimits(flags)
	flags.BoolVar(&f.requireBaseline, "require-baseline", false, "without a baseline of this environment the verdict is inconclusive")
}

// addLimits adds what says by which limits is decided, for commands that give no verdict.
func (f *decideFlags) addLimits(flags *pflag.FlagSet) {
	flags.StringVar(&f.baselines, "baselines", "", "targets, tolerances and recorded samples (default: baselines.toml beside the configuration)")
	flags.BoolVar(&f.strict, "strict", false, "an error budget of 1 % for the whole verdict instead of 5 %")
}

func (f *decideFlags) check() error {
	switch f.inconclusive {
	case "", "pass", "fail", "warn":
		return nil
	}
	return usage("--inconclusive=%s: it takes pass, fail or warn", f.inconclusive)
}

func (p *program) checkCommand() *cobra.Command {
	f, d, a, b := &suiteFlags{}, &decideFlags{}, &againstFlags{}, &bisectAfterFlags{}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Measure, compare and report: the gate",
		Long: `Builds the subject, measures the selected scenarios, compares with baselines.toml, and says what came of it.
The results directory keeps the verdict as verdict.json, and with it what it was decided by: perfgate compare --replay gives it again.

With --against REVISION it measures two sides instead: base, the commit that the revision names, built in a git work tree of
perfgate's own, and head, the checkout as it is. Runs of both take turns on this machine, two pairs in a block, and after
` + looksInWords() + ` pairs it is looked: what is decided is measured no further, and the last look ends it. The checkout,
its index, stashes and branches stay as they are. The results of base lie in base/ in the results directory, so that
perfgate compare DIR/base DIR gives the verdict again. Where both binaries are the same, only benchmarks are measured.

With --bisect, what has regressed is searched for its commit at once, as perfgate bisect does: with --against from where HEAD has left
the revision, else from the commit of the recorded baseline. The exit code stays that of the verdict.

` + suiteEnvironment + `

` + exitHelp,
		Example: `  perfgate check                               # what carries the tag "pr"
  perfgate check --subject bin/refnode         # without building
  perfgate check --json > verdict.json         # for machines
  perfgate check --require-baseline --strict   # nothing passes by its targets alone
  perfgate check --against origin/main         # this checkout against a branch, measured in turns
  perfgate check --against HEAD~3 --budget 20m # for so long at most
  perfgate check --against v1.2 --max-pairs 12 -s standard
  perfgate check --against origin/main --bisect --bisect-budget 1h`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.check(cmd.Context(), f, d, a, b) },
	}
	f.add(cmd.Flags())
	d.add(cmd.Flags())
	a.add(cmd.Flags())
	b.add(cmd.Flags())
	return cmd
}

// looksInWords are the looks at a trial: "6, 9 and 12".
func looksInWords() string {
	var all []string
	for _, pairs := range compare.DefaultLooks() {
		all = append(all, strconv.Itoa(pairs))
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " and " + all[last]
}

func (p *program) check(ctx context.Context, f *suiteFlags, d *decideFlags, a *againstFlags, b *bisectAfterFlags) error {
	if err := errors.Join(d.check(), b.check()); err != nil {
		return err
	}
	against, err := a.check(f)
	if err != nil {
		return err
	}
	if err := p.checkBaselines(d.baselines); err != nil { // before an hour of measuring, not after
		return err
	}
	decide, err := p.decision(d)
	if err != nil {
		return err
	}
	var base, results *result.Results
	var dir string
	if against {
		base, results, dir, err = p.trial(ctx, f, a, decide)
	} else {
		results, dir, err = p.measure(ctx, f)
	}
	if err != nil {
		return err
	}
	verdict := decide.of(base, results)
	if err := decide.keep(dir, verdict); err != nil {
		return err
	}
	if err := p.say(verdict, results); err != nil {
		return err
	}
	p.log.Info("results are in " + dir)
	if b.bisect {
		if err := p.bisectAfter(ctx, b, f, d, a, verdict); err != nil {
			return err
		}
	}
	return p.end(verdict, d)
}

// checkBaselines holds baselines.toml against the suite: a rule for a metric or scenario that does not exist is a mistake.
func (p *program) checkBaselines(named string) error {
	file, err := p.loadBaselines(named)
	if err != nil {
		return err
	}
	s, _, err := p.loadSuite()
	if err != nil {
		return err
	}
	var custom []metric.Metric
	for _, c := range s.Node.Custom {
		custom = append(custom, c.Metric)
	}
	scenarios := []string{}
	for _, scenario := range s.Scenarios {
		scenarios = append(scenarios, scenario.Name)
	}
	benchmarks := []string{}
	for _, b := range s.Benchmarks {
		benchmarks = append(benchmarks, b.Name)
	}
	if err := errors.Join(file.Check(custom, scenarios), file.CheckBenchmarks(benchmarks)); err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	return nil
}

func (f *decideFlags) options() compare.Options {
	options := compare.Options{RequireBaseline: f.requireBaseline}
	if f.strict {
		options.Alpha = 0.01
	}
	return options
}

// say prints a verdict for people or machines.
func (p *program) say(verdict compare.Verdict, results *result.Results) error {
	if p.asJSON {
		return report.JSON(p.stdout, verdict)
	}
	return report.Text(p.stdout, verdict, results, p.style())
}

func (p *program) end(verdict compare.Verdict, d *decideFlags) error {
	if verdict.Verdict == compare.Inconclusive && d.inconclusive == "warn" {
		p.log.Warn("the verdict is inconclusive and was let through by --inconclusive=warn")
	}
	return quietly(verdictCode(verdict.Verdict, d.inconclusive))
}

func (p *program) style() report.Style {
	return report.Style{Color: colourful(p.stdout), Width: width(p.stdout)}
}
