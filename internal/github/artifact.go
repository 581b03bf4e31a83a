package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	api "github.com/google/go-github/v60/github"
)

// Artifact is what a workflow run has left.
type Artifact struct {
	// ID is GitHub's.
	ID int64
	// Name is what the workflow called it.
	Name string
	// Size is in bytes, of the archive.
	Size int64
	// Expired says that it cannot be had any more.
	Expired bool
	// HeadSHA is the commit of its run.
	HeadSHA string
}

// Artifacts lists what a workflow run has left.
func (c *Client) Artifacts(ctx context.Context, repository Repository, run int64) ([]Artifact, error) {
	op := fmt.Sprintf("list the artifacts of run %d", run)
	if err := repository.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	var found []Artifact
	err := pages(func(page api.ListOptions) (*api.Response, bool, error) {
		list, answer, err := c.api.Actions.ListWorkflowRunArtifacts(ctx, repository.Owner, repository.Name, run, &page)
		if err != nil {
			return nil, false, err
		}
		for _, a := range list.Artifacts {
			found = append(found, Artifact{
				ID: a.GetID(), Name: a.GetName(), Size: a.GetSizeInBytes(), Expired: a.GetExpired(), HeadSHA: a.GetWorkflowRun().GetHeadSHA(),
			})
		}
		return answer, true, nil
	})
	return found, c.wrap(op, err)
}

// Download returns the zip archive of an artifact, or an error when it is larger than most bytes: nothing beyond them is
// read. GitHub answers with an address elsewhere, which never sees the token.
func (c *Client) Download(ctx context.Context, repository Repository, id, most int64) ([]byte, error) {
	op := fmt.Sprintf("download artifact %d", id)
	if err := repository.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	at, err := c.archive(ctx, repository, id)
	if err != nil {
		return nil, c.wrap(op, err)
	}
	request, err := http.NewRequestWithContext(context.WithValue(ctx, keyMost, most), http.MethodGet, at.String(), http.NoBody)
	if err != nil {
		return nil, &Error{Op: op, Kind: ErrRefused, Message: "the address of the archive cannot be used"}
	}
	answer, err := c.plain.Do(request)
	if err != nil {
		return nil, c.wrap(op, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, &Error{Op: op, Status: answer.StatusCode, Kind: ErrNotFound, Message: "the archive is not where GitHub says"}
	}
	return io.ReadAll(answer.Body)
}

// archive asks where the archive is. The library would follow the redirection with a client of its own, so it is asked for
// the address alone.
func (c *Client) archive(ctx context.Context, repository Repository, id int64) (*url.URL, error) {
	request, err := c.api.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/actions/artifacts/%d/zip", repository.Owner, repository.Name, id), nil)
	if err != nil {
		return nil, err
	}
	answer, err := c.api.BareDo(ctx, request)
	if answer != nil && answer.StatusCode == http.StatusFound {
		defer answer.Body.Close()
		at, err := answer.Location()
		if err != nil || (at.Scheme != "https" && !isLoopback(at.Hostname())) {
			return nil, errors.New("GitHub tells no address of the archive")
		}
		return at, nil
	}
	if err != nil {
		return nil, err
	}
	answer.Body.Close()
	return nil, fmt.Errorf("GitHub answered %d, and not with the address of the archive", answer.StatusCode)
}
