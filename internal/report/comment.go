package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// The limits of GitHub, in code points. That of a job summary is 1 MiB; a code point has four bytes at most.
const (
	MaxComment = 65_000
	MaxOutput  = 65_535 // summary and text of a check run, each
	MaxSummary = 260_000
)

// Comment is all that a comment, a check run or a job summary says. Only Verdict is needed.
type Comment struct {
	Verdict compare.Verdict
	// Head and Base are the results that were judged; nil when they are not at hand.
	Head, Base *result.Results
	// Rules is what the change that is judged does to the rules that judge it, a line each; it was judged without.
	Rules []string
	// Doubts are what could not be verified about the results, a line each.
	Doubts []string
	// Trends are the metrics' histories, the most interesting first.
	Trends []Trend
	// PullRequest is its number, 0 when there is none.
	PullRequest int
	// HeadCommit is the commit that is judged, and BaseCommit the one that the way to a culprit begins at; "" when not known.
	HeadCommit, BaseCommit string
	// Now dates the waiver that is offered; zero offers none.
	Now time.Time
	// Whole is the address of the whole report, for what had to be left out; "" when there is none. It is trusted.
	Whole string
	// Culprits say what searches have found, a line each; nil without a search.
	Culprits []string
}

// The ranks of blocks: what is cut first has the highest.
const (
	never = iota
	rankChanged
	rankCulprit
	rankProblems
	rankRules
	rankDoubts
	rankNext
	rankCompared
	rankChangedToo
	rankWhy
	rankWaiver
	rankWarnings
	rankTrend
	rankReproduce
	rankTrial
	rankEnvironment
	rankUnmeasurable
	rankUnchanged
)

// maxOpen is how many metrics, and maxLines how many lines of a list, are seen without opening anything.
const (
	maxOpen  = 20
	maxLines = 8
)

// Markdown renders the comment within a limit in code points, 0 for none. The first line has the verdict and the reason, and
// is never lost; everything that may come from a stranger is escaped.
func (c Comment) Markdown(limit int) string {
	v := c.Verdict
	first, rest := ranked(v.Metrics)
	blocks := []block{
		{head: "### " + symbol(v.Verdict) + " " + escape(c.Title()) + "\n\n"},
		{rank: rankCompared, rows: []string{capital(escape(comparedWith(v))) + ".\n\n"}, noun: "line"},
		c.rulesBlock(),
		list(rankDoubts, "**Not verified**", c.Doubts),
		list(rankCulprit, "**Culprit**", c.Culprits),
		metricsBlock(rankChanged, first[:min(maxOpen, len(first))]),
		folding(metricsBlock(rankChangedToo, first[min(maxOpen, len(first)):]), fmt.Sprintf("%d more that changed", max(0, len(first)-maxOpen))),
		longList(rankProblems, "Problems", problems(v)),
		longList(rankWhy, "Why", c.why()),
		longList(rankWarnings, "Warnings", v.Warnings),
	}
	blocks = append(blocks, trendBlocks(c.Trends)...)
	blocks = append(blocks, nextBlock(c.next()))
	blocks = append(blocks, c.waiverBlock())
	blocks = append(blocks,
		folding(metricsBlock(rankUnchanged, rest), count(len(rest), "metric")+" as before, within the targets, or not judged"),
		folding(list(rankUnmeasurable, "", append(folded(v.NotMeasurable), proxies(c.Head)...)), count(len(v.NotMeasurable), "metric")+" not measurable"),
		folding(list(rankTrial, "", trial(v)), "How the trial went"),
		folding(c.environmentBlock(), "Commits and environment"),
		folding(c.reproduceBlock(), "Reproduce it"),
	)
	return assemble(blocks, limit, c.whole())
}

// titleLength is how much of the reason stands in the first line, in code points.
const titleLength = 160

// Title is the verdict and the reason in one line of plain text, for the title of a check run as for the first line. It is
// at most some 250 code points.
func (c Comment) Title() string {
	text := "perfgate: " + strings.ReplaceAll(headline(c.Verdict), "_", " ")
	if c.Verdict.Reason == "" {
		return shortenedTo(text, titleLength)
	}
	return shortenedTo(text, titleLength/2) + ": " + shortenedTo(plain(c.Verdict.Reason), titleLength)
}

// shortenedTo cuts a text at the end of a word.
func shortenedTo(text string, most int) string {
	all := []rune(text)
	if len(all) <= most {
		return text
	}
	kept := string(all[:most-1])
	if i := strings.LastIndexByte(kept, ' '); i > len(kept)/2 {
		kept = kept[:i]
	}
	return kept + "…"
}

func (c Comment) whole() string {
	return link("the report", c.Whole)
}

// link leads to a trusted address, and is "" without one.
func link(text, address string) string {
	if address == "" {
		return ""
	}
	return "[" + text + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", "\n", "", "\\", "%5C").Replace(address) + ">)"
}

// rulesBlock tells, before anything else, that the judged change would change its judges.
func (c Comment) rulesBlock() block {
	if len(c.Rules) == 0 {
		return block{}
	}
	rows := listed(c.Rules)
	for i := range rows {
		rows[i] = "> " + rows[i]
	}
	return block{
		rank: rankRules, noun: "change of the rules", rows: rows, foot: "\n",
		head: "> [!WARNING]\n> This pull request changes the rules of the gate. It was judged by those of the base branch, without these changes:\n",
	}
}

// next is what to do, the most useful first; a way to the culprit where there are two ends to search between.
func (c Comment) next() []string {
	lines := slices.Clone(c.Verdict.Next)
	if c.Verdict.Verdict == compare.Regressed && hexadecimal(c.BaseCommit) && hexadecimal(c.HeadCommit) && len(c.Culprits) == 0 {
		lines = append([]string{"find the commit that did it: perfgate bisect " + brief(c.BaseCommit) + ".." + brief(c.HeadCommit) + searched(c.Verdict)}, lines...)
	}
	if len(c.Culprits) > 0 && c.Verdict.Verdict.Bad() {
		lines = append([]string{"mend what is accused, or take it back with git revert"}, lines...)
	}
	return lines
}

// searched are the flags that name what a bisection is to search: the worst of what regressed.
func searched(v compare.Verdict) string {
	first, _ := ranked(v.Metrics)
	for _, m := range first {
		if !gated(m) || m.Verdict != compare.Regressed || !word(m.Metric) {
			continue
		}
		if word(m.Scenario) {
			return " --metric " + m.Metric + " -s " + m.Scenario
		}
		return " --metric " + m.Metric
	}
	return ""
}

// why leaves out the one reason that the first line has.
func (c Comment) why() []string {
	lines := why(c.Verdict)
	if len(lines) == 1 && c.reasonOfOne() != "" && strings.HasSuffix(c.Title(), plain(c.Verdict.Reason)) && strings.HasSuffix(lines[0], c.reasonOfOne()) {
		return nil
	}
	return lines
}

// reasonOfOne is the reason behind the metric's name.
func (c Comment) reasonOfOne() string {
	_, reason, _ := strings.Cut(c.Verdict.Reason, ": ")
	return reason
}

// command is one of perfgate's at the end of a line, of letters that mean themselves in Markdown's code.
var command = regexp.MustCompile(`^(.*[: ])(perfgate [a-z]+(?: [A-Za-z0-9._/=:~^-]+)*)$`)

// nextBlock is the list of what to do; a command stands as code, to be copied.
func nextBlock(lines []string) block {
	b := list(rankNext, "**Next**", lines)
	for i, line := range lines {
		if found := command.FindStringSubmatch(line); found != nil {
			b.rows[i] = "- " + escape(found[1]) + " `" + found[2] + "`\n"
		}
	}
	return b
}

// longList is a list that is folded where it would push everything else off the page.
func longList(rank int, title string, lines []string) block {
	if len(lines) > maxLines {
		return folding(list(rank, "", lines), fmt.Sprintf("<b>%s</b>: %s", title, count(len(lines), "line")))
	}
	return list(rank, "**"+title+"**", lines)
}

// list is a block of items under a title, "" for none.
func list(rank int, title string, lines []string) block {
	if len(lines) == 0 {
		return block{}
	}
	if title != "" {
		title += "\n\n"
	}
	return block{rank: rank, head: title, rows: listed(lines), foot: "\n", noun: "line"}
}

// table is a block of metrics.
func metricsBlock(rank int, metrics []compare.Metric) block {
	if len(metrics) == 0 {
		return block{}
	}
	header, rows := markdownTable(metrics)
	return block{rank: rank, head: header, rows: rows, foot: "\n", noun: "metric"}
}

// folding puts a block behind a line that opens it.
func folding(b block, summary string) block {
	if b.head == "" && len(b.rows) == 0 {
		return b
	}
	b.head = "<details><summary>" + summary + "</summary>\n\n" + b.head
	b.foot += "</details>\n\n"
	return b
}

// environmentBlock names the commits and the machine.
func (c Comment) environmentBlock() block {
	if c.Head == nil {
		return block{}
	}
	var lines []string
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, name+": "+value)
		}
	}
	commit := func(r *result.Results) string {
		text := r.Subject.Commit
		if r.Subject.Dirty {
			text += " with uncommitted changes"
		}
		return text
	}
	add("measured", commit(c.Head))
	if c.HeadCommit != c.Head.Subject.Commit {
		add("judged for", c.HeadCommit)
	}
	if c.Base != nil {
		add("base", commit(c.Base))
	}
	add("subject", c.Head.Subject.Name)
	for _, t := range c.Head.Environment.Traits() {
		add(t.Name, t.Value)
	}
	add("environment", c.Head.Environment.Fingerprint)
	add("contract level", c.Head.Level)
	add("measured by", strings.TrimSpace(c.Head.Tool.Name+" "+c.Head.Tool.Version))
	if !c.Head.Created.IsZero() {
		add("measured at", c.Head.Created.UTC().Format("2006-01-02 15:04 MST"))
	}
	return list(rankEnvironment, "", lines)
}

// capital makes a sentence of a clause.
func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// gated tells whether a metric by itself turned the verdict.
func gated(m compare.Metric) bool { return m.Verdict.Bad() && m.Policy == metric.Block }
