package post_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/github/githubfake"
	"github.com/communitas/perfgate/internal/intake"
	"github.com/communitas/perfgate/internal/post"
)

// pushed is the n-th commit on top of main.
func pushed(n int) string {
	if n == 0 {
		return mainSHA
	}
	return fmt.Sprintf("a%d%038d", n, 0)
}

// branch is a main branch that goes on.
type branch struct {
	t      *testing.T
	server *githubfake.Server
	client *github.Client
}

func newBranch(t *testing.T) branch {
	t.Helper()
	server, client := start(t, appToken)
	return branch{t: t, server: server, client: client}
}

// goesOn brings n commits onto main.
func (b branch) goesOn(n int) {
	b.t.Helper()
	err := b.server.Change(func(w *githubfake.World) {
		r := w.Repositories[0]
		for i := 1; i <= n; i++ {
			r.Commits = append(r.Commits, &githubfake.Commit{SHA: pushed(i), Parents: []string{pushed(i - 1)}, Files: r.Commits[0].Files})
		}
		r.Branches["main"] = pushed(n)
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// told posts a trial of the n-th commit against the one before it.
func (b branch) told(n int, factor float64, more ...func(*github.Event, *post.Judging)) post.Said {
	b.t.Helper()
	event := github.Event{
		Name: "workflow_run", Repository: repository, DefaultBranch: "main", HeadSHA: pushed(n), HeadOwner: "octo", HeadBranch: "main",
		Run: github.Run{ID: 7, Event: "push", Attempt: 1},
	}
	j := post.Judging{Delivery: trial(b.t, pushed(n), pushed(n-1), factor), Now: noon}
	for _, f := range more {
		f(&event, &j)
	}
	target, err := post.Find(b.t.Context(), b.client, event, mainSHA)
	if err != nil {
		b.t.Fatal(err)
	}
	j.Target = target
	said := post.Say(b.t.Context(), b.client, target, post.Judge(j), post.Saying{Name: "perfgate", Comment: true, Alert: true})
	if err := errors.Join(said.Errs...); err != nil {
		b.t.Fatal(err)
	}
	return said
}

// issues are those that no pull request is.
func (b branch) issues() (titles []string, last string) {
	b.t.Helper()
	for _, i := range state(b.t, b.server).Issues {
		if i.Pull == nil {
			titles = append(titles, i.State+" "+i.Title)
			last = i.Body
		}
	}
	return titles, last
}

func (b branch) wants(step string, want ...string) {
	b.t.Helper()
	titles, body := b.issues()
	ok := len(titles) == len(want)
	for i := range want {
		ok = ok && strings.HasPrefix(titles[i], want[i])
	}
	if !ok {
		b.t.Errorf("%s: issues are %q, want %q\n%s", step, titles, want, body)
	}
}

func empty(_ *github.Event, j *post.Judging) {
	j.Delivery, j.Refusal = intake.Delivery{}, "nothing is there"
}

// A red main has one issue until what made it red is shown to be gone; a green push on top of it shows nothing.
func TestARedBranchHasOneIssueUntilItIsMended(t *testing.T) {
	b := newBranch(t)
	b.goesOn(5)
	if said := b.told(1, 1); said.AlertState != "" {
		t.Errorf("green: %+v", said)
	}
	b.wants("green")
	if said := b.told(2, 1.5); said.AlertState != "opened" || said.Alert.Number == 0 {
		t.Errorf("red: %+v", said)
	}
	b.wants("red", "open perfgate: main is red: regressed: ")
	if said := b.told(3, 1); said.AlertState != "updated" {
		t.Errorf("green on top of red: %+v", said)
	}
	b.wants("no worse than before", "open perfgate: main is still red: startup_time of quick is worse since a20000000000 than it was at a10000000000")
	b.told(4, 1, empty)
	b.wants("nothing measured", "open perfgate: main is red: failed: ")
	if said := b.told(5, 0.6); said.AlertState != "ended" {
		t.Errorf("mended: %+v", said)
	}
	b.wants("mended", "closed ")
	if comments := state(t, b.server).Comments; len(comments) != 1 || !strings.Contains(comments[0].Body, "Green again at "+pushed(5)) {
		t.Errorf("comments: %+v", comments)
	}
}

// What is not decided, or could not be measured, is an alert as well, and over with the next green.
func TestDoubtIsAnAlert(t *testing.T) {
	b := newBranch(t)
	b.goesOn(2)
	b.told(1, 1, func(_ *github.Event, j *post.Judging) {
		j.Delivery.Head.Runs, j.Delivery.Base.Runs = j.Delivery.Head.Runs[:3], j.Delivery.Base.Runs[:3]
		j.Delivery.Head.Series, j.Delivery.Base.Series = shortened(j.Delivery.Head.Series, 3), shortened(j.Delivery.Base.Series, 3)
	})
	b.wants("undecided", "open perfgate: main is undecided: inconclusive: ")
	b.told(2, 1)
	b.wants("green", "closed ")
}

// What could not be written has not become of the issue.
func TestAnAlertThatMayNotBe(t *testing.T) {
	_, client := start(t, muteToken)
	target := post.Target{Repository: repository, HeadSHA: mainSHA, BaseBranch: "main", Branch: "main"}
	j := post.Judge(post.Judging{Refusal: "nothing is there", Target: target, Now: noon})
	said := post.Say(t.Context(), client, target, j, post.Saying{Name: "perfgate", Alert: true})
	if len(said.Errs) != 1 || !errors.Is(said.Errs[0], github.ErrForbidden) || said.AlertState != "" || said.Alert != (github.Posted{}) {
		t.Errorf("%+v", said)
	}
}

// The comment with which an issue is closed has the reason of a verdict, and that may be a stranger's text.
func TestTheEndOfAnAlertIsEscaped(t *testing.T) {
	b := newBranch(t)
	b.goesOn(2)
	b.told(1, 1, empty)
	b.told(2, 1, func(_ *github.Event, j *post.Judging) {
		j.Delivery.Head.Overrides, j.Inconclusive = []string{"@everyone <b>"}, "pass"
	})
	b.wants("let through", "closed ")
	comments := state(t, b.server).Comments
	if len(comments) != 1 || !strings.Contains(comments[0].Body, "everyone") || strings.Contains(comments[0].Body, "@everyone") || strings.Contains(comments[0].Body, "<b>") {
		t.Errorf("comments: %+v", comments)
	}
}

// An older job says nothing over a newer one, one that is run again opens nothing, and what is about no branch does neither.
func TestLateAndOtherJobsAreSilent(t *testing.T) {
	again := func(e *github.Event, _ *post.Judging) { e.Run.Attempt = 2 }
	searched := func(_ *github.Event, j *post.Judging) { j.Culprits.Lines = []string{"somebody"} }
	b := newBranch(t)
	b.goesOn(4)
	for name, said := range map[string]post.Said{
		"run again": b.told(1, 1.5, again), "searched": b.told(1, 1.5, searched),
		"another branch": b.told(4, 1.5, func(e *github.Event, _ *post.Judging) { e.HeadBranch = "topic" }),
		"a fork":         b.told(4, 1.5, func(e *github.Event, _ *post.Judging) { e.Fork = true }),
		"by hand":        b.told(4, 1.5, func(e *github.Event, _ *post.Judging) { e.Run.Event = "workflow_dispatch" }),
		"rewritten":      b.told(1, 1.5, func(e *github.Event, _ *post.Judging) { e.HeadSHA = aloneSHA }),
	} {
		if said.NoAlert == "" || said.AlertState != "" {
			t.Errorf("%s: %+v", name, said)
		}
	}
	b.wants("silent")
	if said := b.told(2, 1.5); said.AlertState != "opened" { // the next push is held against it: nobody else will tell
		t.Errorf("of the second last commit: %+v", said)
	}
	if _, body := b.issues(); !strings.Contains(body, "It has gone on to "+pushed(4)) {
		t.Errorf("it does not say that it is old:\n%s", body)
	}
	b.told(4, 1.5)
	_, before := b.issues()
	for _, factor := range []float64{1, 1.5} {
		if said := b.told(3, factor); !strings.Contains(said.NoAlert, "which is newer") {
			t.Errorf("an older one: %+v", said)
		}
	}
	if _, after := b.issues(); after != before {
		t.Errorf("it was overwritten: %s", cmp.Diff(before, after))
	}
	if said := b.told(4, 1.5, again); said.AlertState != "updated" {
		t.Errorf("the newest, run again: %+v", said)
	}
}

// Whatever fails on the way, and though two jobs tell of it at the same time, there is one issue of the branch, one of the culprit, one
// comment; and one that is mended is closed.
func TestAlertsAreToldOnceWhateverFails(t *testing.T) {
	seeds := uint64(40)
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		server, client := startFaulty(t, appToken, githubfake.Seeded(seed, 0.3, 25))
		b := branch{t: t, server: server, client: client}
		b.goesOn(2)
		found := post.Culprits{Lines: []string{"found"}, Accused: []post.Accused{{SHA: topicSHA, Changed: []string{"it"}, Lines: []string{"found"}}}}
		accuse := func(_ *github.Event, j *post.Judging) { j.Culprits = found }
		change := func(f func(*githubfake.Repository)) {
			if err := server.Change(func(w *githubfake.World) { f(w.Repositories[0]) }); err != nil {
				t.Fatal(err)
			}
		}
		change(func(r *githubfake.Repository) { // main is at the commit that is red, for both jobs
			r.Branches["main"] = pushed(1)
			r.Issues[0].State, r.Issues[0].Pull.Merged = "closed", topicSHA
		})
		var jobs sync.WaitGroup
		for range 2 {
			jobs.Go(func() { b.told(1, 1.5, accuse) })
		}
		jobs.Wait()
		server.Quiet()
		open := 0
		for _, i := range state(t, server).Issues {
			if i.Pull == nil && i.State == "open" {
				open++
			}
		}
		if comments := state(t, server).Comments; open != 2 || len(comments) != 1 {
			t.Fatalf("seed %d: %d issues, %d comments", seed, open, len(comments))
		}
		change(func(r *githubfake.Repository) { r.Branches["main"] = pushed(2) })
		b.told(2, 0.6)
		for _, i := range state(t, server).Issues {
			if i.State == "open" && strings.Contains(i.Title, "main is") {
				t.Errorf("seed %d: it is mended, and open: %s", seed, i.Title)
			}
		}
	}
}

// A culprit has one issue however often it is found, and the pull request that brought it hears of it.
func TestACulpritIsTold(t *testing.T) {
	b := newBranch(t)
	b.goesOn(2)
	err := b.server.Change(func(w *githubfake.World) {
		r := w.Repositories[0]
		r.Issues[0].State, r.Issues[0].Pull.Merged = "closed", pushed(1)
	})
	if err != nil {
		t.Fatal(err)
	}
	find := func(culprit string) func(*github.Event, *post.Judging) {
		return func(e *github.Event, j *post.Judging) {
			target := post.Target{Repository: repository, HeadSHA: e.HeadSHA}
			found := []intake.Bisection{{Outcome: "culprit", Culprit: culprit, Posterior: 0.9995, Change: 0.5, Low: 0.48, High: 0.52, Scenario: "quick", Metric: "memory_private"}}
			j.Culprits = post.Accuse(t.Context(), b.client, target, append(found, found[0]))
		}
	}
	for range 2 {
		said := b.told(2, 1.5, find(pushed(1)))
		if told := said.Culprits[pushed(1)]; told.Issue.Number == 0 || len(told.Comments) != 1 {
			t.Errorf("%+v", said)
		}
	}
	b.wants("found", "open perfgate: main is red", "open perfgate: commit a10000000000 changed memory_private of quick by +50%")
	if comments := state(t, b.server).Comments; len(comments) != 1 || comments[0].Number != 1 || !strings.Contains(comments[0].Body, "a search found commit "+pushed(1)) {
		t.Errorf("comments: %+v", comments)
	}
	if said := b.told(2, 1.5, find(forkSHA)); len(said.Culprits) != 0 {
		t.Errorf("a commit of another history is accused: %+v", said)
	}
}
