package github_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
)

func TestAncestryOfCommits(t *testing.T) {
	const mergeSHA, olderSHA = "4444444444444444444444444444444444444444", "5555555555555555555555555555555555555555"
	w := world()
	w.Repositories[0].Commits[0].Parents = []string{olderSHA}
	w.Repositories[0].Commits = append(w.Repositories[0].Commits, &githubfake.Commit{SHA: olderSHA},
		&githubfake.Commit{SHA: mergeSHA, Parents: []string{mainSHA, topicSHA}})
	w.Repositories[0].Branches["release/1.x"] = olderSHA
	server, clock := start(t, githubfake.Options{World: w})
	c := client(t, server, clock, appToken)
	ctx := t.Context()
	parents, err := c.Parents(ctx, repository, mergeSHA)
	if diff := cmp.Diff([]string{mainSHA, topicSHA}, parents); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	if _, err := c.Parents(ctx, repository, "6666666666666666666666666666666666666666"); !errors.Is(err, github.ErrNotFound) && !errors.Is(err, github.ErrRefused) {
		t.Errorf("a commit that is not there: %v", err)
	}
	for _, row := range []struct {
		branch, sha string
		want        bool
	}{
		{"main", mainSHA, true}, {"main", olderSHA, true}, {"main", topicSHA, false}, {"main", forkSHA, false}, {"topic", olderSHA, true},
		{"release/1.x", olderSHA, true}, {"release/1.x", mainSHA, false}, {topicSHA, mainSHA, true}, {"main", "6666666666666666666666666666666666666666", false},
	} {
		if got, err := c.Contains(ctx, repository, row.branch, row.sha); got != row.want || err != nil {
			t.Errorf("%s has %s: %v, %v", row.branch, row.sha, got, err)
		}
	}
}
