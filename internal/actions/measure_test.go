package actions_test

import (
	"strings"
	"testing"
)

const monitoring = "performance-monitoring.yml"

func TestAGreenPullRequest(t *testing.T) {
	p := newProject(t)
	base := p.git("rev-parse", "HEAD")
	p.git("checkout", "-q", "-b", "topic")
	p.write("README", "more words\n")
	head := p.commit("say more")
	p.git("checkout", "-q", "main")
	p.write("CHANGES", "the branch has gone on\n")
	tip := p.commit("go on")
	p.git("checkout", "-q", "topic")
	p.carryOut(monitoring, "pull_request", p.pullRequest(7, tip, "someone")).wants(t, false, "checked out "+head, "base is "+base, "Job succeeded")
	if v := p.verdict("perfgate-results-gate"); v.Verdict != "pass" || v.Commit != head || v.Comparison.Kind != "paired" {
		t.Errorf("%+v", v)
	}
}

func TestARedPullRequest(t *testing.T) {
	p := newProject(t)
	base := p.git("rev-parse", "HEAD")
	p.git("checkout", "-q", "-b", "topic")
	p.fatter(4000)
	p.commit("twice as large")
	r := p.carryOut(monitoring, "pull_request", p.pullRequest(7, base, "stranger"))
	r.wants(t, true, "::error title=perfgate::regressed", "Job failed")
	if v := p.verdict("perfgate-results-gate"); v.Verdict != "regressed" || !strings.Contains(v.Reason, "binary_size") {
		t.Errorf("%+v", v)
	}
}

func TestAPushIsHeldAgainstWhatWasBefore(t *testing.T) {
	p := newProject(t)
	before := p.git("rev-parse", "HEAD")
	p.commit("one")
	p.fatter(4000)
	head := p.commit("two")
	push := map[string]any{"ref": "refs/heads/main", "before": before, "after": head, "repository": map[string]any{"default_branch": "main"}}
	p.carryOut(monitoring, "push", push).wants(t, true, "base is "+before, "regressed")
	if v := p.verdict("perfgate-results-gate"); v.Commit != head {
		t.Errorf("%+v", v)
	}
}

// On Saturdays the scenarios are measured one by one, with real nodes, and held against what is recorded and the targets.
func TestASchedule(t *testing.T) {
	p := newProject(t)
	p.carryOut(monitoring, "schedule", map[string]any{"schedule": "0 6 * * 6"}, "-j", "p2p-multi-node-performance").
		wants(t, false, "p2p-multi-node-performance (standard)", "standard: run 1 of 1, 3 nodes")
	if v := p.verdict("perfgate-results-standard"); v.Verdict != "pass" || v.Comparison.Kind != "none" {
		t.Errorf("%+v", v)
	}
}

func TestAPersonAsksForASize(t *testing.T) {
	p := newProject(t)
	inputs := map[string]any{"inputs": map[string]string{"num_nodes": "2", "test_duration": "1"}}
	p.carryOut(monitoring, "workflow_dispatch", inputs, "-j", "p2p-multi-node-performance").wants(t, false, "standard: run 1 of 1, 2 nodes")
	if v := p.verdict("perfgate-results-manual"); !strings.Contains(v.Reason, "--nodes 2") || !strings.Contains(v.Reason, "--duration 1s") {
		t.Errorf("%+v", v)
	}
}

func TestBenchmarksHaveAJobOfTheirOwn(t *testing.T) {
	p := newProject(t)
	push := map[string]any{"ref": "refs/heads/main", "before": strings.Repeat("0", 40)}
	p.carryOut(monitoring, "push", push, "-j", "benchmark-critical-paths").wants(t, false, "benchmark code: run 6 of 6")
	if v := p.verdict("perfgate-results-benchmarks"); v.Verdict == "" {
		t.Errorf("%+v", v)
	}
}
