package post

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStandingIsReadAsWritten(t *testing.T) {
	a, b := strings.Repeat("a", 40), strings.Repeat("b", 40)
	want := standing{Commit: a, Worse: []regression{{Scenario: "quick", Metric: "memory_private", Since: a, Base: b}, {Metric: "binary_size", Since: b, Base: a}}}
	line, err := want.line()
	if err != nil {
		t.Fatal(err)
	}
	if got := readStanding(strings.ReplaceAll(line+"and text\n", "\n", "\r\n")); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	for _, s := range []standing{{Commit: "HEAD"}, {Commit: a, Worse: []regression{{Metric: "@all", Since: a, Base: b}}}, {Commit: a, Worse: []regression{{Metric: "x", Since: a}}}} {
		if line, err = s.line(); err != nil || readStanding(line).Commit != "" {
			t.Errorf("%+v is taken: %v", s, err)
		}
	}
}

func FuzzReadStanding(f *testing.F) {
	line, _ := standing{Commit: strings.Repeat("a", 40), Worse: []regression{{Metric: "x", Since: strings.Repeat("b", 40), Base: strings.Repeat("c", 40)}}}.line()
	f.Add(line)
	f.Add("<!-- perfgate: standing e30= -->\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, body string) {
		s := readStanding(body)
		if s.Commit == "" {
			if len(s.Worse) > 0 {
				t.Errorf("%+v", s)
			}
			return
		}
		line, err := s.line()
		if err != nil || !cmp.Equal(readStanding(line), s) {
			t.Errorf("%v: %q is not read as %+v", err, line, s)
		}
	})
}
