package github_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
)

// The world of the tests: a repository with a pull request of its own and one from a fork.
const (
	appToken, userToken, forkToken = "ghs_app", "ghp_user", "ghs_fork"

	mainSHA  = "1111111111111111111111111111111111111111"
	topicSHA = "2222222222222222222222222222222222222222"
	forkSHA  = "3333333333333333333333333333333333333333"
)

var repository = github.Repository{Owner: "octo", Name: "perf"}

func world() *githubfake.World {
	files := githubfake.Files{"baselines.toml": "old\n", "docs/a.md": "a\n"}
	return &githubfake.World{
		Accounts: []githubfake.Account{
			{Token: appToken, Login: "github-actions[bot]", App: true},
			{Token: userToken, Login: "octo"},
			{Token: forkToken, Login: "github-actions[bot]", App: true, ReadOnly: true},
		},
		Repositories: []*githubfake.Repository{
			{
				Owner: "octo", Name: "perf",
				Commits: []*githubfake.Commit{
					{SHA: mainSHA, Message: "main", Files: files},
					{SHA: topicSHA, Message: "topic", Parents: []string{mainSHA}, Files: githubfake.Files{"baselines.toml": "old\n", "docs/b.md": "b\n"}},
					{SHA: forkSHA, Message: "fork", Parents: []string{mainSHA}, Files: files}, // GitHub keeps a fork's commits here too
				},
				Branches: map[string]string{"main": mainSHA, "topic": topicSHA},
				Issues: []*githubfake.Issue{
					{Number: 1, By: "octo", Title: "topic", Pull: &githubfake.Pull{HeadOwner: "octo", HeadBranch: "topic", Base: "main"}},
					{Number: 2, By: "fork", Title: "fork", Pull: &githubfake.Pull{HeadOwner: "fork", HeadBranch: "main", HeadSHA: forkSHA, Base: "main"}},
				},
				Runs: []*githubfake.Run{{ID: 7, HeadSHA: forkSHA, Artifacts: []githubfake.Artifact{
					{ID: 70, Name: "results", Content: []byte("PK and so on")}, {ID: 71, Name: "old", Expired: true},
				}}},
			},
		},
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// published is the folder of what GitHub publishes, or "".
func published() string { return os.Getenv("PERFGATE_GITHUB_CONTRACT") }

// contract is read once, and nil where it is not at hand.
var contract = sync.OnceValues(func() (*githubfake.Contract, error) {
	if published() == "" {
		return nil, nil
	}
	return githubfake.LoadContract(published())
})

// start runs a fake whose violations fail the test.
func start(t *testing.T, o githubfake.Options) (*githubfake.Server, *githubfake.Clock) {
	t.Helper()
	clock := githubfake.NewClock(noon)
	if o.World == nil {
		o.World = world()
	}
	description, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	o.Contract, o.Now = description, clock.Now
	s, err := githubfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		for _, v := range s.Violations() {
			t.Errorf("violation: %s", v)
		}
	})
	return s, clock
}

func client(t *testing.T, s *githubfake.Server, clock *githubfake.Clock, token string) *github.Client {
	t.Helper()
	c, err := github.New(github.Options{BaseURL: s.URL, Token: token, Clock: clock, Limit: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func state(t *testing.T, s *githubfake.Server) *githubfake.Repository {
	t.Helper()
	w, err := s.State()
	if err != nil {
		t.Fatal(err)
	}
	return w.Repository("octo/perf")
}

func annotations(count int) []github.Annotation {
	var all []github.Annotation
	for i := range count {
		all = append(all, github.Annotation{
			Path: "baselines.toml", Line: i + 1, Level: github.FailureLevel, Title: "regressed", Message: fmt.Sprintf("metric %d", i),
		})
	}
	return all
}

func TestEverythingOnce(t *testing.T) {
	s, clock := start(t, githubfake.Options{})
	c, ctx := client(t, s, clock, appToken), t.Context()
	for range 2 {
		everything(ctx, t, c, "body", 120)
	}
	user := client(t, s, clock, userToken)
	if _, err := user.PutStatus(ctx, repository, topicSHA, github.Status{Context: "perfgate", State: github.StateFailure, Description: strings.Repeat("é", 200)}); err != nil {
		t.Fatal(err)
	}
	one(t, state(t, s), "body", 120)
}

// everything posts one of each kind.
func everything(ctx context.Context, t *testing.T, c *github.Client, body string, count int) {
	t.Helper()
	if err := postAll(ctx, c, body, count); err != nil {
		t.Fatal(err)
	}
}

func postAll(ctx context.Context, c *github.Client, body string, count int) error {
	check := github.Check{
		Name: "perfgate", HeadSHA: topicSHA, ExternalID: "pr-1", Conclusion: github.Failure, Summary: body, Text: "text", Annotations: annotations(count),
	}
	m, err := github.NewMarker("pr")
	if err != nil {
		return err
	}
	if _, err := c.PutCheck(ctx, repository, check); err != nil {
		return err
	}
	if _, err := c.PutComment(ctx, repository, 1, m, body); err != nil {
		return err
	}
	if _, err := c.PutStatus(ctx, repository, topicSHA, github.Status{Context: "perf", State: github.StateSuccess, Description: body}); err != nil {
		return err
	}
	if _, err := c.PutIssue(ctx, repository, github.Issue{Marker: m, Title: "main is red", Body: body, Label: "performance"}); err != nil {
		return err
	}
	_, err = c.PutPull(ctx, repository, github.PullPlan{
		Branch: "perfgate/refresh", Base: "main", Message: "refresh", Files: map[string][]byte{"baselines.toml": []byte(body)},
		Title: "Refresh", Body: body, Marker: m,
	})
	return err
}

// one wants exactly one of each kind, whole, as GitHub shows them.
func one(t *testing.T, r *githubfake.Repository, body string, count int) {
	t.Helper()
	var shown *githubfake.Check
	for _, k := range r.Checks {
		if k.Name == "perfgate" && k.HeadSHA == topicSHA {
			shown = k // the newest is shown
		}
	}
	if shown == nil || shown.Status != "completed" || shown.Conclusion != "failure" || shown.Summary != body || shown.Text != "text" || len(shown.Annotations) != count {
		for _, k := range r.Checks {
			t.Errorf("check %d %q: %s %s, %q, %d annotations and not %d", k.ID, k.ExternalID, k.Status, k.Conclusion, k.Summary, len(k.Annotations), count)
		}
	} else {
		seen := map[string]bool{}
		for _, a := range shown.Annotations {
			seen[a.Message] = true
		}
		if len(seen) != count {
			t.Errorf("the check has %d different annotations, and not %d", len(seen), count)
		}
	}
	first := "<!-- perfgate: pr -->\n"
	if len(r.Comments) != 1 || r.Comments[0].Body != first+body {
		t.Errorf("comments: %v", r.Comments)
	}
	var issues, pulls []*githubfake.Issue
	for _, i := range r.Issues {
		switch {
		case i.Pull != nil && i.Pull.HeadBranch == "perfgate/refresh":
			pulls = append(pulls, i)
		case i.Pull == nil && i.State == "open":
			issues = append(issues, i)
		}
	}
	if len(issues) != 1 || issues[0].Body != first+body || len(issues[0].Labels) != 1 {
		t.Errorf("open issues: %v", issues)
	}
	if len(pulls) != 1 || pulls[0].Body != first+body {
		t.Errorf("pull requests: %v", pulls)
	}
	tip := r.Branches["perfgate/refresh"]
	for _, k := range r.Commits {
		if k.SHA == tip && (k.Files["baselines.toml"] != body || k.Files["docs/a.md"] != "a\n" || len(k.Parents) != 1 || k.Parents[0] != mainSHA) {
			t.Errorf("the branch ends with %v", k)
		}
	}
}
