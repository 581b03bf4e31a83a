package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// Measurements writes results without a verdict: of each metric the median with the smallest and the largest sample,
// the spread, and how many samples there are; then what failed, what was found, and what could not be measured.
func Measurements(w io.Writer, r *result.Results, style Style) error {
	p := newPainter(style)
	var failed, again, findings []string
	var unmeasurable []compare.NotMeasurable
	told := map[string]bool{} // builds and benchmarks are told together, as what belongs to no scenario
	for _, plan := range r.Scenarios {
		again = append(again, compare.MeasuredAgain(r, plan)...)
		if told[plan.Name] {
			continue
		}
		told[plan.Name] = true
		var rows [][]string
		var dims []bool
		for _, s := range r.Series {
			if s.Scenario != plan.Name {
				continue
			}
			switch s.Status {
			case result.NotMeasurable:
				unmeasurable = append(unmeasurable, compare.NotMeasurable{Scenario: s.Scenario, Metric: s.Metric, Reason: s.Reason})
			case result.Failed:
				failed = append(failed, fmt.Sprintf("%s: %s", titled(s.Scenario, s.Metric), s.Reason))
			default:
				rows = append(rows, measured(s))
				dims = append(dims, metric.Describe(s.Metric, s.Unit, s.Better).Policy == metric.Info)
			}
		}
		p.measurements(scenarioTitle(plan.Name, r), rows, dims)
		findings = append(findings, found(r, plan.Name)...)
	}
	if r.Interrupted != "" {
		failed = append([]string{"interrupted: " + r.Interrupted}, failed...)
	}
	p.section("failed", failed)
	p.section("measured again", again)
	p.section("findings", findings)
	p.section("not measurable", folded(unmeasurable))
	p.section("stand-ins", proxies(r))
	p.end("")
	if _, err := io.WriteString(w, p.text.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (p *painter) measurements(title string, rows [][]string, dims []bool) {
	if len(rows) == 0 {
		return
	}
	if p.text.Len() > 0 {
		p.line("")
	}
	p.line(p.bold(title))
	p.lines(p.fit([]string{"metric", "median", "min .. max", "spread", "n"}, rows, []bool{false, true, false, true, true},
		func(row, _ int) lipgloss.Style { return p.renderer.NewStyle().Faint(dims[row]) }))
}

// measured is one series in the columns of a table of measurements. What timed out counts as longer than anything.
func measured(s result.Series) []string {
	usable := s.Usable()
	values := make([]float64, len(usable))
	timeouts := 0
	for i, sample := range usable {
		values[i] = *sample.Value
		if sample.Censored {
			timeouts++
		}
	}
	slices.SortFunc(usable, func(a, b result.Sample) int {
		if a.Censored != b.Censored {
			return cmp.Compare(timeoutRank(a), timeoutRank(b))
		}
		return cmp.Compare(*a.Value, *b.Value)
	})
	text := func(sample result.Sample) string {
		formatted := metric.Format(*sample.Value, s.Unit)
		if sample.Censored {
			return "> " + formatted
		}
		return formatted
	}
	middle := metric.Format(median(values), s.Unit)
	if 2*timeouts > len(usable) {
		middle = text(usable[len(usable)-1])
	}
	width := "-"
	if len(usable) > 1 {
		width = text(usable[0]) + " .. " + text(usable[len(usable)-1])
	}
	number := fmt.Sprint(len(usable))
	if len(usable) < len(s.Samples) {
		number = fmt.Sprintf("%d of %d", len(usable), len(s.Samples))
	}
	return []string{plain(s.Metric), plain(middle), plain(width), spread(values, timeouts), number}
}

func timeoutRank(s result.Sample) int {
	if s.Censored {
		return 1
	}
	return 0
}

func median(values []float64) float64 {
	m, err := stat.Median(values)
	if err != nil {
		return 0
	}
	return m
}

// spread is the coefficient of variation, "-" where there is none: a single sample, a center of 0, time-outs.
func spread(values []float64, timeouts int) string {
	cv, err := stat.CV(values)
	if err != nil || timeouts > 0 || !finite(cv) {
		return "-"
	}
	return strings.TrimPrefix(compare.Percent(cv), "+")
}

// found lists what the runs of a scenario found.
func found(r *result.Results, scenario string) []string {
	var lines []string
	for _, run := range r.Runs {
		if run.Scenario != scenario {
			continue
		}
		name := scenarioName(scenario)
		if run.Benchmark != "" {
			name = "benchmark " + plain(run.Benchmark)
		}
		at := fmt.Sprintf("%s, run %d", name, run.Run)
		if run.Warmup {
			at = fmt.Sprintf("%s, warm-up run %d", name, run.Run)
		}
		if run.Invalid != "" && !run.FaultOfSubject() {
			if !run.Warmup && !r.Superseded(run) {
				lines = append(lines, fmt.Sprintf("%s: %s: its figures do not count", at, run.Invalid))
			}
			continue // whatever else was found may be the machine's doing
		}
		if run.Failure != "" {
			lines = append(lines, fmt.Sprintf("%s: %s", at, run.Failure))
		}
		for _, f := range run.Findings {
			node := ""
			if f.Node >= 0 {
				node = fmt.Sprintf(" of node %d", f.Node)
			}
			lines = append(lines, fmt.Sprintf("%s: %s%s: %s", at, f.Kind, node, f.Text))
		}
	}
	return lines
}

func scenarioName(name string) string {
	if name == "" {
		return "builds and benchmarks"
	}
	return name
}
