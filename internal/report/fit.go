package report

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// narrowest is how many columns a terminal needs for a table that is wrapped inside its cells: in fewer, words and headers are cut.
const narrowest = 60

// fit draws rows for the terminal: as a table where there is room for one, wrapped inside its cells where there is nearly, and else as a list.
func (p *painter) fit(header []string, rows [][]string, right []bool, paint func(row, column int) lipgloss.Style) string {
	t := p.table(header, rows, right, paint)
	drawn := t.Render()
	switch limit := p.style.Width; {
	case limit <= 0 || lipgloss.Width(drawn) <= limit:
		return drawn
	case limit < narrowest:
		return p.stacked(header, rows, paint)
	default:
		return t.Width(limit).Render()
	}
}

// stacked writes rows one below the other: the first cell, and under it those of the others that say something, each behind the title of
// its column.
func (p *painter) stacked(header []string, rows [][]string, paint func(row, column int) lipgloss.Style) string {
	var b strings.Builder
	for i, row := range rows {
		p.indented(&b, 2, paint(i, 0).Render(row[0]))
		var parts []string
		for j, cell := range row {
			if j > 0 && cell != "" && cell != "-" {
				parts = append(parts, header[j]+" "+paint(i, j).Render(cell))
			}
		}
		for _, line := range packed(parts, p.style.Width-4) {
			p.indented(&b, 4, line)
		}
	}
	return b.String()
}

// packed puts as many parts on each line as there is room for, so that a number stays with what it is of.
func packed(parts []string, room int) []string {
	var lines []string
	for i, part := range parts {
		if i+1 < len(parts) {
			part += ","
		}
		if last := len(lines) - 1; i > 0 && lipgloss.Width(lines[last]+" "+part) <= room {
			lines[last] += " " + part
		} else {
			lines = append(lines, part)
		}
	}
	return lines
}

// indented writes a text, wrapped where the terminal has room for words at all.
func (p *painter) indented(b *strings.Builder, indent int, text string) {
	if room := p.style.Width - indent; room >= indent {
		text = p.renderer.NewStyle().Width(room).Render(text)
	}
	for line := range strings.Lines(text) {
		b.WriteString(strings.Repeat(" ", indent) + strings.TrimRight(line, " \n") + "\n")
	}
}
