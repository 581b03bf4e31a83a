package gitrepo_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/communitas/perfgate/internal/gitrepo"
)

func TestOddCommitsAreReadAlikeByBoth(t *testing.T) {
	dir, sha := tell(t, merged())
	tree := git(t, dir, nil, "rev-parse", "last^{tree}")
	odd := []struct{ headers, message, title, author string }{
		{"author a <a@example.org> 1600000000 +0200\ncommitter a <a@example.org> 1600000000 +0000\n", "", "", "a"},
		{"author a <a@example.org> 1600000000 -0930\ncommitter a <a@example.org> 1600000000 +0000\n", "\n\n  one\ntwo \n\nthree\n", "one two", "a"},
		{"author  <> 0 +0000\ncommitter  <> 0 +0000\n", "no name", "no name", ""},
		{"author a\x1b[31m b <a@example.org> 1600000000 +0000\ncommitter a <a@example.org> 1600000000 +0000\n", "red \x1b[31m\talert\r\n", "red [31malert", "a[31m b"},
		{"author \xc4 <a@example.org> 1600000000 +0000\ncommitter a <a@example.org> 1600000000 +0000\nencoding ISO-8859-1\n", "gr\xf6\xdfer", "größer", "Ä"},
		{
			"author a <a@example.org> 4000000000 +0000\ncommitter a <a@example.org> 1600000000 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n",
			"signed\n", "signed", "a",
		},
	}
	tip := sha["last"]
	for _, c := range odd {
		raw := bytes.NewBufferString("tree " + tree + "\nparent " + tip + "\n" + c.headers + "\n" + c.message)
		tip = git(t, dir, raw, "hash-object", "-t", "commit", "-w", "--stdin", "--literally")
	}
	plan := gitrepo.RangePlan{Good: sha["last"], Bad: tip, Reader: gitrepo.LibraryReader}
	byLibrary, err := gitrepo.ReadRange(t.Context(), dir, plan)
	if err != nil {
		t.Fatal(err)
	}
	plan.Reader = gitrepo.ProgramReader
	byProgram, err := gitrepo.ReadRange(t.Context(), dir, plan)
	if diff := cmp.Diff(byProgram, byLibrary, cmpopts.IgnoreFields(gitrepo.Range{}, "Reader")); err != nil || diff != "" {
		t.Errorf("%v, -git +library\n%s", err, diff)
	}
	for i, c := range odd {
		if got := byLibrary.Commits[i+1]; got.Title != c.title || got.Author != c.author {
			t.Errorf("%d: %q by %q, want %q by %q", i, got.Title, got.Author, c.title, c.author)
		}
	}
}

func TestCreateMakesAHistoryOrNothing(t *testing.T) {
	stream := []byte("commit refs/heads/main\ncommitter a <a@example.org> 1600000000 +0000\ndata 3\none\nM 644 inline file\ndata 1\n1\n")
	for name, tc := range map[string]struct {
		arrange func(dir string) error
		stream  []byte
		wrong   error // nil with good false is any
		good    bool
		left    []string
	}{
		"new":                            {arrange: func(string) error { return nil }, stream: stream, good: true, left: []string{".git", "file"}},
		"empty":                          {arrange: func(dir string) error { return os.MkdirAll(dir, 0o755) }, stream: stream, good: true, left: []string{".git", "file"}},
		"not empty":                      {arrange: func(dir string) error { return os.MkdirAll(filepath.Join(dir, "mine"), 0o755) }, stream: stream, wrong: gitrepo.ErrNotEmpty, left: []string{"mine"}},
		"a bad stream":                   {arrange: func(string) error { return nil }, stream: []byte("nonsense\n")},
		"a bad stream into an empty one": {arrange: func(dir string) error { return os.MkdirAll(dir, 0o755) }, stream: []byte("nonsense\n")},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "some", "where")
			if err := tc.arrange(dir); err != nil {
				t.Fatal(err)
			}
			err := gitrepo.Create(t.Context(), dir, tc.stream)
			if (err == nil) != tc.good || tc.wrong != nil && !errors.Is(err, tc.wrong) {
				t.Error(err)
			}
			var left []string
			entries, _ := os.ReadDir(dir) // nothing is there when it was taken away again
			for _, e := range entries {
				left = append(left, e.Name())
			}
			if strings.Join(left, " ") != strings.Join(tc.left, " ") {
				t.Errorf("left: %q, want %q", left, tc.left)
			}
		})
	}
}
