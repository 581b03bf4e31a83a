package actions_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/github/githubfake"
)

const posting = "perfgate-post.yml"

// opened is the pull request of the payload as GitHub has it.
func opened(payload map[string]any, owner string) *githubfake.Issue {
	pull := payload["pull_request"].(map[string]any)
	head := pull["head"].(map[string]any)
	return &githubfake.Issue{
		Number: pull["number"].(int), By: owner, Title: "A change", State: "open",
		Pull: &githubfake.Pull{HeadOwner: owner, HeadBranch: "topic", HeadSHA: head["sha"].(string), Base: "main"},
	}
}

// finished is the payload that tells of a run that has ended: of a fork's it does not say which pull request it was for.
func (p *project) finished(event, owner, conclusion string) map[string]any {
	p.t.Helper()
	repository := func(owner string) map[string]any {
		id := 1
		if owner != "someone" {
			id = 2
		}
		return map[string]any{"id": id, "name": "node", "full_name": owner + "/node", "default_branch": "main", "owner": map[string]any{"login": owner}, "fork": owner != "someone"}
	}
	branch := p.git("rev-parse", "--abbrev-ref", "HEAD")
	return map[string]any{
		"action": "completed", "repository": repository("someone"),
		"workflow_run": map[string]any{
			"id": 1, "name": "Performance Monitoring", "event": event, "status": "completed", "conclusion": conclusion,
			"head_branch": branch, "head_sha": p.git("rev-parse", "HEAD"), "html_url": "https://github.com/someone/node/actions/runs/1",
			"pull_requests": []any{}, "repository": repository("someone"), "head_repository": repository(owner), "run_attempt": 1,
			"path": ".github/workflows/performance-monitoring.yml", "workflow_id": 1, "run_number": 1,
			"actor": map[string]any{"login": owner}, "triggering_actor": map[string]any{"login": owner},
		},
	}
}

// A pull request of a fork is measured without any right, and told of by a job that takes nothing of it but the samples.
func TestAForkIsMeasuredAndToldInTwoStages(t *testing.T) {
	for _, tc := range []struct {
		name       string
		bytes      int
		conclusion string
		failed     bool
	}{{"green", 0, "success", false}, {"red", 4000, "failure", true}} {
		t.Run(tc.name, func(t *testing.T) {
			p := newProject(t)
			p.has("post")
			base := p.git("rev-parse", "HEAD")
			p.git("checkout", "-q", "-b", "topic")
			p.write("README", "more words\n")
			if tc.bytes > 0 {
				p.fatter(tc.bytes)
			}
			head := p.commit("a change")
			payload := p.pullRequest(7, base, "stranger")
			p.carryOut(monitoring, "pull_request", payload).wants(t, tc.failed)
			server := p.github(opened(payload, "stranger"))
			p.carryOut(posting, "workflow_run", p.finished("pull_request", "stranger", "action_required"), "-s", "GITHUB_TOKEN="+githubToken).wants(t, false)
			if r := p.there(server); len(r.Checks)+len(r.Comments) != 0 {
				t.Errorf("before it was approved: %+v, %+v", r.Checks, r.Comments)
			}
			requested := p.finished("pull_request", "stranger", "")
			requested["action"] = "requested"
			p.carryOut(posting, "workflow_run", requested, "-s", "GITHUB_TOKEN="+githubToken).wants(t, false)
			if r := p.there(server); len(r.Checks) != 1 || r.Checks[0].Status != "in_progress" || len(r.Comments) != 0 {
				t.Errorf("at the beginning: %+v", r.Checks)
			}
			for range 2 { // a job may be run again
				p.carryOut(posting, "workflow_run", p.finished("pull_request", "stranger", tc.conclusion), "-s", "GITHUB_TOKEN="+githubToken).
					wants(t, false, "checked out "+p.git("rev-parse", "main"))
			}
			r := p.there(server)
			if len(r.Checks) != 1 || r.Checks[0].HeadSHA != head || r.Checks[0].Conclusion != tc.conclusion {
				t.Errorf("checks: %+v", r.Checks)
			}
			if len(r.Comments) != 1 || r.Comments[0].Number != 7 {
				t.Fatalf("comments: %+v", r.Comments)
			}
			if heading := heading(r.Comments[0].Body); strings.Contains(heading, "regressed") != tc.failed || strings.Contains(heading, "pass") == tc.failed {
				t.Errorf("the comment begins with %q:\n%s", heading, r.Comments[0].Body)
			}
		})
	}
}

// heading is the first one of a text.
func heading(text string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			return line
		}
	}
	return ""
}

// A weekly measurement that is red has an issue, and each of its jobs a check. Here the job of the benchmarks has left nothing.
func TestARedWeekIsTold(t *testing.T) {
	p := newProject(t)
	p.write("baselines.toml", p.git("show", "HEAD:baselines.toml")+"\n[metric.binary_size]\ntarget = \"< 10B\"\n")
	head := p.commit("a budget that nothing keeps")
	p.carryOut(monitoring, "schedule", map[string]any{"schedule": "0 6 * * 6"}, "-j", "p2p-multi-node-performance").wants(t, true)
	server := p.github()
	for range 2 {
		p.carryOut(posting, "workflow_run", p.finished("schedule", "someone", "failure"), "-s", "GITHUB_TOKEN="+githubToken).wants(t, false)
	}
	r := p.there(server)
	names := map[string]bool{}
	for _, c := range r.Checks {
		names[c.Name+" "+c.Conclusion] = c.HeadSHA == head
	}
	if len(r.Checks) != 2 || !names["perfgate standard failure"] || !names["perfgate benchmarks failure"] {
		t.Errorf("checks: %+v", names)
	}
	wantIssues(t, r, "open perfgate standard: main is red: over target (targets only): binary_size", "open perfgate benchmarks: main is red: failed: ")
}
