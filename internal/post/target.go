package post

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/intake"
)

// Target is the commit that is judged, and the pull request that it belongs to. All of it comes from the event and from
// GitHub, and nothing from results.
type Target struct {
	Repository github.Repository
	// HeadSHA is the whole SHA; of a pull request that of its head.
	HeadSHA string
	// Number is the pull request's, 0 for none.
	Number int
	// BaseBranch is where the pull request wants to go, or the default branch; "" when not known. BaseSHA is a commit of it.
	BaseBranch, BaseSHA string
	// MergeSHA is the commit that GitHub checked out in place of the head; "" when there is none or nobody knows.
	MergeSHA string
	// Silence says why nothing may be said to the pull request, "" when it may.
	Silence string
	// Branch is the default branch where the commit is judged for it: a push, a schedule, or the run of one. Else "", and NoBranch
	// says why.
	Branch, NoBranch string
	// Again says that a job is run anew, possibly long after the branch has gone on.
	Again bool
	// Doubts are what could not be verified, Problems what was found to be wrong.
	Doubts   []string
	Problems []compare.Problem
}

// Find makes the target of an event. MergeSHA is that of the job's environment, which for a pull request is no commit of
// its branch. Without a client GitHub is not asked.
func Find(ctx context.Context, client *github.Client, event github.Event, jobSHA string) (Target, error) {
	t := Target{
		Repository: event.Repository, HeadSHA: event.HeadSHA, Number: event.Number, BaseBranch: event.BaseBranch, BaseSHA: event.BaseSHA,
	}
	if t.BaseBranch == "" {
		t.BaseBranch = event.DefaultBranch
	}
	t.Again = event.Run.Attempt > 1
	t.Branch, t.NoBranch = branchOf(event)
	switch event.Name {
	case "pull_request", "pull_request_target":
		if event.Name == "pull_request" {
			t.MergeSHA = jobSHA
		}
		err := t.current(ctx, client)
		return t, err
	case "workflow_run":
		if slices.Contains([]string{"pull_request", "pull_request_target"}, event.Run.Event) {
			err := t.pullOf(ctx, client, event)
			return t, err
		}
	case "push":
		t.BaseSHA = event.Before
	}
	if t.HeadSHA == "" {
		t.HeadSHA = jobSHA
	}
	return t, nil
}

// branchOf is the default branch where the event is about it, or else the reason why not.
func branchOf(event github.Event) (branch, reason string) {
	kind := event.Name
	if kind == "workflow_run" {
		kind = event.Run.Event
	}
	switch {
	case kind != "push" && kind != "schedule":
		return "", "only what is pushed or scheduled concerns a branch"
	case event.DefaultBranch == "":
		return "", "the event does not say which branch is the default one"
	case event.Fork, event.HeadBranch != event.DefaultBranch && event.Name != "schedule":
		return "", "it is not about " + event.DefaultBranch
	default:
		return event.DefaultBranch, ""
	}
}

// current keeps an older job from speaking over a newer one.
func (t *Target) current(ctx context.Context, client *github.Client) error {
	if client == nil {
		return nil
	}
	pull, err := client.Pull(ctx, t.Repository, t.Number)
	if err != nil {
		return fmt.Errorf("find the pull request: %w", err)
	}
	if pull.HeadSHA != t.HeadSHA {
		t.Silence = github.ErrMoved.Error()
	}
	return nil
}

// pullOf finds the pull request of a workflow run: its event does not say which one it is when it comes from a fork.
func (t *Target) pullOf(ctx context.Context, client *github.Client, event github.Event) error {
	if client == nil {
		t.Silence = "without a token nobody knows which pull request it is"
		return nil
	}
	pull, err := client.PullOf(ctx, t.Repository, event.HeadOwner, event.HeadBranch, event.HeadSHA)
	switch {
	case errors.Is(err, github.ErrMoved):
		t.Silence = github.ErrMoved.Error()
	case errors.Is(err, github.ErrNotFound):
		t.Silence = "no open pull request has this commit as its head"
	case err != nil: // it may have one all the same, and is not to be judged as if it were of a branch
		t.Silence = "its pull request could not be asked for"
		return fmt.Errorf("find the pull request: %w", err)
	default:
		t.Number, t.BaseBranch, t.BaseSHA = pull.Number, pull.BaseBranch, pull.BaseSHA
	}
	return nil
}

// Verify holds the commits that results name against the target. It returns why they are refused, "" when they are not, and
// notes in the target what is wrong or not known of their base.
func (t *Target) Verify(ctx context.Context, client *github.Client, d intake.Delivery) (refusal string) {
	commit := d.Head.Subject.Commit
	switch {
	case commit == "":
		return "the results name no commit: measure in a git checkout"
	case commit == t.HeadSHA:
	case commit == t.MergeSHA && t.MergeSHA != "":
	default:
		if refusal = t.unmerged(ctx, client, commit); refusal != "" {
			return refusal
		}
	}
	if d.Base != nil {
		t.verifyBase(ctx, client, d.Base.Subject.Commit)
	}
	return ""
}

// unmerged says why a commit is not one that GitHub made of the target's head and its base, with the head as second parent; "" when
// it may be one. Its first parent proves nothing: whoever has a fork can merge the head into anything.
func (t *Target) unmerged(ctx context.Context, client *github.Client, commit string) string {
	refusal := fmt.Sprintf("they are of commit %s, and commit %s is to be judged", short(commit), short(t.HeadSHA))
	if client == nil {
		return refusal
	}
	parents, err := client.Parents(ctx, t.Repository, commit)
	switch {
	case errors.Is(err, github.ErrNotFound), errors.Is(err, github.ErrRefused):
		return refusal
	case err != nil:
		return fmt.Sprintf("%s; whether the one is a merge of the other could not be asked: %v", refusal, err)
	case len(parents) != 2 || parents[1] != t.HeadSHA:
		return refusal
	}
	return ""
}

// verifyBase wants the other side of a trial to be of the branch that head is held against: who chooses the base, chooses the
// verdict.
func (t *Target) verifyBase(ctx context.Context, client *github.Client, commit string) {
	branch := t.BaseBranch
	if t.Number == 0 && t.Silence == "" { // of no pull request, but of a branch itself: its past is what it is held against
		branch = t.HeadSHA
	}
	switch {
	case commit == "":
		t.Problems = append(t.Problems, compare.Problem{Verdict: compare.Inconclusive, Reason: "base names no commit"})
		return
	case commit == t.BaseSHA:
		return
	case client == nil || branch == "":
		t.Doubts = append(t.Doubts, fmt.Sprintf("whether base, measured at %s, is a commit of the base branch", short(commit)))
		return
	}
	contained, err := client.Contains(ctx, t.Repository, branch, commit)
	switch {
	case err != nil: // GitHub compares no commits that differ too much, and whoever chooses the base can see to that
		t.Problems = append(t.Problems, compare.Problem{
			Verdict: compare.Inconclusive, Reason: fmt.Sprintf("it is not known whether base, measured at %s, is a commit of %s: %v", short(commit), branch, err),
		})
	case !contained:
		t.Problems = append(t.Problems, compare.Problem{
			Verdict: compare.Inconclusive, Reason: fmt.Sprintf("base was measured at %s, which is no commit of %s", short(commit), branch),
		})
	}
}

func short(sha string) string { return sha[:min(12, len(sha))] }
