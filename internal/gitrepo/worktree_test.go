package gitrepo_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/gitrepo"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// state is all of a checkout that is its user's.
func state(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, question := range [][]string{
		{"status", "--porcelain", "--ignored"}, {"rev-parse", "HEAD"}, {"symbolic-ref", "HEAD"}, {"for-each-ref"}, {"stash", "list"}, {"diff"},
		{"diff", "--cached"}, {"ls-files", "--stage", "--debug"}, {"config", "--local", "--list"}, {"reflog", "HEAD"},
	} {
		all[question[0]+question[len(question)-1]] = gitIn(t, dir, question...)
	}
	return all
}

// lived makes a repository whose user is in the middle of things.
func lived(t *testing.T) (dir string, commits []string) {
	t.Helper()
	dir, commits = history(t)
	write(t, filepath.Join(dir, "file"), "set aside")
	gitIn(t, dir, "stash", "-q")
	write(t, filepath.Join(dir, "staged"), "staged")
	gitIn(t, dir, "add", "staged")
	write(t, filepath.Join(dir, "file"), "not staged")
	write(t, filepath.Join(dir, "untracked"), "untracked")
	return dir, commits
}

func content(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

func TestAWorkTreeLeavesTheCheckoutAsItIs(t *testing.T) {
	dir, commits := lived(t)
	other := filepath.Join(t.TempDir(), "other's")
	gitIn(t, dir, "worktree", "add", "-q", "--detach", other, commits[0])
	if err := os.RemoveAll(other); err != nil { // as on a disk that is not there now: a prune would forget it
		t.Fatal(err)
	}
	before := state(t, dir)
	c, err := gitrepo.OpenCheckout(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(t.TempDir(), "tree")
	if err := c.AddWorktree(t.Context(), tree, commits[1], "a test"); err != nil {
		t.Fatal(err)
	}
	if listed := gitIn(t, dir, "worktree", "list", "--porcelain"); !strings.Contains(listed, "detached\nlocked a test") {
		t.Errorf("the tree is not locked: %s", listed)
	}
	write(t, filepath.Join(tree, "file"), "changed by a build")
	write(t, filepath.Join(tree, "made"), "made by a build")
	write(t, filepath.Join(tree, ".git-ignored", "cache"), "kept")
	write(t, filepath.Join(filepath.Join(dir, ".git", "info"), "exclude"), ".git-ignored\n")
	if got := content(t, filepath.Join(tree, ".git-ignored", "cache")); got != "kept" {
		t.Fatal(got)
	}
	if err := gitrepo.MoveWorktree(t.Context(), tree, commits[2]); err != nil {
		t.Fatal(err)
	}
	got := []string{
		content(t, filepath.Join(tree, "file")), content(t, filepath.Join(tree, ".git-ignored", "cache")), gitIn(t, tree, "rev-parse", "HEAD"),
		gitIn(t, tree, "status", "--porcelain"),
	}
	if diff := cmp.Diff([]string{"three", "kept", commits[2], ""}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if err := gitrepo.RemoveWorktree(t.Context(), c.Common, tree, "a test"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, state(t, dir)); diff != "" {
		t.Errorf("the checkout before and after: -before +after\n%s", diff)
	}
	if err := gitrepo.RemoveWorktree(t.Context(), c.Common, tree, "a test"); err != nil {
		t.Errorf("a second time: %v", err)
	}
}

func TestRemovingAWorkTreeForgetsNoOther(t *testing.T) {
	dir, commits := history(t)
	away := filepath.Join(t.TempDir(), "away")
	gitIn(t, dir, "worktree", "add", "-q", "--detach", away, commits[0])
	if err := os.RemoveAll(away); err != nil {
		t.Fatal(err)
	}
	c, err := gitrepo.OpenCheckout(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, half := range []string{"the tree is gone", "its note is gone", "it was cut short"} {
		t.Run(half, func(t *testing.T) {
			tree := filepath.Join(t.TempDir(), "tree")
			if err := c.AddWorktree(t.Context(), tree, commits[1], "a test"); err != nil {
				t.Fatal(err)
			}
			gone := map[string]string{
				"the tree is gone": tree, "its note is gone": filepath.Join(c.Common, "worktrees", "tree"), "it was cut short": filepath.Join(tree, ".git"),
			}[half]
			if err := os.RemoveAll(gone); err != nil {
				t.Fatal(err)
			}
			if err := gitrepo.RemoveWorktree(t.Context(), c.Common, tree, "a test"); err != nil {
				t.Error(err)
			}
			left, err := gitrepo.Worktrees(t.Context(), dir)
			if err != nil || !slices.Equal(left, []string{c.Top, away}) {
				t.Errorf("left: %v, %v", left, err)
			}
			if _, err := os.Stat(tree); !os.IsNotExist(err) {
				t.Errorf("still there: %v", err)
			}
		})
	}
	if err := gitrepo.RemoveWorktree(t.Context(), filepath.Join(t.TempDir(), "no repository"), filepath.Join(t.TempDir(), "none"), "a test"); err != nil {
		t.Errorf("of a repository that is gone: %v", err)
	}
}

// TestAWorkTreeGoesWithFoldersThatNobodyMayWriteTo: builds leave such, as Go's cache of modules.
func TestAWorkTreeGoesWithFoldersThatNobodyMayWriteTo(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("to root all folders are writable, and elsewhere than on Unix there are no such")
	}
	dir, commits := history(t)
	checkout, err := gitrepo.OpenCheckout(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tree")
	if err := checkout.AddWorktree(t.Context(), path, commits[0], "a test"); err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(path, "cache", "module")
	write(t, filepath.Join(deep, "file"), "text")
	for _, folder := range []string{deep, filepath.Dir(deep)} {
		if err := os.Chmod(folder, 0o555); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(folder, 0o755) // where the test fails
	}
	if err := gitrepo.RemoveWorktree(t.Context(), checkout.Common, path, "a test"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestAWorkTreeHasItsSubmodules(t *testing.T) {
	t.Setenv("GIT_CONFIG_COUNT", "1") // a clone from a folder is refused otherwise
	t.Setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
	t.Setenv("GIT_CONFIG_VALUE_0", "always")
	inner, _ := history(t)
	dir, _ := history(t)
	gitIn(t, dir, "submodule", "--quiet", "add", inner, "inner")
	gitIn(t, dir, "commit", "-qm", "with a submodule")
	gitIn(t, dir, "submodule", "--quiet", "deinit", "--force", "--all")
	before := state(t, dir)
	c, err := gitrepo.OpenCheckout(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(t.TempDir(), "tree")
	if err := c.AddWorktree(t.Context(), tree, "HEAD", "a test"); err != nil {
		t.Fatal(err)
	}
	if got := content(t, filepath.Join(tree, "inner", "file")); got != "four" {
		t.Errorf("in the submodule: %s", got)
	}
	if err := gitrepo.RemoveWorktree(t.Context(), c.Common, tree, "a test"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, state(t, dir)); diff != "" {
		t.Errorf("the checkout before and after: -before +after\n%s", diff)
	}
}

func TestOpenCheckoutTellsTheFolderWithin(t *testing.T) {
	dir, commits := history(t)
	within := filepath.Join(dir, "some", "folder")
	if err := os.MkdirAll(within, 0o755); err != nil {
		t.Fatal(err)
	}
	linked := filepath.Join(t.TempDir(), "linked")
	gitIn(t, dir, "worktree", "add", "-q", "--detach", linked, commits[0])
	for at, want := range map[string]gitrepo.Checkout{
		dir:    {Top: dir, Within: ".", Common: filepath.Join(dir, ".git")},
		within: {Top: dir, Within: filepath.Join("some", "folder"), Common: filepath.Join(dir, ".git")},
		linked: {Top: linked, Within: ".", Common: filepath.Join(dir, ".git")},
	} {
		if got, err := gitrepo.OpenCheckout(t.Context(), at); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", at, got, err, want)
		}
	}
	if _, err := gitrepo.OpenCheckout(t.Context(), t.TempDir()); err == nil {
		t.Error("no repository is a checkout")
	}
	bare := filepath.Join(t.TempDir(), "bare.git")
	gitIn(t, dir, "clone", "-q", "--bare", ".", bare)
	_, err := gitrepo.OpenCheckout(t.Context(), bare)
	if none, ok := errors.AsType[*gitrepo.CheckoutError](err); !ok || !strings.Contains(none.Mend, "git worktree add") {
		t.Errorf("a bare repository: %v", err)
	}
}

// TestAWorkTreeThatAnotherGitIsMakingIsWaitedFor: git dies of notes of a work tree that are begun and not filled.
func TestAWorkTreeThatAnotherGitIsMakingIsWaitedFor(t *testing.T) {
	dir, commits := history(t)
	c, err := gitrepo.OpenCheckout(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	begun := filepath.Join(c.Common, "worktrees", "another")
	write(t, filepath.Join(begun, "gitdir"), filepath.Join(t.TempDir(), "another", ".git")+"\n")
	write(t, filepath.Join(begun, "commondir"), "")
	tree := filepath.Join(t.TempDir(), "tree")
	if err := c.AddWorktree(t.Context(), tree, commits[1], "a test"); err == nil || !strings.Contains(err.Error(), "failed to read") {
		t.Fatalf("beside notes that stay as they are: %v", err)
	}
	filled := time.AfterFunc(50*time.Millisecond, func() { _ = os.WriteFile(filepath.Join(begun, "commondir"), []byte("../..\n"), 0o644) })
	defer filled.Stop()
	if err := c.AddWorktree(t.Context(), tree, commits[1], "a test"); err != nil {
		t.Errorf("beside notes that are filled soon: %v", err)
	}
}
