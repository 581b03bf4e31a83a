// Package hunt drives bisections: it reads the range of commits, asks bisect what to build or run next, does it in work trees
// of perfgate's own, and keeps a journal from which a search goes on, or is told again, whatever has ended it.
//
// A hunt has a folder below the project's: hunt.json is what it was told, binaries what was built, and each target, which is one
// metric, has a folder of its own with the journal of its search, the commits that it is about, and the files of each run.
// What is decided is never stored: the same journal gives the same search.
package hunt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/worktree"
)

// Target is a metric whose change is searched for.
type Target struct {
	// Scenario or Benchmark is what gives the metric; both are "" for the metrics of a build.
	Scenario  string `json:"scenario,omitempty"`
	Benchmark string `json:"benchmark,omitempty"`
	// Metric is its name, with that of its benchmark in front.
	Metric string `json:"metric"`
	// Unit and Better are those of the metric; of a benchmark's they are empty until its first run tells.
	Unit   metric.Unit      `json:"unit,omitempty"`
	Better metric.Direction `json:"better,omitempty"`
	// Exact says that its values have no noise, Build that each run of it is a build from clean.
	Exact bool `json:"exact,omitempty"`
	Build bool `json:"build,omitempty"`
	// Sum is over how many runs a count that may be 0 is summed up to one value, 0 for what is none; Failures says that what is counted is
	// how many of them did not succeed.
	Sum      int  `json:"sum,omitempty"`
	Failures bool `json:"failures,omitempty"`
	// Effect is the change that is expected, of logarithms; 0 when nothing is. LeastChange is the least that matters, as a
	// ratio above 0.
	Effect      float64 `json:"effect,omitempty"`
	LeastChange float64 `json:"least_change"`
}

// Settings are what a hunt is told beside its range and targets, and keeps when it is resumed.
type Settings struct {
	// Confidence is the posterior at which a commit is accused, and Seed what the order of runs is drawn from.
	Confidence float64 `json:"confidence"`
	Seed       uint64  `json:"seed"`
	// BudgetSeconds and MaxRuns are where each search gives up; 0 is no limit of time, and the usual one of runs.
	BudgetSeconds float64 `json:"budget_seconds,omitempty"`
	MaxRuns       int     `json:"max_runs,omitempty"`
	// AllParents searches the whole graph; otherwise it is the first-parent line, and then within a merge that is the culprit.
	AllParents bool `json:"all_parents,omitempty"`
	// Builders is how many commits are built at a time, at least 1. BesideRuns lets them build while a run measures.
	Builders   int  `json:"builders"`
	BesideRuns bool `json:"beside_runs,omitempty"`
	// BuildTimeout is how long a command of a build may take before its commit counts as broken; 0 is build.MaxDuration.
	BuildTimeout time.Duration `json:"build_timeout_ns,omitempty"`
	// Disturbed says what becomes of runs during which the machine was busy with something else; "" measures them again.
	Disturbed runner.Disturbed `json:"disturbed,omitempty"`
	// Nodes and Duration replace those of the scenarios; 0 leaves them.
	Nodes    int           `json:"nodes,omitempty"`
	Duration time.Duration `json:"duration_ns,omitempty"`
	// AllChanges searches the rest of the range too, where the outcome says that there may be another change.
	AllChanges bool `json:"all_changes,omitempty"`
}

// Limits are what a hunt may be told anew when it is resumed: they do not change what is searched. Zero values leave what it has.
type Limits struct {
	BudgetSeconds float64
	MaxRuns       int
	Disturbed     *runner.Disturbed
}

// over are the settings of a hunt with other limits.
func (l Limits) over(s Settings) Settings {
	if l.BudgetSeconds > 0 {
		s.BudgetSeconds = l.BudgetSeconds
	}
	if l.MaxRuns > 0 {
		s.MaxRuns = l.MaxRuns
	}
	if l.Disturbed != nil {
		s.Disturbed = *l.Disturbed
	}
	return s
}

// Plan says what to search, and where to keep it.
type Plan struct {
	// Suite is the whole configuration, read from the user's checkout, and Project its folder.
	Suite   *suite.Suite
	Project string
	// Home is the folder of everything that perfgate keeps of the project, State that of everything that it keeps at all, and
	// Cleanup the method by which processes are held; "" is the best.
	Home, State string
	Cleanup     contain.Method
	// Resume is the id of the hunt to go on with; with it, all that follows but Limits, Skip, Log and Progress comes from the hunt itself.
	Resume string
	// Limits replace those of a hunt that is resumed.
	Limits Limits
	// Skip are revisions that are taken for commits that can not be measured, those of a hunt that is resumed besides. They are no ends.
	Skip []string

	// Good and Bad are revisions.
	Good, Bad string
	Targets   []Target
	Settings  Settings
	// Patch is a file that is applied to every commit before it is built, where it applies; "" for none.
	Patch string
	// Command is what repeats the hunt, for the report.
	Command string

	Tool result.Tool
	Log  *slog.Logger
	// Progress is told what happens; nil for nobody. It must return quickly.
	Progress func(Progress)
	// Backoff is the first wait after a failure of the machine or of git, and each further one is four times as long; 0 is two seconds.
	Backoff time.Duration
}

// Result is a hunt that is over, or as far as it came.
type Result struct {
	// ID names the hunt for --resume and --replay.
	ID string
	// Hunts are the searches of its targets, in their order; those that were not begun are missing.
	Hunts []report.Hunt
}

// Run searches the change of each target, one after another, and returns what was found. With an error the result is what
// is known so far; ID is "" when nothing was begun. A *gitrepo.RevisionError, *gitrepo.RangeError or *gitrepo.CheckoutError says that the
// range is none or has no checkout, an *UnfitError that the plan does not fit the repository or the hunt that is to go on, and a *BusyError that another
// process has the hunt. The journal is kept in any case.
func Run(ctx context.Context, plan Plan) (Result, error) {
	if err := proc.Supported(); err != nil {
		return Result{}, err
	}
	checkout, err := gitrepo.OpenCheckout(ctx, plan.Project)
	if err != nil {
		return Result{}, err
	}
	f, err := openFolder(ctx, &plan, checkout)
	if err != nil {
		return Result{}, err
	}
	defer f.close()
	// What can not be removed is named by `perfgate clean`; it stands in nobody's way.
	if left, _ := worktree.Clean(ctx, plan.State, false); len(left) > 0 {
		plan.Log.Debug("there were work trees of other invocations", "found", len(left))
	}
	h := &hunt{
		Plan: plan, folder: f, record: f.record, checkout: checkout, shelf: shelf{filepath.Join(f.path, binariesFolder)}, warm: map[string]bool{},
	}
	h.buildApart()
	if err = h.searchAll(ctx); err == nil && !h.halted {
		err = os.RemoveAll(h.shelf.dir) // nothing is left to run, and it may be large
	}
	err = errors.Join(err, h.closePlaces())
	told, failed := Replay(plan.Home, f.id)
	if err == nil {
		err = failed // else it would be said twice of a journal that can not be read
	}
	return told, err
}

// hunt is one that goes on.
type hunt struct {
	Plan
	folder   *folder
	record   record
	checkout gitrepo.Checkout
	shelf    shelf
	// builders are the places of the builders, and measuring those in which is measured, the one that was used last at the end.
	builders  []*place
	measuring []*place
	// warm says that the runs that come first and are discarded were made in this process.
	warm map[string]bool
	// halted says that a limit has ended a search, which may go on. warned says that the caller was told of a busy machine.
	halted, warned bool
	// told guards Progress.
	told sync.Mutex
}

func (h *hunt) searchAll(ctx context.Context) error {
	for i, target := range h.record.Targets {
		dir := h.folder.targetDir(i, target)
		plan := gitrepo.RangePlan{
			Good: h.record.Good, Bad: h.record.Bad, AllParents: h.record.AllParents, Paths: h.Suite.Subject.Paths,
		}
		s, err := h.search(ctx, dir, target, plan)
		if err != nil {
			return fmt.Errorf("%s: %w", target.Name(), err)
		}
		if err := h.inside(ctx, dir, s, plan); err != nil {
			return fmt.Errorf("%s: %w", target.Name(), err)
		}
	}
	return nil
}

// suite is the part of a configuration that some targets are about, as the settings change it.
func (s Settings) suite(whole *suite.Suite, targets []Target) (*suite.Suite, error) {
	part := *whole
	part.Scenarios = slices.DeleteFunc(slices.Clone(whole.Scenarios), func(one suite.Scenario) bool {
		return !slices.ContainsFunc(targets, func(t Target) bool { return t.Scenario == one.Name })
	})
	part.Benchmarks = slices.DeleteFunc(slices.Clone(whole.Benchmarks), func(one suite.Benchmark) bool {
		return !slices.ContainsFunc(targets, func(t Target) bool { return t.Benchmark == one.Name })
	})
	changed, _, err := part.Override(suite.Overrides{Nodes: s.Nodes, Duration: s.Duration})
	if err != nil {
		return nil, &UnfitError{err.Error(), "or leave --nodes and --duration out"}
	}
	return changed, nil
}

// Name is what a person calls the target: the metric with its scenario.
func (t Target) Name() string {
	if t.Scenario != "" {
		return t.Scenario + "/" + t.Metric
	}
	return t.Metric
}

// shares tells whether commits that are one program share measurements of the target: not those of builds and benchmarks, which
// depend on all that is in the work tree.
func (t Target) shares() bool { return !t.Build && t.Benchmark == "" }

// parameters are those of a search of the target.
func (h *hunt) parameters(t Target) bisect.Parameters {
	return parametersOf(h.Home, h.Suite, h.record.Settings, t)
}

// short is enough of a SHA for a person.
func short(sha string) string { return sha[:min(12, len(sha))] }
