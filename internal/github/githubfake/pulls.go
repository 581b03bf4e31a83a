package githubfake

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

type pullRequest struct {
	issueRequest

	Head string `json:"head"`
	Base string `json:"base"`
}

func (c *call) createPull() answer {
	var r pullRequest
	if no := c.asked(&r, "PullRequest"); no.status != 0 {
		return no
	}
	owner, branch, found := strings.Cut(r.Head, ":")
	if !found {
		owner, branch = c.repo.Owner, r.Head
	}
	head := c.headOf(&Pull{HeadOwner: owner, HeadBranch: branch})
	base := c.repo.Branches[r.Base]
	switch {
	case head == "":
		return invalid("PullRequest", "head", "invalid", "")
	case base == "":
		return invalid("PullRequest", "base", "invalid", "")
	case head == base:
		return invalid("PullRequest", "", "custom", fmt.Sprintf("No commits between %s and %s", r.Base, branch))
	}
	if slices.ContainsFunc(c.repo.Issues, func(i *Issue) bool {
		return i.Pull != nil && i.State == "open" && i.Pull.HeadOwner == owner && i.Pull.HeadBranch == branch && i.Pull.Base == r.Base
	}) {
		return invalid("PullRequest", "", "custom", fmt.Sprintf("A pull request already exists for %s:%s.", owner, branch))
	}
	i := &Issue{Number: c.repo.nextNumber(), By: c.account.Login, State: "open", Pull: &Pull{HeadOwner: owner, HeadBranch: branch, HeadSHA: head, Base: r.Base}}
	r.State, r.StateReason, r.Labels = nil, nil, nil
	r.apply(i, c)
	c.repo.Issues = append(c.repo.Issues, i)
	return created(c.showWholePull(i))
}

// headOf is the commit at the end of a pull request's branch; where the world does not have the branch, the one that was
// given.
func (c *call) headOf(p *Pull) string {
	for _, r := range c.server.world.Repositories {
		if r.Owner == p.HeadOwner && (r == c.repo || r.ForkOf == c.repo.Owner+"/"+c.repo.Name) {
			if sha, ok := r.Branches[p.HeadBranch]; ok {
				return sha
			}
		}
	}
	return p.HeadSHA
}

func (c *call) pull() *Issue {
	i := c.repo.issue(int(c.number("pull_number")))
	if i == nil || i.Pull == nil {
		return nil
	}
	return i
}

func (c *call) getPull() answer {
	if i := c.pull(); i != nil {
		return ok(c.showWholePull(i))
	}
	return notFound()
}

func (c *call) updatePull() answer {
	i := c.pull()
	if i == nil {
		return notFound()
	}
	var r pullRequest
	if no := c.asked(&r, "PullRequest"); no.status != 0 {
		return no
	}
	if r.Base != "" {
		i.Pull.Base = r.Base
	}
	r.Labels, r.StateReason = nil, nil
	r.apply(i, c)
	return ok(c.showWholePull(i))
}

// listPulls shows the newest first. A head without an owner is not heeded, as at GitHub.
func (c *call) listPulls() answer {
	query := c.request.URL.Query()
	owner, branch, byHead := strings.Cut(query.Get("head"), ":")
	var found []*Issue
	for _, i := range slices.Backward(c.repo.Issues) {
		switch {
		case i.Pull == nil, !inState(i, query.Get("state")),
			byHead && (i.Pull.HeadOwner != owner || i.Pull.HeadBranch != branch),
			query.Has("base") && i.Pull.Base != query.Get("base"):
		default:
			found = append(found, i)
		}
	}
	shown, header := list(c, found, c.showPull)
	return answer{http.StatusOK, shown, header}
}

func (c *call) listCommitPulls() answer {
	sha := c.request.PathValue("commit_sha")
	if c.repo.commit(sha) == nil {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+sha)
	}
	var found []*Issue
	for _, i := range c.repo.Issues {
		if i.Pull != nil && (i.Pull.Merged == sha || i.State == "open" && c.headOf(i.Pull) == sha) {
			found = append(found, i)
		}
	}
	shown, header := list(c, found, c.showPull)
	return answer{http.StatusOK, shown, header}
}

func (c *call) listPullFiles() answer {
	i := c.pull()
	if i == nil {
		return notFound()
	}
	return c.files(c.repo.resolve(i.Pull.Base), c.anywhere(c.headOf(i.Pull)))
}

// anywhere finds a commit in this repository or a fork of it.
func (c *call) anywhere(sha string) *Commit {
	for _, r := range c.server.world.Repositories {
		if found := r.commit(sha); found != nil {
			return found
		}
	}
	return nil
}

func (c *call) showPull(i *Issue) object {
	p, at, page := i.Pull, c.url("/pulls/%d", i.Number), c.page("/pull/%d", i.Number)
	issue := c.url("/issues/%d", i.Number)
	head := c.headOf(p)
	href := func(to string) object { return object{"href": to} }
	statuses := c.url("/statuses/%s", head)
	return object{
		"id": 200000 + i.Number, "node_id": node("PR", int64(i.Number)), "number": i.Number, "state": i.State, "title": i.Title, "body": orNull(i.Body),
		"locked": false, "labels": []object{}, "assignee": nil, "milestone": nil, "draft": false, "author_association": "NONE", "auto_merge": nil,
		"user": c.showUser(i.By), "url": at, "html_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch", "issue_url": issue,
		"comments_url": issue + "/comments", "commits_url": at + "/commits", "statuses_url": statuses,
		"review_comments_url": at + "/comments", "review_comment_url": c.url("/pulls/comments{/number}"),
		"created_at": c.time(i.Updated), "updated_at": c.time(i.Updated), "closed_at": nil, "merged_at": nil, "merge_commit_sha": orNull(p.Merged),
		"head": c.end(p.HeadOwner, p.HeadBranch, head), "base": c.end(c.repo.Owner, p.Base, c.repo.Branches[p.Base]),
		"_links": object{
			"self": href(at), "html": href(page), "issue": href(issue), "comments": href(issue + "/comments"), "commits": href(at + "/commits"),
			"statuses": href(statuses), "review_comments": href(at + "/comments"), "review_comment": href(at + "/comments{/number}"),
		},
	}
}

// end is the head or the base of a pull request.
func (c *call) end(owner, branch, sha string) object {
	return object{
		"label": owner + ":" + branch, "ref": branch, "sha": sha, "user": c.showUser(owner),
		"repo": c.showRepository(owner, c.repo.Name, owner != c.repo.Owner),
	}
}

// showWholePull has what lists leave out.
func (c *call) showWholePull(i *Issue) object {
	shown := c.showPull(i)
	maps.Copy(shown, object{
		"additions": 1, "deletions": 0, "changed_files": 1, "comments": 0, "commits": 1, "mergeable": nil, "mergeable_state": "unknown",
		"merged": i.Pull.Merged != "", "merged_by": nil, "maintainer_can_modify": false, "review_comments": 0,
	})
	return shown
}
