package gitrepo

import (
	"context"
	"errors"
	"os/exec"
)

// mostEntries is how many commits of a range git is asked about once more.
const mostEntries = 64

// honest leaves out of a range what git listed although the good end contains it: where dates lie by much, git ends its walk too
// early. Only entries can be wrong, commits of which no parent is in the range nor is the good end, and what comes to light below them
// when one was. Asked about a single commit, git does not look at dates.
func (s *programSource) honest(ctx context.Context, good string, nodes []node) ([]node, error) {
	inside := map[string]bool{good: true}
	for _, n := range nodes {
		inside[n.sha] = true
	}
	tried := map[string]bool{}
	for wrong := true; wrong; {
		wrong = false
		for _, n := range nodes {
			if tried[n.sha] || !inside[n.sha] || !n.enters(inside) || len(tried) == mostEntries {
				continue
			}
			tried[n.sha] = true
			contained, err := s.contains(ctx, good, n.sha)
			if err != nil {
				return nil, err
			}
			if contained {
				delete(inside, n.sha)
				wrong = true
			}
		}
	}
	var all []node
	for _, n := range nodes {
		if inside[n.sha] {
			all = append(all, n)
		}
	}
	return all, nil
}

// enters tells whether no parent of a commit is in the range.
func (n node) enters(inside map[string]bool) bool {
	for _, p := range n.parents {
		if inside[p] {
			return false
		}
	}
	return true
}

// contains tells whether a commit has another among its ancestors.
func (s *programSource) contains(ctx context.Context, commit, ancestor string) (bool, error) {
	_, err := git(ctx, s.at.dir, "merge-base", "--is-ancestor", ancestor, commit)
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.ExitCode() == 1 {
		return false, nil
	}
	return err == nil, err
}
