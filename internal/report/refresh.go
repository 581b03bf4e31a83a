package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/refresh"
)

// Refresh writes what a refresh of the baseline comes to, for a person at a terminal: the outcome and why in the first line, then
// every metric with what becomes of it and the reason.
func Refresh(w io.Writer, plan refresh.Plan, style Style) error {
	p := newPainter(style)
	p.line(p.bold(string(plan.Outcome)) + ": " + plain(plan.Reason))
	p.section("results", judged(plan))
	if len(plan.Metrics) > 0 {
		p.line("")
		rows := make([][]string, len(plan.Metrics))
		for i, m := range plan.Metrics {
			rows[i] = refreshRow(m)
		}
		header := refreshHeader()
		p.lines(p.fit(header, rows, []bool{false, false, true, true, true, false, false}, func(row, _ int) lipgloss.Style {
			style := p.renderer.NewStyle().Faint(plan.Metrics[row].Fate == refresh.Kept)
			if plan.Metrics[row].Fate == refresh.Worse {
				style = p.tone(compare.Regressed)
			}
			return style
		}))
	}
	p.section("left as it is", untouched(plan))
	return finishRefresh(w, p.text.String())
}

// RefreshMarkdown writes the same as GitHub's markdown, for the text of a pull request: what changes first, what stays folded away.
func RefreshMarkdown(w io.Writer, plan refresh.Plan) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### perfgate: baseline %s\n\n%s\n\n", plan.Outcome, escape(plan.Reason))
	var moved, kept []refresh.Metric
	for _, m := range plan.Metrics {
		if m.Fate == refresh.Kept {
			kept = append(kept, m)
		} else {
			moved = append(moved, m)
		}
	}
	refreshTable(&b, moved)
	if len(kept) > 0 {
		fmt.Fprintf(&b, "<details><summary>%s as recorded</summary>\n\n", count(len(kept), "metric"))
		refreshTable(&b, kept)
		b.WriteString("</details>\n\n")
	}
	bullets(&b, "Measured", judged(plan))
	bullets(&b, "Left as it is", untouched(plan))
	b.WriteString("<sub>Only the machine's part of the file changes. What is proven better is taken over; what is worse, or not decided, stays as recorded.</sub>\n")
	return finishRefresh(w, b.String())
}

// RefreshJSON writes the same for programs: one indented document that ends with a newline.
func RefreshJSON(w io.Writer, plan refresh.Plan) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(plan); err != nil {
		return fmt.Errorf("write refresh: %w", err)
	}
	return nil
}

func finishRefresh(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("write refresh: %w", err)
	}
	return nil
}

func refreshHeader() []string {
	return []string{"scenario", "metric", "recorded", "measured", "change", "fate", "why"}
}

func refreshRow(m refresh.Metric) []string {
	return []string{
		placed(m.Scenario, m.Metric), plain(m.Metric), value(m.Recorded, m.Unit), value(m.Measured, m.Unit), compare.Percent(float64(m.Change)),
		strings.ReplaceAll(string(m.Fate), "_", " "), plain(m.Reason),
	}
}

func refreshTable(b *strings.Builder, metrics []refresh.Metric) {
	if len(metrics) == 0 {
		return
	}
	fmt.Fprintf(b, "| %s |\n| --- | --- | ---: | ---: | ---: | --- | --- |\n", strings.Join(refreshHeader(), " | "))
	for i, m := range metrics {
		if i == mostRows {
			fmt.Fprintf(b, "\n%d more.\n", len(metrics)-mostRows)
			break
		}
		row := refreshRow(m)
		for i := range row {
			row[i] = escape(row[i])
		}
		row[1] = code(m.Metric)
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
	}
	b.WriteString("\n")
}

// judged tells of the results that a refresh was made from.
func judged(plan refresh.Plan) []string {
	var lines []string
	for _, r := range plan.Results {
		text := fmt.Sprintf("%s of %s", orText(short(r.Commit), "no commit"), r.Time.UTC().Format("2006-01-02 15:04"))
		if r.Note != "" {
			text += " on " + r.Note
		}
		if r.Overtaken {
			text += ": overtaken by newer results"
		} else {
			text += fmt.Sprintf(": %s: %s", r.Verdict, r.Reason)
		}
		lines = append(lines, text+" ("+r.Name+")")
	}
	return lines
}

func untouched(plan refresh.Plan) []string {
	var lines []string
	for _, u := range plan.Untouched {
		name := "the build"
		switch {
		case u.Benchmark != "":
			name = "benchmark " + u.Benchmark
		case u.Scenario != "":
			name = "scenario " + u.Scenario
		}
		lines = append(lines, fmt.Sprintf("%s on %s: %s", name, orText(u.Note, u.Environment), u.Reason))
	}
	return lines
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func short(commit string) string { return commit[:min(12, len(commit))] }
