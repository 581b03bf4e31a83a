package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/store"
)

func (p *program) baselineCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Read and maintain baselines.toml",
		Long: `baselines.toml has two parts. The people's part holds targets, tolerances, policies and waivers; perfgate never
changes a byte of it. The machine's part holds the samples that were recorded, for each environment and scenario.`,
	}
	cmd.PersistentFlags().StringVar(&path, "baselines", "", "the file (default: baselines.toml beside the configuration)")
	cmd.AddCommand(
		&cobra.Command{
			Use: "show", Short: "Show what is recorded, and what does not gate on a calibrated machine",
			Long: `Shows when and from what each scenario was recorded, the medians, and what does not gate on a calibrated machine.

` + exitHelpTable,
			Example: "  perfgate baseline show",
			Args:    noArguments,
			RunE:    func(*cobra.Command, []string) error { return p.baselineShow(path) },

			Annotations: map[string]string{wordsOnly: ""},
		},
		p.baselineRecordCommand(&path),
		p.baselineRefreshCommand(&path),
		&cobra.Command{
			Use: "diff [RESULTS]", Short: "Show how results differ from what is recorded, without judging",
			Long: `Shows how the medians of results (the latest by default) differ from what is recorded for their environment. perfgate compare judges.

` + exitHelpTable,
			Example: "  perfgate baseline diff\n  perfgate baseline diff results",
			Args:    atMostOne("results directory"),
			RunE:    func(_ *cobra.Command, args []string) error { return p.baselineDiff(path, args) },

			Annotations: map[string]string{wordsOnly: ""},
		},
	)
	return cmd
}

func (p *program) baselineRecordCommand(path *string) *cobra.Command {
	var release string
	var accept bool
	cmd := &cobra.Command{
		Use: "record [RESULTS]", Short: "Make results the baseline of their environment",
		Long: `Takes the samples of a results directory (the latest by default) into the machine's part of baselines.toml, in place of
what was recorded before for the same environment and scenario. Results with a failed metric, a crash or a network that
did not form are refused: they would become the norm. So are those that are proven worse than what they would replace, or than the
last release, or that break a target, unless a waiver accepts it or --accept says that this is how it is now.

With --release they are kept beside the current baseline until the next release is recorded, and each head is compared with them
too, so that many small steps for the worse do not pass one by one.

Exit codes:
  0    recorded
  1    refused: the results are worse than what is recorded or than the last release, or break a target
  2    usage or configuration
  3    failed: results that must not become a baseline, or that could not be read, or a file that could not be written
  130  interrupted`,
		Example: "  perfgate check && perfgate baseline record\n  perfgate baseline record results\n  perfgate baseline record --release v1.2.0",
		Args:    atMostOne("results directory"),
		RunE:    func(_ *cobra.Command, args []string) error { return p.baselineRecord(*path, release, accept, args) },

		Annotations: map[string]string{wordsOnly: ""},
	}
	cmd.Flags().StringVar(&release, "release", "", "the version that was measured, for a baseline that stays until the next release")
	cmd.Flags().BoolVar(&accept, "accept", false, "record results that are worse than what is recorded, or break a target; say why in the commit")
	return cmd
}

// baselinesPath is where baselines.toml is: named, or beside the configuration.
func (p *program) baselinesPath(path string) string {
	if path != "" {
		return path
	}
	return filepath.Join(filepath.Dir(p.config), "baselines.toml")
}

// loadBaselines reads baselines.toml. A project without the file has an empty one, unless a path was named.
func (p *program) loadBaselines(named string) (*baseline.File, error) {
	path := p.baselinesPath(named)
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && named == "" {
		return baseline.Empty(path), nil
	}
	if err != nil {
		return nil, usage("%w", err)
	}
	file, err := baseline.Parse(path, raw)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err}
	}
	return file, nil
}

func (p *program) baselineShow(path string) error {
	file, err := p.loadBaselines(path)
	if err != nil {
		return err
	}
	recordings := file.Recordings()
	if len(recordings) == 0 {
		p.log.Info("nothing is recorded in " + p.baselinesPath(path) + " (perfgate baseline record)")
		return report.Gating(p.stdout, file)
	}
	for i, r := range recordings {
		if i > 0 {
			fmt.Fprintln(p.stdout)
		}
		name := "scenario " + r.Scenario
		switch {
		case r.Benchmark != "":
			name = "benchmark " + r.Benchmark
		case r.Scenario == "":
			name = "build"
		}
		if r.Release != "" {
			name += " of release " + r.Release
		}
		fmt.Fprintf(p.stdout, "%s in %s (%s)\n%s %s, recorded %s\n", name, r.Environment, r.EnvironmentNote,
			r.Subject, short(r.Commit), r.Time.Format("2006-01-02 15:04"))
	}
	fmt.Fprintln(p.stdout)
	if err := printChanges(p.stdout, baseline.Diff(nil, recordings), false); err != nil {
		return err
	}
	return report.Gating(p.stdout, file)
}

func (p *program) baselineRecord(path, release string, accept bool, args []string) error {
	file, results, recordings, err := p.learn(path, args)
	if err != nil {
		return err
	}
	if err := p.refuseWorse(file, results, accept); err != nil {
		return err
	}
	if n, all := disturbedRuns(results); n > 0 {
		p.log.Warn(fmt.Sprintf("%d of %d runs were disturbed and count all the same (--disturbed=keep): beside such a baseline a time that gets worse may look unchanged", n, all))
	}
	for i := range recordings {
		recordings[i].Release = release
	}
	raw, err := file.WithRecordings(recordings)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	target := p.baselinesPath(path)
	if err := writeBaselines(target, raw); err != nil {
		return err
	}
	if err := printChanges(p.stdout, changes(file, recordings), true); err != nil {
		return err
	}
	p.log.Info(fmt.Sprintf("recorded %d scenario(s), builds and benchmarks counted, in %s; review and commit it", len(recordings), target))
	return nil
}

// disturbedRuns is how many of all runs that count were measured while the machine was busy with something else.
func disturbedRuns(r *result.Results) (n, all int) {
	for _, run := range r.Runs {
		if run.Warmup || run.Invalid != "" {
			continue
		}
		all++
		if slices.ContainsFunc(run.Findings, func(f result.Finding) bool { return f.Kind == result.FindingDisturbed }) {
			n++
		}
	}
	return n, all
}

// writeBaselines replaces the file, whole or not at all.
func writeBaselines(path string, raw []byte) error {
	return store.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
}

func (p *program) baselineDiff(path string, args []string) error {
	file, _, recordings, err := p.learn(path, args)
	if err != nil {
		return err
	}
	return printChanges(p.stdout, changes(file, recordings), true)
}

// refuseWorse keeps a red main from becoming the baseline: what is worse than what is recorded would be the norm from now on.
func (p *program) refuseWorse(file *baseline.File, results *result.Results, accept bool) error {
	verdict := compare.Decide(compare.Input{Head: results, Baselines: file, Now: time.Now()})
	unfit := compare.Unfit(verdict)
	switch {
	case unfit == "":
		return nil
	case accept:
		p.log.Warn("recorded all the same (--accept): " + unfit)
		return nil
	default:
		return &exitError{code: verdictCode(verdict.Verdict, "fail"), err: fmt.Errorf(
			"these results must not become a baseline: %s; mend it, accept it with a waiver in %s, or record it with --accept", unfit, file.Name())}
	}
}

// learn reads the file and the results, and makes recordings of them.
func (p *program) learn(path string, args []string) (*baseline.File, *result.Results, []baseline.Recording, error) {
	file, err := p.loadBaselines(path)
	if err != nil {
		return nil, nil, nil, err
	}
	from, err := p.resultsPath(args)
	if err != nil {
		return nil, nil, nil, err
	}
	results, err := loadResults(from)
	if err != nil {
		return nil, nil, nil, err
	}
	recordings, err := baseline.FromResults(results)
	return file, results, recordings, err
}

// changes tells how the new recordings differ from those that they stand against.
func changes(file *baseline.File, recordings []baseline.Recording) []baseline.Change {
	var old []baseline.Recording
	for _, r := range recordings {
		before, ok := file.Recording(r.Environment, r.Scenario)
		switch {
		case r.Release != "":
			before, ok = file.OfRelease(r.Environment, r.Scenario, r.Benchmark)
		case r.Benchmark != "":
			before, ok = file.BenchmarkRecording(r.Environment, r.Benchmark)
		}
		if ok {
			old = append(old, before)
		}
	}
	return baseline.Diff(old, recordings)
}

func printChanges(w io.Writer, changes []baseline.Change, both bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	header := "scenario\tmetric\tmedian"
	if both {
		header = "scenario\tmetric\tbefore\tnow\tchange"
	}
	fmt.Fprintln(table, header)
	for _, c := range changes {
		name := or(c.Scenario, kindOf(c))
		if c.Release {
			name += " (release)"
		}
		cells := []string{name, c.Metric, value(c.New, c.Unit)}
		if both {
			cells = []string{name, c.Metric, value(c.Old, c.Unit), value(c.New, c.Unit), percent(c.Relative)}
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}

// kindOf is what a metric without a scenario is of.
func kindOf(c baseline.Change) string {
	if metric.Benchmark(c.Metric) != "" {
		return "benchmark"
	}
	return "build"
}

func value(v *float64, unit metric.Unit) string {
	if v == nil {
		return "-"
	}
	return metric.Format(*v, unit)
}

func percent(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%+.1f %%", 100**v)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// short is a commit as people write it.
func short(commit string) string {
	if commit == "" {
		return "(no commit)"
	}
	return commit[:min(12, len(commit))]
}
