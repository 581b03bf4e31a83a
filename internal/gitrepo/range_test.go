package gitrepo_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/gitrepo"
)

// lines writes a range as name, parents and class, so that a test can show it.
func lines(r gitrepo.Range, sha map[string]string) []string {
	names, classes := map[string]string{}, map[string]string{}
	for name, s := range sha {
		names[s] = name
	}
	var all []string
	for _, c := range r.Commits {
		if classes[c.Class] == "" {
			classes[c.Class] = string(rune('A' + len(classes)))
		}
		text := fmt.Sprint(names[c.SHA], " ", c.Parents, " ", classes[c.Class])
		if c.Merge {
			text += " merge"
		}
		if c.PullRequest != 0 {
			text += fmt.Sprint(" #", c.PullRequest)
		}
		all = append(all, text)
	}
	return all
}

func TestARangeIsItsFirstParentLineOrItsGraph(t *testing.T) {
	dir, sha := tell(t, merged())
	for _, tc := range []struct {
		name string
		plan gitrepo.RangePlan
		want string
	}{
		{"the line", gitrepo.RangePlan{}, "good [] A, one [0] B, two [1] C, first [2] D merge #12, three [3] E #13, second [4] F merge, last [5] G"},
		{
			"the line, of one folder", gitrepo.RangePlan{Paths: []string{"src/"}},
			"good [] A, one [0] A, two [1] B, first [2] C merge #12, three [3] D #13, second [4] E merge, last [5] E",
		},
		{
			"the line, of one file that was changed and changed back", gitrepo.RangePlan{Paths: []string{"src/main"}},
			"good [] A, one [0] A, two [1] B, first [2] B merge #12, three [3] A #13, second [4] A merge, last [5] A",
		},
		{
			"the graph", gitrepo.RangePlan{AllParents: true, Paths: []string{"src"}},
			"good [] A, one [0] A, two [1] B, a [1] A, b [3] C, first [2 4] D merge #12, three [5] C #13, early [] E, second [6 7] F merge, last [8] F",
		},
		{"within a merge", gitrepo.RangePlan{Paths: []string{"src"}}.Inside(sha["first"]), "two [] A, a [] B, b [1] C, first [0 2] D merge #12"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.plan.Good == "" {
				tc.plan.Good, tc.plan.Bad = "good", "last"
			}
			got, err := gitrepo.ReadRange(t.Context(), dir, tc.plan)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(tc.want, ", "), lines(got, sha)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestParseRange(t *testing.T) {
	for text, want := range map[string]string{
		"v0.1.0..HEAD": "v0.1.0 HEAD", "a..": "a HEAD", "origin/a..b~3": "origin/a b~3",
		"": "empty", "a": "write a..HEAD", "..b": "good end is missing", "a...b": "write two: a..b", "a..b..c": "more than two ends", "..": "good end is missing",
	} {
		good, bad, err := gitrepo.ParseRange(text)
		if got := good + " " + bad; err == nil && got != want || err != nil && (got != " " || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	for _, text := range []string{"v0.1.0..HEAD", "a...b", "..", "a..b..c", "", "a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		good, bad, err := gitrepo.ParseRange(text)
		if err != nil {
			if good+bad != "" {
				t.Errorf("%q and %q beside an error", good, bad)
			}
			return
		}
		again, same, err := gitrepo.ParseRange(good + ".." + bad)
		if err != nil || again != good || same != bad {
			t.Errorf("%q: %q and %q, then %q and %q, %v", text, good, bad, again, same, err)
		}
	})
}
