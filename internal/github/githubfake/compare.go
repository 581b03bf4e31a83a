package githubfake

import (
	"net/http"
	"slices"
	"strings"
)

// compareCommits says how the history of one commit lies to that of another.
func (c *call) compareCommits() answer {
	from, to, found := strings.Cut(c.request.PathValue("basehead"), "...")
	base, head := c.repo.resolve(from), c.repo.resolve(to)
	if !found || base == nil || head == nil {
		return notFound()
	}
	ofBase, ofHead := c.repo.history(base.SHA), c.repo.history(head.SHA)
	ahead := without(ofHead, ofBase)
	behind := without(ofBase, ofHead)
	var common []string
	for _, sha := range ofHead {
		if slices.Contains(ofBase, sha) {
			common = append(common, sha)
		}
	}
	if len(common) == 0 {
		return refuse(http.StatusNotFound, "No common ancestor between "+from+" and "+to+".")
	}
	status := "identical"
	switch {
	case len(ahead) > 0 && len(behind) > 0:
		status = "diverged"
	case len(ahead) > 0:
		status = "ahead"
	case len(behind) > 0:
		status = "behind"
	}
	page := c.page("/compare/%s...%s", from, to)
	return ok(object{
		"url": c.url("/compare/%s...%s", from, to), "html_url": page, "permalink_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch",
		"base_commit": c.showCommit(base, []object{}), "merge_base_commit": c.showCommit(c.repo.commit(common[0]), []object{}),
		"status": status, "ahead_by": len(ahead), "behind_by": len(behind), "total_commits": len(ahead), "commits": []object{}, "files": []object{},
	})
}

// history are a commit and all before it, the nearest first.
func (r *Repository) history(sha string) []string {
	all := []string{sha}
	for i := 0; i < len(all); i++ {
		k := r.commit(all[i])
		if k == nil {
			continue
		}
		for _, parent := range k.Parents {
			if !slices.Contains(all, parent) {
				all = append(all, parent)
			}
		}
	}
	return all
}

// without are those of some that others are not.
func without(some, others []string) []string {
	var left []string
	for _, sha := range some {
		if !slices.Contains(others, sha) {
			left = append(left, sha)
		}
	}
	return left
}
