package report

import (
	"cmp"
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

// Markdown writes a verdict as GitHub's markdown, whole: what changed first, the rest folded away. Everything that may come
// from a stranger is escaped: no markup, link, mention or reference comes of it.
func Markdown(w io.Writer, v compare.Verdict, r *result.Results) error {
	if _, err := io.WriteString(w, Comment{Verdict: v, Head: r}.Markdown(0)); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// symbol is the colour of an outcome.
func symbol(o compare.Outcome) string {
	switch o {
	case compare.Failed, compare.Regressed, compare.OverTarget:
		return "🔴"
	case compare.Inconclusive:
		return "🟡"
	case compare.NotJudged:
		return "⚪"
	default:
		return "🟢"
	}
}

// scenarioLength is how much of a scenario's name stands in a table.
const scenarioLength = 40

// markdownTable is a table of metrics: the verdict in the first column, where a narrow page shows it.
func markdownTable(metrics []compare.Metric) (header string, rows []string) {
	all := columns()
	shown := append([]column{{title: "verdict", cell: outcome}, {title: "scenario", cell: func(m compare.Metric) string { return shortenedTo(placed(m.Scenario, m.Metric), scenarioLength) }}},
		slices.DeleteFunc(all[:len(all)-1], func(c column) bool {
			c.optional = c.optional || c.title == targetTitle // a page is narrower than a terminal
			return (c.title == sinceTitle || c.title == targetTitle) && len(speaking([]column{c}, metrics)) == 0
		})...)
	header, line := "|", "|"
	for _, c := range shown {
		header += " " + c.title + " |"
		if c.right {
			line += " ---: |"
		} else {
			line += " --- |"
		}
	}
	for _, m := range metrics {
		fields := make([]string, len(shown))
		for i, c := range shown {
			fields[i] = unbroken(escape(c.cell(m)))
			if fields[i] == `\-` {
				fields[i] = ""
			}
		}
		fields[0] = marked(m)
		fields[2] = code(m.Metric)
		rows = append(rows, "| "+strings.Join(fields, " | ")+" |\n")
	}
	return header + "\n" + line + "\n", rows
}

// placed is where a metric was measured: its scenario, or what it is in place of one.
func placed(scenario, name string) string {
	switch {
	case scenario != "":
		return plain(scenario)
	case metric.Benchmark(name) != "":
		return "(benchmark)"
	default:
		return "(build)"
	}
}

// unbroken keeps a target and an interval on one line each, where a narrow page would part them.
func unbroken(cell string) string {
	value, interval, found := strings.Cut(cell, ` \[`)
	value = strings.ReplaceAll(value, " ", "\u00a0")
	if !found {
		if len(cell) > scenarioLength/2 {
			return cell
		}
		return value
	}
	return value + ` \[` + strings.ReplaceAll(interval, " ", "\u00a0")
}

// marked is the outcome of a metric with its colour, so that it is seen before it is read. What does not block has none.
func marked(m compare.Metric) string {
	text := strings.ReplaceAll(escape(outcome(m)), `\_`, " ")
	switch {
	case m.Verdict == compare.NotJudged:
		return "not judged"
	case m.Verdict.Bad() && m.Policy != metric.Block:
		return "⚪\u00a0" + text
	case remarkable(m):
		return symbol(m.Verdict) + "\u00a0**" + text + "**"
	default:
		return text
	}
}

// ranked parts the metrics into those that a reader should see first, the most important on top, and the rest, in which what
// nothing decides about comes last.
func ranked(metrics []compare.Metric) (first, rest []compare.Metric) {
	for _, m := range metrics {
		if remarkable(m) {
			first = append(first, m)
		} else {
			rest = append(rest, m)
		}
	}
	aside := func(m compare.Metric) int {
		switch {
		case m.Verdict == compare.NotJudged:
			return 2
		case m.Policy != metric.Block:
			return 1
		default:
			return 0
		}
	}
	slices.SortStableFunc(first, func(x, y compare.Metric) int {
		return cmp.Or(cmp.Compare(aside(x), aside(y)),
			cmp.Compare(slices.Index(compare.Outcomes(), x.Verdict), slices.Index(compare.Outcomes(), y.Verdict)),
			cmp.Compare(size(y), size(x)))
	})
	slices.SortStableFunc(rest, func(x, y compare.Metric) int { return cmp.Compare(aside(x), aside(y)) })
	return first, rest
}

// size is how far a metric moved in tenths of a percent, in either direction; 0 when that is not known.
func size(m compare.Metric) float64 {
	if !m.Change.Present() {
		return 0
	}
	return math.Round(1000 * math.Abs(float64(m.Change)))
}

// listed are lines as items of a list.
func listed(lines []string) []string {
	items := make([]string, len(lines))
	for i, line := range lines {
		items[i] = "- " + escape(line) + "\n"
	}
	return items
}

// bullets writes a list under a title, "" for none.
func bullets(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	if title != "" {
		fmt.Fprintf(b, "**%s**\n\n", title)
	}
	b.WriteString(strings.Join(listed(lines), "") + "\n")
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
		case links(runes, i): // before what would escape it: "\#1" is no heading, and a reference all the same
			b.WriteString(breaker + string(r) + breaker)
		case strings.ContainsRune("\\`*_{}[]()!|~$^=", r), i == 0 && strings.ContainsRune("-+", r):
			b.WriteString("\\" + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// links tells whether the rune at i is where GitHub would recognise a link in plain text: the @ of a mention or a mail
// address, the # and the - of a reference (#12, GH-12), the : of "://" and of an emoji's name, the . of "www.".
func links(runes []rune, i int) bool {
	before := func(word string) bool {
		return i >= len(word) && strings.EqualFold(string(runes[i-len(word):i]), word)
	}
	switch runes[i] {
	case '@', '#':
		return true
	case ':':
		return i+1 < len(runes) && (runes[i+1] == '/' || runes[i+1] == '+' || runes[i+1] == '-' || unicode.IsLetter(runes[i+1]))
	case '.':
		return before("www")
	case '-':
		return before("gh")
	default:
		return false
	}
}
