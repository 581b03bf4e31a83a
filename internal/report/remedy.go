package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// What a person can paste stands in fences, into which nothing may come that is not a plain word: a name that is none
// leaves its line out.

// fence is a block of text to paste.
func fence(rank int, lead, language string, lines []string) block {
	if len(lines) == 0 {
		return block{}
	}
	text := lead + "```" + language + "\n" + strings.Join(lines, "\n") + "\n```\n\n"
	return block{rank: rank, rows: []string{text}, noun: "snippet"}
}

// word tells the texts that mean themselves in a shell and in TOML: letters, digits, and "-", "_", ".", "/" inside.
func word(text string) bool { return metric.ValidName(text) }

// hexadecimal tells what can be a commit.
func hexadecimal(text string) bool {
	return len(text) >= 7 && len(text) <= 64 && strings.Trim(text, "0123456789abcdef") == ""
}

// brief is a commit as people write it.
func brief(commit string) string { return commit[:min(12, len(commit))] }

// reproduceBlock is how to measure the same at home.
func (c Comment) reproduceBlock() block {
	if c.Head == nil || len(c.Head.Scenarios) == 0 {
		return block{}
	}
	var lines []string
	switch {
	case !hexadecimal(c.HeadCommit):
	case c.PullRequest > 0:
		lines = append(lines, fmt.Sprintf("git fetch origin pull/%d/head && git checkout --detach %s", c.PullRequest, c.HeadCommit))
	default:
		lines = append(lines, "git checkout --detach "+c.HeadCommit)
	}
	return fence(rankReproduce, "", "sh", append(lines, "perfgate check"+c.against()+measuredPlans(c.Head)))
}

// against is the flag that measures the other side again: that of a trial, or the one to search from where nothing was
// recorded to compare with.
func (c Comment) against() string {
	switch {
	case c.Base != nil && hexadecimal(c.Base.Subject.Commit):
		return " --against " + brief(c.Base.Subject.Commit)
	case c.Base == nil && c.Verdict.Qualifier != "" && hexadecimal(c.BaseCommit):
		return " --against " + brief(c.BaseCommit)
	default:
		return ""
	}
}

// measuredPlans are the flags that choose what was measured.
func measuredPlans(r *result.Results) string {
	flags := ""
	for _, plan := range r.Scenarios {
		switch {
		case word(plan.Name):
			flags += " -s " + plan.Name
		case word(plan.Benchmark):
			flags += " --benchmark " + plan.Benchmark
		}
	}
	return flags
}

// maxWaivers is how many waivers are offered.
const maxWaivers = 5

// waiverBlock is the text that accepts the regressions, to be pasted into baselines.toml and reviewed there.
func (c Comment) waiverBlock() block {
	if c.Now.IsZero() {
		return block{}
	}
	var waivers []string
	for _, m := range c.Verdict.Metrics {
		if text := c.waiver(m); text != "" {
			waivers = append(waivers, text)
		}
	}
	if n := len(waivers) - maxWaivers; n > 0 {
		waivers = append(waivers[:maxWaivers], fmt.Sprintf("# and %d more", n))
	}
	if len(waivers) == 0 {
		return block{}
	}
	const lead = "<details><summary>If the change is wanted: the waiver for baselines.toml, to be merged into the base branch first</summary>\n\n"
	b := fence(rankWaiver, lead, "toml", []string{strings.Join(waivers, "\n\n")})
	b.rows[0] += "</details>\n\n"
	return b
}

// waiver is the text that accepts the regression of a metric, "" when there is none or no waiver would do.
func (c Comment) waiver(m compare.Metric) string {
	most, ok := waived(m)
	if !ok || !gated(m) || m.Verdict != compare.Regressed || !word(m.Metric) || m.Scenario != "" && !word(m.Scenario) {
		return ""
	}
	text := fmt.Sprintf("[[waiver]]\nmetric = %q\n", m.Metric)
	if m.Scenario != "" {
		text += fmt.Sprintf("scenario = %q\n", m.Scenario)
	}
	return text + fmt.Sprintf("until = %s\nmax = %q\nreason = \"say why this is accepted\"", c.Now.UTC().AddDate(0, 0, 30).Format("2006-01-02"), most)
}

// waived is the size of a waiver that accepts what was measured: the change for the worse, against the base and the release,
// rounded up to 5 %.
func waived(m compare.Metric) (string, bool) {
	change := 0.0
	for _, n := range []compare.Number{m.Change, m.ReleaseChange} {
		if n.Present() {
			change = math.Max(change, math.Abs(float64(n)))
		}
	}
	steps := math.Ceil(change*20 + 1e-9)
	if !finite(steps) || steps < 1 || steps > 200 {
		return "", false
	}
	return fmt.Sprintf("%d%%", int(steps)*5), true
}
