package gitrepo_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/gitrepo"
)

func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestReadHeadBeforeTheFirstCommitWithAnExtension: the library reads no such repository, and git finds no commit.
func TestReadHeadBeforeTheFirstCommitWithAnExtension(t *testing.T) {
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q", "--object-format=sha256")
	if got, err := gitrepo.ReadHead(t.Context(), dir); err != nil || got != (gitrepo.Head{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestReadHeadTellsCommitAndChanges(t *testing.T) {
	dir := t.TempDir()
	if got, err := gitrepo.ReadHead(t.Context(), dir); err != nil || got != (gitrepo.Head{}) {
		t.Errorf("outside a repository: %+v, %v", got, err)
	}
	gitIn(t, dir, "init", "-q")
	if got, err := gitrepo.ReadHead(t.Context(), dir); err != nil || got != (gitrepo.Head{}) {
		t.Errorf("before the first commit: %+v, %v", got, err)
	}
	file := filepath.Join(dir, "sub", "file")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("one"), 0o644); err != nil {
		t.Fatal(err)
	}
	gitIn(t, dir, "add", ".")
	gitIn(t, dir, "commit", "-qm", "one")
	want := gitrepo.Head{Commit: gitIn(t, dir, "rev-parse", "HEAD")}
	if got, err := gitrepo.ReadHead(t.Context(), filepath.Dir(file)); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	linked := filepath.Join(t.TempDir(), "linked")
	gitIn(t, dir, "worktree", "add", "-q", "--detach", linked)
	if got, err := gitrepo.ReadHead(t.Context(), linked); err != nil || got != want {
		t.Errorf("in a linked work tree: %+v, %v", got, err)
	}
	gitIn(t, dir, "config", "extensions.worktreeConfig", "true")
	if err := os.WriteFile(file, []byte("two"), 0o644); err != nil {
		t.Fatal(err)
	}
	want.Dirty = true
	if got, err := gitrepo.ReadHead(t.Context(), dir); err != nil || got != want {
		t.Errorf("after a change, with an extension: %+v, %v, want %+v", got, err, want)
	}
}
