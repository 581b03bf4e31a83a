package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/report"
)

// hostileHunt has a text in every place that a repository, a build or a node may fill. Ids get the text appended, so that they
// stay different.
func hostileHunt(h report.Hunt, text string) report.Hunt {
	id := func(of string) string {
		if of == "" {
			return ""
		}
		return text + of
	}
	ids := func(of []string) []string {
		var all []string
		for _, one := range of {
			all = append(all, id(one))
		}
		return all
	}
	h.ID, h.Range, h.Scenario, h.Metric, h.Command, h.Patch, h.Next = text, text, text, text, text, text, []string{text}
	h.Commits = map[string]report.HuntCommit{}
	commits := append([]bisect.Commit{}, h.Task.Commits...)
	for i, c := range commits {
		commits[i].ID = id(c.ID)
		h.Commits[commits[i].ID] = report.HuntCommit{Title: text, Author: text, PullRequest: 3}
	}
	h.Task.Commits = commits
	events := append([]bisect.Event{}, h.Events...)
	for i, e := range events {
		events[i].Commit = id(e.Commit)
		if e.Reason != "" {
			events[i].Reason = text + "."
		}
	}
	h.Events = events
	o := &h.Outcome
	o.Culprit, o.Set, o.Reason = id(o.Culprit), ids(o.Set), text
	o.Likeliest = append([]bisect.Suspect{}, o.Likeliest...)
	for i, s := range o.Likeliest {
		o.Likeliest[i].Commit = id(s.Commit)
	}
	o.Checks = []bisect.Check{{Name: text, Says: text}}
	o.Further = []bisect.Further{{Good: text, Bad: text, Posterior: 0.9}}
	o.Unmeasured = append([]bisect.Unmeasured{}, o.Unmeasured...)
	for i, u := range o.Unmeasured {
		o.Unmeasured[i] = bisect.Unmeasured{Reason: text, Commits: ids(u.Commits)}
	}
	if o.Confirmation != nil {
		c := *o.Confirmation
		c.Culprit, c.Parent = id(c.Culprit), id(c.Parent)
		o.Confirmation = &c
	}
	return h
}

const nasty = "x\x1b[2J\u202e\u009b31m\x07 </details><script>|`*_[a](https://evil.example) ![b](//c) @everyone #1 GH-2 www.evil.example\n\n# heading\n```\n- [ ] task"

func TestWhatARepositorySaysStaysText(t *testing.T) {
	for name, h := range hunts(t) {
		text, markdown, document, log := printed(t, hostileHunt(h, nasty), report.Style{})
		for form, out := range map[string]string{"text": text, "log": log, "markdown": markdown} {
			if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || r == '\u202e') }); i >= 0 {
				t.Errorf("%s: %s: control character %q", name, form, out[i:min(i+12, len(out))])
			}
		}
		prose := regexp.MustCompile("(?ms)^(````*)text\n.*?^````*$").ReplaceAllString(markdown, "")
		for what, pattern := range map[string]string{
			"a tag":       `<(script|/?[a-z]*script)`,
			"a fold":      `[^\n]</details>`,
			"a mention":   `@everyone`,
			"a reference": `#1|GH-2`,
			"an address":  `https?://|www\.`,
			"a link":      `[^\\]\]\(`,
			"a heading":   `(?m)^# `,
			"a bare pipe": `(?m)^[^|\n].*[^\\]\|`,
		} {
			if found := regexp.MustCompile(pattern).FindString(prose); found != "" {
				t.Errorf("%s: markdown has %s: %q", name, what, found)
			}
		}
		if n := strings.Count(markdown, "\n````"); n%2 != 0 || n == 0 {
			t.Errorf("%s: %d fences of four backticks: the command has three", name, n)
		}
		if !json.Valid([]byte(document)) {
			t.Errorf("%s: the document is no JSON", name)
		}
	}
}

func TestColorChangesTheLookOfAHuntAlone(t *testing.T) {
	for name, h := range hunts(t) {
		trim := func(text string) string { return regexp.MustCompile(`(?m) +$`).ReplaceAllString(text, "") }
		colored, _, _, coloredLog := printed(t, h, report.Style{Color: true})
		bare, _, _, bareLog := printed(t, h, report.Style{})
		if !strings.Contains(colored, "\x1b[") || !strings.Contains(coloredLog, "\x1b[") {
			t.Errorf("%s: no colour", name)
		}
		if diff := cmp.Diff(trim(bare+bareLog), trim(ansi.Strip(colored+coloredLog))); diff != "" {
			t.Errorf("%s: -bare +colored\n%s", name, diff)
		}
	}
}

func TestNoHuntIsWiderThanTheTerminal(t *testing.T) {
	for name, h := range hunts(t) {
		for _, width := range []int{50, 80, 120} {
			var text bytes.Buffer
			if err := report.HuntText(&text, h, report.Style{Width: width}); err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(text.String(), "\n") {
				if i > 0 && strings.TrimSpace(line) != h.Command && ansi.StringWidth(line) > width { // the verdict and the command are one line each, whatever their length
					t.Errorf("%s: line %d is wider than %d: %q", name, i+1, width, line)
				}
			}
		}
	}
}

// TestReportsOfOddSearches holds the forms against what a caller may have: little.
func TestReportsOfOddSearches(t *testing.T) {
	begun, err := bisect.New(bisect.Task{Commits: bisect.Chain("a", "b"),
		Parameters: bisect.Parameters{Costs: bisect.Costs{ColdBuildSeconds: 1, RunSeconds: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	huge := hunts(t)["culprit"]
	huge.Outcome.ChangeHigh, huge.Outcome.Posterior = math.MaxFloat64, 1
	for name, h := range map[string]report.Hunt{
		"nothing happened":        {Task: bisect.Task{Commits: bisect.Chain("a", "b"), Parameters: bisect.Parameters{Costs: bisect.Costs{ColdBuildSeconds: 1, RunSeconds: 1}}}, Outcome: begun.Outcome(), Posterior: begun.Posterior()},
		"without the repository":  {Task: huge.Task, Events: huge.Events, Outcome: huge.Outcome},
		"a huge change":           huge,
		"a posterior of too many": {Task: huge.Task, Events: huge.Events, Outcome: huge.Outcome, Posterior: make([]float64, 5000)},
	} {
		text, markdown, document, _ := printed(t, h, report.Style{Width: 80})
		if text == "" || markdown == "" || !json.Valid([]byte(document)) {
			t.Errorf("%s: %q", name, text)
		}
	}
	if err := report.HuntLog(io.Discard, report.Hunt{}, report.Style{}); err == nil {
		t.Error("a journal without a task has no error")
	}
	broken := hunts(t)["none"]
	broken.Events = append([]bisect.Event{{Type: bisect.Ran, Artifact: 4, Value: 1}}, broken.Events...)
	if err := report.HuntLog(&bytes.Buffer{}, broken, report.Style{}); err == nil || !strings.Contains(err.Error(), "event 1") {
		t.Errorf("a journal that does not fit: %v", err)
	}
}
