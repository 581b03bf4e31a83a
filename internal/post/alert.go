package post

import (
	"context"
	"fmt"

	"github.com/communitas/perfgate/internal/github"
	"github.com/communitas/perfgate/internal/report"
)

// alert brings the issue of the branch up to date, opens or ends it, and tells of culprits. A judgement that concerns no branch
// has none.
func (s *Said) alert(ctx context.Context, client *github.Client, t Target, j Judgement, saying Saying) {
	if t.Branch == "" {
		s.NoAlert = t.NoBranch
		return
	}
	s.note("alert (--alert=off does without)", s.alertBranch(ctx, client, t, j, saying))
	for _, a := range j.Accused {
		alert := report.CulpritAlert{
			Commit: a.SHA, Branch: t.Branch, Changed: a.Changed, Lines: a.Lines, Searches: a.Searches, Search: saying.SearchURL, Comment: j.Comment,
		}
		told, err := client.AlertCulprit(ctx, t.Repository, a.SHA, github.Alert{Title: alert.Title(), Body: alert.Markdown(report.MaxComment - markerRoom)},
			func(issue github.Posted) string { return alert.Note(issue.Number) })
		if told.Issue != (github.Posted{}) {
			if s.Culprits == nil {
				s.Culprits = map[string]github.CulpritAlert{}
			}
			s.Culprits[a.SHA] = told
		}
		s.note("culprit "+short(a.SHA), err)
	}
}

func (s *Said) alertBranch(ctx context.Context, client *github.Client, t Target, j Judgement, saying Saying) error {
	open, isOpen, err := client.BranchAlert(ctx, t.Repository, t.Branch, saying.Name)
	if err != nil {
		return err
	}
	before := readStanding(open.Body)
	tip, err := client.Tip(ctx, t.Repository, t.Branch)
	if err != nil {
		return err
	}
	if s.NoAlert, err = late(ctx, client, t, j, tip, before); err != nil || s.NoAlert != "" {
		return err
	}
	next := before.after(j, t.HeadSHA)
	switch {
	case j.Conclusion == report.Success && !isOpen:
		return nil
	case j.Conclusion == report.Success && len(next.Worse) == 0:
		ending := report.BranchAlert{Comment: j.Comment, Standing: before.lines()}.Ending()
		posted, err := client.EndBranchAlert(ctx, t.Repository, t.Branch, saying.Name, ending)
		return s.alerted(posted, "ended", err)
	}
	alert, err := branchAlert(t, j, saying, next, tip)
	if err != nil {
		return err
	}
	posted, err := client.AlertBranch(ctx, t.Repository, t.Branch, saying.Name, alert)
	if posted.Created {
		return s.alerted(posted, "opened", err)
	}
	return s.alerted(posted, "updated", err)
}

// alerted notes what became of the branch's issue, where it did.
func (s *Said) alerted(posted github.Posted, state string, err error) error {
	if err == nil {
		s.Alert, s.AlertState = posted, state
	}
	return err
}

func branchAlert(t Target, j Judgement, saying Saying, next standing, tip string) (github.Alert, error) {
	line, err := next.line()
	alert := report.BranchAlert{Check: saying.Name, Branch: t.Branch, Comment: j.Comment, Standing: next.lines()}
	if tip != t.HeadSHA {
		alert.Tip = tip
	}
	return github.Alert{Title: alert.Title(), Body: line + alert.Markdown(report.MaxComment-markerRoom-len(line))}, err
}

// late says why a judgement comes too late to speak for its branch, "" when it does not. A push may well be judged when the
// branch has gone on, since the next one is held against it: what it brought is nobody else's to tell. What the issue says of a newer
// commit stays, and a job that is run again, or a search that took hours, opens nothing any more.
func late(ctx context.Context, client *github.Client, t Target, j Judgement, tip string, before standing) (string, error) {
	if t.HeadSHA == tip {
		return "", nil
	}
	contained, err := client.Contains(ctx, t.Repository, t.Branch, t.HeadSHA)
	switch {
	case err != nil:
		return "", err
	case !contained:
		return fmt.Sprintf("%s is no commit of %s any more", short(t.HeadSHA), t.Branch), nil
	case before.Commit == t.HeadSHA:
		return "", nil
	case t.Again, len(j.Comment.Culprits) > 0:
		return fmt.Sprintf("%s has gone on to %s, and this is no news of it", t.Branch, short(tip)), nil
	case before.Commit == "":
		return "", nil
	}
	newer, err := client.Contains(ctx, t.Repository, before.Commit, t.HeadSHA)
	if err != nil || !newer {
		return "", err
	}
	return fmt.Sprintf("the issue of %s tells of %s, which is newer", t.Branch, short(before.Commit)), nil
}
