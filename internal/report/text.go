package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/lipgloss/table"
	"github.com/muesli/termenv"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Style says how text is to look. The caller knows the terminal; the zero value is plain text of any width.
type Style struct {
	// Color allows colours and emphasis.
	Color bool
	// Width is how many columns there are; tables that are wider wrap inside their cells. 0 is no limit.
	Width int
	// Location is where the results are, for the last line; "" leaves it out.
	Location string
}

// Text writes a verdict for a person at a terminal: the verdict and why in the first line, a table for each scenario,
// then reasons, problems, warnings, what could not be measured, and what to do next. The results add what the verdict
// does not have (the plan of each scenario, stand-ins); nil leaves it out.
func Text(w io.Writer, v compare.Verdict, r *result.Results, style Style) error {
	p := newPainter(style)
	p.line(p.verdict(v.Verdict, headline(v)) + ": " + plain(v.Reason))
	p.line(p.dim(comparedWith(v)))
	for _, name := range scenarios(v) {
		p.scenario(name, v, r)
	}
	p.section("trial", trial(v))
	p.section("problems", problems(v))
	p.section("why", why(v))
	p.section("warnings", v.Warnings)
	p.section("not measurable", folded(v.NotMeasurable))
	p.section("stand-ins", proxies(r))
	p.section("next", v.Next)
	p.end(tally(v.Counts))
	if _, err := io.WriteString(w, p.text.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// problems are those that the first line does not show already.
func problems(v compare.Verdict) []string {
	var lines []string
	for _, p := range v.Problems {
		if text := problemText(p); len(v.Problems) > 1 || !strings.HasSuffix(text, v.Reason) {
			lines = append(lines, text)
		}
	}
	return lines
}

// why gives the reason of each metric that is not as before, with its notes. One reason that many metrics share is told
// once.
func why(v compare.Verdict) []string {
	type told struct {
		outcome, reason string
	}
	var order []told
	shared := map[told][]compare.Metric{}
	first, _ := ranked(v.Metrics) // what made the verdict comes first
	for _, m := range first {
		warned := m.Verdict.Bad() && m.Policy == metric.Warn // the warnings have it
		if m.Verdict == compare.Improved || warned {
			continue
		}
		key := told{outcome(m), m.Reason}
		if shared[key] == nil {
			order = append(order, key)
		}
		shared[key] = append(shared[key], m)
	}
	var lines []string
	for _, key := range order {
		metrics := shared[key]
		line := fmt.Sprintf("%s: %s: %s", together(metrics), key.outcome, key.reason)
		if len(metrics) == 1 && len(metrics[0].Notes) > 0 && !explained(metrics[0]) {
			line += " (" + strings.Join(metrics[0].Notes, "; ") + ")"
		}
		lines = append(lines, line)
	}
	return append(lines, explanations(v)...)
}

// explanations say what of an exact metric changed, a line for each note.
func explanations(v compare.Verdict) []string {
	var lines []string
	for _, m := range v.Metrics {
		if !explained(m) {
			continue
		}
		for _, note := range m.Notes {
			lines = append(lines, fmt.Sprintf("%s: %s", titled(m.Scenario, m.Metric), note))
		}
	}
	return lines
}

// explained tells the exact metrics whose notes say what it is that changed. They are worth a line each, whatever came of
// it.
func explained(m compare.Metric) bool {
	return m.Basis == compare.ByValue && m.Change.Present() && m.Change != 0
}

// painter collects the text, with colours when they are wanted.
type painter struct {
	style    Style
	renderer *lipgloss.Renderer
	text     strings.Builder
}

func newPainter(style Style) *painter {
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(termenv.Ascii)
	if style.Color {
		renderer.SetColorProfile(termenv.ANSI)
	}
	return &painter{style: style, renderer: renderer}
}

func (p *painter) line(text string) { p.text.WriteString(strings.TrimRight(text, " ") + "\n") }

func (p *painter) dim(text string) string { return p.paint(p.renderer.NewStyle().Faint(true), text) }

func (p *painter) bold(text string) string { return p.paint(p.renderer.NewStyle().Bold(true), text) }

func (p *painter) paint(style lipgloss.Style, text string) string {
	if !p.style.Color {
		return text
	}
	return style.Render(text)
}

func (p *painter) verdict(o compare.Outcome, text string) string {
	return p.paint(p.tone(o).Bold(true), text)
}

// tone is the colour of an outcome: red for what is proven, yellow for doubt, green for good.
func (p *painter) tone(o compare.Outcome) lipgloss.Style {
	style := p.renderer.NewStyle()
	switch o {
	case compare.Failed, compare.Regressed, compare.OverTarget:
		return style.Foreground(lipgloss.Color("1"))
	case compare.Inconclusive:
		return style.Foreground(lipgloss.Color("3"))
	case compare.Improved, compare.Pass:
		return style.Foreground(lipgloss.Color("2"))
	default:
		return style
	}
}

// scenario draws one table, with as many columns as there is room for, or a list where there is none for the least of them.
func (p *painter) scenario(name string, v compare.Verdict, r *result.Results) {
	var metrics []compare.Metric
	for _, m := range v.Metrics {
		if m.Scenario == name {
			metrics = append(metrics, m)
		}
	}
	p.line("")
	p.line(p.bold(scenarioTitle(name, r)))
	for _, shown := range narrower() {
		shown = speaking(shown, metrics)
		header, rows, right := cellsOf(metrics, shown)
		drawn := p.table(header, rows, right, p.verdictPaint(metrics, len(shown)-1)).Render()
		if p.style.Width <= 0 || lipgloss.Width(drawn) <= p.style.Width {
			p.lines(drawn)
			return
		}
	}
	least := narrower()[len(narrower())-1]
	last := len(least) - 1
	header, rows, _ := cellsOf(metrics, append([]column{least[0], least[last]}, least[1:last]...))
	p.lines(p.stacked(header, rows, p.verdictPaint(metrics, 1)))
}

// cellsOf are the cells of a table of metrics.
func cellsOf(metrics []compare.Metric, shown []column) (header []string, rows [][]string, right []bool) {
	rows = make([][]string, len(metrics))
	for _, c := range shown {
		header, right = append(header, c.title), append(right, c.right)
		for i, m := range metrics {
			rows[i] = append(rows[i], c.cell(m))
		}
	}
	return header, rows, right
}

// verdictPaint gives the verdicts, which stand in one column, their colours, and dims what is not worth a look.
func (p *painter) verdictPaint(metrics []compare.Metric, verdict int) func(row, column int) lipgloss.Style {
	return func(row, column int) lipgloss.Style {
		m := metrics[row]
		switch {
		case column == verdict && m.Verdict.Bad():
			return p.tone(m.Verdict).Bold(true)
		case column == verdict:
			return p.tone(m.Verdict)
		default:
			return p.renderer.NewStyle().Faint(quiet(m))
		}
	}
}

// table has rows under a header, without lines between them.
func (p *painter) table(header []string, rows [][]string, right []bool, paint func(row, column int) lipgloss.Style) *table.Table {
	return table.New().Headers(header...).Rows(rows...).
		BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).BorderColumn(false).BorderHeader(false).
		StyleFunc(func(row, column int) lipgloss.Style {
			style := p.renderer.NewStyle().Faint(true)
			if row != table.HeaderRow {
				style = paint(row, column)
			}
			if right[column] {
				style = style.Align(lipgloss.Right)
			}
			return style.PaddingLeft(2)
		})
}

// lines writes a text of several lines without empty ones at its end.
func (p *painter) lines(text string) {
	for line := range strings.Lines(strings.TrimRight(text, " \n")) {
		p.line(strings.TrimRight(line, "\n"))
	}
}

// section writes lines under a title; nothing when there are none.
func (p *painter) section(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.line("")
	p.line(p.bold(title))
	for _, text := range lines {
		p.wrapped(plain(text))
	}
}

// wrapped writes one item of a list, its continuation indented.
func (p *painter) wrapped(text string) {
	const indent = 2
	if p.style.Width > 4*indent {
		text = p.renderer.NewStyle().Width(p.style.Width - 2*indent).Render(text)
	}
	lead := "- "
	for line := range strings.Lines(text) {
		p.line(strings.Repeat(" ", indent) + lead + strings.TrimRight(line, " \n"))
		lead = "  "
	}
}

// end closes with the counts and the place of the results.
func (p *painter) end(counts string) {
	p.line("")
	if counts != "" {
		p.line(p.dim(counts))
	}
	if p.style.Location != "" {
		p.line(p.dim("results: " + plain(p.style.Location)))
	}
}
