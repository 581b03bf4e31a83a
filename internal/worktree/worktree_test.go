package worktree_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/worktree"
)

// holderVariable makes this test program one that holds a work tree until it is killed: "HOME CHECKOUT COMMIT".
const holderVariable = "WORKTREE_TEST_HOLDER"

func TestMain(m *testing.M) {
	if how := os.Getenv(holderVariable); how != "" {
		if err := hold(strings.Fields(how)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func hold(how []string) error {
	ctx := context.Background()
	checkout, err := gitrepo.OpenCheckout(ctx, how[1])
	if err != nil {
		return err
	}
	tree, err := worktree.Open(ctx, how[0], checkout)
	if err != nil {
		return err
	}
	if err := tree.Checkout(ctx, how[2]); err != nil {
		return err
	}
	fmt.Println("holds " + tree.Path())
	_, err = bufio.NewReader(os.Stdin).ReadString('\n') // until the test ends, at the latest
	return err
}

// killed lets another process make a work tree and kills it, and returns the tree.
func killed(t *testing.T, home, dir, commit string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), holderVariable+"="+strings.Join([]string{home, dir, commit}, " "))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	path, ok := strings.CutPrefix(strings.TrimSpace(line), "holds ")
	if err != nil || !ok {
		t.Errorf("the holder said %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // it was killed
	return path
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// repository has two commits, whose file is "one" and "two"; it returns them, and the folder "sub" of the checkout.
func repository(t *testing.T) (sub string, commits []string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a claim is taken nowhere there")
	}
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	sub = filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one", "two"} {
		if err := os.WriteFile(filepath.Join(sub, "file"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		git(t, dir, "add", ".")
		git(t, dir, "commit", "-qm", text)
		commits = append(commits, git(t, dir, "rev-parse", "HEAD"))
	}
	return sub, commits
}

func open(t *testing.T, home, dir string) *worktree.Tree {
	t.Helper()
	checkout, err := gitrepo.OpenCheckout(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := worktree.Open(t.Context(), home, checkout)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func checkout(t *testing.T, tree *worktree.Tree, commit, want string) {
	t.Helper()
	if err := tree.Checkout(t.Context(), commit); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(tree.Folder(), "file")); err != nil || string(got) != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func trees(t *testing.T, dir string) int {
	t.Helper()
	all, err := gitrepo.Worktrees(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestATreeIsAtTheSamePlaceEachTimeAndEachHasItsOwn(t *testing.T) {
	sub, commits := repository(t)
	home := t.TempDir()
	one := open(t, home, sub)
	checkout(t, one, commits[0], "one")
	checkout(t, one, commits[1], "two")
	two := open(t, home, sub)
	checkout(t, two, commits[0], "one")
	if one.Path() == two.Path() || filepath.Base(one.Path()) != filepath.Base(filepath.Dir(sub)) {
		t.Errorf("%s and %s", one.Path(), two.Path())
	}
	first := one.Path()
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(first); !os.IsNotExist(err) || trees(t, sub) != 2 {
		t.Errorf("%v; %d work trees", err, trees(t, sub))
	}
	again := open(t, home, sub)
	if again.Path() != first {
		t.Errorf("%s, and then %s", first, again.Path())
	}
	for _, tree := range []*worktree.Tree{two, again} {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := trees(t, sub); n != 1 {
		t.Errorf("%d work trees are left", n)
	}
}

func TestCleanRemovesWhatAKilledProcessHasLeftAndNothingElse(t *testing.T) {
	sub, commits := repository(t)
	state := filepath.Join(t.TempDir(), "a[pattern]") // its name is none to us
	home := filepath.Join(state, "project")
	live := open(t, home, sub) // the first place
	defer live.Close()
	checkout(t, live, commits[0], "one")
	left := killed(t, home, sub, commits[0])
	users := filepath.Join(t.TempDir(), "users")
	git(t, sub, "worktree", "add", "-q", "--detach", users)
	strange := filepath.Join(home, "trees", "9", "precious")
	if err := os.MkdirAll(strange, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dry := range []bool{true, false} {
		found, err := worktree.Clean(t.Context(), state, dry)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, f := range found {
			told = append(told, fmt.Sprint(f.Path, f.Alive, f.PID == os.Getpid(), f.Failure))
		}
		want := []string{fmt.Sprint(live.Path(), true, true, ""), fmt.Sprint(left, false, false, "")}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("dry %v: -want +got\n%s", dry, diff)
		}
		if _, err := os.Stat(left); (err == nil) != dry {
			t.Errorf("dry %v: %v", dry, err)
		}
	}
	all, err := gitrepo.Worktrees(t.Context(), sub)
	if err != nil || !slices.Equal(all, []string{filepath.Dir(sub), live.Path(), users}) {
		t.Errorf("left: %v, %v", all, err)
	}
	if _, err := os.Stat(strange); err != nil {
		t.Errorf("a stranger's folder: %v", err)
	}
	if found, err := worktree.Clean(t.Context(), state, false); err != nil || len(found) != 1 {
		t.Errorf("then %v, %v", found, err)
	}
}

func TestTheNextStartRemovesWhatAKilledProcessHasLeft(t *testing.T) {
	sub, commits := repository(t)
	home := t.TempDir()
	left := killed(t, home, sub, commits[0])
	tree := open(t, home, sub)
	checkout(t, tree, commits[1], "two")
	if tree.Path() != left {
		t.Errorf("%s, not %s", tree.Path(), left)
	}
	if err := tree.Close(); err != nil {
		t.Fatal(err)
	}
	if n := trees(t, sub); n != 1 {
		t.Errorf("%d work trees are left", n)
	}
}

// TestAGitThatGoesOnWhenPerfgateIsKilledIsWaitedFor has a git that takes its time in the middle of a checkout.
func TestAGitThatGoesOnWhenPerfgateIsKilledIsWaitedFor(t *testing.T) {
	sub, commits := repository(t)
	begun, ended := filepath.Join(t.TempDir(), "begun"), filepath.Join(t.TempDir(), "ended")
	git(t, sub, "config", "filter.slow.smudge", "touch '"+begun+"'; sleep 0.2; cat; touch '"+ended+"'")
	attributes := filepath.Join(filepath.Dir(sub), ".git", "info", "attributes")
	if err := os.MkdirAll(filepath.Dir(attributes), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(attributes, []byte("file filter=slow\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	holder := exec.CommandContext(t.Context(), os.Args[0])
	holder.Env = append(os.Environ(), holderVariable+"="+strings.Join([]string{home, sub, commits[0]}, " "))
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	for t.Context().Err() == nil {
		if _, err := os.Stat(begun); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = holder.Wait() // it was killed
	git(t, sub, "config", "--unset", "filter.slow.smudge")
	tree := open(t, home, sub)
	if _, err := os.Stat(ended); err != nil {
		t.Errorf("the git of the one before is still at work: %v", err)
	}
	if place := filepath.Base(filepath.Dir(tree.Path())); place != "1" {
		t.Errorf("the next one is in place %s", place)
	}
	checkout(t, tree, commits[1], "two")
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
	if n := trees(t, sub); n != 1 {
		t.Errorf("%d work trees are left", n)
	}
}

func TestATreeThatCouldNotBeMadeIsMadeTheNextTime(t *testing.T) {
	dir, commits := repository(t)
	tree := open(t, t.TempDir(), dir)
	if err := tree.Checkout(t.Context(), strings.Repeat("0", 40)); err == nil {
		t.Error("a commit that is not there was checked out")
	}
	checkout(t, tree, commits[0], "one")
	checkout(t, tree, commits[1], "two")
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
	if n := trees(t, dir); n != 1 {
		t.Errorf("%d work trees are left, want the user's alone", n)
	}
}

// TestAPlaceThatCanNotBeSweptIsPassedOver: it stands in nobody's way, and nothing of it is touched.
func TestAPlaceThatCanNotBeSweptIsPassedOver(t *testing.T) {
	dir, commits := repository(t)
	home := t.TempDir()
	if err := open(t, home, dir).Close(); err != nil {
		t.Fatal(err)
	}
	strange := filepath.Join(home, "trees", "1", "tree.json")
	if err := os.WriteFile(strange, []byte(`{"schema": "perfgate.tree/99"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	tree := open(t, home, dir)
	checkout(t, tree, commits[0], "one")
	if got := filepath.Base(filepath.Dir(tree.Path())); got != "2" {
		t.Errorf("it is at place %s", got)
	}
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
	if raw, err := os.ReadFile(strange); err != nil || !strings.Contains(string(raw), "99") {
		t.Errorf("the strange note: %s, %v", raw, err)
	}
}
