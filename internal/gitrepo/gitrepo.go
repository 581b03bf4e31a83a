// Package gitrepo reads the repository of the subject and its history, and makes and removes work trees of perfgate's own. Of the user's
// checkout it never changes anything: no file, index, ref or stash.
package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
)

// Head is what is checked out.
type Head struct {
	// Commit is the whole SHA, "" outside a repository or before the first commit.
	Commit string
	// Dirty says that tracked files were changed since.
	Dirty bool
}

// ReadHead tells what is checked out around dir. Outside a repository and before the first commit it
// is the zero Head and no error.
func ReadHead(ctx context.Context, dir string) (Head, error) {
	commit, err := headByLibrary(dir)
	if errors.Is(err, gogit.ErrRepositoryNotExists) || errors.Is(err, plumbing.ErrReferenceNotFound) {
		return Head{}, nil
	}
	if err != nil { // extensions that the library does not know: git itself may
		found, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "HEAD")
		if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.ExitCode() == 1 {
			return Head{}, nil // there is no commit yet
		}
		if err != nil {
			return Head{}, fmt.Errorf("read HEAD: %w", err)
		}
		commit = found.stdout
	}
	changed, err := git(ctx, dir, "status", "--porcelain", "--untracked-files=no")
	if err != nil {
		return Head{Commit: commit}, nil //nolint:nilerr // without git it stays unknown whether files were changed
	}
	return Head{Commit: commit, Dirty: changed.stdout != ""}, nil
}

func headByLibrary(dir string) (string, error) {
	repository, err := gogit.PlainOpenWithOptions(dir, &gogit.PlainOpenOptions{DetectDotGit: true, EnableDotGitCommonDir: true})
	if err != nil {
		return "", err
	}
	reference, err := repository.Head()
	if err != nil {
		return "", err
	}
	return reference.Hash().String(), nil
}
