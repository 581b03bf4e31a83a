package githubfake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

const maxBody = 65536 // characters

type issueRequest struct {
	Title       *string   `json:"title"`
	Body        *string   `json:"body"`
	State       *string   `json:"state"`
	StateReason *string   `json:"state_reason"`
	Labels      *[]string `json:"labels"`
}

// wrong finds what GitHub refuses although its description allows it.
func (r *issueRequest) wrong() string {
	switch {
	case r.Title != nil && strings.TrimSpace(*r.Title) == "":
		return "title can't be blank"
	case r.Title != nil && utf8.RuneCountInString(*r.Title) > 256:
		return "title is too long (maximum is 256 characters)"
	case r.Body != nil && utf8.RuneCountInString(*r.Body) > maxBody:
		return "body is too long (maximum is 65536 characters)"
	default:
		return ""
	}
}

func (r *issueRequest) apply(i *Issue, c *call) {
	set(&i.Title, r.Title)
	set(&i.Body, r.Body)
	set(&i.State, r.State)
	set(&i.StateReason, r.StateReason)
	if i.State == "open" {
		i.StateReason = ""
	}
	if r.Labels != nil {
		i.Labels = *r.Labels
	}
	i.Updated = c.server.options.Now()
}

func (c *call) createIssue() answer {
	var r issueRequest
	if no := c.asked(&r, "Issue"); no.status != 0 {
		return no
	}
	i := &Issue{Number: c.repo.nextNumber(), By: c.account.Login, State: "open"}
	r.State, r.StateReason = nil, nil
	if c.account.Pushless {
		r.Labels = nil
	}
	r.apply(i, c)
	c.repo.Issues = append(c.repo.Issues, i)
	return created(c.showIssue(i))
}

func (c *call) issue() *Issue { return c.repo.issue(int(c.number("issue_number"))) }

func (c *call) getIssue() answer {
	if i := c.issue(); i != nil {
		return ok(c.showIssue(i))
	}
	return notFound()
}

func (c *call) updateIssue() answer {
	i := c.issue()
	if i == nil {
		return notFound()
	}
	var r issueRequest
	if no := c.asked(&r, "Issue"); no.status != 0 {
		return no
	}
	r.apply(i, c)
	return ok(c.showIssue(i))
}

// listIssues shows the newest first; pull requests are issues too.
func (c *call) listIssues() answer {
	query := c.request.URL.Query()
	var found []*Issue
	for _, i := range slices.Backward(c.repo.Issues) {
		if inState(i, query.Get("state")) && hasLabels(i, query.Get("labels")) && (!query.Has("creator") || query.Get("creator") == i.By) {
			found = append(found, i)
		}
	}
	shown, header := list(c, found, c.showIssue)
	return answer{http.StatusOK, shown, header}
}

func inState(i *Issue, state string) bool {
	return state == "all" || i.State == state || state == "" && i.State == "open"
}

func hasLabels(i *Issue, labels string) bool {
	if labels == "" {
		return true
	}
	for want := range strings.SplitSeq(labels, ",") {
		if !slices.Contains(i.Labels, want) {
			return false
		}
	}
	return true
}

func (c *call) showIssue(i *Issue) object {
	labels := []object{}
	for _, name := range i.Labels {
		labels = append(labels, object{
			"id": 1, "node_id": "LA_1", "url": c.url("/labels/%s", "x"), "name": name, "description": nil, "color": "ededed", "default": false,
		})
	}
	comments := 0
	for _, x := range c.repo.Comments {
		if x.Number == i.Number {
			comments++
		}
	}
	at := c.url("/issues/%d", i.Number)
	shown := object{
		"id": 100000 + i.Number, "node_id": node("I", int64(i.Number)), "number": i.Number, "title": i.Title, "body": orNull(i.Body), "state": i.State,
		"state_reason": orNull(i.StateReason), "locked": false, "labels": labels, "assignee": nil, "assignees": []object{}, "milestone": nil,
		"comments": comments, "closed_at": nil, "user": c.showUser(i.By), "author_association": "NONE",
		"url": at, "comments_url": at + "/comments", "events_url": at + "/events", "labels_url": at + "/labels{/name}",
		"html_url": c.page("/issues/%d", i.Number), "repository_url": c.url("")[:len(c.url(""))-1],
		"created_at": c.time(i.Updated), "updated_at": c.time(i.Updated),
	}
	if i.State == "closed" {
		shown["closed_at"] = c.time(i.Updated)
	}
	if i.Pull != nil {
		page := c.page("/pull/%d", i.Number)
		shown["html_url"] = page
		shown["pull_request"] = object{"url": c.url("/pulls/%d", i.Number), "html_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch"}
	}
	return shown
}

type commentRequest struct {
	Body string `json:"body"`
}

func (r commentRequest) wrong() string {
	switch {
	case strings.TrimSpace(r.Body) == "":
		return "body can't be blank"
	case utf8.RuneCountInString(r.Body) > maxBody:
		return "body is too long (maximum is 65536 characters)"
	default:
		return ""
	}
}

func (c *call) createComment() answer {
	if c.issue() == nil {
		return notFound()
	}
	var r commentRequest
	if no := c.asked(&r, "IssueComment"); no.status != 0 {
		return no
	}
	x := &Comment{ID: c.server.world.nextID(), Number: c.issue().Number, By: c.account.Login, Body: r.Body, Updated: c.server.options.Now()}
	c.repo.Comments = append(c.repo.Comments, x)
	return created(c.showComment(x))
}

func (c *call) comment() *Comment {
	for _, x := range c.repo.Comments {
		if x.ID == c.number("comment_id") {
			return x
		}
	}
	return nil
}

func (c *call) updateComment() answer {
	x := c.comment()
	if x == nil {
		return notFound()
	}
	var r commentRequest
	if no := c.asked(&r, "IssueComment"); no.status != 0 {
		return no
	}
	x.Body, x.Updated = r.Body, c.server.options.Now()
	return ok(c.showComment(x))
}

func (c *call) deleteComment() answer {
	x := c.comment()
	if x == nil {
		return notFound()
	}
	c.repo.Comments = slices.DeleteFunc(c.repo.Comments, func(y *Comment) bool { return y == x })
	return answer{status: http.StatusNoContent}
}

// listComments shows the oldest first.
func (c *call) listComments() answer {
	i := c.issue()
	if i == nil {
		return notFound()
	}
	var found []*Comment
	for _, x := range c.repo.Comments {
		if x.Number == i.Number {
			found = append(found, x)
		}
	}
	shown, header := list(c, found, c.showComment)
	return answer{http.StatusOK, shown, header}
}

func (c *call) showComment(x *Comment) object {
	return object{
		"id": x.ID, "node_id": node("IC", x.ID), "url": c.url("/issues/comments/%d", x.ID), "body": x.Body, "user": c.showUser(x.By),
		"html_url": c.page("/issues/%d", x.Number) + fmt.Sprintf("#issuecomment-%d", x.ID), "issue_url": c.url("/issues/%d", x.Number),
		"created_at": c.time(x.Updated), "updated_at": c.time(x.Updated), "author_association": "NONE", "performed_via_github_app": nil,
	}
}
