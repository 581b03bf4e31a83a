package gitrepo

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestThePullRequestOfATitle(t *testing.T) {
	for title, want := range map[string]int{
		"Merge pull request #12 from a/b": 12, "Merge PR #7: faster": 7, "Merge #7": 7, "Auto merge of #345 - a:b, r=c": 345, "faster (#12)": 12,
		`Revert "faster (#12)" (#13)`: 13, "Merged in b (pull request #9)": 9, "faster (#12) ": 12,
		`Revert "faster (#12)"`: 0, "see #12": 0, "faster (#x)": 0, "faster (#-3)": 0, "Merge branch 'a'": 0, "": 0, ")": 0, "(#)": 0,
		"(#99999999999999999999)": 0, "Merge pull request #": 0, "(#+3)": 0,
	} {
		if got := pullRequest(title); got != want {
			t.Errorf("%q: %d, want %d", title, got, want)
		}
	}
}

func TestASubjectIsTheFirstParagraphInOneLine(t *testing.T) {
	for message, want := range map[string]string{
		"one\n": "one", "one\ntwo\n\nthree": "one two", "\n\n  \none \t\n": "one", "": "", "one": "one", "\r\none\r\ntwo\r\n\r\nthree": "one two",
	} {
		if got := subject(message); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
}

const (
	sha40 = "0123456789012345678901234567890123456789"
	sha64 = sha40 + "012345678901234567890123"
)

func TestNodesAreReadOrRefused(t *testing.T) {
	got, err := parseNodes("commit " + sha64 + "\n" + sha40 + "\x00" + sha40 + " " + sha64 + "\x0060\x00a\xe9\x00<b>\x00 red \x1b[31malert ")
	if err != nil || len(got) != 1 || got[0].author != "aé" || got[0].title != "red [31malert" || got[0].date.Unix() != 60 {
		t.Errorf("%+v, %v", got, err)
	}
	if diff := cmp.Diff([]string{sha40, sha64}, got[0].parents); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"commit x\n", "commit " + sha40, "commit " + sha40 + "\nx", "x\ny", "commit " + sha40 + "\n-\x00\x00\x00\x00\x00", "\n"} {
		if got, err := parseNodes(text); err == nil || got != nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func FuzzNodes(f *testing.F) {
	f.Add("commit " + sha40 + "\n" + sha40 + "\x00" + sha40 + "\x0060\x00a\x00b\x00c")
	f.Add("commit " + sha40 + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		nodes, err := parseNodes(text)
		if err != nil && nodes != nil {
			t.Error("nodes beside an error")
		}
		for _, n := range nodes {
			if pullRequest(n.title) < 0 || strings.ContainsAny(n.title+n.author+n.email, "\x1b\n\x00") {
				t.Errorf("%+v", n)
			}
		}
	})
}

func FuzzTree(f *testing.F) {
	f.Add("100644 file\x0001234567890123456789"+"40000 folder\x0001234567890123456789", 20)
	f.Add("100644 file\x00", 32)
	f.Fuzz(func(t *testing.T, raw string, size int) {
		if size != 20 && size != 32 {
			return
		}
		entries, err := parseTree([]byte(raw), size)
		if err != nil && entries != nil {
			t.Error("entries beside an error")
		}
		for _, e := range entries {
			if e.name == "" || len(e.id) != 2*size {
				t.Errorf("%+v", e)
			}
		}
	})
}
