package hunt

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/communitas/perfgate/internal/gitrepo"
)

// inside searches what a merge brought in, when it is the culprit.
func (h *hunt) inside(ctx context.Context, dir string, s *searching, plan gitrepo.RangePlan) error {
	culprit, target := s.first.Culprit, s.target
	if culprit == "" || plan.AllParents || !s.commits[culprit].Merge {
		return nil
	}
	within, why, err := h.within(ctx, culprit, target, plan)
	if err != nil {
		return fmt.Errorf("within the merge %s: %w", short(culprit), err)
	}
	if why != "" {
		h.remark(target, fmt.Sprintf("the culprit %s is a merge, and is not searched within: %s", short(culprit), why))
		return nil
	}
	target.Effect = 0
	if log := logarithm(s.first.Change); log != 0 {
		target.Effect = log
	}
	h.remark(target, fmt.Sprintf("the culprit %s is a merge: the commits that it brought in are searched", short(culprit)))
	if _, err := h.search(ctx, filepath.Join(dir, insideFolder), target, within); err != nil {
		return fmt.Errorf("within the merge %s: %w", short(culprit), err)
	}
	return nil
}

// within is the range that a merge brought in, or why it can not be searched.
//
// A noisy metric is searched from the merge's first parent, with all parents. An exact one is searched by its steps, and a commit of a branch
// is no step from a mainline that has changed meanwhile: it is searched from where the branch began, along the branch's own first-parent
// line. A change that only both together make has no step there, and then the merge stays the culprit.
func (h *hunt) within(ctx context.Context, merge string, t Target, plan gitrepo.RangePlan) (within gitrepo.RangePlan, why string, err error) {
	if !t.Exact {
		return plan.Inside(merge), "", nil
	}
	if _, err := gitrepo.Resolve(ctx, h.Project, merge+"^3"); err == nil {
		return within, "it brought in several branches at once", nil
	}
	branch, err := gitrepo.Resolve(ctx, h.Project, merge+"^2")
	if err != nil {
		return within, "", err
	}
	began, err := gitrepo.MergeBase(ctx, h.Project, merge+"^1", branch.SHA)
	if err != nil {
		return within, "", err
	}
	if began == "" {
		return within, "the branch that it brought in began by itself", nil
	}
	within = gitrepo.RangePlan{Good: began, Bad: branch.SHA, Paths: plan.Paths}
	r, err := gitrepo.ReadRange(ctx, h.Project, within)
	if refused, ok := errors.AsType[*gitrepo.RangeError](err); ok {
		return within, refused.Error(), nil
	}
	if err == nil && r.OffLine {
		why = "the branch that it brought in has merged the mainline, and where it began is not on its line (--all-parents searches the whole graph)"
	}
	return within, why, err
}
