package githubfake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// checkRequest is what creates or changes a check; nil leaves as it is.
type checkRequest struct {
	Name        *string `json:"name"`
	HeadSHA     string  `json:"head_sha"`
	ExternalID  *string `json:"external_id"`
	DetailsURL  *string `json:"details_url"`
	Status      *string `json:"status"`
	Conclusion  *string `json:"conclusion"`
	StartedAt   *string `json:"started_at"`
	CompletedAt *string `json:"completed_at"`
	Output      *struct {
		Title       string       `json:"title"`
		Summary     string       `json:"summary"`
		Text        *string      `json:"text"`
		Annotations []Annotation `json:"annotations"`
	} `json:"output"`
}

// wrong finds what GitHub refuses although its description allows it.
func (r *checkRequest) wrong() string {
	if r.Status != nil && *r.Status == "completed" && r.Conclusion == nil {
		return "a completed check needs a conclusion"
	}
	if r.Output == nil {
		return ""
	}
	for _, a := range r.Output.Annotations {
		switch {
		case a.StartLine < 1 || a.EndLine < a.StartLine:
			return "an annotation's lines are none"
		case len(a.Message) > 64<<10 || a.Message == "":
			return "an annotation's message is empty or above 64 KB"
		case utf8.RuneCountInString(a.Title) > 255:
			return "an annotation's title is above 255 characters"
		case strings.HasPrefix(a.Path, "/"):
			return "an annotation's path is not relative"
		}
	}
	return ""
}

func set(into, from *string) {
	if from != nil {
		*into = *from
	}
}

func (r *checkRequest) apply(k *Check) {
	set(&k.Name, r.Name)
	set(&k.ExternalID, r.ExternalID)
	set(&k.DetailsURL, r.DetailsURL)
	if k.Status != "completed" { // GitHub lets no check go on that has ended
		set(&k.Status, r.Status)
	}
	set(&k.StartedAt, r.StartedAt)
	set(&k.CompletedAt, r.CompletedAt)
	if r.Conclusion != nil {
		k.Conclusion, k.Status = *r.Conclusion, "completed"
	}
	if k.Status != "completed" {
		k.Conclusion, k.CompletedAt = "", ""
	}
	if r.Output != nil {
		k.Title, k.Summary = r.Output.Title, r.Output.Summary
		set(&k.Text, r.Output.Text)
		k.Annotations = append(k.Annotations, r.Output.Annotations...)
	}
}

func (c *call) createCheck() answer {
	if !c.account.App {
		return refuse(http.StatusForbidden, "You must authenticate via a GitHub App.")
	}
	var r checkRequest
	if no := c.asked(&r, "CheckRun"); no.status != 0 {
		return no
	}
	if c.repo.commit(r.HeadSHA) == nil {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+r.HeadSHA)
	}
	k := &Check{ID: c.server.world.nextID(), By: c.account.Login, HeadSHA: r.HeadSHA, Status: "queued", StartedAt: c.now()}
	r.apply(k)
	c.repo.Checks = append(c.repo.Checks, k)
	return created(c.showCheck(k))
}

func (c *call) check() *Check {
	for _, k := range c.repo.Checks {
		if k.ID == c.number("check_run_id") {
			return k
		}
	}
	return nil
}

func (c *call) getCheck() answer {
	if k := c.check(); k != nil {
		return ok(c.showCheck(k))
	}
	return notFound()
}

func (c *call) updateCheck() answer {
	k := c.check()
	var r checkRequest
	switch {
	case k == nil:
		return notFound()
	case k.By != c.account.Login:
		return refuse(http.StatusForbidden, "Invalid app_id `1` - check run can only be modified by the GitHub App that created it.")
	case !c.decode(&r):
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	if wrong := r.wrong(); wrong != "" {
		return invalid("CheckRun", "", "custom", wrong)
	}
	r.apply(k)
	return ok(c.showCheck(k))
}

// listChecks shows the newest first. Unless all are asked for, it is the latest of each name.
func (c *call) listChecks() answer {
	query := c.request.URL.Query()
	commit := c.repo.resolve(c.request.PathValue("ref"))
	if commit == nil {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.request.PathValue("ref"))
	}
	seen := map[string]bool{}
	var found []*Check
	for _, k := range slices.Backward(c.repo.Checks) {
		if k.HeadSHA != commit.SHA || query.Has("check_name") && k.Name != query.Get("check_name") || query.Has("status") && k.Status != query.Get("status") {
			continue
		}
		if name := k.By + "/" + k.Name; query.Get("filter") == "all" || !seen[name] {
			seen[name] = true
			found = append(found, k)
		}
	}
	shown, header := list(c, found, c.showCheck)
	return answer{http.StatusOK, object{"total_count": len(found), "check_runs": shown}, header}
}

func (c *call) listAnnotations() answer {
	k := c.check()
	if k == nil {
		return notFound()
	}
	shown, header := list(c, k.Annotations, func(a Annotation) object {
		return object{
			"path": a.Path, "start_line": a.StartLine, "end_line": a.EndLine, "start_column": nil, "end_column": nil,
			"annotation_level": a.Level, "title": orNull(a.Title), "message": a.Message, "raw_details": nil,
			"blob_href": c.page("/blob/%s/%s", k.HeadSHA, a.Path),
		}
	})
	return answer{http.StatusOK, shown, header}
}

func (c *call) showCheck(k *Check) object {
	return object{
		"id": k.ID, "node_id": node("CR", k.ID), "head_sha": k.HeadSHA, "name": k.Name, "external_id": k.ExternalID,
		"url": c.url("/check-runs/%d", k.ID), "html_url": c.page("/runs/%d", k.ID), "details_url": orNull(k.DetailsURL),
		"status": k.Status, "conclusion": orNull(k.Conclusion), "started_at": orNull(k.StartedAt), "completed_at": orNull(k.CompletedAt),
		"check_suite": object{"id": 1}, "app": nil, "pull_requests": []object{},
		"output": object{
			"title": orNull(k.Title), "summary": orNull(k.Summary), "text": orNull(k.Text), "annotations_count": len(k.Annotations),
			"annotations_url": c.url("/check-runs/%d/annotations", k.ID),
		},
	}
}

type statusRequest struct {
	State       string `json:"state"`
	Context     string `json:"context"`
	Description string `json:"description"`
	TargetURL   string `json:"target_url"`
}

func (c *call) createStatus() answer {
	var r statusRequest
	sha := c.request.PathValue("sha")
	switch {
	case !c.decode(&r):
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	case c.repo.commit(sha) == nil:
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+sha)
	case utf8.RuneCountInString(r.Description) > 140:
		return invalid("Status", "description", "custom", "description is too long (maximum is 140 characters)")
	}
	if r.Context == "" {
		r.Context = "default"
	}
	st := &Status{
		ID: c.server.world.nextID(), By: c.account.Login, SHA: sha, State: r.State, Context: r.Context, Description: r.Description, TargetURL: r.TargetURL,
	}
	c.repo.Statuses = append(c.repo.Statuses, st)
	return created(c.showStatus(st))
}

// listStatuses shows the newest first.
func (c *call) listStatuses() answer {
	commit := c.repo.resolve(c.request.PathValue("ref"))
	if commit == nil {
		return notFound()
	}
	var found []*Status
	for _, st := range slices.Backward(c.repo.Statuses) {
		if st.SHA == commit.SHA {
			found = append(found, st)
		}
	}
	shown, header := list(c, found, c.showStatus)
	return answer{http.StatusOK, shown, header}
}

func (c *call) showStatus(st *Status) object {
	return object{
		"url": c.url("/statuses/%s", st.SHA), "avatar_url": nil, "id": st.ID, "node_id": node("SC", st.ID), "state": st.State,
		"description": orNull(st.Description), "target_url": orNull(st.TargetURL), "context": st.Context,
		"created_at": c.now(), "updated_at": c.now(), "creator": c.showUser(st.By),
	}
}

func node(kind string, id int64) string { return fmt.Sprintf("%s_%d", kind, id) }

// orNull is null for what is empty.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
