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
	"time"
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

// CheckoutError says that there is no checkout around a folder, with what can be done about it.
type CheckoutError struct{ Dir, Problem, Mend string }

func (e *CheckoutError) Error() string { return fmt.Sprintf("%s: %s (%s)", e.Dir, e.Problem, e.Mend) }

// LeastVersion is the version of git from which on it tells absolute paths.
const LeastVersion = "2.31"

// ErrNoRepository says that a folder is in no git repository.
var ErrNoRepository = errors.New("there is no git repository")

// OpenCheckout finds the checkout around dir. Outside of a repository it is ErrNoRepository, in one that has none a *CheckoutError; a git
// before LeastVersion is an error too.
func OpenCheckout(ctx context.Context, dir string) (Checkout, error) {
	var c Checkout
	for _, part := range []struct {
		argument string
		into     *string
	}{{"--show-toplevel", &c.Top}, {"--show-prefix", &c.Within}, {"--git-common-dir", &c.Common}} {
		answer, err := git(ctx, dir, "rev-parse", "--path-format=absolute", part.argument)
		switch {
		case strings.Contains(answer.stderr, "must be run in a work tree"):
			return Checkout{}, &CheckoutError{dir, "this is a repository without a checkout", "git worktree add FOLDER makes one: run there"}
		case strings.Contains(answer.stderr, "not a git repository"):
			err = ErrNoRepository
		}
		if err != nil {
			return Checkout{}, fmt.Errorf("find the checkout around %s: %w", dir, err)
		}
		if strings.HasPrefix(answer.stdout, "--") { // it repeats what it does not know
			return Checkout{}, fmt.Errorf("find the checkout around %s: git is older than %s (install a later one)", dir, LeastVersion)
		}
		*part.into = filepath.FromSlash(answer.stdout)
	}
	c.Within = filepath.Clean(c.Within)
	return c, nil
}

// Shallow tells whether the clone lacks older commits.
func (c Checkout) Shallow(ctx context.Context) (bool, error) {
	answer, err := git(ctx, c.Top, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return false, fmt.Errorf("ask for the depth of the clone: %w", err)
	}
	return answer.stdout == "true", nil
}

// AddWorktree checks a commit out into a new work tree at path, an absolute path where nothing is yet: without a branch, and
// locked with a reason that `git worktree list` shows, so that nobody prunes it. Submodules are checked out too, and large files
// where git is set up for them. Nothing of the repository changes but git's list of its work trees.
func (c Checkout) AddWorktree(ctx context.Context, path, commit, reason string) error {
	if _, err := gitWorktree(ctx, c.Top, "add", "--quiet", "--detach", "--lock", "--reason", reason, path, commit); err != nil {
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

// RemoveWorktree removes the work tree at path, one that AddWorktree has made or was killed over, with all in it, and git's notes of it. common
// is the folder of git's that its repository shares, reason that of its lock. It is no error when one of the two or both are gone already.
func RemoveWorktree(ctx context.Context, common, path, reason string) error {
	if err := removeAll(path); err != nil {
		return fmt.Errorf("remove a work tree: %w", err)
	}
	if _, err := os.Stat(common); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := removeHalfMade(common, path, reason); err != nil {
		return fmt.Errorf("remove a work tree: %w", err)
	}
	known, err := Worktrees(ctx, common)
	if err != nil {
		return fmt.Errorf("remove a work tree: %w", err)
	}
	if !slices.Contains(known, path) {
		return nil
	}
	// Twice --force: it is locked. No prune: that would take away notes of work trees that are not perfgate's.
	if _, err := gitWorktree(ctx, common, "remove", "--force", "--force", path); err != nil {
		return fmt.Errorf("remove a work tree: %w", err)
	}
	return nil
}

// removeAll removes a folder with all in it. Builds leave folders that even their owner may not write to, such as Go's cache of modules.
func removeAll(path string) error {
	err := os.RemoveAll(path)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	_ = filepath.WalkDir(path, func(inner string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			_ = os.Chmod(inner, 0o700) // where it can not be, removing says so
		}
		return nil
	})
	return os.RemoveAll(path)
}

// Worktrees are the absolute paths of the work trees of a repository, whether they are there or not.
func Worktrees(ctx context.Context, dir string) ([]string, error) {
	listed, err := gitWorktree(ctx, dir, "list", "--porcelain", "-z")
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

// halfMadeLooks bounds how often git looks for a work tree that another git is just making to be made, and halfMadePeriod is the time
// between two looks. Looks are counted, and no time is, since the machine may stand still.
const (
	halfMadeLooks  = 100
	halfMadePeriod = 10 * time.Millisecond
)

// gitWorktree is git worktree, which reads git's notes of all work trees of a repository, and dies of one that another git has begun
// and not yet filled.
func gitWorktree(ctx context.Context, dir string, args ...string) (said, error) {
	for look := 1; ; look++ {
		answer, err := git(ctx, dir, append([]string{"worktree"}, args...)...)
		if err == nil || ctx.Err() != nil || !strings.Contains(answer.stderr, "/commondir: ") || look == halfMadeLooks {
			return answer, err
		}
		time.Sleep(halfMadePeriod)
	}
}
