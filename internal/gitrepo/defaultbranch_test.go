package gitrepo_test

import (
	"path/filepath"
	"testing"

	"github.com/communitas/perfgate/internal/gitrepo"
)

func TestTheDefaultBranchIsThatOfTheClone(t *testing.T) {
	dir, commits := lived(t)
	is := func(want, where string) {
		t.Helper()
		if got := gitrepo.DefaultBranch(t.Context(), dir); got != want {
			t.Errorf("%s it is %q, not %q", where, got, want)
		}
	}
	gitIn(t, dir, "branch", "-m", "trial/one")
	is("trial/one", "where there is no other")
	gitIn(t, dir, "branch", "master", commits[0])
	is("master", "beside a branch for one purpose")
	gitIn(t, dir, "update-ref", "refs/remotes/origin/main", commits[0])
	is("main", "of a remote that was added later")
	gitIn(t, dir, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/old/trunk")
	is("old/trunk", "of a clone")
	if got := gitrepo.DefaultBranch(t.Context(), filepath.Join(t.TempDir(), "nowhere")); got != "" {
		t.Errorf("of nothing it is %q", got)
	}
}
