package gitrepo_test

import (
	"path/filepath"
	"testing"

	"github.com/communitas/perfgate/internal/gitrepo"
)

func TestTheDefaultBranchIsThatOfTheClone(t *testing.T) {
	dir, _ := lived(t)
	if got := gitrepo.DefaultBranch(t.Context(), dir); got != "" {
		t.Errorf("of what was not cloned it is %q", got)
	}
	gitIn(t, dir, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/old/trunk")
	if got := gitrepo.DefaultBranch(t.Context(), dir); got != "old/trunk" {
		t.Errorf("it is %q", got)
	}
	if got := gitrepo.DefaultBranch(t.Context(), filepath.Join(t.TempDir(), "nowhere")); got != "" {
		t.Errorf("of nothing it is %q", got)
	}
}
