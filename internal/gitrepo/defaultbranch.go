package gitrepo

import (
	"context"
	"strings"
)

// DefaultBranch is the branch that others would take for the main one of the repository around dir, such as "main" or "trunk": that at which it
// was cloned, as its remote origin had it; where that is not on record, main or master, whichever there is, of origin or else of
// its own; else the current branch. It is "" without any, as in a folder that is no repository.
func DefaultBranch(ctx context.Context, dir string) string {
	const origin, own = "refs/remotes/origin/", "refs/heads/"
	if name := branchAt(ctx, dir, origin+"HEAD", origin); name != "" {
		return name
	}
	for _, space := range []string{origin, own} {
		for _, name := range []string{"main", "master"} {
			if _, err := git(ctx, dir, "show-ref", "--verify", "--quiet", space+name); err == nil {
				return name
			}
		}
	}
	return branchAt(ctx, dir, "HEAD", own)
}

// branchAt is the name of the branch that a symbolic reference stands for, "" where it is none, or none below space.
func branchAt(ctx context.Context, dir, reference, space string) string {
	found, err := git(ctx, dir, "symbolic-ref", "--quiet", reference)
	if err != nil {
		return "" // nobody has to have a remote, nor git
	}
	name, ok := strings.CutPrefix(found.stdout, space)
	if !ok {
		return ""
	}
	return name
}
