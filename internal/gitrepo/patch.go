package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// PatchApplies tells whether a patch fits a commit of the repository around dir. Nothing is checked out: git gets an index of its
// own in a folder that goes.
func PatchApplies(ctx context.Context, dir, commit, patch string) (bool, error) {
	scratch, err := os.MkdirTemp("", "perfgate-patch-")
	if err != nil {
		return false, fmt.Errorf("try the patch: %w", err)
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // a file in the folder for temporary ones
	index := "GIT_INDEX_FILE=" + filepath.Join(scratch, "index")
	if _, err := gitWith(ctx, []string{index}, dir, "read-tree", commit); err != nil {
		return false, fmt.Errorf("try the patch: %w", err)
	}
	_, err = gitWith(ctx, []string{index}, dir, "apply", "--whitespace=nowarn", "--cached", "--check", patch)
	return refused(err, "try the patch")
}

// ApplyPatch applies a patch to the files of a work tree that AddWorktree has made, and tells whether it fits; where it does not, no
// file is changed.
func ApplyPatch(ctx context.Context, path, patch string) (bool, error) {
	_, err := git(ctx, path, "apply", "--whitespace=nowarn", patch)
	return refused(err, "apply the patch")
}

// RevertPatch takes a patch that ApplyPatch has applied out again. What a build has changed in the same places since is an error.
func RevertPatch(ctx context.Context, path, patch string) error {
	if _, err := git(ctx, path, "apply", "--whitespace=nowarn", "--reverse", patch); err != nil {
		return fmt.Errorf("take the patch out: %w", err)
	}
	return nil
}

// refused tells a patch that does not fit, which git says with its code 1, from a failure, such as of a file that is no patch.
func refused(err error, doing string) (applies bool, _ error) {
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.ExitCode() == 1 {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", doing, err)
	}
	return true, nil
}
