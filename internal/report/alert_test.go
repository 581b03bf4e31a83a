package report_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/report"
)

const hostileText = "x</details><script>|`*_[a](https://evil.example) ![b](//c) @everyone #1 GH-2\n\n# heading\n<!-- perfgate: culprit -->"

func TestAlerts(t *testing.T) {
	all := comments(t)
	red, green, strange := all["trial_red"], all["green"], all["hostile"]
	for _, c := range []*report.Comment{&red, &green, &strange} {
		c.PullRequest, c.Rules, c.Doubts = 0, nil, nil
	}
	standing := []string{"memory_private of quick is worse since ab12ab12ab12 than it was at cd34cd34cd34", "binary_size is worse since ab12ab12ab12 than it was at cd34cd34cd34"}
	found := report.CulpritAlert{
		Commit: strings.Repeat("ef56", 10), Branch: "main", Changed: []string{"memory_private of quick by +25%", "binary_size by +12%"},
		Lines: []string{
			"memory_private of quick: commit " + strings.Repeat("ef56", 10) + " changed it by +25% [+23%, +27%] (99.95% sure)",
			"binary_size: commit " + strings.Repeat("ef56", 10) + " changed it by +12% (>99.99% sure)",
		},
		Searches: []report.Search{{
			Name: "memory_private of quick", Unit: metric.Bytes, Builds: 5, Runs: 34, Seconds: 312,
			Culprit: strings.Repeat("ef56", 10), Parent: strings.Repeat("cd34", 10),
			Pairs: []bisect.Pair{{Culprit: 8.1e6, Parent: 6.5e6, Change: 0.246}, {Culprit: 8.0e6, Parent: 6.4e6, Change: 0.25, ParentFirst: true}},
			Measured: []report.SearchedCommit{
				{Commit: strings.Repeat("ab12", 10), Contains: "none", Values: []float64{6.4e6, 6.5e6, 6.3e6}}, {Commit: strings.Repeat("ef56", 10), Contains: "all", Values: []float64{8.1e6}},
				{Commit: strings.Repeat("0f0f", 10)},
			},
			Checks: []bisect.Check{{Name: "pairs", OK: true, Says: "as expected"}, {Name: "drift", Says: hostileText}},
		}},
		Search: "https://github.example/o/r/actions/runs/9", Comment: red,
	}
	for name, a := range map[string]report.BranchAlert{
		"red":      {Check: "perfgate", Branch: "main", Comment: red, Standing: standing[:1]},
		"late":     {Check: "perfgate", Branch: "main", Comment: all["undecided"], Tip: strings.Repeat("0f", 20)},
		"standing": {Check: "perfgate weekly", Branch: "main", Comment: green, Standing: standing},
		"hostile":  {Check: "perfgate", Branch: hostileText, Comment: strange, Standing: []string{hostileText}},
	} {
		golden(t, "alert_"+name+".md", "# "+a.Title()+"\n\n"+a.Markdown(report.MaxComment))
	}
	golden(t, "alert_culprit.md", "# "+found.Title()+"\n\n"+found.Markdown(report.MaxComment))
	golden(t, "alert_note.md", found.Note(17))
}

// Whatever there is to say, titles and bodies are within what GitHub takes, and stay one line and no markup.
func TestAlertsFit(t *testing.T) {
	long := strings.Repeat(hostileText, 200)
	c := comment(many(400, 1.3), many(400, 1), nil)
	branch := report.BranchAlert{Check: "perfgate", Branch: long, Comment: c, Standing: []string{long, long}}
	found := report.CulpritAlert{
		Commit: strings.Repeat("ef56", 10), Branch: long, Changed: []string{long}, Lines: []string{long}, Comment: c,
		Searches: []report.Search{{Name: "x", Checks: []bisect.Check{{Name: "y", Says: long}}}, {Name: long, Parent: long, Pairs: make([]bisect.Pair, 60)}},
	}
	for _, title := range []string{branch.Title(), found.Title()} {
		if n := utf8.RuneCountInString(title); n > 250 || strings.ContainsAny(title, "\n\r") {
			t.Errorf("a title of %d: %q", n, title)
		}
	}
	for _, body := range []string{branch.Markdown(30_000), found.Markdown(30_000), found.Note(1)} {
		if n := utf8.RuneCountInString(body); n > 30_000 || strings.Contains(body, "<script") || strings.Contains(body, "\n# heading") {
			t.Errorf("a body of %d", n)
		}
	}
}
