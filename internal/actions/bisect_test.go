package actions_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/github/githubfake"
)

// A main that has become red is bisected by itself, between both sides of the check that failed, for what it found regressed.
func TestARedMainIsBisected(t *testing.T) {
	p := newProject(t)
	p.has("bisect")
	before := p.git("rev-parse", "HEAD")
	p.commit("say nothing")
	p.fatter(4000)
	culprit := p.commit("twice as large")
	p.write("README", "more words\n")
	head := p.commit("say more")
	push := map[string]any{"ref": "refs/heads/main", "before": before, "after": head, "repository": map[string]any{"default_branch": "main"}}
	p.carryOut(monitoring, "push", push).wants(t, true, "base is "+before)
	more := []string{"-s", "GITHUB_TOKEN=" + githubToken}
	server := p.github(&githubfake.Issue{
		Number: 7, By: "someone", Title: "twice as large", State: "closed",
		Pull: &githubfake.Pull{HeadOwner: "someone", HeadBranch: "topic", HeadSHA: culprit, Base: "main", Merged: culprit},
	})
	p.carryOut(posting, "workflow_run", p.finished("push", "someone", "failure"), more...).wants(t, false, "issue of the branch opened")
	p.carryOut("bisect.yml", "workflow_run", p.finished("push", "someone", "failure"), more...).wants(t, false, culprit[:12], "issue of the branch updated")
	raw, err := os.ReadFile(filepath.Join(p.artifacts, "1", "perfgate-bisection", "bisection.json"))
	if err != nil || !strings.Contains(string(raw), `"culprit": "`+culprit+`"`) {
		t.Errorf("%v\n%s", err, raw)
	}
	r := p.there(server)
	if last := r.Checks[len(r.Checks)-1]; last.HeadSHA != head || !strings.Contains(last.Summary+last.Text, culprit[:12]) {
		t.Errorf("checks: %+v", r.Checks)
	}
	wantIssues(t, r, "open perfgate: main is red: regressed: binary_size", "open perfgate: commit "+culprit[:12]+" changed binary_size by")
	if len(r.Comments) != 1 || r.Comments[0].Number != 7 || !strings.Contains(r.Comments[0].Body, "a search found commit "+culprit) {
		t.Errorf("comments: %+v", r.Comments)
	}
	// Somebody takes it back, and the issue of the branch is over.
	p.write("node.in", p.git("show", before+":node.in")+"\n")
	mended := p.commit("as it was")
	push["before"], push["after"] = head, mended
	p.artifacts = t.TempDir()
	p.carryOut(monitoring, "push", push).wants(t, false, "base is "+head)
	p.goesOn(server)
	p.carryOut(posting, "workflow_run", p.finished("push", "someone", "success"), more...).wants(t, false, "issue of the branch ended")
	wantIssues(t, p.there(server), "closed perfgate: main is red", "open perfgate: commit")
}

// wantIssues fails unless there are these issues beside pull requests.
func wantIssues(t *testing.T, r *githubfake.Repository, want ...string) {
	t.Helper()
	var got []string
	for _, i := range r.Issues {
		if i.Pull == nil {
			got = append(got, i.State+" "+i.Title)
		}
	}
	ok := len(got) == len(want)
	for i := range want {
		ok = ok && strings.HasPrefix(got[i], want[i])
	}
	if !ok {
		t.Errorf("issues are %q, want %q", got, want)
	}
}

// By hand any range can be searched.
func TestAPersonBisectsARange(t *testing.T) {
	p := newProject(t)
	p.has("bisect")
	p.git("tag", "v1.0.0")
	p.fatter(4000)
	culprit := p.commit("twice as large")
	p.commit("say nothing")
	inputs := map[string]any{"inputs": map[string]string{"range": "v1.0.0..HEAD", "metric": "binary_size"}}
	p.carryOut("bisect.yml", "workflow_dispatch", inputs).wants(t, false, culprit[:12])
}

// What a pull request brings is never built with the rights of main, and what is not red is not searched.
func TestNothingElseIsBisected(t *testing.T) {
	p := newProject(t)
	for _, event := range []map[string]any{
		p.finished("pull_request", "someone", "failure"), p.finished("push", "stranger", "failure"), p.finished("push", "someone", "success"),
	} {
		if r := p.carryOut("bisect.yml", "workflow_run", event); strings.Contains(r.log, "Run Main") || r.failed {
			t.Errorf("%s", r.log)
		}
	}
}
