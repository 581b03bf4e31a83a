package github

import (
	"context"
	"errors"
	"fmt"

	api "github.com/google/go-github/v60/github"
)

// MaxStatusDescription is how many characters a status may say; PutStatus cuts what is longer.
const MaxStatusDescription = 140

// State is that of a commit status.
type State string

// The states of a commit status. There is none between success and failure.
const (
	// StatePending goes on.
	StatePending State = "pending"
	// StateSuccess is green.
	StateSuccess State = "success"
	// StateFailure is red: it was judged so.
	StateFailure State = "failure"
	// StateError is red: it could not be judged.
	StateError State = "error"
)

// Status is a commit status: what can be said where checks are not permitted.
type Status struct {
	// Context is its name, and what branch protection refers to. Never empty.
	Context string
	// State is one of the above.
	State State
	// Description is one line.
	Description string
	// TargetURL is where it leads; may be "".
	TargetURL string
}

// PutStatus gives a commit the status. The latest of a context counts, and an equal one is not posted again.
func (c *Client) PutStatus(ctx context.Context, repository Repository, sha string, status Status) (Posted, error) {
	if err := errors.Join(repository.check(), CheckSHA(sha)); err != nil {
		return Posted{}, fmt.Errorf("status %q: %w", status.Context, err)
	}
	status.Description = truncate(status.Description, MaxStatusDescription-1)
	wire := &api.RepoStatus{State: new(string(status.State)), Description: &status.Description, Context: &status.Context}
	if status.TargetURL != "" {
		wire.TargetURL = &status.TargetURL
	}
	made, created, err := settle(ctx, c,
		func() (*api.RepoStatus, bool, error) { return c.latestStatus(ctx, repository, sha, status) },
		func() (*api.RepoStatus, error) {
			made, _, err := c.api.Repositories.CreateStatus(ctx, repository.Owner, repository.Name, sha, wire)
			return made, c.wrap("post status "+status.Context, err)
		})
	return Posted{ID: made.GetID(), URL: status.TargetURL, Created: created}, err
}

// latestStatus tells whether the latest status of the context says the same already.
func (c *Client) latestStatus(ctx context.Context, repository Repository, sha string, want Status) (*api.RepoStatus, bool, error) {
	var latest *api.RepoStatus
	err := pages(func(page api.ListOptions) (*api.Response, bool, error) {
		list, answer, err := c.api.Repositories.ListStatuses(ctx, repository.Owner, repository.Name, sha, &page)
		for _, s := range list { // the newest comes first
			if s.GetContext() == want.Context {
				latest = s
				return answer, false, err
			}
		}
		return answer, true, err
	})
	same := latest.GetState() == string(want.State) && latest.GetDescription() == want.Description && latest.GetTargetURL() == want.TargetURL
	return latest, latest != nil && same, c.wrap("look for status "+want.Context, err)
}
