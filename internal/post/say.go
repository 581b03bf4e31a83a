package post

import (
	"context"
	"errors"
	"fmt"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/report"
)

// maxAnnotations is how many lines are remarked on: nobody reads more, and each fifty take a request.
const maxAnnotations = 100

// markerRoom is more than the marker of a comment takes.
const markerRoom = 200

// Saying is how a judgement is posted.
type Saying struct {
	// Name is that of the check, of the status, and in the marker of the comment. Never empty.
	Name string
	// Comment says that pull requests get one.
	Comment bool
	// DetailsURL is where the check leads; "" leads to GitHub's own page.
	DetailsURL string
	// Alert says that the default branch and culprits get issues.
	Alert bool
	// SearchURL is the run that searched for culprits, "" for none.
	SearchURL string
}

// Said is what was posted; a zero Posted was not.
type Said struct {
	Check, Status, Comment github.Posted
	// Alert is the issue of the branch, and AlertState what became of it: "opened", "updated", "ended", or "" when there is none.
	Alert      github.Posted
	AlertState string
	// NoAlert says why the branch has no alert of this judgement, "" when it has or needs none.
	NoAlert string
	// Culprits are the issues and comments of culprits, by their SHA.
	Culprits map[string]github.CulpritAlert
	// Errs is what could not be posted, and why. Each names the mend where there is one.
	Errs []error
}

// Begin posts that a measurement goes on.
func Begin(ctx context.Context, client *github.Client, t Target, s Saying) Said {
	var said Said
	check := github.Check{
		Name: s.Name, HeadSHA: t.HeadSHA, ExternalID: s.Name, DetailsURL: s.DetailsURL, Conclusion: github.Running,
		Title: "perfgate measures", Summary: "The measurement goes on. Its verdict will stand here.",
	}
	said.check(ctx, client, t, check, github.Status{Context: s.Name, State: github.StatePending, Description: check.Title, TargetURL: s.DetailsURL})
	return said
}

// Say posts a judgement: a check, or a commit status where checks are not permitted, and a comment on the pull request,
// and the issues of a branch that is not green and of culprits. One
// that fails does not keep the others from being tried.
func Say(ctx context.Context, client *github.Client, t Target, j Judgement, s Saying) Said {
	var said Said
	said.check(ctx, client, t, j.check(t, s), j.status(s))
	if s.Comment && t.Number > 0 && t.Silence == "" {
		said.comment(ctx, client, t, j, s)
	}
	if s.Alert {
		said.alert(ctx, client, t, j, s)
	}
	return said
}

func (s *Said) comment(ctx context.Context, client *github.Client, t Target, j Judgement, saying Saying) {
	marker, err := github.NewMarker("perfgate " + saying.Name)
	if err == nil {
		s.Comment, err = client.PutComment(ctx, t.Repository, t.Number, marker, j.Body())
	}
	if err != nil {
		s.Comment = github.Posted{}
	}
	s.note("comment", err)
}

// Body is the text of the comment.
func (j Judgement) Body() string { return j.Comment.Markdown(report.MaxComment - markerRoom) }

func (j Judgement) check(t Target, s Saying) github.Check {
	check := github.Check{
		Name: s.Name, HeadSHA: t.HeadSHA, ExternalID: s.Name, DetailsURL: s.DetailsURL, Conclusion: github.Conclusion(j.Conclusion),
		Title: j.Comment.Title(), Summary: j.Comment.Markdown(report.MaxOutput),
	}
	for _, a := range j.Annotations[:min(maxAnnotations, len(j.Annotations))] {
		check.Annotations = append(check.Annotations, github.Annotation{
			Path: a.Path, Line: a.Line, Level: github.Level(a.Level), Title: a.Title, Message: a.Message,
		})
	}
	return check
}

// status is the judgement in one line. There is no state between green and red: what is neutral as a check is green here, and
// says so.
func (j Judgement) status(s Saying) github.Status {
	state := github.StateFailure
	if j.Conclusion != report.Failure {
		state = github.StateSuccess
	}
	return github.Status{Context: s.Name, State: state, Description: j.Comment.Title(), TargetURL: s.DetailsURL}
}

// check posts a check, and the status where the token may not.
func (s *Said) check(ctx context.Context, client *github.Client, t Target, check github.Check, status github.Status) {
	var err error
	if s.Check, err = client.PutCheck(ctx, t.Repository, check); err == nil {
		return
	}
	s.Check = github.Posted{}
	if !errors.Is(err, github.ErrForbidden) {
		s.note("check", err)
		return
	}
	var statusErr error
	if s.Status, statusErr = client.PutStatus(ctx, t.Repository, t.HeadSHA, status); statusErr != nil {
		s.Status = github.Posted{}
		s.note("check", err)
		s.note("status", statusErr)
	}
}

func (s *Said) note(what string, err error) {
	if err != nil {
		s.Errs = append(s.Errs, fmt.Errorf("post the %s: %w", what, err))
	}
}
