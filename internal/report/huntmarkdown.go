package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/communitas/perfgate/internal/bisect"
)

// markdownColumns is how wide a drawing in a comment is.
const markdownColumns = 80

// HuntMarkdown writes a bisection as GitHub's markdown, for a comment or a job summary: the verdict and the culprit, the rest
// folded away. Everything that may come from a stranger is escaped.
func HuntMarkdown(w io.Writer, h Hunt) error {
	var b strings.Builder
	first, rest := h.headline()
	d := h.deepest()
	fmt.Fprintf(&b, "### %s perfgate bisect: %s\n\n", symbol(d.mood()), escape(first+rest))
	fmt.Fprintf(&b, "%s\n\n", escape(d.summary()))
	for _, part := range d.parts(markdownColumns) {
		markdownPart(&b, part, folds(d, part))
	}
	for _, outer := range h.outside() {
		fmt.Fprintf(&b, "**Before that, the search that found the merge %s**\n\n%s\n\n", escape(shortID(outer.Outcome.Culprit)), escape(outer.summary()))
		for _, part := range outer.parts(markdownColumns) {
			markdownPart(&b, part, true)
		}
	}
	if h.Command != "" {
		b.WriteString("**Again**\n\n")
		fenced(&b, []string{plain(h.Command)})
	}
	bullets(&b, "Next", d.next(h))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// folds tells which parts are folded away: what is not needed to know who it was. A check that failed is.
func folds(h Hunt, p part) bool {
	switch p.title {
	case titleBuilds, titleNoise, titleUnmeasured:
		return true
	case titleChecks:
		return !h.contradicted()
	}
	return p.title != titleWhere && h.Outcome.Outcome == bisect.OutcomeCulprit && len(p.rows) > 0
}

func markdownPart(b *strings.Builder, p part, folded bool) {
	title := p.title
	if first := title[0]; first >= 'a' && first <= 'z' && !strings.Contains(title, " against ") {
		title = strings.ToUpper(title[:1]) + title[1:]
	}
	if folded {
		fmt.Fprintf(b, "<details><summary>%s</summary>\n\n", escape(title))
	} else {
		fmt.Fprintf(b, "**%s**\n\n", escape(title))
	}
	fenced(b, p.drawn)
	if len(p.rows) > 0 {
		markdownRows(b, p)
	}
	bullets(b, "", p.lines)
	if folded {
		b.WriteString("</details>\n\n")
	}
}

// fenced writes lines as they are. A fence is longer than any run of backticks between.
func fenced(b *strings.Builder, lines []string) {
	if len(lines) == 0 {
		return
	}
	longest := 2
	for _, line := range lines {
		n := 0
		for _, r := range line {
			if n++; r != '`' {
				n = 0
			}
			longest = max(longest, n)
		}
	}
	marks := strings.Repeat("`", longest+1)
	fmt.Fprintf(b, "%stext\n%s\n%s\n\n", marks, strings.Join(lines, "\n"), marks)
}

// mostRows is how many rows a table of a bisection or of a refresh has at most.
const mostRows = 200

func markdownRows(b *strings.Builder, p part) {
	line := "|"
	for _, right := range p.right {
		if right {
			line += " ---: |"
		} else {
			line += " --- |"
		}
	}
	fmt.Fprintf(b, "%s\n%s\n", markdownRow(p.header), line)
	for _, row := range p.rows[:min(mostRows, len(p.rows))] {
		b.WriteString(markdownRow(row) + "\n")
	}
	if n := len(p.rows) - mostRows; n > 0 {
		fmt.Fprintf(b, "\nand %d more\n", n)
	}
	b.WriteString("\n")
}

func markdownRow(cells []string) string {
	escaped := make([]string, len(cells))
	for i, c := range cells {
		escaped[i] = escape(c)
	}
	return "| " + strings.Join(escaped, " | ") + " |"
}
