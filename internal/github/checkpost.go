package github

import (
	"context"
	"errors"
	"strings"

	api "github.com/google/go-github/v60/github"
)

// errForeignAnnotations: the check has got annotations that this call did not give it.
var errForeignAnnotations = errors.New("somebody else annotates this check")

// checkPoster carries out one PutCheck.
type checkPoster struct {
	client     *Client
	repository Repository
	check      Check
}

// find returns the newest check of the same name, ExternalID and commit, with the given mark if that is not "", or nil. It looks
// through all, and not through the latest of each name alone: a job of a workflow may have the same name, and hide ours.
func (p *checkPoster) find(ctx context.Context, mark string) (*api.CheckRun, error) {
	var found *api.CheckRun
	filter := "all"
	err := pages(func(page api.ListOptions) (*api.Response, bool, error) {
		list, answer, err := p.client.api.Checks.ListCheckRunsForRef(ctx, p.repository.Owner, p.repository.Name, p.check.HeadSHA,
			&api.ListCheckRunsOptions{CheckName: &p.check.Name, Filter: &filter, ListOptions: page})
		if err != nil {
			return nil, false, err
		}
		for _, run := range list.CheckRuns {
			id, m, ours := strings.Cut(run.GetExternalID(), "#")
			same := ours && id == p.check.ExternalID && run.GetName() == p.check.Name && (mark == "" || m == mark)
			if same && run.GetID() > found.GetID() {
				found = run
			}
		}
		return answer, true, nil
	})
	return found, p.client.wrap("look for check "+p.check.Name, err)
}

// fits tells whether a check may become what it should be: it goes on, or has ended and shall do so, and has the right annotations, or
// none.
func (p *checkPoster) fits(ctx context.Context, run *api.CheckRun) (bool, error) {
	if run.GetStatus() == "completed" && p.check.Conclusion == Running {
		return false, nil
	}
	count := run.GetOutput().GetAnnotationsCount()
	if count == 0 {
		return true, nil
	}
	if count != len(p.check.Annotations) {
		return false, nil
	}
	var there []Annotation
	err := pages(func(page api.ListOptions) (*api.Response, bool, error) {
		list, answer, err := p.client.api.Checks.ListCheckRunAnnotations(ctx, p.repository.Owner, p.repository.Name, run.GetID(), &page)
		for _, a := range list {
			there = append(there, Annotation{
				Path: a.GetPath(), Line: a.GetStartLine(), EndLine: a.GetEndLine(), Level: Level(a.GetAnnotationLevel()),
				Title: a.GetTitle(), Message: a.GetMessage(),
			})
		}
		return answer, true, err
	})
	if err != nil {
		return false, p.client.wrap("read the annotations of check "+p.check.Name, err)
	}
	return same(there, p.check.Annotations), nil
}

// same compares as bags: GitHub promises no order.
func same(a, b []Annotation) bool {
	count := map[Annotation]int{}
	for _, x := range a {
		count[x]++
	}
	for _, x := range b {
		count[x]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// fresh creates a check of this call's own.
func (p *checkPoster) fresh(ctx context.Context) (Posted, error) {
	mark := nonce()
	tried := false
	run, _, err := settle(ctx, p.client,
		func() (*api.CheckRun, bool, error) {
			if !tried { // the mark is new
				tried = true
				return nil, false, nil
			}
			run, err := p.find(ctx, mark)
			return run, run != nil, err
		},
		func() (*api.CheckRun, error) { return p.create(ctx, mark) })
	if err != nil {
		return Posted{}, err
	}
	done, err := p.annotate(ctx, run, min(annotationsARequest, len(p.check.Annotations)))
	return posted(done, true), err
}

func (p *checkPoster) create(ctx context.Context, mark string) (*api.CheckRun, error) {
	k := p.check
	options := api.CreateCheckRunOptions{
		Name: k.Name, HeadSHA: k.HeadSHA, ExternalID: new(k.ExternalID + "#" + mark),
		Status: new(k.status()), Output: p.output(0, annotationsARequest),
	}
	if k.DetailsURL != "" {
		options.DetailsURL = &k.DetailsURL
	}
	if !k.Started.IsZero() {
		options.StartedAt = &api.Timestamp{Time: k.Started.UTC()}
	}
	if k.Conclusion != Running {
		options.Conclusion = new(string(k.Conclusion))
		options.CompletedAt = p.completed()
	}
	run, _, err := p.client.api.Checks.CreateCheckRun(ctx, p.repository.Owner, p.repository.Name, options)
	return run, p.client.wrap("create check "+k.Name, err)
}

// update brings a check up to date. Its annotations are given to it only when it has none.
func (p *checkPoster) update(ctx context.Context, run *api.CheckRun) (*api.CheckRun, error) {
	there := run.GetOutput().GetAnnotationsCount()
	if there > 0 {
		return p.edit(ctx, run, there, 0)
	}
	run, err := p.edit(ctx, run, 0, min(annotationsARequest, len(p.check.Annotations)))
	if err != nil {
		return run, err
	}
	return p.annotate(ctx, run, min(annotationsARequest, len(p.check.Annotations)))
}

// annotate adds what is left of the annotations from the given one on, in batches, as each request takes few.
func (p *checkPoster) annotate(ctx context.Context, run *api.CheckRun, from int) (*api.CheckRun, error) {
	for from < len(p.check.Annotations) {
		count := min(annotationsARequest, len(p.check.Annotations)-from)
		next, err := p.edit(ctx, run, from, count)
		if err != nil {
			return run, err
		}
		run, from = next, from+count
	}
	return run, nil
}

// edit sends the whole check with count of its annotations. GitHub appends those, so it must not happen twice: when no answer
// comes, how many there are tells whether it happened.
func (p *checkPoster) edit(ctx context.Context, run *api.CheckRun, from, count int) (*api.CheckRun, error) {
	k := p.check
	options := api.UpdateCheckRunOptions{Name: k.Name, Status: new(k.status()), Output: p.output(from, count)}
	if k.DetailsURL != "" {
		options.DetailsURL = &k.DetailsURL
	}
	if k.Conclusion != Running {
		options.Conclusion = new(string(k.Conclusion))
		options.CompletedAt = p.completed()
	}
	tried, want := false, from+count
	sending := ctx
	if count > 0 {
		sending = once(ctx)
	}
	done, _, err := settle(ctx, p.client,
		func() (*api.CheckRun, bool, error) {
			if !tried {
				tried = true
				return nil, false, nil
			}
			now, _, err := p.client.api.Checks.GetCheckRun(ctx, p.repository.Owner, p.repository.Name, run.GetID())
			return now, now.GetOutput().GetAnnotationsCount() != from, p.client.wrap("look at check "+k.Name, err)
		},
		func() (*api.CheckRun, error) {
			now, _, err := p.client.api.Checks.UpdateCheckRun(sending, p.repository.Owner, p.repository.Name, run.GetID(), options)
			return now, p.client.wrap("update check "+k.Name, err)
		})
	if err == nil && done.GetOutput().GetAnnotationsCount() != want {
		return done, errForeignAnnotations
	}
	return done, err
}

func (p *checkPoster) output(from, count int) *api.CheckRunOutput {
	out := &api.CheckRunOutput{Title: &p.check.Title, Summary: &p.check.Summary, Text: &p.check.Text} // "" takes an earlier text away
	for _, a := range p.check.Annotations[from:min(from+count, len(p.check.Annotations))] {
		out.Annotations = append(out.Annotations, a.wire())
	}
	return out
}

func (p *checkPoster) completed() *api.Timestamp {
	at := p.check.Completed
	if at.IsZero() {
		at = p.client.clock.Now()
	}
	return &api.Timestamp{Time: at.UTC()}
}

func (k Check) status() string {
	if k.Conclusion == Running {
		return "in_progress"
	}
	return "completed"
}
