package github_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
)

// TestPullRequestOfItsOwn walks a refresh through weeks: opened, kept up to date, on top of a base that has moved, not touched
// when somebody else has worked on its branch, and not there when there is nothing to change.
func TestPullRequestOfItsOwn(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c, ctx := client(t, s, clock, appToken), t.Context()
	m, err := github.NewMarker("refresh")
	if err != nil {
		t.Fatal(err)
	}
	plan := github.PullPlan{
		Branch: "perfgate/refresh", Base: "main", Message: "baselines: refresh", Title: "Refresh", Body: "week 1", Marker: m,
		Files: map[string][]byte{"baselines.toml": []byte("old\n")},
	}
	if got, err := c.PutPull(ctx, repository, plan); err != nil || got != (github.Posted{}) {
		t.Errorf("nothing to change: %+v, %v", got, err)
	}
	plan.Files["baselines.toml"] = []byte("week 1\n")
	if got, err := c.PutPull(ctx, repository, plan); err != nil || !got.Created || got.Number != 3 {
		t.Errorf("week 1: %+v, %v", got, err)
	}
	tip := state(t, s).Branches[plan.Branch]
	if got, err := c.PutPull(ctx, repository, plan); err != nil || got.Created || state(t, s).Branches[plan.Branch] != tip {
		t.Errorf("the same again: %+v, %v", got, err)
	}
	change(t, s, func(r *githubfake.Repository) { r.Push("main", "main moves", githubfake.Files{"docs/a.md": "b\n"}) })
	plan.Body = "week 2"
	if got, err := c.PutPull(ctx, repository, plan); err != nil || got.Created || got.Number != 3 {
		t.Errorf("week 2: %+v, %v", got, err)
	}
	r := state(t, s)
	tipped := r.Commits[slices.IndexFunc(r.Commits, func(k *githubfake.Commit) bool { return k.SHA == r.Branches[plan.Branch] })]
	if tipped.Files["docs/a.md"] != "b\n" || tipped.Files["baselines.toml"] != "week 1\n" || !strings.HasSuffix(tipped.Message, "\n\nPerfgate: refresh") {
		t.Errorf("the branch ends with %+v", tipped)
	}
	change(t, s, func(r *githubfake.Repository) {
		r.Push(plan.Branch, "a person's", githubfake.Files{"docs/a.md": "c\n"})
	})
	tip = state(t, s).Branches[plan.Branch]
	if _, err := c.PutPull(ctx, repository, plan); !errors.Is(err, github.ErrNotOurs) || state(t, s).Branches[plan.Branch] != tip {
		t.Errorf("a branch with another's commit: %v", err)
	}
	plan.Base = "none"
	if _, err := c.PutPull(ctx, repository, plan); !errors.Is(err, github.ErrNotFound) {
		t.Errorf("no such base: %v", err)
	}
}

// TestBranchOfSomebodyElse lets a person make the branch between looking for it and making it.
func TestBranchOfSomebodyElse(t *testing.T) {
	var s *githubfake.Server // the faults below refer to it
	theirs := ""
	s, clock := start(t, githubfake.Options{Faults: func(r *http.Request) githubfake.Fault {
		if strings.HasSuffix(r.URL.Path, "/git/refs") {
			change(t, s, func(w *githubfake.Repository) {
				theirs = w.Push("perfgate/refresh", "mine", githubfake.Files{"x": "y"})
			})
		}
		return githubfake.Fine
	}})
	m, err := github.NewMarker("refresh")
	if err != nil {
		t.Fatal(err)
	}
	_, err = client(t, s, clock, appToken).PutPull(t.Context(), repository, github.PullPlan{
		Branch: "perfgate/refresh", Base: "main", Message: "m", Title: "t", Marker: m, Files: map[string][]byte{"baselines.toml": []byte("new")},
	})
	if !errors.Is(err, github.ErrNotOurs) || state(t, s).Branches["perfgate/refresh"] != theirs {
		t.Errorf("%v; the branch ends with %s", err, state(t, s).Branches["perfgate/refresh"])
	}
}

func TestPlansThatAreRefused(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c := client(t, s, clock, appToken)
	m, err := github.NewMarker("refresh")
	if err != nil {
		t.Fatal(err)
	}
	good := github.PullPlan{Branch: "b", Base: "main", Message: "m", Title: "t", Body: "b", Marker: m, Files: map[string][]byte{"a": []byte("x")}}
	for want, spoil := range map[string]func(*github.PullPlan){
		"no name of a branch":      func(p *github.PullPlan) { p.Branch = "a..b" },
		"are the same":             func(p *github.PullPlan) { p.Branch = "main" },
		"no title":                 func(p *github.PullPlan) { p.Title = "" },
		"no files":                 func(p *github.PullPlan) { p.Files = nil },
		"not UTF-8":                func(p *github.PullPlan) { p.Files = map[string][]byte{"a": {0xff}} },
		"no path of a file":        func(p *github.PullPlan) { p.Files = map[string][]byte{"../a": nil} },
		"make it with NewMarker":   func(p *github.PullPlan) { p.Marker = "" },
		"more than 65000":          func(p *github.PullPlan) { p.Body = strings.Repeat("x", github.MaxBody) },
		"\"\" is no name of a bra": func(p *github.PullPlan) { p.Base = "" },
	} {
		plan := good
		spoil(&plan)
		if _, err := c.PutPull(t.Context(), repository, plan); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if len(s.Requests()) != 0 {
		t.Errorf("requests were sent: %v", s.Requests())
	}
}

// refusing answers 422 where a request makes a reference.
type refusing struct{}

func (refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/git/refs") {
		return http.DefaultTransport.RoundTrip(r)
	}
	return &http.Response{
		Request: r, StatusCode: http.StatusUnprocessableEntity, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"message": "Repository rule violations found"}`)),
	}, nil
}

// TestBranchThatMayNotBe has GitHub refuse the branch for another reason than that it is there.
func TestBranchThatMayNotBe(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c, err := github.New(github.Options{BaseURL: s.URL, Token: appToken, Clock: clock, Transport: refusing{}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := github.NewMarker("refresh")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.PutPull(t.Context(), repository, github.PullPlan{
		Branch: "perfgate/refresh", Base: "main", Message: "m", Title: "t", Marker: m, Files: map[string][]byte{"baselines.toml": []byte("new")},
	})
	if !errors.Is(err, github.ErrRefused) || !strings.Contains(err.Error(), "make branch perfgate/refresh: ") || !strings.Contains(err.Error(), "rule violations") {
		t.Errorf("error %v", err)
	}
}
