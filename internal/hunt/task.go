package hunt

import (
	"context"
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/suite"
)

// UnfitError says that a plan does not fit: what is searched, where, or with what; Mend says what can be done.
type UnfitError struct{ Problem, Mend string }

func (e *UnfitError) Error() string { return fmt.Sprintf("%s (%s)", e.Problem, e.Mend) }

// taskOf makes the task of a search of a range, and what the repository says of its commits.
func taskOf(r gitrepo.Range, share bool, p bisect.Parameters) (bisect.Task, map[string]report.HuntCommit) {
	task := bisect.Task{Parameters: p}
	told := map[string]report.HuntCommit{}
	for _, c := range r.Commits {
		one := bisect.Commit{ID: c.SHA, Parents: c.Parents}
		if share {
			one.Class = c.Class
		}
		task.Commits = append(task.Commits, one)
		told[c.SHA] = report.HuntCommit{
			Title: c.Title, Author: fmt.Sprintf("%s <%s>", c.Author, c.Email), Date: c.Date, PullRequest: c.PullRequest, Merge: c.Merge,
		}
	}
	return task, told
}

// parametersOf are those of a search of a target.
func parametersOf(home string, s *suite.Suite, settings Settings, t Target) bisect.Parameters {
	p := bisect.Parameters{
		Confidence: settings.Confidence, Effect: bisect.Effect{Mean: t.Effect}, LeastChange: logarithm(t.LeastChange),
		Costs:  costs(home, s, t),
		Budget: bisect.Budget{Runs: settings.MaxRuns, Seconds: settings.BudgetSeconds}, Seed: settings.Seed, Exact: t.Exact, Counts: t.Sum,
	}
	return p
}

// logarithm of a change that is given as a ratio; 0 for one that has none.
func logarithm(change float64) float64 {
	if change <= -1 {
		return 0
	}
	return math.Log1p(change)
}

// Preview is what a hunt would search.
type Preview struct {
	Target Target
	// Range is what the repository says of the commits.
	Range gitrepo.Range
	// Programs is how many of the commits are different programs, as far as is known before they are built.
	Programs int
	// Expected is what the search is expected to take if it ends with a culprit.
	Expected bisect.Cost
}

// Look reads the range and expects what the search of each target takes; nothing is built, run or written. The errors are those
// of Run.
func Look(ctx context.Context, plan Plan) ([]Preview, error) {
	var err error
	if plan.Suite, err = plan.Settings.suite(plan.Suite, plan.Targets); err != nil {
		return nil, err
	}
	r, err := gitrepo.ReadRange(ctx, plan.Project, gitrepo.RangePlan{
		Good: plan.Good, Bad: plan.Bad, AllParents: plan.Settings.AllParents, Paths: plan.Suite.Subject.Paths,
	})
	if err != nil {
		return nil, err
	}
	var all []Preview
	for _, t := range plan.Targets {
		task, _ := taskOf(r, t.shares(), parametersOf(plan.Home, plan.Suite, plan.Settings, t))
		s, err := bisect.New(task)
		if err != nil {
			return nil, err
		}
		all = append(all, Preview{Target: t, Range: r, Programs: programs(task), Expected: s.Forecast(noiseOf(plan.Home, t))})
	}
	return all, nil
}

// programs counts the classes of a task.
func programs(task bisect.Task) int {
	classes := map[string]bool{}
	n := 0
	for _, c := range task.Commits {
		if c.Class == "" {
			n++
			continue
		}
		classes[c.Class] = true
	}
	return n + len(classes)
}
