package github

import (
	"context"
	"errors"
	"fmt"

	api "github.com/google/go-github/v60/github"
)

// Parents returns the SHAs of a commit's parents in their order: of the merge commit that GitHub makes of a pull request its
// base, then its head.
func (c *Client) Parents(ctx context.Context, repository Repository, sha string) ([]string, error) {
	op := "read commit " + sha
	if err := errors.Join(repository.check(), CheckSHA(sha)); err != nil {
		return nil, fmt.Errorf("read a commit: %w", err)
	}
	commit, _, err := c.api.Repositories.GetCommit(ctx, repository.Owner, repository.Name, sha, &api.ListOptions{PerPage: 1})
	if err != nil {
		return nil, c.wrap(op, err)
	}
	var parents []string
	for _, p := range commit.Parents {
		parents = append(parents, p.GetSHA())
	}
	return parents, nil
}

// Tip returns the commit at the end of a branch. It errs with ErrNotFound when there is no such branch.
func (c *Client) Tip(ctx context.Context, repository Repository, branch string) (string, error) {
	op := "read branch " + branch
	if err := errors.Join(repository.check(), CheckBranch(branch)); err != nil {
		return "", fmt.Errorf("read a branch: %w", err)
	}
	ref, _, err := c.api.Git.GetRef(ctx, repository.Owner, repository.Name, "heads/"+branch)
	if err != nil {
		return "", c.wrap(op, err)
	}
	return ref.GetObject().GetSHA(), nil
}

// Contains tells whether a branch has a commit in its history.
func (c *Client) Contains(ctx context.Context, repository Repository, branch, sha string) (bool, error) {
	op := fmt.Sprintf("look for %s in %s", sha, branch)
	if err := errors.Join(repository.check(), CheckBranch(branch), CheckSHA(sha)); err != nil {
		return false, fmt.Errorf("look for a commit in a branch: %w", err)
	}
	comparison, _, err := c.api.Repositories.CompareCommits(ctx, repository.Owner, repository.Name, branch, sha, &api.ListOptions{PerPage: 1})
	if errors.Is(c.wrap(op, err), ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, c.wrap(op, err)
	}
	status := comparison.GetStatus()
	return status == "behind" || status == "identical", nil
}
