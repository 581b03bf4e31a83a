package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/communitas/perfgate/internal/diagnosis"
)

// Findings writes what an examination found for a person at a terminal: a group a section, a finding a row with what it
// costs and the mend below, and a last line that counts. Findings of one group follow one another.
func Findings(w io.Writer, findings []diagnosis.Finding, style Style) error {
	p := newPainter(style)
	names := 0
	for _, f := range findings {
		names = max(names, lipgloss.Width(plain(f.Name)))
	}
	var group diagnosis.Group
	for i, f := range findings {
		if f.Group != group {
			if i > 0 {
				p.line("")
			}
			p.line(p.bold(plain(string(f.Group))))
			group = f.Group
		}
		p.finding(f, names)
	}
	p.line("")
	p.line(p.severity(diagnosis.Worst(findings), diagnosis.Tally(findings)))
	if _, err := io.WriteString(w, p.text.String()); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	return nil
}

// finding writes one row, whatever does not fit below its text.
func (p *painter) finding(f diagnosis.Finding, names int) {
	const severities = 4 // the width of the longest one
	lead := "  " + p.severity(f.Severity, padded(string(f.Severity), severities)) + "  " + padded(plain(f.Name), names) + "  "
	indent := strings.Repeat(" ", 2+severities+2+names+2)
	p.hanging(lead, indent, "", plain(f.Text))
	if f.Cost != "" {
		p.hanging(indent, indent+"      ", "cost: ", plain(f.Cost))
	}
	if f.Mend != "" {
		p.hanging(indent, indent+"      ", "mend: ", plain(f.Mend))
	}
}

// hanging writes a text behind a lead and a label, and its continuations behind an indent of the same width. A terminal too
// narrow for that gets long lines, which it breaks itself.
func (p *painter) hanging(lead, indent, label, text string) {
	const narrowest = 24
	if room := p.style.Width - len(indent); p.style.Width > 0 && room >= narrowest {
		text = p.renderer.NewStyle().Width(room).Render(text)
	}
	lead += p.dim(label)
	for line := range strings.Lines(text) {
		p.line(lead + strings.TrimRight(line, " \n"))
		lead = indent
	}
}

func (p *painter) severity(s diagnosis.Severity, text string) string {
	colour := map[diagnosis.Severity]string{diagnosis.OK: "2", diagnosis.Warn: "3", diagnosis.Bad: "1"}[s]
	return p.paint(p.renderer.NewStyle().Foreground(lipgloss.Color(colour)), text)
}

func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-lipgloss.Width(text)))
}
