package doctor

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/communitas/perfgate/internal/diagnosis"
)

// clone makes a repository with one commit.
func clone(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"init", "-q"}, {"-c", "user.name=a", "-c", "user.email=a@b.invalid", "commit", "-q", "--allow-empty", "-m", "first"},
	} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v: %s", args, err, out)
		}
	}
	return dir
}

func TestGitIsLookedFor(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	t.Setenv("GIT_CEILING_DIRECTORIES", os.TempDir())
	dir := clone(t)
	says(t, checkGit(t.Context(), dir), diagnosis.OK, "the repository in "+resolved(t, dir), "", "")
	says(t, checkGit(t.Context(), t.TempDir()), diagnosis.OK, "is in no git repository", "check --against and bisect do not work", "git init")

	shallow := filepath.Join(t.TempDir(), "shallow")
	if out, err := exec.CommandContext(t.Context(), "git", "clone", "-q", "--depth=1", "file://"+dir, shallow).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	head, err := exec.CommandContext(t.Context(), "git", "-C", dir, "rev-parse", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(shallow, ".git", "shallow"), head, 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, checkGit(t.Context(), shallow), diagnosis.OK, "a shallow clone in ", "do not find commits", "--unshallow")
}

func TestAGitThatIsNotThereIsTold(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	says(t, checkGit(t.Context(), t.TempDir()), diagnosis.Warn, "git is not installed", "check --against and bisect do not work", "install git 2.31 or later")
}

func resolved(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
