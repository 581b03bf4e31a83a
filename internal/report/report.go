// Package report turns verdicts and results into what people and programs read: text for a terminal, markdown for a
// comment, JSON. It writes to an io.Writer and decides nothing. What it prints may come from a stranger: control
// characters never reach a terminal, and nothing in a name or a reason becomes markup.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// JSON writes the verdict as one indented document that ends with a newline.
func JSON(w io.Writer, v compare.Verdict) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("write verdict: %w", err)
	}
	return nil
}

// headline is the verdict with what limits it: "pass (targets only)".
func headline(v compare.Verdict) string {
	if v.Qualifier == "" {
		return string(v.Verdict)
	}
	return fmt.Sprintf("%s (%s)", v.Verdict, plain(v.Qualifier))
}

// comparedWith is the line that says what the relative verdicts rest on.
func comparedWith(v compare.Verdict) string {
	if len(v.Metrics) == 0 {
		return "nothing was compared"
	}
	text := "compared with targets only"
	if v.Comparison.Description != "" && v.Comparison.Kind != compare.NoBase {
		text = "compared with " + plain(v.Comparison.Description)
	}
	if v.Comparison.Release != "" {
		text += "; held against " + plain(v.Comparison.Release) + " as well"
	}
	tests := 0
	for _, m := range v.Metrics {
		if m.InBudget {
			tests++
		}
		if m.ReleasePValue.Present() && m.Policy == metric.Block {
			tests++
		}
	}
	if tests > 0 {
		text += fmt.Sprintf("; error budget %s over %s", metric.Format(v.Alpha, metric.Ratio), count(tests, "test"))
	}
	if v.Comparison.Reason != "" && !strings.Contains(v.Reason, v.Comparison.Reason) {
		text += "; " + plain(v.Comparison.Reason)
	}
	return text + roughNote(v)
}

// roughNote says what the mark of an MDE means, where one has it.
func roughNote(v compare.Verdict) string {
	if !slices.ContainsFunc(v.Metrics, func(m compare.Metric) bool { return m.MDERough }) {
		return ""
	}
	return "; an MDE with ~ is an order of magnitude, since too few runs know the noise here (perfgate calibrate)"
}

// tally counts outcomes in words, the worst first: "1 regressed, 12 pass, 3 not judged".
func tally(c compare.Counts) string {
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{
		{c.Failed, "failed"}, {c.Regressed, "regressed"}, {c.OverTarget, "over target"}, {c.Inconclusive, "inconclusive"},
		{c.Improved, "improved"}, {c.Pass, "pass"}, {c.NotJudged, "not judged"}, {c.NotMeasurable, "not measurable"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.text))
		}
	}
	return strings.Join(parts, ", ")
}

// column is one column of a table of verdicts.
type column struct {
	title string
	right bool
	cell  func(compare.Metric) string
	// optional columns are left out of a table in which they have nothing to say.
	optional bool
}

// sinceTitle is over the change since the last release, targetTitle over budgets.
const sinceTitle, targetTitle = "since release", "target"

// columns are those of the table, in their order.
func columns() []column {
	return []column{
		{title: "metric", cell: func(m compare.Metric) string { return plain(m.Metric) }},
		{title: "baseline", right: true, cell: func(m compare.Metric) string { return value(m.Base, m.Unit) }, optional: true},
		{title: "now", right: true, cell: func(m compare.Metric) string { return value(m.Head, m.Unit) }},
		{title: "change", cell: change, optional: true},
		{title: sinceTitle, cell: sinceRelease, optional: true},
		{title: "MDE", right: true, cell: detectable, optional: true},
		{title: targetTitle, cell: target},
		{title: "verdict", cell: outcome},
	}
}

// speaking drops the optional columns that say nothing of any of the metrics.
func speaking(columns []column, metrics []compare.Metric) []column {
	return slices.DeleteFunc(slices.Clone(columns), func(c column) bool {
		says := func(m compare.Metric) bool { return c.cell(m) != "-" }
		return c.optional && !slices.ContainsFunc(metrics, says)
	})
}

// narrower are the columns with less in them, for a terminal that is too small: each step gives up the least useful.
func narrower() [][]column {
	all := columns()
	withoutMDE := append(append([]column{}, all[:5]...), all[6:]...)
	point := append([]column{}, withoutMDE...)
	point[3] = column{title: "change", right: true, cell: func(m compare.Metric) string { return compare.Percent(float64(m.Change)) }, optional: true}
	point[4] = column{title: sinceTitle, right: true, cell: func(m compare.Metric) string { return compare.Percent(float64(m.ReleaseChange)) }, optional: true}
	return [][]column{all, withoutMDE, point, append([]column{point[0]}, point[2:]...)}
}

func value(n compare.Number, u metric.Unit) string {
	if !n.Present() {
		return "-"
	}
	return plain(metric.Format(float64(n), u))
}

func change(m compare.Metric) string {
	if !m.Change.Present() {
		return "-"
	}
	if m.Basis == compare.ByValue {
		return compare.Percent(float64(m.Change))
	}
	return compare.ChangeText(float64(m.Change), float64(m.ChangeLow), float64(m.ChangeHigh))
}

// sinceRelease is by how much a metric has changed since the last release.
func sinceRelease(m compare.Metric) string {
	if !m.ReleaseChange.Present() {
		return "-"
	}
	return compare.ChangeText(float64(m.ReleaseChange), float64(m.ReleaseChangeLow), float64(m.ReleaseChangeHigh))
}

// detectable is the smallest change for the worse that would have been seen.
func detectable(m compare.Metric) string {
	switch {
	case !m.MDE.Present():
		return "-"
	case m.MDE == 0:
		return "any"
	default:
		return roughMark(m) + strings.TrimPrefix(compare.Percent(float64(m.MDE)), "+")
	}
}

// roughMark stands before an MDE that is an order of magnitude.
func roughMark(m compare.Metric) string {
	if m.MDERough {
		return "~"
	}
	return ""
}

func target(m compare.Metric) string {
	if !m.Target.Present() {
		return "-"
	}
	return plain(m.TargetText)
}

// outcome is the verdict of one metric with what weakens it.
func outcome(m compare.Metric) string {
	switch {
	case m.Verdict == compare.NotJudged:
		return "-"
	case m.Waived != "":
		return string(m.Verdict) + " (waived)"
	case m.Policy != metric.Block:
		return fmt.Sprintf("%s (%s)", m.Verdict, m.Policy)
	default:
		return string(m.Verdict)
	}
}

// remarkable tells the metrics that a reader should see first: all that are not as before.
func remarkable(m compare.Metric) bool {
	return m.Verdict != compare.NotJudged && m.Verdict != compare.Pass || m.Waived != ""
}

// quiet tells the metrics that are dimmed: for information, or not judged, with nothing to say.
func quiet(m compare.Metric) bool {
	return m.Verdict == compare.NotJudged || (m.Policy == metric.Info && !m.Verdict.Bad())
}

// scenarioTitle names a scenario with its plan.
func scenarioTitle(name string, r *result.Results) string {
	if name == "" {
		return "builds and benchmarks"
	}
	parts := []string{plain(name)}
	if r == nil {
		return parts[0]
	}
	if plan, ok := r.Scenario(name); ok {
		parts = append(parts, count(plan.Nodes, "node"), count(plan.Runs, "run"))
		if plan.DurationSeconds > 0 {
			parts = append(parts, metric.Format(plan.DurationSeconds, metric.Seconds)+" steady")
		}
	}
	return strings.Join(parts, ", ")
}

// scenarios are the names in the order in which the verdict has them.
func scenarios(v compare.Verdict) []string {
	var names []string
	seen := map[string]bool{}
	for _, m := range v.Metrics {
		if !seen[m.Scenario] {
			seen[m.Scenario] = true
			names = append(names, m.Scenario)
		}
	}
	return names
}

// problemText says where a problem lies.
func problemText(p compare.Problem) string {
	if p.Scenario == "" || strings.Contains(p.Reason, "scenario "+p.Scenario) {
		return fmt.Sprintf("%s: %s", p.Verdict, p.Reason)
	}
	return fmt.Sprintf("%s: %s: %s", p.Verdict, p.Scenario, p.Reason)
}

// titled names a metric with its scenario.
func titled(scenario, name string) string {
	if scenario == "" {
		return name
	}
	return name + " of " + scenario
}

// together names metrics, with the scenario once when it is the same for all.
func together(metrics []compare.Metric) string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		if m.Scenario != metrics[0].Scenario {
			return each(metrics)
		}
		names[i] = m.Metric
	}
	return titled(metrics[0].Scenario, strings.Join(names, ", "))
}

func each(metrics []compare.Metric) string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		names[i] = titled(m.Scenario, m.Metric)
	}
	return strings.Join(names, ", ")
}

// folded puts the metrics that cannot be measured on one line for each reason, in the order of the reasons.
func folded(all []compare.NotMeasurable) []string {
	var order []string
	names, seen := map[string][]string{}, map[compare.NotMeasurable]bool{}
	for _, n := range all {
		reason := strings.TrimPrefix(n.Reason, "not measurable: ")
		if names[reason] == nil {
			order = append(order, reason)
		}
		once := compare.NotMeasurable{Metric: n.Metric, Reason: reason}
		if !seen[once] {
			seen[once] = true
			names[reason] = append(names[reason], n.Metric)
		}
	}
	lines := make([]string, len(order))
	for i, reason := range order {
		lines[i] = fmt.Sprintf("%s: %s", reason, strings.Join(names[reason], ", "))
	}
	return lines
}

// proxies tell which metrics stand in for what the node cannot give exactly, once for each stand-in.
func proxies(r *result.Results) []string {
	if r == nil {
		return nil
	}
	var stand []compare.NotMeasurable
	for _, s := range r.Series {
		if s.Proxy != "" && s.Status == result.Measured {
			stand = append(stand, compare.NotMeasurable{Metric: s.Metric, Reason: s.Proxy})
		}
	}
	return folded(stand)
}

// longest is how much of a text that came from outside is printed, in runes.
const longest = 600

// plain makes one line of a text that came from outside: no control characters, no invisible or direction-changing
// ones, no line ends, and an end. GitHub's runner carries out "##[command]" wherever it stands in a line of a job's output, and
// "::command::" at its beginning, where no such text ever is.
func plain(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(text, "?") {
		if n++; n > longest {
			b.WriteString("…")
			break
		}
		switch {
		case r == '\n' || r == '\t' || r == '\r' || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r):
			b.WriteRune(' ')
		case unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			b.WriteRune('?')
		default:
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "##[", "## [")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
