package gate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/worktree"
)

// BaseFolder has the results of base, in the results directory of a trial.
const BaseFolder = "base"

// AgainstPlan says what to measure against a commit.
type AgainstPlan struct {
	// TrialPlan has no Base yet: it is made of Head, in a work tree of the commit.
	TrialPlan
	Commit gitrepo.Commit
	// Home is the folder of everything that perfgate keeps of the project.
	Home string
}

// Against is a trial of the user's checkout, as it is, against a commit. The commit is built and measured in a work tree of
// perfgate's own, which goes when the trial ends; the configuration is that of the checkout, and its paths and the working
// folder are those of the same name in the work tree.
func Against(ctx context.Context, plan AgainstPlan) (base, head *result.Results, err error) {
	checkout, err := gitrepo.OpenCheckout(ctx, plan.Head.Project)
	if err != nil {
		return nil, nil, err
	}
	// What cannot be removed is named by `perfgate clean`; it stands in nobody's way.
	if left, _ := worktree.Clean(ctx, plan.Head.State, false); len(left) > 0 {
		plan.Head.Log.Debug("there were work trees of other invocations", "found", len(left))
	}
	tree, err := worktree.Open(ctx, plan.Home, checkout)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, tree.Close()) }()
	plan.BaseName = plan.Commit.String()
	if plan.Base, err = inTree(ctx, plan, checkout, tree); err != nil {
		return nil, nil, err
	}
	return Trial(ctx, plan.TrialPlan)
}

// inTree checks the commit out and makes a plan of head's for it.
func inTree(ctx context.Context, plan AgainstPlan, checkout gitrepo.Checkout, tree *worktree.Tree) (Plan, error) {
	wrong := func(err error) (Plan, error) {
		return Plan{}, &SideError{Side: result.SideBase, Commit: plan.BaseName, Err: err}
	}
	if err := tree.Checkout(ctx, plan.Commit.SHA); err != nil {
		return wrong(err)
	}
	if info, err := os.Stat(tree.Folder()); err != nil || !info.IsDir() {
		return wrong(fmt.Errorf("the folder %s of the configuration is not in this commit (compare with a later one)", checkout.Within))
	}
	base := plan.Head
	base.Subject, base.Project, base.Dir, base.Cache = "", tree.Folder(), filepath.Join(plan.Head.Dir, BaseFolder), plan.Head.Cache+"-base"
	base.Suite = plan.Head.Suite.Moved(checkout.Top, tree.Path())
	if top, ok := strings.CutSuffix(plan.Head.Project, string(filepath.Separator)+checkout.Within); (ok || checkout.Within == ".") && top != checkout.Top {
		base.Suite = base.Suite.Moved(top, tree.Path()) // as the user calls it, where links lead there
	}
	return base, nil
}
