package github

import (
	"context"
	"errors"
	"fmt"

	api "github.com/google/go-github/v60/github"
)

// Pull is a pull request.
type Pull struct {
	// Number is at least 1.
	Number int
	// HeadSHA is the commit that is judged.
	HeadSHA string
	// HeadOwner and HeadBranch say where it comes from; HeadOwner is "" when that repository is gone.
	HeadOwner, HeadBranch string
	// BaseBranch is where it wants to go, and BaseSHA what that was.
	BaseBranch, BaseSHA string
	// Fork says that it comes from another repository, or from one that is gone.
	Fork bool
	// Open says that it is neither merged nor closed.
	Open bool
	// Author is the login of who opened it.
	Author string
	// URL is its page.
	URL string
}

// ErrMoved says that the branch has gone on, and nothing may be said to the pull request of a commit that it no longer has.
var ErrMoved = errors.New("the pull request has a newer commit")

// PullOf finds the open pull request of a workflow run by its head. GitHub does not say which one it is when the head is in
// a fork. It errs with ErrNotFound when the branch has none, and with ErrMoved when the branch has another commit by now. Of
// several (one branch may want to go to two) it is the oldest.
func (c *Client) PullOf(ctx context.Context, repository Repository, headOwner, headBranch, headSHA string) (Pull, error) {
	op := fmt.Sprintf("look for the pull request of %.100q", headOwner+":"+headBranch)
	if headOwner == "" {
		return Pull{}, &Error{Op: op, Kind: ErrNotFound, Message: "the repository that it came from is gone"}
	}
	err := errors.Join(repository.check(), CheckSHA(headSHA), Repository{Owner: headOwner, Name: repository.Name}.check(), CheckBranch(headBranch))
	if err != nil {
		return Pull{}, fmt.Errorf("%s: %w", op, err)
	}
	found, err := c.openPulls(ctx, repository, headOwner+":"+headBranch, "")
	if err != nil {
		return Pull{}, c.wrap(op, err)
	}
	moved := false
	for _, p := range found {
		if p.HeadOwner != headOwner || p.HeadBranch != headBranch {
			continue
		}
		if p.HeadSHA == headSHA {
			return p, nil
		}
		moved = true
	}
	if moved {
		return Pull{}, fmt.Errorf("%s at %s: %w", op, headSHA, ErrMoved)
	}
	return Pull{}, &Error{Op: op, Kind: ErrNotFound, Message: "no open pull request comes from there"}
}

// openPulls lists open pull requests with a head OWNER:BRANCH, and a base unless that is "", oldest first.
func (c *Client) openPulls(ctx context.Context, repository Repository, head, base string) ([]Pull, error) {
	var found []Pull
	err := pages(func(page api.ListOptions) (*api.Response, bool, error) {
		list, answer, err := c.api.PullRequests.List(ctx, repository.Owner, repository.Name,
			&api.PullRequestListOptions{State: "open", Head: head, Base: base, ListOptions: page})
		for _, p := range list {
			found = append(found, pullOf(p))
		}
		return answer, true, err
	})
	sortBy(found, func(p Pull) int { return p.Number })
	return found, err
}

// PullsOfCommit lists the pull requests that brought a commit, oldest first: for a culprit on the main branch the one by
// which it was merged.
func (c *Client) PullsOfCommit(ctx context.Context, repository Repository, sha string) ([]Pull, error) {
	if err := errors.Join(repository.check(), CheckSHA(sha)); err != nil {
		return nil, fmt.Errorf("look for the pull request of a commit: %w", err)
	}
	var found []Pull
	err := pages(func(page api.ListOptions) (*api.Response, bool, error) {
		list, answer, err := c.api.PullRequests.ListPullRequestsWithCommit(ctx, repository.Owner, repository.Name, sha, &page)
		for _, p := range list {
			found = append(found, pullOf(p))
		}
		return answer, true, err
	})
	sortBy(found, func(p Pull) int { return p.Number })
	return found, c.wrap("look for the pull request of commit "+sha, err)
}

// Pull reads one pull request.
func (c *Client) Pull(ctx context.Context, repository Repository, number int) (Pull, error) {
	op := fmt.Sprintf("read pull request #%d", number)
	if err := errors.Join(repository.check(), checkNumber(number)); err != nil {
		return Pull{}, fmt.Errorf("%s: %w", op, err)
	}
	p, _, err := c.api.PullRequests.Get(ctx, repository.Owner, repository.Name, number)
	if err != nil {
		return Pull{}, c.wrap(op, err)
	}
	return pullOf(p), nil
}

func pullOf(p *api.PullRequest) Pull {
	head, base := p.GetHead(), p.GetBase()
	return Pull{
		Number: p.GetNumber(), HeadSHA: head.GetSHA(), HeadOwner: head.GetRepo().GetOwner().GetLogin(), HeadBranch: head.GetRef(),
		BaseBranch: base.GetRef(), BaseSHA: base.GetSHA(), Open: p.GetState() == "open", Author: p.GetUser().GetLogin(), URL: p.GetHTMLURL(),
		Fork: foreign(head.GetRepo(), base.GetRepo()),
	}
}

// foreign tells whether a head is of another repository, or of one that nobody knows.
func foreign(head, base *api.Repository) bool {
	return head.GetID() == 0 || head.GetID() != base.GetID()
}
