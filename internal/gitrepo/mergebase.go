package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
)

// MergeBase is the SHA of the best commit that two commits of the repository around dir, named by their SHAs, have in common: where
// a branch has left another one. "" when there is none.
func MergeBase(ctx context.Context, dir, a, b string) (string, error) {
	said, err := git(ctx, dir, "merge-base", a, b)
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.ExitCode() == 1 {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find where the branch began: %w", err)
	}
	return said.stdout, nil
}
