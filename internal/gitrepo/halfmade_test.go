package gitrepo_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/gitrepo"
)

// TestNotesThatAreHalfMadeGo: a git that is killed while it makes a work tree leaves them, and git itself can not remove them.
func TestNotesThatAreHalfMadeGo(t *testing.T) {
	dir, commits := history(t)
	c, err := gitrepo.OpenCheckout(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(t.TempDir(), "tree")
	ours, theirs := filepath.Join(tree, ".git")+"\n", filepath.Join(t.TempDir(), "theirs", ".git")+"\n"
	stay := map[string]map[string]string{
		"tree7":  {"locked": "another reason\n"},
		"tree-8": {"locked": "a test\n"},
		"tree9":  {"locked": "a test\n", "gitdir": theirs, "HEAD": ""},
	}
	gone := map[string]map[string]string{
		"tree":  {"locked": ""},
		"tree1": {"locked": "a test\n"},
		"tree2": {"locked": "a test\n", "gitdir": ""},
		"tree3": {"locked": "a test\n", "gitdir": ours, "HEAD": ""},
		"tree4": {"locked": "a test\n", "gitdir": ours, "HEAD": commits[0] + "\n", "commondir": ""},
	}
	for _, all := range []map[string]map[string]string{stay, gone} {
		for name, notes := range all {
			for file, text := range notes {
				write(t, filepath.Join(c.Common, "worktrees", name, file), text)
			}
		}
	}
	write(t, filepath.Join(tree, "file"), "checked out")
	if err := gitrepo.RemoveWorktree(t.Context(), c.Common, tree, "a test"); err != nil {
		t.Fatal(err)
	}
	var left []string
	entries, err := os.ReadDir(filepath.Join(c.Common, "worktrees"))
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(stay)), left); diff != "" || err != nil {
		t.Errorf("%v: -want +got\n%s", err, diff)
	}
	if _, err := os.Stat(tree); !os.IsNotExist(err) {
		t.Errorf("the tree: %v", err)
	}
}

// TestAnInterruptedGitTakesAwayWhatItHasHalfMade: it is asked to end, and not killed.
func TestAnInterruptedGitTakesAwayWhatItHasHalfMade(t *testing.T) {
	dir, commits := history(t)
	c, err := gitrepo.OpenCheckout(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	// Git waits for this filter while it checks the file out; it ends with git.
	begun := filepath.Join(t.TempDir(), "begun")
	gitIn(t, dir, "config", "filter.waits.smudge", "touch '"+begun+"'; while kill -0 $PPID; do sleep 0.01; done")
	write(t, filepath.Join(c.Common, "info", "attributes"), "* filter=waits\n")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(begun); err == nil {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if err := c.AddWorktree(ctx, filepath.Join(t.TempDir(), "tree"), commits[0], "a test"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(c.Common, "worktrees")); len(left) > 0 || err != nil && !os.IsNotExist(err) {
		t.Errorf("git has left %v, %v", left, err)
	}
}
