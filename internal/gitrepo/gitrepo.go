// Package gitrepo reads the repository of the subject. It never writes to it.
package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/go-git/go-git/v5"
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
	if errors.Is(err, git.ErrRepositoryNotExists) || errors.Is(err, plumbing.ErrReferenceNotFound) {
		return Head{}, nil
	}
	if err != nil { // extensions that the library does not know: git itself may
		if commit, err = output(ctx, dir, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err != nil {
			return Head{}, fmt.Errorf("read HEAD: %w", err)
		}
	}
	changed, err := output(ctx, dir, "status", "--porcelain", "--untracked-files=no")
	if err != nil {
		return Head{Commit: commit}, nil //nolint:nilerr // without git it stays unknown whether files were changed
	}
	return Head{Commit: commit, Dirty: changed != ""}, nil
}

func headByLibrary(dir string) (string, error) {
	repository, err := git.PlainOpenWithOptions(dir, &git.PlainOpenOptions{DetectDotGit: true, EnableDotGitCommonDir: true})
	if err != nil {
		return "", err
	}
	reference, err := repository.Head()
	if err != nil {
		return "", err
	}
	return reference.Hash().String(), nil
}

// output runs git without locks, hooks or a foreign repository in the environment.
func output(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.hooksPath=/dev/null"}, args...)...)
	cmd.Dir = dir
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if name != "GIT_DIR" && name != "GIT_INDEX_FILE" && name != "GIT_WORK_TREE" {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_OPTIONAL_LOCKS=0")
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}
