package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
)

var today = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// many are results of n custom metrics, of which every third is slower by the factor.
func many(n int, factor float64) *result.Results {
	r := network(1)
	r.Series = r.Series[:0]
	r.Scenarios = r.Scenarios[:1]
	for i := range n {
		f := 0.001 * float64(i+1)
		if i%3 == 0 {
			f *= factor + 0.001*float64(i)
		}
		r.Series = append(r.Series, measured("quick", fmt.Sprintf("stage_%03d_time", i), scaled(f, steady)))
	}
	return r
}

func recorded(t *testing.T, older, newer *result.Results) *baseline.File {
	t.Helper()
	f := release(t, older)
	recordings, err := baseline.FromResults(newer)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := f.WithRecordings(recordings)
	if err != nil {
		t.Fatal(err)
	}
	if f, err = baseline.Parse("baselines.toml", raw); err != nil {
		t.Fatal(err)
	}
	return f
}

func comment(head, base *result.Results, file *baseline.File) report.Comment {
	v := compare.Decide(compare.Input{Head: head, Base: base, Baselines: file, Now: today})
	return report.Comment{
		Verdict: v, Head: head, Base: base, Now: today, PullRequest: 12, HeadCommit: strings.Repeat("ab12", 10), BaseCommit: strings.Repeat("cd34", 10),
		Whole: "https://github.example/o/r/actions/runs/7", Trends: report.TrendsOf(file, v),
	}
}

// comments are the golden ones, which are looked at as pictures, too.
func comments(t *testing.T) map[string]report.Comment {
	t.Helper()
	undecided := change(network(1), "memory_private", scaled(6.7e6, noisy))
	self := comment(network(1.25), network(1), nil)
	self.Rules = []string{"baselines.toml:7: the tolerance of startup_time goes from 10% to 60%: looser", "baselines.toml:12: a new waiver for memory_private up to 40% until 2027-01-01"}
	self.Doubts = []string{"base was measured at cd34cd34cd34, which is no commit of main"}
	strange := comment(hostile("x\u202e\u200b</details><script>|`*_[a](https://evil.example) ![b](//c) @everyone #1 GH-2 www.evil.example :tada: <!-- c -->\n\n```\n# heading\n- [ ] task $x$"), nil, nil)
	strange.Rules, strange.Doubts = []string{"a`\n# b\n> c @d"}, []string{"```\n</details> @d"}
	strange.Culprits = []string{"e\n\n# f @g"}
	return map[string]report.Comment{
		"green":     comment(network(1), network(1), nil),
		"improved":  comment(network(0.8), network(1), nil),
		"red":       comment(network(1.25), nil, recorded(t, network(0.9), network(1))),
		"trial_red": self,
		"undecided": comment(undecided, change(network(1), "memory_private", scaled(6.4e6, noisy)), nil),
		"failed":    comment(crashed(), network(1), nil),
		"targets":   comment(network(1), nil, nil),
		"forty":     comment(wide(1.3), wide(1), nil),
		"hostile":   strange,
		"trend":     comment(network(1.25), network(1.05), recorded(t, network(0.9), network(1))),
	}
}

func TestComments(t *testing.T) {
	for name, c := range comments(t) {
		t.Run(name, func(t *testing.T) { golden(t, "comment_"+name+".md", c.Markdown(report.MaxComment)) })
	}
}

func TestACommentOfManyMetricsFitsAndKeepsWhatMatters(t *testing.T) {
	for _, n := range []int{400, 3000} {
		c := comment(many(n, 1.3), many(n, 1), nil)
		whole := c.Markdown(0)
		for _, limit := range []int{report.MaxComment, 20_000, 5_000, 1_500, 600} {
			text := c.Markdown(limit)
			if got := utf8.RuneCountInString(text); got > limit {
				t.Errorf("%d metrics have %d code points, limit %d", n, got, limit)
			}
			first, _, _ := strings.Cut(text, "\n")
			if want, _, _ := strings.Cut(whole, "\n"); first != want || !strings.Contains(first, string(c.Verdict.Verdict)) {
				t.Errorf("limit %d: the first line is %q, want %q", limit, first, want)
			}
			if len(whole) > limit && !strings.Contains(text, "left out") || !strings.Contains(text, "actions/runs/7") && len(whole) > limit {
				t.Errorf("limit %d: it does not say what is missing and where it is:\n%s", limit, text)
			}
			if strings.Count(text, "<details>") != strings.Count(text, "</details>") || strings.Count(text, "```")%2 != 0 {
				t.Errorf("limit %d: something stays open:\n%s", limit, text)
			}
			if limit >= 5_000 && !strings.Contains(text, "**"+string(c.Verdict.Verdict)+"** | quick | `stage_") {
				t.Errorf("limit %d: no regressed metric is left:\n%s", limit, text)
			}
		}
	}
	c := comment(many(400, 1.3), many(400, 1), nil)
	text := c.Markdown(20_000)
	gone := regexp.MustCompile(`(\d+) metrics left out`).FindStringSubmatch(text)
	if gone == nil {
		gone = regexp.MustCompile(`(\d+) metrics,`).FindStringSubmatch(text)
	}
	rows := strings.Count(text, "| quick | `stage_")
	if gone == nil || fmt.Sprint(400-rows) != gone[1] {
		t.Errorf("%d rows are there, and it says %v", rows, gone)
	}
}

func TestAWaiverThatIsOfferedIsAccepted(t *testing.T) {
	head, base := network(1.25), network(1)
	text := comment(head, base, nil).Markdown(0)
	_, toml, _ := strings.Cut(text, "```toml\n")
	toml, _, _ = strings.Cut(toml, "```")
	file, err := baseline.Parse("baselines.toml", []byte("schema = \"perfgate.baselines/1\"\n"+toml))
	if err != nil {
		t.Fatalf("%v in\n%s", err, toml)
	}
	if v := compare.Decide(compare.Input{Head: head, Base: base, Baselines: file, Now: today}); v.Verdict != compare.Pass {
		t.Errorf("with the waivers that were offered it is %s: %s\n%s", v.Verdict, v.Reason, toml)
	}
}

func TestConclude(t *testing.T) {
	type row struct {
		outcome      compare.Outcome
		inconclusive string
	}
	for in, want := range map[row]report.Conclusion{
		{compare.Pass, ""}: report.Success, {compare.Improved, ""}: report.Success, {compare.Regressed, "warn"}: report.Failure,
		{compare.OverTarget, "pass"}: report.Failure, {compare.Failed, "warn"}: report.Failure, {compare.NotJudged, "pass"}: report.Failure,
		{compare.Inconclusive, ""}: report.Failure, {compare.Inconclusive, "fail"}: report.Failure, {compare.Inconclusive, "warn"}: report.Neutral,
		{compare.Inconclusive, "pass"}: report.Success, {"something else", "pass"}: report.Failure,
	} {
		if got := report.Conclude(in.outcome, in.inconclusive); got != want {
			t.Errorf("%v: %s, want %s", in, got, want)
		}
	}
}

func TestAnnotationsStandWhereTheRuleIs(t *testing.T) {
	text := `schema = "perfgate.baselines/1"

[metric.startup_time]
tolerance = "5%"

[metric.binary_size]
target = "< 20MB"

[[waiver]]
metric = "memory_private"
until = 2026-01-01
max = "50%"
reason = "long ago"
`
	file, err := baseline.Parse("baselines.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	head := change(network(1.25), "binary_size", []float64{2.4e7})
	v := compare.Decide(compare.Input{Head: head, Base: change(network(1), "binary_size", []float64{2.4e7}), Baselines: file, Now: today})
	rules := report.Rulebook{Baselines: file, BaselinesPath: "ci/baselines.toml", ConfigPath: "ci/perfgate.toml", ConfigLine: func(scenario, _ string) int {
		if scenario == "quick" {
			return 30
		}
		return 0
	}}
	got := map[string]bool{}
	for _, a := range report.Annotations(v, rules) {
		got[fmt.Sprintf("%s:%d %s %s", a.Path, a.Line, a.Level, a.Title)] = true
		if a.Message == "" {
			t.Errorf("%s has no message", a.Title)
		}
	}
	for _, want := range []string{
		"ci/baselines.toml:4 failure startup_time of quick: regressed", "ci/baselines.toml:7 failure binary_size: over_target",
		"ci/baselines.toml:9 failure memory_private of quick: regressed", "ci/perfgate.toml:30 failure formation_time of quick: regressed",
	} {
		if !got[want] {
			t.Errorf("there is no %q in %v", want, got)
		}
		delete(got, want)
	}
	if len(got) > 0 {
		t.Errorf("and too many: %v", got)
	}
}

// FuzzComment: whatever a stranger writes, what opens is closed, nothing is longer than allowed, and nothing becomes a link.
func FuzzComment(f *testing.F) {
	f.Add("a", 700)
	f.Add("</details>\n```\n@a #1 <b> https://x.y :z: \u202e", 3000)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = 600 + (limit%70_000+70_000)%70_000
		c := comment(hostile(text), nil, nil)
		c.Rules, c.Doubts, c.Culprits = []string{text}, []string{text}, []string{text}
		out := c.Markdown(limit)
		if n := utf8.RuneCountInString(out); n > limit {
			t.Errorf("%d code points, limit %d", n, limit)
		}
		if strings.Count(out, "<details>") != strings.Count(out, "</details>") {
			t.Errorf("a fold stays open:\n%s", out)
		}
		body := strings.ReplaceAll(out, c.Whole, "")
		if found := regexp.MustCompile(`[\w]@[\w]|(^|\s)@\w|#\d|://|<script|[^\\]!\[`).FindString(body); found != "" {
			t.Errorf("%q gets through:\n%s", found, out)
		}
		for line := range strings.Lines(out) {
			if strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "### ") {
				t.Errorf("a heading: %q", line)
			}
		}
	})
}
