package post_test

import (
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
	"github.com/communitas/perfgate/internal/intake"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

const (
	appToken, userToken, forkToken, statusToken, muteToken = "ghs_app", "ghp_user", "ghs_fork", "ghs_status", "ghs_mute"

	oldSHA   = "0000000000000000000000000000000000000001"
	mainSHA  = "1111111111111111111111111111111111111111"
	topicSHA = "2222222222222222222222222222222222222222"
	forkSHA  = "3333333333333333333333333333333333333333"
	mergeSHA = "4444444444444444444444444444444444444444"
	aloneSHA = "5555555555555555555555555555555555555555"
	gluedSHA = "6666666666666666666666666666666666666666" // a merge of aloneSHA and the fork's head that GitHub has not made
	slowSHA  = "7777777777777777777777777777777777777777" // a commit of the fork that its pull request no longer has
)

var (
	repository = github.Repository{Owner: "octo", Name: "perf"}
	noon       = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

const config = `schema = "perfgate.config/1"
[subject]
name = "node"
binary = "bin/node"
[node]
args = ["--listen", "{listen}", "--metrics-addr", "{control}"]
bootstrap_args = ["--bootstrap", "{bootstrap}"]
[[scenario]]
name = "quick"
nodes = 2
runs = 6
`

const baselines = `schema = "perfgate.baselines/1"
[metric.memory_private]
tolerance = "10%"
`

const loose = `schema = "perfgate.baselines/1"
[metric.memory_private]
tolerance = "900%"
[[waiver]]
metric = "startup_time"
until = 2099-01-01
max = "900%"
reason = "@everyone <b>it is fine</b>"
`

// world has a main branch, a pull request of the repository (1) and one of a fork (2) that loosens the rules.
func world() *githubfake.World {
	files := githubfake.Files{"perfgate.toml": config, "baselines.toml": baselines}
	loosened := githubfake.Files{"perfgate.toml": strings.Replace(config, "runs = 6", "runs = 2", 1), "baselines.toml": loose}
	return &githubfake.World{
		Accounts: []githubfake.Account{
			{Token: appToken, Login: "github-actions[bot]", App: true}, {Token: userToken, Login: "octo"},
			{Token: forkToken, Login: "github-actions[bot]", App: true, ReadOnly: true},
			{Token: statusToken, Login: "github-actions[bot]", App: true, Denied: []string{"checks"}},
			{Token: muteToken, Login: "github-actions[bot]", App: true, Denied: []string{"issues"}},
		},
		Repositories: []*githubfake.Repository{{
			Owner: "octo", Name: "perf",
			Commits: []*githubfake.Commit{
				{SHA: oldSHA, Files: files}, {SHA: mainSHA, Parents: []string{oldSHA}, Files: files},
				{SHA: topicSHA, Parents: []string{mainSHA}, Files: files}, {SHA: forkSHA, Parents: []string{mainSHA}, Files: loosened},
				{SHA: mergeSHA, Parents: []string{mainSHA, topicSHA}, Files: files}, {SHA: aloneSHA, Files: files},
				{SHA: gluedSHA, Parents: []string{aloneSHA, forkSHA}, Files: loosened}, {SHA: slowSHA, Parents: []string{forkSHA}, Files: loosened},
			},
			Branches: map[string]string{"main": mainSHA, "topic": topicSHA},
			Issues: []*githubfake.Issue{
				{Number: 1, By: "octo", Title: "topic", Pull: &githubfake.Pull{HeadOwner: "octo", HeadBranch: "topic", Base: "main"}},
				{Number: 2, By: "fork", Title: "fork", Pull: &githubfake.Pull{HeadOwner: "fork", HeadBranch: "main", HeadSHA: forkSHA, Base: "main"}},
			},
		}},
	}
}

// contract is GitHub's own description of its API, and nil where it is not at hand.
var contract = sync.OnceValues(func() (*githubfake.Contract, error) {
	if folder := os.Getenv("PERFGATE_GITHUB_CONTRACT"); folder != "" {
		return githubfake.LoadContract(folder)
	}
	return nil, nil
})

func start(t *testing.T, token string) (*githubfake.Server, *github.Client) {
	t.Helper()
	return startFaulty(t, token, nil)
}

// startFaulty starts a GitHub whose requests fail as faults decides, nil for not at all.
func startFaulty(t *testing.T, token string, faults func(*http.Request) githubfake.Fault) (*githubfake.Server, *github.Client) {
	t.Helper()
	description, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	clock := githubfake.NewClock(noon)
	server, err := githubfake.Start(githubfake.Options{World: world(), Contract: description, Now: clock.Now, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	client, err := github.New(github.Options{BaseURL: server.URL, Token: token, Clock: clock, Limit: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		for _, v := range server.Violations() {
			t.Errorf("violation: %s", v)
		}
	})
	return server, client
}

func state(t *testing.T, s *githubfake.Server) *githubfake.Repository {
	t.Helper()
	w, err := s.State()
	if err != nil {
		t.Fatal(err)
	}
	return w.Repository("octo/perf")
}

// side are the results of one side of a trial.
func side(t *testing.T, commit, side string, factor float64) *result.Results {
	t.Helper()
	s, err := suite.Parse("perfgate.toml", []byte(config))
	if err != nil {
		t.Fatal(err)
	}
	r := &result.Results{
		Schema: result.Schema, Subject: result.Subject{Name: "node", Commit: commit}, Environment: result.Environment{Fingerprint: "f00d"},
		Trial:     &result.Trial{ID: "t", Side: side, Looks: []int{9}},
		Scenarios: []result.Scenario{{Name: "quick", Nodes: 2, Runs: 9, Configuration: s.Configuration("quick")}},
	}
	noise := []float64{1.003, 0.991, 1.012, 0.985, 0.998, 1.009, 1.001, 0.994, 1.006}
	for _, measured := range []struct {
		name  string
		scale float64
	}{{"startup_time", 0.05}, {"memory_private", 6.4e6}} {
		m, _ := metric.Lookup(measured.name)
		series := result.Series{Scenario: "quick", Metric: measured.name, Unit: m.Unit, Better: m.Better, Status: result.Measured, Count: len(noise)}
		for i, n := range noise {
			if side == result.SideBase {
				n = noise[(i+4)%len(noise)]
			}
			v := measured.scale * factor * n
			series.Samples = append(series.Samples, result.Sample{Run: i + 1, Order: 2*i + 1, Value: &v, Valid: true})
		}
		r.Series = append(r.Series, series)
	}
	for i := range noise {
		r.Runs = append(r.Runs, result.Run{Scenario: "quick", Run: i + 1, Order: 2*i + 1, Block: i/2 + 1, Formed: true})
	}
	return r
}

func trial(t *testing.T, head, base string, factor float64) intake.Delivery {
	t.Helper()
	return intake.Delivery{Head: side(t, head, "head", factor), Base: side(t, base, "base", 1)}
}

func pullEvent() github.Event {
	return github.Event{
		Name: "pull_request", Action: "synchronize", Repository: repository, DefaultBranch: "main", Number: 1,
		HeadSHA: topicSHA, HeadOwner: "octo", HeadBranch: "topic", BaseBranch: "main", BaseSHA: mainSHA,
	}
}

func forkEvent() github.Event {
	return github.Event{
		Name: "workflow_run", Action: "completed", Repository: repository, DefaultBranch: "main", HeadSHA: forkSHA, HeadOwner: "fork",
		HeadBranch: "main", Fork: true, Run: github.Run{ID: 7, Event: "pull_request", Conclusion: "success", URL: "https://github.example/run/7"},
	}
}

// shortened keeps the first n samples of each series.
func shortened(all []result.Series, n int) []result.Series {
	var short []result.Series
	for _, s := range all {
		s.Samples, s.Count = s.Samples[:n], n
		short = append(short, s)
	}
	return short
}
