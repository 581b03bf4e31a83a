package post_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
	"github.com/communitas/perfgate/internal/intake"
	"github.com/communitas/perfgate/internal/post"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
)

// judge goes the way of the command: find, verify, fetch, judge.
func judge(t *testing.T, client *github.Client, event github.Event, d intake.Delivery) (post.Target, post.Judgement) {
	t.Helper()
	target, err := post.Find(t.Context(), client, event, mergeSHA)
	if err != nil {
		t.Fatal(err)
	}
	j := post.Judging{Delivery: d, Now: noon, Whole: event.Run.URL}
	if j.Refusal = target.Verify(t.Context(), client, d); j.Refusal != "" {
		j.Delivery = intake.Delivery{}
	}
	if j.Rules, err = post.Fetch(t.Context(), client, target, "perfgate.toml", "baselines.toml"); err != nil {
		t.Fatal(err)
	}
	if j.Changed, err = post.Changes(t.Context(), client, target, j.Rules); err != nil {
		t.Fatal(err)
	}
	j.Target = target
	return target, post.Judge(j)
}

var saying = post.Saying{Name: "perfgate", Comment: true}

func TestAPullRequestGetsOneCheckAndOneComment(t *testing.T) {
	server, client := start(t, appToken)
	post.Begin(t.Context(), client, post.Target{Repository: repository, HeadSHA: topicSHA}, saying)
	if checks := state(t, server).Checks; len(checks) != 1 || checks[0].Status != "in_progress" {
		t.Fatalf("at the beginning: %+v", checks)
	}
	for _, row := range []struct {
		factor     float64
		conclusion string
		says       string
	}{{1.5, "failure", "🔴 perfgate: regressed"}, {1, "success", "🟢 perfgate: pass"}} {
		target, j := judge(t, client, pullEvent(), trial(t, mergeSHA, mainSHA, row.factor))
		said := post.Say(t.Context(), client, target, j, saying)
		if err := errors.Join(said.Errs...); err != nil {
			t.Fatal(err)
		}
		r := state(t, server)
		last := r.Checks[len(r.Checks)-1]
		if last.HeadSHA != topicSHA || last.Conclusion != row.conclusion || !strings.Contains(last.Summary, row.says) {
			t.Errorf("check %s on %s: %s\n%s", last.Conclusion, last.HeadSHA, last.Title, last.Summary)
		}
		if len(r.Comments) != 1 || r.Comments[0].Number != 1 || !strings.Contains(r.Comments[0].Body, row.says) {
			t.Errorf("comments: %+v", r.Comments)
		}
		if row.factor > 1 && (len(last.Annotations) != 2 || last.Annotations[0].Path == "" || last.Annotations[0].Level != "failure") {
			t.Errorf("annotations: %+v", last.Annotations)
		}
		if len(j.Comment.Doubts)+len(j.Comment.Rules) > 0 {
			t.Errorf("something is said of rules or doubts: %v, %v", j.Comment.Rules, j.Comment.Doubts)
		}
	}
}

func TestAForkIsJudgedByTheRulesOfTheBaseBranchAndToldOfItsOwn(t *testing.T) {
	server, client := start(t, appToken)
	target, j := judge(t, client, forkEvent(), trial(t, forkSHA, mainSHA, 1.5))
	if j.Verdict.Verdict != compare.Regressed {
		t.Errorf("with a waiver of its own it is %s: %s", j.Verdict.Verdict, j.Verdict.Reason)
	}
	want := []string{
		`baselines.toml:3: the tolerance of memory_private goes from 10% to 900% (looser)`,
		`baselines.toml:4: a new waiver for startup_time up to 900% until 2099-01-01: @everyone <b>it is fine</b> (looser)`,
		`perfgate.toml: scenario quick: runs from 6 to 2`,
	}
	if diff := cmp.Diff(want, j.Comment.Rules); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if said := post.Say(t.Context(), client, target, j, saying); len(said.Errs) > 0 {
		t.Fatal(said.Errs)
	}
	r := state(t, server)
	if len(r.Checks) != 1 || r.Checks[0].HeadSHA != forkSHA || r.Checks[0].Conclusion != "failure" {
		t.Errorf("checks: %+v", r.Checks)
	}
	if len(r.Comments) != 1 || r.Comments[0].Number != 2 {
		t.Fatalf("comments: %+v", r.Comments)
	}
	lines := strings.Split(r.Comments[0].Body, "\n")
	if head := strings.Join(lines[:min(9, len(lines))], "\n"); !strings.Contains(head, "changes the rules of the gate") || !strings.Contains(head, "looser") {
		t.Errorf("the first lines say nothing of the rules:\n%s", head)
	}
	if strings.Contains(r.Comments[0].Body, "@everyone") || strings.Contains(r.Comments[0].Body, "<b>") {
		t.Errorf("markup of a stranger got through:\n%s", r.Comments[0].Body)
	}
}

func TestResultsOfAnotherCommitAreRefused(t *testing.T) {
	server, client := start(t, appToken)
	for name, commit := range map[string]string{"another pull request's": forkSHA, "the base": mainSHA, "nobody's": strings.Repeat("9", 40), "none": ""} {
		target, j := judge(t, client, pullEvent(), trial(t, commit, mainSHA, 1))
		if j.Verdict.Verdict != compare.Failed || j.Conclusion != report.Failure || len(j.Verdict.Metrics) > 0 {
			t.Errorf("%s: %s: %s", name, j.Verdict.Verdict, j.Verdict.Reason)
		}
		if said := post.Say(t.Context(), client, target, j, saying); len(said.Errs) > 0 {
			t.Fatal(said.Errs)
		}
	}
	if r := state(t, server); r.Checks[len(r.Checks)-1].Conclusion != "failure" || len(r.Comments) != 1 {
		t.Errorf("it was not said that they were refused: %+v", r.Comments)
	}
	event := forkEvent()
	event.HeadSHA, event.HeadOwner, event.HeadBranch = topicSHA, "octo", "topic"
	if _, j := judge(t, client, event, trial(t, mergeSHA, mainSHA, 1)); j.Verdict.Verdict != compare.Pass {
		t.Errorf("the merge commit that GitHub made of it: %s: %s", j.Verdict.Verdict, j.Verdict.Reason)
	}
	if _, j := judge(t, client, forkEvent(), trial(t, mergeSHA, mainSHA, 1)); j.Verdict.Verdict != compare.Failed {
		t.Errorf("a merge commit of another pull request: %s: %s", j.Verdict.Verdict, j.Verdict.Reason)
	}
	target := post.Target{Repository: repository, HeadSHA: topicSHA}
	if refusal := target.Verify(t.Context(), nil, trial(t, mergeSHA, mainSHA, 1)); !strings.Contains(refusal, "444444444444") {
		t.Errorf("without a token nobody knows of the merge: %q", refusal)
	}
}

func TestTheBaseOfATrialIsOfTheBaseBranch(t *testing.T) {
	_, client := start(t, appToken)
	for base, want := range map[string]compare.Outcome{
		mainSHA: compare.Pass, oldSHA: compare.Pass, aloneSHA: compare.Inconclusive, topicSHA: compare.Inconclusive, forkSHA: compare.Inconclusive, "": compare.Inconclusive,
	} {
		if _, j := judge(t, client, pullEvent(), trial(t, topicSHA, base, 1)); j.Verdict.Verdict != want {
			t.Errorf("base %s: %s: %s", base, j.Verdict.Verdict, j.Verdict.Reason)
		}
	}
	// Anybody can merge a head into what they like, and GitHub shows the merge of a fork here too.
	if _, j := judge(t, client, forkEvent(), trial(t, gluedSHA, aloneSHA, 1)); j.Verdict.Verdict != compare.Inconclusive {
		t.Errorf("a base that was merged with the head in a fork: %s: %s", j.Verdict.Verdict, j.Verdict.Reason)
	}
	if _, j := judge(t, client, forkEvent(), trial(t, forkSHA, mainSHA, 1)); j.Verdict.Verdict != compare.Pass {
		t.Errorf("a fork held against main: %s: %s", j.Verdict.Verdict, j.Verdict.Reason)
	}
	moved := forkEvent() // nobody knows of which pull request it was, and its own past is not what it is held against
	moved.HeadSHA = slowSHA
	if target, j := judge(t, client, moved, trial(t, slowSHA, forkSHA, 1)); target.Silence == "" || j.Verdict.Verdict != compare.Inconclusive {
		t.Errorf("a base of its own, silence %q: %s: %s", target.Silence, j.Verdict.Verdict, j.Verdict.Reason)
	}
	target := post.Target{Repository: repository, HeadSHA: topicSHA, BaseBranch: "main"}
	if refusal := target.Verify(t.Context(), nil, trial(t, topicSHA, oldSHA, 1)); refusal != "" || len(target.Doubts) != 1 {
		t.Errorf("without a token: %q, doubts %v", refusal, target.Doubts)
	}
}

// What GitHub does not answer is not believed: who chooses the base could see to it that commits cannot be compared.
func TestABaseThatCannotBeVerifiedDecidesNothing(t *testing.T) {
	for name, silent := range map[string]string{"commits that are not compared": "/compare/", "a pull request that is not found": "/pulls"} {
		_, client := startFaulty(t, appToken, func(r *http.Request) githubfake.Fault {
			if strings.Contains(r.URL.Path, silent) {
				return githubfake.ServerError
			}
			return githubfake.Fine
		})
		event := forkEvent()
		event.HeadSHA = slowSHA
		target, err := post.Find(t.Context(), client, event, "")
		if (err == nil) == (silent == "/pulls") {
			t.Errorf("%s: %v", name, err)
		}
		d := trial(t, slowSHA, forkSHA, 1)
		refusal := target.Verify(t.Context(), client, d)
		if j := post.Judge(post.Judging{Delivery: d, Target: target, Now: noon}); refusal != "" || j.Verdict.Verdict != compare.Inconclusive {
			t.Errorf("%s: %q, %s: %s", name, refusal, j.Verdict.Verdict, j.Verdict.Reason)
		}
	}
}

func TestMeasuringLessThanWasAskedForIsNoPass(t *testing.T) {
	_, client := start(t, appToken)
	for name, change := range map[string]struct {
		do   func(*intake.Delivery)
		want compare.Outcome
		says string
	}{
		"another scenario": {func(d *intake.Delivery) {
			for _, r := range []*result.Results{d.Head, d.Base} {
				r.Scenarios[0].Name = "easy"
				for i := range r.Series {
					r.Series[i].Scenario = "easy"
				}
				for i := range r.Runs {
					r.Runs[i].Scenario = "easy"
				}
			}
		}, compare.Failed, "scenario quick was not measured"},
		"another configuration": {func(d *intake.Delivery) {
			d.Head.Scenarios[0].Configuration, d.Base.Scenarios[0].Configuration = "x", "x"
		}, compare.Inconclusive, "measured otherwise"},
		"overridden": {func(d *intake.Delivery) { d.Head.Overrides = []string{"--nodes 2"} }, compare.Inconclusive, "--nodes 2"},
	} {
		d := trial(t, topicSHA, mainSHA, 1)
		change.do(&d)
		if _, j := judge(t, client, pullEvent(), d); j.Verdict.Verdict != change.want || !strings.Contains(j.Verdict.Reason, change.says) {
			t.Errorf("%s: %s: %s", name, j.Verdict.Verdict, j.Verdict.Reason)
		}
	}
}

func TestATokenThatMayNot(t *testing.T) {
	server, client := start(t, statusToken)
	target, j := judge(t, client, pullEvent(), trial(t, topicSHA, mainSHA, 1.5))
	said := post.Say(t.Context(), client, target, j, saying)
	r := state(t, server)
	if len(said.Errs) > 0 || len(r.Checks) > 0 || len(r.Statuses) != 1 || r.Statuses[0].State != "failure" || r.Statuses[0].SHA != topicSHA || len(r.Comments) != 1 {
		t.Errorf("where checks are not permitted: %v, %+v", said.Errs, r.Statuses)
	}
	server, client = start(t, forkToken)
	target, j = judge(t, client, pullEvent(), trial(t, topicSHA, mainSHA, 1.5))
	said = post.Say(t.Context(), client, target, j, saying)
	if r = state(t, server); len(said.Errs) != 3 || len(r.Checks)+len(r.Statuses)+len(r.Comments) > 0 {
		t.Errorf("with a token that may only read: %v", said.Errs)
	}
	for _, err := range said.Errs {
		if !errors.Is(err, github.ErrForbidden) || strings.Contains(err.Error(), forkToken) {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestAnOlderJobDoesNotSpeakOverANewerOne(t *testing.T) {
	server, client := start(t, appToken)
	event := pullEvent()
	event.HeadSHA = aloneSHA // the pull request has gone on to topicSHA
	target, j := judge(t, client, event, trial(t, aloneSHA, mainSHA, 1))
	post.Say(t.Context(), client, target, j, saying)
	if r := state(t, server); target.Silence == "" || len(r.Comments) > 0 || len(r.Checks) != 1 || r.Checks[0].HeadSHA != aloneSHA {
		t.Errorf("silence %q, comments %+v, checks %+v", target.Silence, r.Comments, r.Checks)
	}
	gone := forkEvent()
	gone.HeadBranch = "deleted"
	if target, err := post.Find(t.Context(), client, gone, ""); err != nil || target.Number != 0 || target.Silence == "" || target.BaseBranch != "main" {
		t.Errorf("a pull request that is gone: %+v, %v", target, err)
	}
}

func TestTwoJobsAtOnceLeaveOneComment(t *testing.T) {
	server, client := start(t, appToken)
	target, j := judge(t, client, pullEvent(), trial(t, topicSHA, mainSHA, 1))
	var jobs sync.WaitGroup
	for range 4 {
		jobs.Go(func() { post.Say(t.Context(), client, target, j, saying) })
	}
	jobs.Wait()
	if r := state(t, server); len(r.Comments) != 1 {
		t.Errorf("%d comments", len(r.Comments))
	}
}

func TestFindOfOtherEvents(t *testing.T) {
	_, client := start(t, appToken)
	for name, row := range map[string]struct {
		event github.Event
		want  post.Target
	}{
		"push": {
			github.Event{Name: "push", Repository: repository, DefaultBranch: "main", HeadSHA: mainSHA, Before: oldSHA, Ref: "refs/heads/main", HeadBranch: "main"},
			post.Target{Repository: repository, HeadSHA: mainSHA, BaseBranch: "main", BaseSHA: oldSHA, Branch: "main"},
		},
		"schedule": {
			github.Event{Name: "schedule", Repository: repository, DefaultBranch: "main"},
			post.Target{Repository: repository, HeadSHA: mergeSHA, BaseBranch: "main", Branch: "main"},
		},
		"run of a push": {
			github.Event{Name: "workflow_run", Repository: repository, DefaultBranch: "main", HeadSHA: mainSHA, HeadBranch: "other", Run: github.Run{ID: 1, Event: "push", Attempt: 2}},
			post.Target{Repository: repository, HeadSHA: mainSHA, BaseBranch: "main", NoBranch: "it is not about main", Again: true},
		},
		"target": {
			github.Event{Name: "pull_request_target", Repository: repository, Number: 1, HeadSHA: topicSHA, BaseBranch: "main", BaseSHA: mainSHA},
			post.Target{Repository: repository, HeadSHA: topicSHA, Number: 1, BaseBranch: "main", BaseSHA: mainSHA, NoBranch: "only what is pushed or scheduled concerns a branch"},
		},
	} {
		got, err := post.Find(t.Context(), client, row.event, mergeSHA)
		if diff := cmp.Diff(row.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v, -want +got\n%s", name, err, diff)
		}
	}
}

func TestACulpritIsNamedAndItsFilesAreMarked(t *testing.T) {
	server, client := start(t, appToken)
	target := post.Target{Repository: repository, HeadSHA: topicSHA, BaseBranch: "main"}
	found := func(culprit string) []intake.Bisection {
		return []intake.Bisection{{Outcome: "culprit", Culprit: culprit, Posterior: 0.9995, Change: 0.5, Low: 0.48, High: 0.52, Scenario: "quick", Metric: "memory_private"}}
	}
	j := post.Judging{Delivery: trial(t, topicSHA, mainSHA, 1.5), Target: target, Now: noon, Culprits: post.Accuse(t.Context(), client, target, found(oldSHA))}
	judgement := post.Judge(j)
	if said := post.Say(t.Context(), client, target, judgement, saying); len(said.Errs) > 0 {
		t.Fatal(said.Errs)
	}
	check := state(t, server).Checks[0]
	if !strings.Contains(check.Summary, "**Culprit**") || !strings.Contains(check.Summary, "commit "+oldSHA+" changed it by +50%") {
		t.Errorf("the culprit is not named:\n%s", check.Summary)
	}
	marked := []string{}
	for _, a := range check.Annotations {
		if strings.Contains(a.Title, "culprit") {
			marked = append(marked, a.Path)
		}
	}
	if diff := cmp.Diff([]string{"baselines.toml", "perfgate.toml"}, marked); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for culprit, says := range map[string]string{forkSHA: "no commit of this history", mainSHA: "sure)"} {
		if got := post.Accuse(t.Context(), client, target, found(culprit)); len(got.Lines) != 1 || !strings.HasSuffix(strings.Split(got.Lines[0], ", and")[0], says) || culprit == forkSHA && len(got.Annotations) > 0 {
			t.Errorf("%s: %+v", culprit, got)
		}
	}
	if got := post.Accuse(t.Context(), nil, target, found(mainSHA)); !strings.Contains(got.Lines[0], "not verified") {
		t.Errorf("without a token: %v", got.Lines)
	}
	other := []intake.Bisection{{Outcome: "none", Metric: "a"}, {Outcome: "undecided", Metric: "b", Reason: "the budget ended"}, {Outcome: "set", Metric: "c", Set: []string{oldSHA, mainSHA}}}
	if got := post.Accuse(t.Context(), client, target, other); len(got.Lines) != 3 || len(got.Annotations) > 0 {
		t.Errorf("%v", got)
	}
}
