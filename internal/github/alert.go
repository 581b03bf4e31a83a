package github

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// AlertLabel is on every issue that an alert opens.
const AlertLabel = "perfgate"

// Alert is what is said about a branch or a commit outside of a pull request.
type Alert struct {
	// Title is one line.
	Title string
	// Body is Markdown, with the marker at most MaxBody characters.
	Body string
}

// AlertBranch says that a branch is red, or still undecided: it opens an issue, or brings the open one of this branch and this check
// up to date.
func (c *Client) AlertBranch(ctx context.Context, repository Repository, branch, check string, alert Alert) (Posted, error) {
	return c.PutIssue(ctx, repository, Issue{Marker: branchMarker(branch, check), Title: alert.Title, Body: alert.Body, Label: AlertLabel})
}

// BranchAlert is what AlertBranch has said and nobody has closed; false when nothing is open.
func (c *Client) BranchAlert(ctx context.Context, repository Repository, branch, check string) (Alert, bool, error) {
	if err := repository.check(); err != nil {
		return Alert{}, false, fmt.Errorf("read the alert: %w", err)
	}
	open, err := c.issues(ctx, repository, "open", branchMarker(branch, check), AlertLabel)
	if err != nil || len(open) == 0 {
		return Alert{}, false, err
	}
	_, body, _ := strings.Cut(open[0].GetBody(), "\n") // behind the marker
	return Alert{Title: open[0].GetTitle(), Body: body}, true, nil
}

// EndBranchAlert closes what AlertBranch opened, with a comment. It returns the zero Posted when nothing was open.
func (c *Client) EndBranchAlert(ctx context.Context, repository Repository, branch, check, comment string) (Posted, error) {
	return c.CloseIssue(ctx, repository, branchMarker(branch, check), AlertLabel, comment)
}

// branchMarker has a hash, since branches may have names that a marker cannot. A branch's name has no line break.
func branchMarker(branch, check string) Marker {
	sum := sha256.Sum256([]byte(branch + "\n" + check))
	return Marker("<!-- perfgate: branch " + hex.EncodeToString(sum[:10]) + " -->")
}

// maxCulpritPulls bounds how many pull requests hear of one culprit: a commit can be in many.
const maxCulpritPulls = 3

// CulpritAlert is what AlertCulprit posted.
type CulpritAlert struct {
	// Issue is the culprit's.
	Issue Posted
	// Comments are on the pull requests that brought it.
	Comments []Posted
}

// AlertCulprit says which commit made the change: in the one issue of this commit, opened or brought up to date, and again if
// it was closed, and in a comment on the pull requests that brought it. note makes the comment's body when the issue is known. What
// was posted before an error is returned beside it.
func (c *Client) AlertCulprit(ctx context.Context, repository Repository, sha string, alert Alert, note func(issue Posted) string) (CulpritAlert, error) {
	if err := CheckSHA(sha); err != nil {
		return CulpritAlert{}, fmt.Errorf("culprit: %w", err)
	}
	marker := Marker("<!-- perfgate: culprit " + sha + " -->")
	issue, err := c.PutIssue(ctx, repository, Issue{Marker: marker, Title: alert.Title, Body: alert.Body, Label: AlertLabel, Reopen: true})
	if err != nil {
		return CulpritAlert{}, err
	}
	told := CulpritAlert{Issue: issue}
	pulls, err := c.PullsOfCommit(ctx, repository, sha)
	if err != nil {
		return told, err
	}
	var errs []error
	for _, pull := range pulls[:min(len(pulls), maxCulpritPulls)] {
		comment, err := c.PutComment(ctx, repository, pull.Number, marker, note(issue))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		told.Comments = append(told.Comments, comment)
	}
	return told, errors.Join(errs...)
}
