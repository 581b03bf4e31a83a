package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
)

// TestCheckFromStartToEnd goes on in the check that was begun.
func TestCheckFromStartToEnd(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c := client(t, s, clock, appToken)
	check := github.Check{Name: "perfgate", HeadSHA: topicSHA, ExternalID: "7", Started: noon}
	begun, err := c.PutCheck(t.Context(), repository, check)
	if err != nil || !begun.Created || begun.URL == "" {
		t.Fatalf("%+v, %v", begun, err)
	}
	if got := state(t, s).Checks[0]; got.Status != "in_progress" || got.Conclusion != "" || got.Summary != "perfgate" {
		t.Errorf("begun: %+v", got)
	}
	check.Conclusion, check.Title, check.Summary, check.Annotations = github.Neutral, "undecided", "why", annotations(120)
	done, err := c.PutCheck(t.Context(), repository, check)
	if err != nil || done.Created || done.ID != begun.ID {
		t.Errorf("%+v, %v", done, err)
	}
	r := state(t, s)
	got := r.Checks[0]
	if len(r.Checks) != 1 || got.Status != "completed" || got.Conclusion != "neutral" || got.Title != "undecided" || len(got.Annotations) != 120 {
		t.Errorf("%d checks, the first: %s %s %q with %d annotations", len(r.Checks), got.Status, got.Conclusion, got.Title, len(got.Annotations))
	}
}

// TestCheckGoesOnAnew begins a check of a commit that has one already: a check that has ended stays so, and another takes its place.
func TestCheckGoesOnAnew(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c := client(t, s, clock, appToken)
	check := github.Check{Name: "perfgate", HeadSHA: topicSHA}
	for i, want := range []struct {
		conclusion github.Conclusion
		created    bool
		status     string
	}{
		{github.Failure, true, "completed"}, {github.Running, true, "in_progress"}, {github.Running, false, "in_progress"}, {github.Success, false, "completed"},
	} {
		check.Conclusion = want.conclusion
		got, err := c.PutCheck(t.Context(), repository, check)
		if err != nil || got.Created != want.created {
			t.Errorf("%d: %+v, %v", i, got, err)
		}
		all := state(t, s).Checks
		if shown := all[len(all)-1]; shown.Status != want.status || shown.Conclusion != string(want.conclusion) {
			t.Errorf("%d: it is %s %s", i, shown.Status, shown.Conclusion)
		}
	}
}

// TestCheckWithOtherAnnotations makes a new check, since annotations cannot be taken back; the older one stays as it was.
func TestCheckWithOtherAnnotations(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c := client(t, s, clock, appToken)
	check := github.Check{Name: "perfgate", HeadSHA: topicSHA, Conclusion: github.Failure, Annotations: annotations(2)}
	for i, want := range []struct {
		annotations []github.Annotation
		created     bool
	}{
		{annotations(2), true}, {[]github.Annotation{annotations(2)[1], annotations(2)[0]}, false}, {annotations(3), true}, {nil, true}, {nil, false},
	} {
		check.Annotations = want.annotations
		got, err := c.PutCheck(t.Context(), repository, check)
		if err != nil || got.Created != want.created {
			t.Errorf("%d: %+v, %v", i, got, err)
		}
	}
	var counts []int
	for _, k := range state(t, s).Checks {
		counts = append(counts, len(k.Annotations))
	}
	if diff := cmp.Diff([]int{2, 3, 0}, counts); diff != "" {
		t.Errorf("annotations of the checks (-want +got):\n%s", diff)
	}
}

// TestCheckOfOthers leaves checks of another identity alone.
func TestCheckOfOthers(t *testing.T) {
	w := world()
	w.Repositories[0].Checks = []*githubfake.Check{
		{ID: 1, By: "another[bot]", Name: "perfgate", HeadSHA: topicSHA, Status: "completed", Conclusion: "success"},
		{ID: 2, By: "another[bot]", Name: "perfgate", ExternalID: "#OTHER", HeadSHA: topicSHA, Status: "completed", Conclusion: "success"}, // from when another app posted
	}
	s, clock := start(t, githubfake.Options{World: w})
	c := client(t, s, clock, appToken)
	for _, check := range []github.Check{
		{Name: "perfgate", HeadSHA: topicSHA}, {Name: "perfgate", HeadSHA: topicSHA, ExternalID: "2"},
		{Name: "perfgate", HeadSHA: mainSHA}, {Name: "perfgate (nightly)", HeadSHA: topicSHA},
	} {
		if got, err := c.PutCheck(t.Context(), repository, check); err != nil || !got.Created {
			t.Errorf("%+v: %+v, %v", check, got, err)
		}
	}
	// The job of a workflow that has the same name is newer, and GitHub shows that.
	change(t, s, func(r *githubfake.Repository) {
		r.Checks = append(r.Checks, &githubfake.Check{ID: 9999, By: "github-actions[bot]", Name: "perfgate", ExternalID: "1-2-3", HeadSHA: topicSHA, Status: "queued"})
	})
	if got, err := c.PutCheck(t.Context(), repository, github.Check{Name: "perfgate", HeadSHA: topicSHA}); err != nil || got.Created {
		t.Errorf("behind a job of the same name: %+v, %v", got, err)
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c, ctx := client(t, s, clock, appToken), t.Context()
	long := strings.Repeat("é", github.MaxCheckText)
	full := github.Check{
		Name: "perfgate", HeadSHA: topicSHA, Summary: long, Text: long,
		Annotations: []github.Annotation{{Path: "a", Message: strings.Repeat("x", github.MaxAnnotationMessage), Title: strings.Repeat("é", github.MaxAnnotationTitle)}},
	}
	if _, err := c.PutCheck(ctx, repository, full); err != nil {
		t.Errorf("as much as GitHub takes: %v", err)
	}
	m, err := github.NewMarker("pr")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutComment(ctx, repository, 1, m, strings.Repeat("é", github.MaxBody-len(m)-1)); err != nil {
		t.Errorf("as much as GitHub takes: %v", err)
	}
	before := len(s.Requests())
	for name, change := range map[string]func(*github.Check){
		"the summary has 65536": func(k *github.Check) { k.Summary += "é" },
		"the text has 65536":    func(k *github.Check) { k.Text += "é" },
		"it has no name":        func(k *github.Check) { k.Name = "" },
		"no whole commit SHA":   func(k *github.Check) { k.HeadSHA = "main" },
		"has a #":               func(k *github.Check) { k.ExternalID = "#1" },
		"its message has 65537": func(k *github.Check) {
			k.Annotations = []github.Annotation{{Path: "a", Message: full.Annotations[0].Message + "x"}}
		},
		"its message has 0": func(k *github.Check) { k.Annotations = []github.Annotation{{Path: "a"}} },
		"its title has 256": func(k *github.Check) {
			k.Annotations = []github.Annotation{{Path: "a", Message: "m", Title: full.Annotations[0].Title + "x"}}
		},
		"not relative": func(k *github.Check) { k.Annotations = []github.Annotation{{Path: "/a", Message: "m"}} },
		"lines 3 to 2 are none": func(k *github.Check) {
			k.Annotations = []github.Annotation{{Path: "a", Message: "m", Line: 3, EndLine: 2}}
		},
		"annotation 1: its":       func(k *github.Check) { k.Annotations = []github.Annotation{{Path: "a", Message: ""}} },
		"lines -1 to -1 are none": func(k *github.Check) { k.Annotations = []github.Annotation{{Path: "a", Message: "m", Line: -1}} },
	} {
		check := full
		change(&check)
		if _, err := c.PutCheck(ctx, repository, check); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.PutComment(ctx, repository, 1, m, strings.Repeat("é", github.MaxBody-len(m))); err == nil {
		t.Error("a comment beyond the limit")
	}
	if got := len(s.Requests()); got != before {
		t.Errorf("%d requests were sent for what is refused", got-before)
	}
}

// TestCommentOfOthers leaves alone what people wrote, though it begins with the marker, and what quotes it.
func TestCommentOfOthers(t *testing.T) {
	w := world()
	r := w.Repositories[0]
	text := "<!-- perfgate: pr -->\nall is well, believe me"
	for i := range 150 {
		r.Comments = append(r.Comments, &githubfake.Comment{ID: int64(i + 1), Number: 1, By: "mallory", Body: text})
	}
	r.Comments = append(r.Comments,
		&githubfake.Comment{ID: 200, Number: 1, By: "github-actions[bot]", Body: "> <!-- perfgate: pr -->"},
		&githubfake.Comment{ID: 201, Number: 1, By: "github-actions[bot]", Body: "see\n<!-- perfgate: pr -->"},
		&githubfake.Comment{ID: 202, Number: 1, By: "github-actions[bot]", Body: "<!-- perfgate: pr -->\r\nours"},
		&githubfake.Comment{ID: 203, Number: 1, By: "github-actions[bot]", Body: "<!-- perfgate: pr -->\nours as well"},
	)
	s, clock := start(t, githubfake.Options{World: w})
	m, err := github.NewMarker("pr")
	if err != nil {
		t.Fatal(err)
	}
	got, err := client(t, s, clock, appToken).PutComment(t.Context(), repository, 1, m, "new")
	if err != nil || got.ID != 202 || got.Created {
		t.Fatalf("%+v, %v", got, err)
	}
	var changed []string
	for _, x := range state(t, s).Comments {
		if x.Body != text {
			changed = append(changed, fmt.Sprintf("%d %q", x.ID, x.Body))
		}
	}
	want := []string{`200 "> <!-- perfgate: pr -->"`, `201 "see\n<!-- perfgate: pr -->"`, `202 "<!-- perfgate: pr -->\nnew"`}
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Errorf("comments (-want +got):\n%s", diff)
	}
	// A user's token knows whose it is, and takes nobody else's.
	got, err = client(t, s, clock, userToken).PutComment(t.Context(), repository, 1, m, "mine")
	if err != nil || !got.Created {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestMarkers(t *testing.T) {
	for _, name := range []string{"", "a--b", "a>b", "ü", "a\nb", strings.Repeat("x", 101)} {
		if m, err := github.NewMarker(name); err == nil {
			t.Errorf("%q makes %q", name, m)
		}
	}
	s, clock := start(t, githubfake.Options{})
	if _, err := client(t, s, clock, appToken).PutComment(t.Context(), repository, 1, "marker", "body"); err == nil || !strings.Contains(err.Error(), "NewMarker") {
		t.Errorf("a marker that is none: %v", err)
	}
}

// TestIssueOpensAgain opens another issue when the last one is closed, and leaves people's issues alone.
func TestIssueOpensAgain(t *testing.T) {
	w := world()
	w.Repositories[0].Issues = append(w.Repositories[0].Issues, &githubfake.Issue{
		Number: 3, By: "mallory", Title: "x", Body: "<!-- perfgate: main -->\nx", Labels: []string{"performance"},
	})
	s, clock := start(t, githubfake.Options{World: w})
	c, ctx := client(t, s, clock, appToken), t.Context()
	m, err := github.NewMarker("main")
	if err != nil {
		t.Fatal(err)
	}
	issue := github.Issue{Marker: m, Title: "main is red", Body: "since a", Label: "performance"}
	first, err := c.PutIssue(ctx, repository, issue)
	if err != nil || !first.Created || first.Number != 4 {
		t.Fatalf("%+v, %v", first, err)
	}
	issue.Title, issue.Body = "main is still red", "since b"
	if again, err := c.PutIssue(ctx, repository, issue); err != nil || again.Created || again.Number != 4 {
		t.Errorf("%+v, %v", again, err)
	}
	for range 2 { // the second time there is nothing to close
		if _, err := c.CloseIssue(ctx, repository, m, "performance", "green at c"); err != nil {
			t.Fatal(err)
		}
	}
	r := state(t, s)
	closed := r.Issues[3]
	if closed.State != "closed" || closed.StateReason != "completed" || closed.Title != "main is still red" || len(r.Comments) != 1 {
		t.Errorf("closed: %+v with %d comments", closed, len(r.Comments))
	}
	if next, err := c.PutIssue(ctx, repository, issue); err != nil || !next.Created || next.Number != 5 {
		t.Errorf("%+v, %v", next, err)
	}
}

func TestStatusIsPostedOnce(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c := client(t, s, clock, userToken)
	status := github.Status{Context: "perfgate", State: github.StatePending, Description: strings.Repeat("é", 141)}
	for range 2 {
		if _, err := c.PutStatus(t.Context(), repository, topicSHA, status); err != nil {
			t.Fatal(err)
		}
	}
	status.State = github.StateSuccess
	if _, err := c.PutStatus(t.Context(), repository, topicSHA, status); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, st := range state(t, s).Statuses {
		got = append(got, st.State)
		if want := strings.Repeat("é", 139) + "…"; st.Description != want {
			t.Errorf("description %q", st.Description)
		}
	}
	if diff := cmp.Diff([]string{"pending", "success"}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

func change(t *testing.T, s *githubfake.Server, f func(*githubfake.Repository)) {
	t.Helper()
	if err := s.Change(func(w *githubfake.World) { f(w.Repositories[0]) }); err != nil {
		t.Fatal(err)
	}
}

// TestCommentIsRemoved lets somebody remove the comment between finding it and bringing it up to date: another takes its place.
func TestCommentIsRemoved(t *testing.T) {
	w := world()
	w.Repositories[0].Comments = []*githubfake.Comment{{ID: 5, Number: 1, By: "github-actions[bot]", Body: "<!-- perfgate: pr -->\nold"}}
	var s *githubfake.Server // the faults below refer to it
	s, clock := start(t, githubfake.Options{World: w, Faults: func(r *http.Request) githubfake.Fault {
		if r.Method == http.MethodPatch {
			change(t, s, func(r *githubfake.Repository) { r.Comments = nil })
		}
		return githubfake.Fine
	}})
	m, err := github.NewMarker("pr")
	if err != nil {
		t.Fatal(err)
	}
	got, err := client(t, s, clock, appToken).PutComment(t.Context(), repository, 1, m, "new")
	if err != nil || !got.Created || len(state(t, s).Comments) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestCommentCannotBeListedYet lets the list lag behind: a rival's later comment is in it before ours, which stays all the same.
func TestCommentCannotBeListedYet(t *testing.T) {
	var s *githubfake.Server // the faults below refer to it
	var hidden *githubfake.Comment
	lists := 0
	s, clock := start(t, githubfake.Options{Faults: func(r *http.Request) githubfake.Fault {
		if strings.HasSuffix(r.URL.Path, "/comments") && r.Method == http.MethodGet {
			lists++
		}
		change(t, s, func(w *githubfake.Repository) {
			switch {
			case lists == 2 && hidden == nil:
				hidden = w.Comments[0]
				w.Comments[0] = &githubfake.Comment{ID: 9999, Number: 1, By: "github-actions[bot]", Body: "<!-- perfgate: pr -->\nrival"}
			case hidden != nil && len(w.Comments) == 1:
				w.Comments = append([]*githubfake.Comment{hidden}, w.Comments...)
			}
		})
		return githubfake.Fine
	}})
	m, err := github.NewMarker("pr")
	if err != nil {
		t.Fatal(err)
	}
	got, err := client(t, s, clock, appToken).PutComment(t.Context(), repository, 1, m, "new")
	all := state(t, s).Comments
	if err != nil || !got.Created || len(all) != 1 || all[0].ID != got.ID || all[0].Body != "<!-- perfgate: pr -->\nnew" {
		t.Errorf("%+v, %v; %d comments", got, err, len(all))
	}
}
