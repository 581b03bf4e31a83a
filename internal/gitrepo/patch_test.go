package gitrepo_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/gitrepo"
)

func TestAPatchIsTriedAppliedAndTakenOut(t *testing.T) {
	dir, commits := lived(t)
	gitIn(t, dir, "config", "apply.whitespace", "error") // what its user wants of patches from others
	before := state(t, dir)
	fits := filepath.Join(t.TempDir(), "fits.diff")
	write(t, fits, "--- /dev/null\n+++ b/added\n@@ -0,0 +1 @@\n+added \n")
	misfit := filepath.Join(t.TempDir(), "misfit.diff")
	write(t, misfit, "--- a/file\n+++ b/file\n@@ -1 +1 @@\n-no such line\n+another\n")
	garbage := filepath.Join(t.TempDir(), "garbage.diff")
	write(t, garbage, "no patch")

	for patch, want := range map[string]bool{fits: true, misfit: false} {
		if got, err := gitrepo.PatchApplies(t.Context(), dir, commits[0], patch); got != want || err != nil {
			t.Errorf("%s applies: %v, %v", filepath.Base(patch), got, err)
		}
	}
	if _, err := gitrepo.PatchApplies(t.Context(), dir, commits[0], garbage); err == nil {
		t.Error("what is no patch is tried without an error")
	}

	checkout, err := gitrepo.OpenCheckout(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(t.TempDir(), "tree")
	if err := checkout.AddWorktree(t.Context(), tree, commits[0], "a test"); err != nil {
		t.Fatal(err)
	}
	if applied, err := gitrepo.ApplyPatch(t.Context(), tree, misfit); applied || err != nil {
		t.Errorf("a patch that does not fit: %v, %v", applied, err)
	}
	if applied, err := gitrepo.ApplyPatch(t.Context(), tree, fits); !applied || err != nil || content(t, filepath.Join(tree, "added")) != "added \n" {
		t.Errorf("a patch that fits: %v, %v", applied, err)
	}
	if err := gitrepo.RevertPatch(t.Context(), tree, fits); err != nil || gitIn(t, tree, "status", "--porcelain") != "" {
		t.Errorf("taken out: %v, %s", err, gitIn(t, tree, "status", "--porcelain"))
	}
	if err := gitrepo.RemoveWorktree(t.Context(), checkout.Common, tree, "a test"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, state(t, dir)); diff != "" {
		t.Errorf("the checkout has changed: -before +after\n%s", diff)
	}
}
