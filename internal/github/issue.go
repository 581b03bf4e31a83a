package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	api "github.com/google/go-github/v60/github"
)

// Issue is one that perfgate opens, keeps up to date and closes.
type Issue struct {
	// Marker tells it from others; see NewMarker.
	Marker Marker
	// Title is one line.
	Title string
	// Body is Markdown, with the marker at most MaxBody characters.
	Body string
	// Label is put on it when it is opened. GitHub leaves it out, and says nothing, where the token may not push. Never empty.
	Label string
	// Reopen takes up a closed issue with the marker again, where otherwise another one would be opened.
	Reopen bool
}

// PutIssue opens the issue, or brings the open one with the same marker up to date. Of two that were opened at the same time
// the older stays open.
func (c *Client) PutIssue(ctx context.Context, repository Repository, issue Issue) (Posted, error) {
	full, err := issue.Marker.on(issue.Body)
	if err == nil {
		err = errors.Join(repository.check(), issue.check())
	}
	if err != nil {
		return Posted{}, fmt.Errorf("issue %q: %w", issue.Title, err)
	}
	state := "open"
	if issue.Reopen {
		state = "all"
	}
	kept, surplus, created, err := sole(ctx, c, (*api.Issue).GetID,
		func() ([]*api.Issue, error) { return c.issues(ctx, repository, state, issue.Marker, issue.Label) },
		func() (*api.Issue, error) {
			made, _, err := c.api.Issues.Create(ctx, repository.Owner, repository.Name,
				&api.IssueRequest{Title: &issue.Title, Body: &full, Labels: &[]string{issue.Label}})
			return made, c.wrap("open an issue", err)
		})
	if err != nil {
		return Posted{}, err
	}
	if kept.GetBody() != full || kept.GetTitle() != issue.Title || kept.GetState() != "open" {
		kept, _, err = c.api.Issues.Edit(ctx, repository.Owner, repository.Name, kept.GetNumber(),
			&api.IssueRequest{Title: &issue.Title, Body: &full, State: new("open")})
		if err != nil {
			return Posted{}, c.wrap("update the issue", err)
		}
	}
	if err := c.closeIssues(ctx, repository, surplus, "not_planned"); err != nil {
		return Posted{}, err
	}
	return Posted{Number: kept.GetNumber(), URL: kept.GetHTMLURL(), Created: created}, nil
}

// CloseIssue closes what PutIssue opened, after a comment if that is not "". It returns the zero Posted when none is open.
func (c *Client) CloseIssue(ctx context.Context, repository Repository, marker Marker, label, comment string) (Posted, error) {
	if err := repository.check(); err != nil {
		return Posted{}, fmt.Errorf("close an issue: %w", err)
	}
	all, err := c.issues(ctx, repository, "open", marker, label)
	if err != nil || len(all) == 0 {
		return Posted{}, err
	}
	if comment != "" {
		if _, err := c.PutComment(ctx, repository, all[0].GetNumber(), closing, comment); err != nil {
			return Posted{}, err
		}
	}
	if err := c.closeIssues(ctx, repository, all, "completed"); err != nil {
		return Posted{}, err
	}
	return Posted{Number: all[0].GetNumber(), URL: all[0].GetHTMLURL()}, nil
}

// closing is the marker of the comment with which an issue is closed.
const closing Marker = "<!-- perfgate: closing -->"

func (i Issue) check() error {
	switch {
	case i.Title == "":
		return errors.New("it has no title")
	case i.Label == "":
		return errors.New("it has no label to be found by")
	default:
		return nil
	}
}

// issues returns ours in a state with the marker, oldest first. They are searched for among those of the account, since not every account
// may give a label; the token of an app does not say whose it is, and there the label has to do.
func (c *Client) issues(ctx context.Context, repository Repository, state string, marker Marker, label string) ([]*api.Issue, error) {
	login, err := c.self(ctx)
	if err != nil {
		return nil, err
	}
	options := api.IssueListByRepoOptions{State: state, Creator: login}
	if login == "" {
		options.Labels = []string{label}
	}
	var found []*api.Issue
	err = pages(func(page api.ListOptions) (*api.Response, bool, error) {
		options.ListOptions = page
		list, answer, err := c.api.Issues.ListByRepo(ctx, repository.Owner, repository.Name, &options)
		if err != nil {
			return nil, false, err
		}
		for _, issue := range list {
			if issue.IsPullRequest() || !marker.marks(issue.GetBody()) {
				continue
			}
			own, err := c.ours(ctx, issue.GetUser())
			if err != nil {
				return nil, false, err
			}
			if own {
				found = append(found, issue)
			}
		}
		return answer, true, nil
	})
	if err != nil {
		return nil, c.wrap("look for the issue", err)
	}
	sortBy(found, (*api.Issue).GetID)
	return found, nil
}

// closeIssues closes those that are open.
func (c *Client) closeIssues(ctx context.Context, repository Repository, issues []*api.Issue, reason string) error {
	for _, issue := range issues {
		if issue.GetState() == "closed" {
			continue
		}
		number := issue.GetNumber()
		_, _, err := c.api.Issues.Edit(ctx, repository.Owner, repository.Name, number, &api.IssueRequest{State: new("closed"), StateReason: &reason})
		if err != nil {
			return c.wrap(fmt.Sprintf("close issue #%d", number), err)
		}
	}
	return nil
}

func sortBy[T any, K cmp.Ordered](all []T, key func(T) K) {
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}
