package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runfiles"
)

func (p *program) reportCommand() *cobra.Command {
	d := &decideFlags{}
	var format string
	var noise bool
	cmd := &cobra.Command{
		Use:   "report [RESULTS]",
		Short: "Render results with their verdict as text, markdown or json",
		Long: `Decides again from the samples in a results directory (the latest by default) and renders the verdict. As text it adds
what the files of the runs tell: the peers over time, and what the nodes' logs complain of. compare is the command whose exit code
follows the verdict.

With --noise it says instead how far each metric varied over the runs: the median, the coefficient of variation, the robust one (1.4826
times the median absolute deviation over the median), and the correlation of each run with the next, which is far from 0 when the
machine drifts. Measure the same thing thirty times for that: perfgate run -s standard --runs 30.

Exit codes:
  0    the report was made, whatever the verdict
  2    usage or configuration
  3    failed: the results could not be read
  130  interrupted`,
		Example: `  perfgate report
  perfgate report results --format markdown > comment.md
  perfgate report --noise results              # how noisy is each metric here?
  perfgate report /tmp/communitas-perf-test    # also a directory of the replaced script`,
		Args: atMostOne("results directory"),
		RunE: func(_ *cobra.Command, args []string) error { return p.report(args, format, noise, d) },
	}
	cmd.Flags().BoolVar(&noise, "noise", false, "how far each metric varies over the runs, instead of the verdict")
	cmd.Flags().StringVarP(&format, "format", "f", "text", "text, markdown or json")
	d.addVerdict(cmd.Flags())
	return cmd
}

func (p *program) report(args []string, format string, noise bool, d *decideFlags) error {
	format, err := p.reportFormat(format)
	if err != nil {
		return err
	}
	path, err := p.resultsPath(args)
	if err != nil {
		return err
	}
	if summary, ok := legacy(path); ok {
		return p.reportSummary(summary, format)
	}
	results, err := loadResults(path)
	if err != nil {
		return err
	}
	if noise {
		return p.reportNoise(results, format)
	}
	verdict, err := p.decideWithBase(path, results, d)
	if err != nil {
		return err
	}
	switch format {
	case "markdown":
		return report.Markdown(p.stdout, verdict, results)
	case "json":
		return report.JSON(p.stdout, verdict)
	}
	if err := report.Text(p.stdout, verdict, results, p.style()); err != nil {
		return err
	}
	return p.tellStories(path, results)
}

// reportFormat is the format that is asked for: text, markdown or json.
func (p *program) reportFormat(format string) (string, error) {
	switch {
	case format != "text" && format != "markdown" && format != "json":
		return "", usage("--format=%s: it takes text, markdown or json", format)
	case p.asJSON && format == "markdown":
		return "", usage("--json and --format=markdown contradict each other: give one of them")
	case p.asJSON:
		return "json", nil
	}
	return format, nil
}

// decideWithBase decides against the other side of a trial where that lies in base/ in the results of head, as check does.
func (p *program) decideWithBase(path string, results *result.Results, d *decideFlags) (compare.Verdict, error) {
	base, err := baseBeside(path, results)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return compare.Verdict{}, err
	}
	decide, err := p.decision(d)
	if err != nil {
		return compare.Verdict{}, err
	}
	return decide.of(base, results), nil
}

func (p *program) reportNoise(results *result.Results, format string) error {
	switch format {
	case "markdown":
		return report.NoiseMarkdown(p.stdout, results)
	case "json":
		return report.NoiseJSON(p.stdout, results)
	}
	return report.Noise(p.stdout, results, p.style())
}

// tellStories adds what the files of the runs tell, where they are.
func (p *program) tellStories(path string, results *result.Results) error {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		path = filepath.Dir(path)
	}
	stories, err := runfiles.Stories(path, results)
	if err != nil {
		return err
	}
	style := p.style()
	style.Location = path
	return report.Stories(p.stdout, stories, style)
}

// legacy is the summary.json of a directory that has no results.json: the replaced script wrote nothing else.
func legacy(path string) (string, bool) {
	summary := filepath.Join(path, "summary.json")
	if _, err := os.Stat(filepath.Join(path, "results.json")); err == nil {
		return "", false
	}
	_, err := os.Stat(summary)
	return summary, err == nil
}

// reportSummary renders such a summary. A sentence is markdown, too.
func (p *program) reportSummary(path, format string) error {
	file, err := os.Open(path)
	if err != nil {
		return usage("%w", err)
	}
	defer file.Close()
	summary, err := result.ReadSummary(file)
	if err != nil {
		return err
	}
	if format == "json" {
		return result.WriteSummary(p.stdout, summary)
	}
	formation := "not formed"
	if summary.FormationTime != nil {
		formation = fmt.Sprintf("formed in %d s", *summary.FormationTime)
	}
	_, err = fmt.Fprintf(p.stdout, "one run of %d nodes, %v s: %s, average peers %s\n",
		summary.Nodes, summary.TestDuration, formation, value(summary.AveragePeers, metric.Peers))
	return err
}
