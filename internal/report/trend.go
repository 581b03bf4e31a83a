package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// Trend is the history of one metric, the oldest point first and what is judged last.
type Trend struct {
	Scenario string
	Metric   string
	Unit     metric.Unit
	Points   []TrendPoint
}

// TrendPoint is the center of one measurement.
type TrendPoint struct {
	// Label says which it is: a version, a commit, a date. Value is in the base unit and finite.
	Label string
	Value float64
}

// maxTrends is how many metrics get a trend, maxPoints how many points it has: a chart of more cannot be read.
const (
	maxTrends = 3
	maxPoints = 60
	minChart  = 4
)

// TrendsOf are the trends of the metrics that changed, from what baselines.toml has recorded in head's environment: the last
// release, the baseline, and now.
func TrendsOf(file *baseline.File, v compare.Verdict) []Trend {
	first, _ := ranked(v.Metrics)
	var trends []Trend
	for _, m := range first {
		if !m.Head.Present() || !finite(float64(m.Head)) {
			continue
		}
		t := Trend{Scenario: m.Scenario, Metric: m.Metric, Unit: m.Unit}
		bench := metric.Benchmark(m.Metric)
		if r, ok := file.OfRelease(v.Environment, m.Scenario, bench); ok {
			t.add(r, m)
		}
		current := func() (baseline.Recording, bool) {
			if bench != "" {
				return file.BenchmarkRecording(v.Environment, bench)
			}
			return file.Recording(v.Environment, m.Scenario)
		}
		if r, ok := current(); ok {
			t.add(r, m)
		}
		if len(t.Points) > 0 && v.Comparison.Kind != compare.Stored && m.Base.Present() && finite(float64(m.Base)) {
			t.Points = append(t.Points, TrendPoint{Label: "base", Value: float64(m.Base)})
		}
		t.Points = append(t.Points, TrendPoint{Label: "now", Value: float64(m.Head)})
		trends = append(trends, t)
	}
	return trends
}

// add appends the center of a recording, if it has the metric in the same unit.
func (t *Trend) add(r baseline.Recording, m compare.Metric) {
	for _, s := range r.Series {
		if s.Metric != m.Metric || s.Unit != m.Unit || len(s.Samples) == 0 || len(s.Censored) >= len(s.Samples) {
			continue
		}
		label := r.Release
		if label == "" {
			label = r.Time.UTC().Format("2006-01-02")
		}
		if median, err := stat.Median(s.Samples); err == nil && finite(median) {
			t.Points = append(t.Points, TrendPoint{Label: label, Value: median})
		}
	}
}

// trendBlocks draw the first trends that have a past: a chart where there are points enough for one, and a line with the
// numbers in any case, since not every reader can see a chart.
func trendBlocks(trends []Trend) []block {
	var lines []string
	var charts []block
	for _, t := range trends {
		t.Points = t.Points[max(0, len(t.Points)-maxPoints):]
		if len(t.Points) < 2 || len(lines) == maxTrends {
			continue
		}
		lines = append(lines, t.line())
		if len(t.Points) >= minChart && metric.ValidName(t.Metric) {
			charts = append(charts, t.chart())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return append([]block{list(rankTrend, "**Trend**", lines)}, charts...)
}

// line is a trend as text: bars, and the values of both ends.
func (t Trend) line() string {
	values := make([]float64, len(t.Points))
	for i, p := range t.Points {
		values[i] = p.Value
	}
	first, last := t.Points[0], t.Points[len(t.Points)-1]
	return fmt.Sprintf("%s: %s %s (%s) to %s (%s)", titled(t.Scenario, t.Metric), bars(values, math.Max(slices.Max(values), math.SmallestNonzeroFloat64)),
		metric.Format(first.Value, t.Unit), first.Label, metric.Format(last.Value, t.Unit), last.Label)
}

// palette makes the line of a chart one that is seen on white and on black.
const palette = `%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "#2f81f7"}}}}%%` + "\n"

// chart is a trend as a mermaid chart. Nothing of a stranger's comes into it but a metric's name, which is a plain word.
func (t Trend) chart() block {
	labels, values, top := make([]string, len(t.Points)), make([]string, len(t.Points)), 0.0
	for _, p := range t.Points {
		top = math.Max(top, math.Abs(p.Value))
	}
	scale, unit := scaleOf(top, t.Unit)
	for i, p := range t.Points {
		labels[i] = `"` + label(p.Label) + `"`
		values[i] = strconv.FormatFloat(p.Value/scale, 'g', 4, 64)
		if strings.ContainsAny(values[i], "e") {
			values[i] = strconv.FormatFloat(p.Value/scale, 'f', -1, 64)
		}
	}
	text := "<details><summary>Chart of <code>" + t.Metric + "</code></summary>\n\n```mermaid\n" + palette + "xychart-beta\n" +
		"  title \"" + t.Metric + "\"\n" +
		"  x-axis [" + strings.Join(labels, ", ") + "]\n" +
		"  y-axis \"" + unit + "\" 0 --> " + strconv.FormatFloat(1.1*top/scale, 'f', 4, 64) + "\n" +
		"  line [" + strings.Join(values, ", ") + "]\n```\n\n</details>\n\n"
	return block{rank: rankTrend, rows: []string{text}, noun: "chart"}
}

// label is a text that a chart can take.
func label(text string) string {
	if word(text) {
		return text
	}
	return "?"
}

// scaleOf is the unit in which values up to top are written, and how many base units it has.
func scaleOf(top float64, unit metric.Unit) (scale float64, name string) {
	switch {
	case unit == metric.Seconds && top < 1e-3:
		return 1e-6, "µs"
	case unit == metric.Seconds && top < 1:
		return 1e-3, "ms"
	case unit == metric.Bytes && top >= 1e6:
		return 1e6, "MB"
	case unit == metric.BytesPerSecond && top >= 1e6:
		return 1e6, "MB/s"
	case unit == metric.Ratio:
		return 0.01, "%"
	case word(strings.ReplaceAll(string(unit), "/", "")):
		return 1, string(unit)
	default:
		return 1, "value"
	}
}
