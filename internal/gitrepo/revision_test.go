package gitrepo_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/gitrepo"
)

// history makes a repository of four commits and returns it with their SHAs, the oldest first.
func history(t *testing.T) (dir string, commits []string) {
	t.Helper()
	dir = t.TempDir()
	gitIn(t, dir, "init", "-q")
	for _, text := range []string{"one", "two", "three", "four"} {
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		gitIn(t, dir, "add", ".")
		gitIn(t, dir, "commit", "-qm", "say "+text)
		commits = append(commits, gitIn(t, dir, "rev-parse", "HEAD"))
	}
	return dir, commits
}

func TestResolveNamesTheCommitOfEveryKindOfRevision(t *testing.T) {
	dir, commits := history(t)
	gitIn(t, dir, "branch", "side", commits[0])
	gitIn(t, dir, "tag", "light", commits[1])
	gitIn(t, dir, "tag", "-a", "-m", "a tag of its own", "heavy", commits[2])
	for revision, want := range map[string]int{
		"HEAD": 3, "main": 3, "side": 0, "light": 1, "heavy": 2, "refs/tags/heavy": 2, "HEAD~3": 0, "HEAD^": 2, "main~2^0": 1, "HEAD^{/say two}": 1,
		commits[1]: 1, commits[1][:12]: 1,
	} {
		got, err := gitrepo.Resolve(t.Context(), dir, revision)
		if err != nil {
			t.Errorf("%s: %v", revision, err)
			continue
		}
		wanted := gitrepo.Commit{Revision: revision, SHA: commits[want], Title: "say " + []string{"one", "two", "three", "four"}[want]}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", revision, diff)
		}
	}
}

func TestResolveSaysWhyARevisionIsNoneAndWhatToDo(t *testing.T) {
	dir, commits := history(t)
	gitIn(t, dir, "branch", "twice", commits[0])
	gitIn(t, dir, "tag", "twice", commits[1])
	shallow := filepath.Join(t.TempDir(), "shallow")
	gitIn(t, dir, "clone", "-q", "--depth=2", "file://"+dir, shallow)
	for _, tc := range []struct{ name, dir, revision, problem, mend string }{
		{"nothing of that name", dir, "nonesuch", "no commit", "git fetch"},
		{"older than the first", dir, "HEAD~4", "no commit", "git fetch"},
		{"a tree", dir, "HEAD^{tree}", "no commit", "git fetch"},
		{"a range", dir, "HEAD~1..HEAD", "no commit", "git fetch"},
		{"an option", dir, "--all", "no commit", "git fetch"},
		{"a branch and a tag", dir, "twice", "ambiguous", "refs/heads/twice or refs/tags/twice"},
		{"nothing", dir, "", "empty", "name a branch"},
		{"cut off by a shallow clone", shallow, "HEAD~2", "shallow", "fetch-depth: 0"},
		{"no repository", t.TempDir(), "HEAD", "no git repository", "--config"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := gitrepo.Resolve(t.Context(), tc.dir, tc.revision)
			wrong, ok := errors.AsType[*gitrepo.RevisionError](err)
			if !ok || got != (gitrepo.Commit{}) || !strings.Contains(wrong.Problem, tc.problem) || !strings.Contains(wrong.Mend, tc.mend) {
				t.Errorf("%+v, %v; want %q and %q", got, err, tc.problem, tc.mend)
			}
		})
	}
}

func TestResolveNeedsEnoughDigits(t *testing.T) {
	dir, _ := history(t)
	// Some of many objects share their first four digits.
	seen := map[string]string{}
	for i := range 2000 {
		commit := gitIn(t, dir, "commit-tree", "-m", strings.Repeat("y", i), "HEAD^{tree}")
		if seen[commit[:4]] == "" {
			seen[commit[:4]] = commit
			continue
		}
		_, err := gitrepo.Resolve(t.Context(), dir, commit[:4])
		if wrong, ok := errors.AsType[*gitrepo.RevisionError](err); !ok || !strings.Contains(wrong.Mend, "more digits") {
			t.Errorf("%s: %v", commit[:4], err)
		}
		return
	}
	t.Fatal("no two of 2000 commits begin alike")
}

func TestATitleCannotSpeakToATerminal(t *testing.T) {
	dir, _ := history(t)
	gitIn(t, dir, "commit", "-q", "--allow-empty", "-m", "red \x1b[31malert\a")
	if got, err := gitrepo.Resolve(t.Context(), dir, "HEAD"); err != nil || got.Title != "red [31malert" {
		t.Errorf("%q, %v", got.Title, err)
	}
}
