package worktree

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func noteText(path, common string) string {
	return fmt.Sprintf(`{"schema": "perfgate.tree/1", "path": %q, "common": %q, "pid": 7}`, path, common)
}

func TestANoteNamesNothingButATreeInItsPlace(t *testing.T) {
	const place, common = "/state/trees/1", "/home/me/project/.git"
	for _, tc := range []struct{ name, text, wrong string }{
		{"a tree in the place", noteText("/state/trees/1/project", common), ""},
		{"the place itself", noteText(place, common), "is none in"},
		{"another place's", noteText("/state/trees/2/project", common), "is none in"},
		{"a way out", noteText("/state/trees/1/..", common), "is none in"},
		{"somewhere else", noteText("/home/me/project", common), "is none in"},
		{"below a link", noteText("/state/trees/1/link/project", common), "is none in"},
		{"the claim", noteText("/state/trees/1/.perfgate", common), "is none in"},
		{"a relative repository", noteText("/state/trees/1/project", "project/.git"), "no absolute path"},
		{"another version", strings.Replace(noteText("/state/trees/1/project", common), "tree/1", "tree/2", 1), "another version"},
		{"an unknown field", strings.Replace(noteText("/state/trees/1/project", common), "pid", "id", 1), "unknown field"},
		{"more", noteText("/state/trees/1/project", common) + "{}", "follows"},
		{"nothing", "", "EOF"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n, err := parseNote(place, []byte(tc.text))
			if (err == nil) != (tc.wrong == "") || err != nil && (!strings.Contains(err.Error(), tc.wrong) || n != note{}) {
				t.Errorf("%+v, %v; want %q", n, err, tc.wrong)
			}
		})
	}
}

func FuzzParseNote(f *testing.F) {
	f.Add(noteText("/state/trees/1/project", "/home/me/.git"))
	f.Add(noteText("/state/trees/1/../2", "/"))
	f.Fuzz(func(t *testing.T, text string) {
		const place = "/state/trees/1"
		n, err := parseNote(place, []byte(text))
		if err != nil {
			if (n != note{}) {
				t.Errorf("%+v beside an error", n)
			}
			return
		}
		if filepath.Dir(n.Path) != place {
			t.Errorf("%q is not right in the place", n.Path)
		}
		raw, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := parseNote(place, raw); err != nil || again != n {
			t.Errorf("%+v became %+v, %v", n, again, err)
		}
	})
}
