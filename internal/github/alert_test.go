package github_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
)

// TestBranchAlert walks two branches through red, still red, and green again.
func TestBranchAlert(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c, ctx := client(t, s, clock, appToken), t.Context()
	for i, want := range []struct {
		branch, check, title string
		number               int
		created              bool
	}{
		{"main", "perfgate", "main is red", 3, true}, {"main", "perfgate", "main is undecided", 3, false},
		{"release/ü--1", "perfgate", "release is red", 4, true}, {"main", "perfgate", "main is red", 3, false},
		{"main", "weekly", "the week was red", 5, true},
	} {
		got, err := c.AlertBranch(ctx, repository, want.branch, want.check, github.Alert{Title: want.title, Body: "why"})
		if err != nil || got.Number != want.number || got.Created != want.created {
			t.Errorf("%d: %+v, %v", i, got, err)
		}
	}
	if got, open, err := c.BranchAlert(ctx, repository, "main", "perfgate"); err != nil || !open || got != (github.Alert{Title: "main is red", Body: "why"}) {
		t.Errorf("open: %+v, %v, %v", got, open, err)
	}
	if got, err := c.EndBranchAlert(ctx, repository, "main", "perfgate", "green at abc"); err != nil || got.Number != 3 {
		t.Errorf("green: %+v, %v", got, err)
	}
	if got, err := c.EndBranchAlert(ctx, repository, "main", "perfgate", "green at def"); err != nil || got != (github.Posted{}) {
		t.Errorf("green again: %+v, %v", got, err)
	}
	if _, open, err := c.BranchAlert(ctx, repository, "main", "perfgate"); err != nil || open {
		t.Errorf("closed: %v, %v", open, err)
	}
	if diff := cmp.Diff([]string{"#3 main is red: closed", "#4 release is red: open", "#5 the week was red: open"}, issues(state(t, s))); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
}

// TestAnAlertIsFoundWithoutItsLabel lets somebody speak who may open issues, and give them no label: GitHub leaves it out, and says nothing.
func TestAnAlertIsFoundWithoutItsLabel(t *testing.T) {
	w := world()
	w.Accounts = append(w.Accounts, githubfake.Account{Token: "ghp_guest", Login: "guest", Pushless: true})
	s, clock := start(t, githubfake.Options{World: w})
	c := client(t, s, clock, "ghp_guest")
	for range 2 {
		if _, err := c.AlertBranch(t.Context(), repository, "main", "perfgate", github.Alert{Title: "main is red", Body: "why"}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.AlertCulprit(t.Context(), repository, topicSHA, github.Alert{Title: "it did it", Body: "why"}, func(github.Posted) string { return "you" }); err != nil {
			t.Fatal(err)
		}
	}
	r := state(t, s)
	if diff := cmp.Diff([]string{"#3 main is red: open", "#4 it did it: open"}, issues(r)); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
	for _, i := range r.Issues {
		if len(i.Labels) > 0 {
			t.Errorf("#%d has labels, which GitHub would have left out: %q", i.Number, i.Labels)
		}
	}
}

func issues(r *githubfake.Repository) []string {
	var all []string
	for _, i := range r.Issues {
		if i.Pull == nil {
			all = append(all, fmt.Sprintf("#%d %s: %s", i.Number, i.Title, i.State))
		}
	}
	return all
}

// TestCulpritAlert tells the pull request by which the culprit came, once, however often it is found, also when requests fail.
func TestCulpritAlert(t *testing.T) {
	w := world()
	w.Repositories[0].Issues[0].State, w.Repositories[0].Issues[0].Pull.Merged = "closed", mainSHA
	s, clock := start(t, githubfake.Options{World: w, Faults: githubfake.Seeded(5, 0.3, 20)})
	c, ctx := client(t, s, clock, appToken), t.Context()
	note := func(issue github.Posted) string { return fmt.Sprintf("see #%d", issue.Number) }
	for i, title := range []string{"memory +12 %", "memory +13 %", "memory +14 %"} {
		got, err := c.AlertCulprit(ctx, repository, mainSHA, github.Alert{Title: title, Body: "report"}, note)
		if err != nil || got.Issue.Number != 3 || got.Issue.Created != (i == 0) || len(got.Comments) != 1 || got.Comments[0].Created != (i == 0) {
			t.Errorf("%s: %+v, %v", title, got, err)
		}
		change(t, s, func(r *githubfake.Repository) { r.Issues[2].State = "closed" }) // somebody thinks that it is mended
	}
	r := state(t, s)
	if diff := cmp.Diff([]string{"#3 memory +14 %: closed"}, issues(r)); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
	if len(r.Comments) != 1 || r.Comments[0].Number != 1 || !strings.HasSuffix(r.Comments[0].Body, "\nsee #3") {
		t.Errorf("comments: %v", r.Comments)
	}
	// A commit that came without a pull request has an issue alone.
	got, err := c.AlertCulprit(ctx, repository, topicSHA, github.Alert{Title: "x", Body: "y"}, note)
	if err != nil || got.Issue.Number != 4 || len(got.Comments) != 0 {
		t.Errorf("without a pull request: %+v, %v", got, err)
	}
	if _, err := c.AlertCulprit(ctx, repository, "HEAD", github.Alert{Title: "x"}, note); err == nil {
		t.Error("HEAD is a culprit")
	}
}
