package gitrepo

import (
	"context"
	"strings"
)

// DefaultBranch is the branch that the repository around dir was cloned at, as its remote origin had it: "main", "trunk". It is "" where
// that is not on record, as in a repository that was not cloned, or that is none.
func DefaultBranch(ctx context.Context, dir string) string {
	const origin = "refs/remotes/origin/"
	found, err := git(ctx, dir, "symbolic-ref", "--quiet", origin+"HEAD")
	if err != nil {
		return "" // nobody has to have a remote, nor git
	}
	name, ok := strings.CutPrefix(found.stdout, origin)
	if !ok {
		return ""
	}
	return name
}
