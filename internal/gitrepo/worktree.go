package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Checkout is a work tree of a repository, seen from a folder in it.
type Checkout struct {
	// Top is the absolute path of the work tree, links resolved.
	Top string
	// Within is the folder relative to Top, "." when it is Top itself.
	Within string
	// Common is the absolute path of the folder of git's that all work trees of the repository share.
	Common string
}

// OpenCheckout finds the checkout around dir. Outside of one it is an error.
func OpenCheckout(ctx context.Context, dir string) (Checkout, error) {
	var c Checkout
	for _, part := range []struct {
		argument string
		into     *string
	}{{"--show-toplevel", &c.Top}, {"--show-prefix", &c.Within}, {"--git-common-dir", &c.Common}} {
		answer, err := git(ctx, dir, "rev-parse", "--path-format=absolute", part.argument)
		if err != nil {
			return Checkout{}, fmt.Errorf("find the checkout around %s: %w", dir, err)
		}
		*part.into = filepath.FromSlash(answer.stdout)
	}
	c.Within = filepath.Clean(c.Within)
	return c, nil
}

// AddWorktree checks a commit out into a new work tree at path, an absolute path where nothing is yet: without a branch, and
// locked with a reason that `git worktree list` shows, so that nobody prunes it. Submodules are checked out too, and large files
// where git is set up for them. Nothing of the repository changes but git's list of its work trees.
func (c Checkout) AddWorktree(ctx context.Context, path, commit, reason string) error {
	if _, err := git(ctx, c.Top, "worktree", "add", "--quiet", "--detach", "--lock", "--reason", reason, path, commit); err != nil {
		return fmt.Errorf("make a work tree: %w", err)
	}
	return submodules(ctx, path)
}

// MoveWorktree checks another commit out in a work tree that AddWorktree has made. What builds have left there stays, as far
// as the repository ignores it; what they have changed does not.
func MoveWorktree(ctx context.Context, path, commit string) error {
	if _, err := git(ctx, path, "checkout", "--quiet", "--force", "--detach", commit); err != nil {
		return fmt.Errorf("move a work tree: %w", err)
	}
	if _, err := git(ctx, path, "clean", "--quiet", "-d", "--force", "--force"); err != nil {
		return fmt.Errorf("move a work tree: %w", err)
	}
	return submodules(ctx, path)
}

// submodules checks out those that the commit has. They are named active for this call alone, so that the repository's
// configuration stays as it is.
func submodules(ctx context.Context, path string) error {
	if _, err := os.Lstat(filepath.Join(path, ".gitmodules")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := git(ctx, path, "-c", "submodule.active=.", "submodule", "--quiet", "update", "--force", "--recursive"); err != nil {
		return fmt.Errorf("check out the submodules: %w", err)
	}
	return nil
}

// RemoveWorktree removes the work tree at path, one that AddWorktree has made, with all in it, and git's note of it. common is
// the folder of git's that its repository shares. It is no error when one of the two or both are gone already.
func RemoveWorktree(ctx context.Context, common, path string) error {
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("remove a work tree: %w", err)
	}
	if _, err := os.Stat(common); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	known, err := Worktrees(ctx, common)
	if err != nil {
		return fmt.Errorf("remove a work tree: %w", err)
	}
	if !slices.Contains(known, path) {
		return nil
	}
	// Twice --force: it is locked. No prune: that would take away notes of work trees that are not perfgate's.
	if _, err := git(ctx, common, "worktree", "remove", "--force", "--force", path); err != nil {
		return fmt.Errorf("remove a work tree: %w", err)
	}
	return nil
}

// Worktrees are the absolute paths of the work trees of a repository, whether they are there or not.
func Worktrees(ctx context.Context, dir string) ([]string, error) {
	listed, err := git(ctx, dir, "worktree", "list", "--porcelain", "-z")
	if err != nil {
		return nil, fmt.Errorf("list work trees: %w", err)
	}
	var all []string
	for line := range strings.SplitSeq(listed.stdout, "\x00") {
		if path, ok := strings.CutPrefix(line, "worktree "); ok {
			all = append(all, filepath.FromSlash(path))
		}
	}
	return all, nil
}
