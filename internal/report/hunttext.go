package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/compare"
)

// barColumns is the widest drawing, where the width has no limit.
const barColumns = 96

// HuntText writes a bisection for a person at a terminal: the verdict in the first line, then what it rests on, what it took,
// and what to do next.
func HuntText(w io.Writer, h Hunt, style Style) error {
	p := newPainter(style)
	first, rest := h.headline()
	d := h.deepest()
	p.line(p.paint(p.tone(d.mood()).Bold(true), first) + rest)
	p.hunt(d)
	for _, outer := range h.outside() {
		p.line("")
		p.line(p.bold("before that, the search that found the merge " + shortID(outer.Outcome.Culprit)))
		p.hunt(outer)
	}
	if h.Command != "" {
		p.part(part{title: "again", drawn: []string{plain(h.Command)}}) // in one line, to be copied
	}
	p.section("next", d.next(h))
	p.end("")
	if _, err := io.WriteString(w, p.text.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// outside are the searches that led to the deepest one, the innermost first.
func (h Hunt) outside() []Hunt {
	var all []Hunt
	for at := h; at.Inside != nil && at.deepest().Outcome.Culprit != at.Outcome.Culprit; at = *at.Inside {
		all = append([]Hunt{at}, all...)
	}
	return all
}

// mood is the outcome of a verdict that has the colour of this one.
func (h Hunt) mood() compare.Outcome {
	switch {
	case h.Outcome.Outcome == bisect.OutcomeNone:
		return compare.Pass
	case h.Outcome.Outcome == bisect.OutcomeUndecided:
		return compare.Inconclusive
	case h.better():
		return compare.Improved
	default:
		return compare.Regressed
	}
}

func (p *painter) hunt(h Hunt) {
	p.wrappedPlain(h.summary())
	columns := barColumns
	if p.style.Width > 0 {
		columns = max(8, min(columns, p.style.Width-4))
	}
	for _, part := range h.parts(columns) {
		p.part(part)
	}
}

// part writes one part: its table, its drawing, its list.
func (p *painter) part(of part) {
	if len(of.rows)+len(of.drawn) == 0 {
		p.section(of.title, of.lines)
		return
	}
	p.line("")
	p.line(p.bold(plain(of.title)))
	for _, line := range of.drawn {
		p.line("  " + line)
	}
	if len(of.rows) > 0 {
		p.lines(p.fitted(of))
	}
	for _, line := range of.lines {
		p.wrapped(plain(line))
	}
}

// fitted is the table of a part, with as many columns as there is room for.
func (p *painter) fitted(of part) string {
	limit, paint := p.style.Width, func(_, _ int) lipgloss.Style { return p.renderer.NewStyle() }
	for {
		drawn := p.table(of.header, of.rows, of.right, paint).Render()
		if limit <= 0 || lipgloss.Width(drawn) <= limit {
			return drawn
		}
		if len(of.spare) == 0 {
			return p.fit(of.header, of.rows, of.right, paint)
		}
		spare := of.spare[1:]
		of = of.without(of.spare[0])
		of.spare = spare
	}
}

// wrappedPlain writes a dim line that may need several.
func (p *painter) wrappedPlain(text string) {
	if p.style.Width > 0 {
		text = p.renderer.NewStyle().Width(p.style.Width).Render(text)
	}
	for line := range strings.SplitSeq(text, "\n") {
		p.line(p.dim(line))
	}
}
