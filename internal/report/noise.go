package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/noise"
	"github.com/communitas/perfgate/internal/result"
)

// NoiseSchema names the version of what NoiseJSON writes.
const NoiseSchema = "perfgate.noise/1"

// noiseColumns are the heads of the tables of noise; all but the first stand to the right.
func noiseColumns() []string {
	return []string{"metric", "median", "min .. max", "CV", "robust CV", "lag 1", "n"}
}

// Noise writes for a person how far each metric varies over the runs of results, a table for each scenario, and what has
// no figure.
func Noise(w io.Writer, r *result.Results, style Style) error {
	p := newPainter(style)
	p.line(p.dim(noiseOrigin(r)))
	for _, group := range noises(r) {
		var rows [][]string
		for _, n := range group {
			rows = append(rows, noiseRow(n))
		}
		p.line("")
		p.line(p.bold(scenarioTitle(group[0].Scenario, r)))
		p.lines(p.fit(noiseColumns(), rows, []bool{false, true, false, true, true, true, true},
			func(_, _ int) lipgloss.Style { return p.renderer.NewStyle() }))
	}
	p.section("without some figure", noiseReasons(r))
	return finishNoise(w, p.text.String())
}

// NoiseMarkdown writes the same as markdown.
func NoiseMarkdown(w io.Writer, r *result.Results) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", escape(noiseOrigin(r)))
	for _, group := range noises(r) {
		fmt.Fprintf(&b, "\n%s\n\n| %s |\n| --- | ---: | --- | ---: | ---: | ---: | ---: |\n",
			escape(scenarioTitle(group[0].Scenario, r)), strings.Join(noiseColumns(), " | "))
		for _, n := range group {
			row := noiseRow(n)
			for i := range row {
				row[i] = escape(row[i])
			}
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		}
	}
	if reasons := noiseReasons(r); len(reasons) > 0 {
		b.WriteString("\n")
		bullets(&b, "Without some figure", reasons)
	}
	return finishNoise(w, b.String())
}

// NoiseJSON writes the same for programs: one indented document that ends with a newline.
func NoiseJSON(w io.Writer, r *result.Results) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	document := struct {
		Schema      string        `json:"schema"`
		Subject     string        `json:"subject"`
		Commit      string        `json:"commit"`
		Environment string        `json:"environment"`
		Metrics     []noise.Noise `json:"metrics"`
	}{NoiseSchema, r.Subject.Name, r.Subject.Commit, r.Environment.Fingerprint, noise.Of(r)}
	if document.Metrics == nil {
		document.Metrics = []noise.Noise{}
	}
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write noise: %w", err)
	}
	return nil
}

func finishNoise(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("write noise: %w", err)
	}
	return nil
}

// noises are the noises of each scenario, in the order of the results; never an empty group.
func noises(r *result.Results) [][]noise.Noise {
	var groups [][]noise.Noise
	place := map[string]int{}
	for _, n := range noise.Of(r) {
		i, known := place[n.Scenario]
		if !known {
			i = len(groups)
			place[n.Scenario] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], n)
	}
	return groups
}

// noiseOrigin says what varied, and where.
func noiseOrigin(r *result.Results) string {
	e := r.Environment
	machine := strings.Join(strings.Fields(fmt.Sprintf("%s, %d cores, %s %s", e.CPU, e.Cores, e.OS, e.Kernel)), " ")
	if e.CPU == "" {
		machine = "an unknown machine"
	}
	subject := r.Subject.Name
	if r.Subject.Commit != "" {
		subject += " " + r.Subject.Commit[:min(12, len(r.Subject.Commit))]
	}
	return plain(fmt.Sprintf("noise of %s on %s", subject, machine))
}

func noiseRow(n noise.Noise) []string {
	number := fmt.Sprint(n.Samples)
	if n.Missing > 0 {
		number = fmt.Sprintf("%d of %d", n.Samples, n.Samples+n.Missing)
	}
	width := "-"
	if n.Least != nil && n.Most != nil {
		width = metric.Format(*n.Least, n.Unit) + " .. " + metric.Format(*n.Most, n.Unit)
	}
	return []string{
		plain(n.Metric), figure(n.Median, func(v float64) string { return metric.Format(v, n.Unit) }), plain(width),
		figure(n.CV, ratioText), figure(n.RobustCV, ratioText), figure(n.Autocorrelation, func(v float64) string { return fmt.Sprintf("%.2f", v) }),
		number,
	}
}

func ratioText(v float64) string { return fmt.Sprintf("%.1f%%", 100*v) }

// figure is a number, "-" where there is none.
func figure(v *float64, format func(float64) string) string {
	if v == nil {
		return "-"
	}
	return plain(format(*v))
}

// noiseReasons say once for each reason which metrics lack a figure.
func noiseReasons(r *result.Results) []string {
	var order []string
	metrics := map[string][]string{}
	for _, n := range noise.Of(r) {
		if n.Reason == "" {
			continue
		}
		if metrics[n.Reason] == nil {
			order = append(order, n.Reason)
		}
		metrics[n.Reason] = append(metrics[n.Reason], titled(n.Scenario, n.Metric))
	}
	var lines []string
	for _, reason := range order {
		lines = append(lines, fmt.Sprintf("%s: %s", reason, strings.Join(metrics[reason], ", ")))
	}
	return lines
}
