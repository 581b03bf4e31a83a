package gitrepo_test

import (
	"testing"

	"github.com/communitas/perfgate/internal/gitrepo"
)

func TestTheMergeBaseIsWhereABranchBegan(t *testing.T) {
	dir, commits := lived(t)
	gitIn(t, dir, "stash", "-q", "-u")
	gitIn(t, dir, "checkout", "-q", "-b", "topic", commits[0])
	gitIn(t, dir, "commit", "-q", "--allow-empty", "-m", "on a topic")
	topic := gitIn(t, dir, "rev-parse", "HEAD")
	gitIn(t, dir, "checkout", "-q", "--orphan", "stranger")
	gitIn(t, dir, "commit", "-q", "--allow-empty", "-m", "of nobody")
	stranger := gitIn(t, dir, "rev-parse", "HEAD")
	last := commits[len(commits)-1]
	for _, c := range []struct{ a, b, want string }{{topic, last, commits[0]}, {last, last, last}, {topic, stranger, ""}} {
		if got, err := gitrepo.MergeBase(t.Context(), dir, c.a, c.b); got != c.want || err != nil {
			t.Errorf("%s and %s: %s, %v; not %s", c.a, c.b, got, err, c.want)
		}
	}
}
