package github

import (
	"context"
	"errors"
	"fmt"

	api "github.com/google/go-github/v60/github"
)

// File reads a file at a branch, tag or commit. It errs with ErrNotFound when there is none, and on one above 1 MB, which
// GitHub does not give this way.
func (c *Client) File(ctx context.Context, repository Repository, path, ref string) ([]byte, error) {
	op := fmt.Sprintf("read %s at %s", path, ref)
	if err := errors.Join(repository.check(), checkPath(path), CheckBranch(ref)); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	file, folder, _, err := c.api.Repositories.GetContents(ctx, repository.Owner, repository.Name, path, &api.RepositoryContentGetOptions{Ref: ref})
	if err != nil {
		return nil, c.wrap(op, err)
	}
	if file == nil || folder != nil || file.GetType() != "file" {
		return nil, &Error{Op: op, Kind: ErrRefused, Message: "it is no file"}
	}
	if file.GetEncoding() == "none" {
		return nil, &Error{Op: op, Kind: ErrRefused, Message: fmt.Sprintf("it has %d bytes: up to 1 MB can be read", file.GetSize())}
	}
	text, err := file.GetContent()
	if err != nil {
		return nil, &Error{Op: op, Kind: ErrRefused, Message: err.Error()}
	}
	return []byte(text), nil
}

// ChangedFile is one of a commit or pull request.
type ChangedFile struct {
	// Path is where it is now, and Previous where it was when it was renamed, else "".
	Path, Previous string
	// Status is added, modified, removed, renamed, copied, changed or unchanged.
	Status string
	// Patch is the difference; "" for binary and large files.
	Patch string
}

// FilesOfPull lists what a pull request changes; GitHub tells of at most 3,000 files.
func (c *Client) FilesOfPull(ctx context.Context, repository Repository, number int) ([]ChangedFile, error) {
	op := fmt.Sprintf("list the files of #%d", number)
	if err := errors.Join(repository.check(), checkNumber(number)); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	var found []ChangedFile
	err := pages(func(page api.ListOptions) (*api.Response, bool, error) {
		list, answer, err := c.api.PullRequests.ListFiles(ctx, repository.Owner, repository.Name, number, &page)
		found = append(found, changed(list)...)
		return answer, true, err
	})
	return found, c.wrap(op, err)
}

// FilesOfCommit lists what a commit changes; GitHub tells of at most 3,000 files.
func (c *Client) FilesOfCommit(ctx context.Context, repository Repository, sha string) ([]ChangedFile, error) {
	op := "list the files of commit " + sha
	if err := errors.Join(repository.check(), CheckSHA(sha)); err != nil {
		return nil, fmt.Errorf("list the files of a commit: %w", err)
	}
	var found []ChangedFile
	err := pages(func(page api.ListOptions) (*api.Response, bool, error) {
		commit, answer, err := c.api.Repositories.GetCommit(ctx, repository.Owner, repository.Name, sha, &page)
		if err != nil {
			return nil, false, err
		}
		found = append(found, changed(commit.Files)...)
		return answer, true, nil
	})
	return found, c.wrap(op, err)
}

func changed(files []*api.CommitFile) []ChangedFile {
	var all []ChangedFile
	for _, f := range files {
		all = append(all, ChangedFile{Path: f.GetFilename(), Previous: f.GetPreviousFilename(), Status: f.GetStatus(), Patch: f.GetPatch()})
	}
	return all
}
