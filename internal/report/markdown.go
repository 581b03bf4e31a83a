package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// maxRows is how many metrics a table of a comment has at most.
const maxRows = 200

// Markdown writes a verdict as GitHub's markdown, for a comment or a job summary: what changed first, the rest folded
// away. Everything that may come from a stranger is escaped: no markup, link, mention or reference comes of it.
func Markdown(w io.Writer, v compare.Verdict, r *result.Results) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s perfgate: %s\n\n", symbol(v.Verdict), escape(headline(v)))
	fmt.Fprintf(&b, "%s\n\n", escape(v.Reason))
	var first, rest []compare.Metric
	for _, m := range v.Metrics {
		if remarkable(m) {
			first = append(first, m)
		} else {
			rest = append(rest, m)
		}
	}
	slices.SortStableFunc(first, func(x, y compare.Metric) int {
		return cmp.Compare(slices.Index(compare.Outcomes(), x.Verdict), slices.Index(compare.Outcomes(), y.Verdict))
	})
	markdownTable(&b, first)
	bullets(&b, "Trial", trial(v))
	bullets(&b, "Problems", problems(v))
	bullets(&b, "Why", why(v))
	bullets(&b, "Warnings", v.Warnings)
	if len(rest) > 0 {
		fmt.Fprintf(&b, "<details><summary>%s as before, within the targets, or not judged</summary>\n\n", count(len(rest), "metric"))
		markdownTable(&b, rest)
		b.WriteString("</details>\n\n")
	}
	if aside := append(folded(v.NotMeasurable), proxies(r)...); len(aside) > 0 {
		fmt.Fprintf(&b, "<details><summary>%s not measurable</summary>\n\n", count(len(v.NotMeasurable), "metric"))
		bullets(&b, "", aside)
		b.WriteString("</details>\n\n")
	}
	bullets(&b, "Next", v.Next)
	fmt.Fprintf(&b, "<sub>%s</sub>\n", escape(footer(v)))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func footer(v compare.Verdict) string {
	text := comparedWith(v)
	if v.Commit != "" {
		text = v.Commit[:min(12, len(v.Commit))] + " " + text
	}
	return text
}

func symbol(o compare.Outcome) string {
	switch o {
	case compare.Failed, compare.Regressed, compare.OverTarget:
		return "🔴"
	case compare.Inconclusive:
		return "🟡"
	default:
		return "🟢"
	}
}

func markdownTable(b *strings.Builder, metrics []compare.Metric) {
	if len(metrics) == 0 {
		return
	}
	shown := slices.DeleteFunc(columns(), func(c column) bool { return c.title == sinceTitle && len(speaking([]column{c}, metrics)) == 0 })
	header, line := "| scenario |", "| --- |"
	for _, c := range shown {
		header += " " + c.title + " |"
		if c.right {
			line += " ---: |"
		} else {
			line += " --- |"
		}
	}
	b.WriteString(header + "\n" + line + "\n")
	for _, m := range metrics[:min(maxRows, len(metrics))] {
		var fields []string
		for _, c := range shown {
			fields = append(fields, escape(c.cell(m)))
		}
		fields[0] = code(m.Metric)
		if last := len(fields) - 1; m.Verdict.Bad() {
			fields[last] = "**" + fields[last] + "**"
		}
		fmt.Fprintf(b, "| %s | %s |\n", escape(m.Scenario), strings.Join(fields, " | "))
	}
	if n := len(metrics) - maxRows; n > 0 {
		fmt.Fprintf(b, "\nand %d more\n", n)
	}
	b.WriteString("\n")
}

func bullets(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	if title != "" {
		fmt.Fprintf(b, "**%s**\n\n", title)
	}
	for _, line := range lines[:min(maxRows, len(lines))] {
		fmt.Fprintf(b, "- %s\n", escape(line))
	}
	b.WriteString("\n")
}

// code writes a metric's name as code. A name that no metric may have is only escaped.
func code(name string) string {
	if metric.ValidName(name) {
		return "`" + name + "`"
	}
	return escape(name)
}

// breaker is a zero-width space: between the parts of a mention, a reference or an address it keeps them from becoming
// links, and nobody sees it.
const breaker = "\u200b"

// escape makes one line of plain text of whatever it gets: the punctuation of markdown and HTML loses its meaning, and
// mentions, references and addresses do not become links.
func escape(text string) string {
	runes := []rune(strings.TrimSpace(plain(text)))
	var b strings.Builder
	for i, r := range runes {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case strings.ContainsRune("\\`*_{}[]()!|~$^=", r), i == 0 && strings.ContainsRune("-+#", r):
			b.WriteString("\\" + string(r))
		case links(runes, i):
			b.WriteString(breaker + string(r) + breaker)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// links tells whether the rune at i is where GitHub would recognise a link in plain text: the @ of a mention or a mail
// address, the # and the - of a reference (#12, GH-12), the : of "://", the . of "www.".
func links(runes []rune, i int) bool {
	before := func(word string) bool {
		return i >= len(word) && strings.EqualFold(string(runes[i-len(word):i]), word)
	}
	switch runes[i] {
	case '@', '#':
		return true
	case ':':
		return i+1 < len(runes) && runes[i+1] == '/'
	case '.':
		return before("www")
	case '-':
		return before("gh")
	default:
		return false
	}
}
