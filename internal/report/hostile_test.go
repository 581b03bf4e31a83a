package report_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
)

// hostile puts a text into every place of the results that a stranger may fill.
func hostile(text string) *result.Results {
	r := crashed()
	r.Subject.Name, r.Subject.Commit, r.Environment.CPU, r.Environment.Fingerprint = text, text, text, text
	r.Runs[0].Findings = []result.Finding{{Kind: result.FindingCrash, Node: 0, Text: text}, {Kind: result.FindingStop, Node: 1, Text: text}}
	r.Runs[1].Failure = text
	r.Scenarios[0].Name = text
	for i := range r.Runs {
		r.Runs[i].Scenario = text
	}
	for i, s := range r.Series {
		if s.Scenario == "quick" {
			r.Series[i].Scenario = text
		}
		r.Series[i].Proxy = text
		if s.Status != result.Measured {
			r.Series[i].Reason = text
		}
	}
	r.Series[0].Unit = "x" // no unit that the metric has: the reason quotes it
	r.Series[2].Samples[3].Valid, r.Series[2].Samples[3].Reason = false, text
	r.Interrupted = text
	return r
}

func render(t testing.TB, r *result.Results, color bool) (text, markdown, measurements string) {
	t.Helper()
	v := compare.Decide(compare.Input{Head: r})
	var a, b, c bytes.Buffer
	style := report.Style{Color: color, Width: 100}
	if err := report.Text(&a, v, r, style); err != nil {
		t.Fatal(err)
	}
	if err := report.Markdown(&b, v, r); err != nil {
		t.Fatal(err)
	}
	if err := report.Measurements(&c, r, style); err != nil {
		t.Fatal(err)
	}
	return a.String(), b.String(), c.String()
}

func TestAStrangersTextStaysText(t *testing.T) {
	text, markdown, measurements := render(t, hostile("x\x1b[2J\u202e\u009b31m\x07 </details><script>|`*_[a](https://evil.example) ![b](//c) @everyone #1 GH-2 www.evil.example ##[set-output name=verdict]pass\n::add-mask::e\n\n# heading\n- [ ] task"), false)
	for name, out := range map[string]string{"text": text, "measurements": measurements, "markdown": markdown} {
		if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || r == '\u202e') }); i >= 0 {
			t.Errorf("%s: control character %q", name, out[i:min(i+12, len(out))])
		}
	}
	for name, out := range map[string]string{"text": text, "measurements": measurements} {
		if found := regexp.MustCompile(`##\[|(?m)^\s*::`).FindString(out); found != "" {
			t.Errorf("%s: GitHub's runner would carry out %q, when it is a job's output", name, found)
		}
	}
	for what, pattern := range map[string]string{
		"a tag":         `<(script|/?[a-z]*script)`,
		"a closed fold": `[^\n]</details>`,
		"a mention":     `@everyone`,
		"a reference":   `#1|GH-2`,
		"an address":    `https?://|www\.`,
		"a link":        `[^\\]\]\(`,
		"a heading":     `(?m)^# `,
		"a bare pipe":   `(?m)^[^|\n].*[^\\]\|`,
		"a backtick":    "[^\\\\| ]`[^ ]*\\*",
	} {
		if found := regexp.MustCompile(pattern).FindString(markdown); found != "" {
			t.Errorf("markdown has %s: %q", what, found)
		}
	}
	cells := 0
	for line := range strings.Lines(markdown) {
		got := len(regexp.MustCompile(`[^\\]\|`).FindAllString(line, -1))
		switch {
		case !strings.HasPrefix(line, "| "):
			cells = 0
		case cells == 0:
			cells = got
		case got != cells:
			t.Errorf("a row has another number of cells: %s", line)
		}
	}
}

func TestColorChangesTheLookAlone(t *testing.T) {
	for name, in := range cases(t) {
		v := compare.Decide(in)
		var colored, bare bytes.Buffer
		if err := report.Text(&colored, v, in.Head, report.Style{Color: true}); err != nil {
			t.Fatal(err)
		}
		if err := report.Text(&bare, v, in.Head, report.Style{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(colored.String(), "\x1b[") {
			t.Errorf("%s: no colour", name)
		}
		trim := func(text string) string { return regexp.MustCompile(`(?m) +$`).ReplaceAllString(text, "") }
		if diff := cmp.Diff(trim(bare.String()), trim(ansi.Strip(colored.String()))); diff != "" {
			t.Errorf("%s: -bare +colored\n%s", name, diff)
		}
	}
}

func TestNothingIsWiderThanTheTerminal(t *testing.T) {
	for name, in := range cases(t) {
		v := compare.Decide(in)
		for _, width := range []int{20, 32, 44, 60, 80, 120} {
			var out bytes.Buffer
			if err := report.Text(&out, v, in.Head, report.Style{Width: width}); err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(out.String(), "\n") {
				item := strings.HasPrefix(line, "  ")                                 // titles and counts are one line each where a terminal is narrower than they are
				if i > 1 && (item || width >= 60) && ansi.StringWidth(line) > width { // the first two lines are one each, whatever their length
					t.Errorf("%s: line %d is wider than %d: %q", name, i+1, width, line)
				}
			}
			for _, m := range v.Metrics {
				if width >= 32 && !regexp.MustCompile("(?m)^  "+m.Metric+"( |$)").MatchString(out.String()) {
					t.Errorf("%s: %s is not in the table", name, m.Metric)
				}
			}
		}
	}
}

func FuzzRender(f *testing.F) {
	f.Add("plain")
	f.Add("|`<b>\x1b[31m@a#1\u2028\xff")
	f.Add("   - \\")
	f.Fuzz(func(t *testing.T, text string) {
		_, markdown, _ := render(t, hostile(text), true)
		for line := range strings.Lines(markdown) {
			if strings.HasPrefix(line, "| ") && !strings.HasSuffix(line, " |\n") {
				t.Errorf("a row of the table is broken: %q", line)
			}
		}
	})
}
