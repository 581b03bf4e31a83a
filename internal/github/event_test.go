package github_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/github"
)

var (
	as, bs = strings.Repeat("a", 40), strings.Repeat("b", 40)
	perf   = github.Repository{Owner: "octo", Name: "perf"}
)

func TestEvents(t *testing.T) {
	pull := github.Event{
		Name: "pull_request", Action: "synchronize", Repository: perf, DefaultBranch: "main", Number: 3,
		HeadSHA: as, HeadOwner: "octo", HeadBranch: "topic", BaseBranch: "main", BaseSHA: bs,
	}
	fork, gone := pull, pull
	fork.HeadOwner, fork.HeadBranch, fork.Fork = "fork", "main", true
	gone.HeadOwner, gone.HeadBranch, gone.Fork = "", "main", true
	for file, want := range map[string]github.Event{
		"pull_request-own":  pull,
		"pull_request-fork": fork,
		"pull_request-gone": gone,
		"workflow_run-fork": {
			Name: "workflow_run", Action: "completed", Repository: perf, DefaultBranch: "main",
			HeadSHA: as, HeadOwner: "fork", HeadBranch: "main", Fork: true,
			Run: github.Run{
				ID: 7, Attempt: 2, Name: "measure", Event: "pull_request", Conclusion: "failure",
				URL: "https://github.example/octo/perf/actions/runs/7",
			},
		},
		"push-main": {
			Name: "push", Repository: perf, DefaultBranch: "main", HeadSHA: as, HeadOwner: "octo", HeadBranch: "main", Before: bs, Ref: "refs/heads/main",
		},
		"push-removed":    {Name: "push", Repository: perf, HeadOwner: "octo", HeadBranch: "topic", Before: bs, Ref: "refs/heads/topic"},
		"schedule-weekly": {Name: "schedule", Schedule: "0 6 * * 6"},
		"workflow_dispatch-inputs": {
			Name: "workflow_dispatch", Repository: perf, DefaultBranch: "main", HeadOwner: "octo", HeadBranch: "main", Ref: "refs/heads/main",
			Inputs: map[string]string{"num_nodes": "5", "long": "true", "test_duration": "1000000"},
		},
	} {
		t.Run(file, func(t *testing.T) {
			name, _, _ := strings.Cut(file, "-")
			got, err := github.ParseEvent(name, payload(t, file))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the event (-want +got):\n%s", diff)
			}
		})
	}
}

// TestForkOfNobodyKnows takes a head for a stranger's when no repository has an id.
func TestForkOfNobodyKnows(t *testing.T) {
	text := strings.NewReplacer(`"id": 10,`, "", `"id": 11,`, "").Replace(string(payload(t, "workflow_run-fork")))
	got, err := github.ParseEvent("workflow_run", []byte(text))
	if err != nil || !got.Fork {
		t.Errorf("%+v, %v", got, err)
	}
}

func payload(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "events", file+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestEventsRefused changes good payloads into ones that say less, or something else, than they have to.
func TestEventsRefused(t *testing.T) {
	for name, test := range map[string]struct{ file, old, new, want string }{
		"no JSON":             {"pull_request-own", "{", "<", "invalid character"},
		"another event":       {"pull_request-own", `"pull_request":`, `"issue":`, "no pull_request"},
		"no repository":       {"pull_request-own", `"repository":`, `"depository":`, "no repository"},
		"no number":           {"pull_request-own", `"number": 3`, `"number": 0`, "no number"},
		"a short SHA":         {"pull_request-own", as, as[:7], "no whole commit SHA"},
		"a SHA with a path":   {"workflow_run-fork", as, "../../" + as[6:], "no whole commit SHA"},
		"an owner's path":     {"workflow_run-fork", `"login": "fork"`, `"login": "../x"`, "no repository"},
		"an owner that ends":  {"workflow_run-fork", `"login": "fork"`, `"login": "a:b"`, "no repository"},
		"a branch with ..":    {"workflow_run-fork", `"head_branch": "main"`, `"head_branch": "a/../b"`, "no name of a branch"},
		"a branch of an eye":  {"workflow_run-fork", `"head_branch": "main"`, `"head_branch": "a\u0007"`, "no name of a branch"},
		"no run":              {"workflow_run-fork", `"workflow_run":`, `"run":`, "no workflow_run"},
		"a run without id":    {"workflow_run-fork", `"id": 7`, `"id": -7`, "no id"},
		"a push of nothing":   {"push-main", `"after":`, `"afterwards":`, "what was pushed"},
		"a push to nowhere":   {"push-main", "refs/heads/main", "main", "no whole ref"},
		"no cron expression":  {"schedule-weekly", "0 6 * * 6", "", "no schedule"},
		"inputs of a list":    {"workflow_dispatch-inputs", `"inputs": {`, `"inputs": [{}], "x": {`, "inputs"},
		"a dispatch nowhere":  {"workflow_dispatch-inputs", "refs/heads/main", "", "no whole ref"},
		"a name with a slash": {"push-main", `"name": "perf"`, `"name": "perf/x"`, "no repository"},
	} {
		t.Run(name, func(t *testing.T) {
			event, _, _ := strings.Cut(test.file, "-")
			text := string(payload(t, test.file))
			if !strings.Contains(text, test.old) {
				t.Fatalf("%s has no %s", test.file, test.old)
			}
			got, err := github.ParseEvent(event, []byte(strings.ReplaceAll(text, test.old, test.new)))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, and %q was wanted", err, test.want)
			}
			if diff := cmp.Diff(github.Event{}, got); diff != "" {
				t.Errorf("an event beside the error: %s", diff)
			}
		})
	}
	if _, err := github.ParseEvent("issues", []byte("{}")); err == nil || !strings.Contains(err.Error(), "it takes pull_request") {
		t.Errorf("an event that perfgate does not know: %v", err)
	}
}

// TestPublishedEvents reads what GitHub publishes as examples of its payloads.
func TestPublishedEvents(t *testing.T) {
	if published() == "" {
		t.Skip("PERFGATE_GITHUB_CONTRACT is not set: no published payloads are at hand")
	}
	text, err := os.ReadFile(filepath.Join(published(), "webhooks-examples", "api.github.com", "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Name     string
		Examples []json.RawMessage
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, event := range all {
		switch event.Name {
		case "pull_request", "workflow_run", "push", "workflow_dispatch":
		default:
			continue
		}
		for i, example := range event.Examples {
			got, err := github.ParseEvent(event.Name, example)
			if err != nil {
				t.Errorf("%s %d: %v", event.Name, i, err)
				continue
			}
			count[event.Name]++
			sound(t, got)
			if event.Name == "pull_request" {
				head(t, example, got.HeadSHA)
			}
		}
	}
	if count["pull_request"] < 20 || count["workflow_run"] < 5 || count["push"] < 5 || count["workflow_dispatch"] < 1 {
		t.Errorf("events that were read: %v", count)
	}
}

// head holds the SHA against the payload, read in another way.
func head(t *testing.T, example []byte, sha string) {
	t.Helper()
	var payload struct {
		PullRequest struct {
			Head struct{ SHA string }
		} `json:"pull_request"`
	}
	if err := json.Unmarshal(example, &payload); err != nil || payload.PullRequest.Head.SHA != sha {
		t.Errorf("head %s, and not %s (%v)", sha, payload.PullRequest.Head.SHA, err)
	}
}

// sound is what holds of every event that was not refused.
func sound(t *testing.T, e github.Event) {
	t.Helper()
	for _, sha := range []string{e.HeadSHA, e.BaseSHA, e.Before} {
		if sha != "" && (len(sha) != 40 && len(sha) != 64 || strings.Trim(sha, "0123456789abcdef") != "") {
			t.Errorf("%s: SHA %q", e.Name, sha)
		}
	}
	if e.Name == "schedule" {
		return
	}
	if _, err := github.ParseRepository(e.Repository.String()); err != nil {
		t.Errorf("%s: %v", e.Name, err)
	}
	for _, branch := range []string{e.HeadBranch, e.BaseBranch} {
		if strings.ContainsAny(branch, " \n\x00:?*[\\^~") || strings.Contains(branch, "..") {
			t.Errorf("%s: branch %q", e.Name, branch)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "events", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), "-")
		f.Add(name, payload(f, strings.TrimSuffix(filepath.Base(file), ".json")))
	}
	f.Fuzz(func(t *testing.T, name string, payload []byte) {
		got, err := github.ParseEvent(name, payload)
		if err != nil {
			if diff := cmp.Diff(github.Event{}, got); diff != "" {
				t.Errorf("an event beside the error: %s", diff)
			}
			return
		}
		sound(t, got)
	})
}
