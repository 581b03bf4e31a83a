package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/hunt"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/store"
)

// latestSearch stands for the search that was begun last.
const latestSearch = "latest"

// bisectFlags are those of a search beside the choice of its metrics.
type bisectFlags struct {
	targets      targetFlags
	confidence   float64
	budget       time.Duration
	maxRuns      int
	allParents   bool
	firstParent  bool
	builders     int
	besideRuns   bool
	buildTimeout time.Duration
	allChanges   bool
	seed         uint64
	disturbed    string
	nodes        int
	duration     time.Duration
	patch        string
	skip         []string
	resume       string
	replay       string
	log          string
	dry          bool
	format       string
	flags        *pflag.FlagSet
}

func (f *bisectFlags) add(flags *pflag.FlagSet) {
	f.flags = flags
	f.targets.add(flags)
	flags.Float64Var(&f.confidence, "confidence", 0.999, "how sure an accusation has to be, above 0.5 and below 1")
	flags.DurationVar(&f.budget, "budget", 0, "how long builds and runs of each search may take together (default: no limit)")
	flags.IntVar(&f.maxRuns, "max-runs", 0, "the most runs of each search (default 4000)")
	flags.BoolVar(&f.firstParent, "first-parent", false, "search the first-parent line, and then what a merge brought in when that is the culprit (the default)")
	flags.BoolVar(&f.allParents, "all-parents", false, "search all commits of the range at once")
	flags.IntVar(&f.builders, "builders", 0, "commits that are built at a time (default 1 on up to 4 processors, else 2)")
	flags.BoolVar(&f.besideRuns, "build-beside-runs", false, "build what will probably be asked for while a run measures, which disturbs it")
	flags.DurationVar(&f.buildTimeout, "build-timeout", 30*time.Minute, "a build that takes longer has failed")
	flags.BoolVar(&f.allChanges, "all-changes", false, "when the culprit is found, search the rest of the range where there may be another change")
	flags.Uint64Var(&f.seed, "seed", 0, "what the order of runs is drawn from (default: drawn)")
	flags.StringVar(&f.disturbed, "disturbed", "retry", "what becomes of runs while others keep the machine busy: retry measures them again, keep takes their figures")
	flags.DurationVar(&f.duration, "duration", 0, "steady window, instead of the scenario's")
	flags.IntVar(&f.nodes, "nodes", 0, "nodes of a network, instead of the scenario's")
	flags.StringVar(&f.patch, "with-patch", "", "apply this file, as git diff writes it, to every commit where it applies before it is built")
	flags.StringArrayVar(&f.skip, "skip", nil, "take this commit for one that can not be measured (repeatable; also with --resume)")
	for _, one := range []struct {
		into        *string
		name, about string
	}{
		{&f.resume, "resume", "go on with this search"},
		{&f.replay, "replay", "tell again what this search has found, and run nothing"},
		{&f.log, "log", "show the journal of this search in words"},
	} {
		flags.StringVar(one.into, one.name, "", one.about+` (default "latest": the one that was begun last)`)
		flags.Lookup(one.name).NoOptDefVal = latestSearch
		flags.Lookup(one.name).DefValue = ""
	}
	flags.StringVarP(&f.format, "format", "f", "text", "of the report: text or markdown")
	flags.BoolVarP(&f.dry, "dry-run", "n", false, "say what would be searched, and what it is expected to take; nothing is built or run")
}

const exitHelpBisect = `Exit codes:
  0    a culprit, or proven that there is none
  2    usage, configuration, or a range that can not be searched
  3    failed: an end can not be measured; or hardly a run counts, or the machine, the network or git failed: what was measured is kept,
       and --resume goes on once that is mended
  4    one of several commits, undecided within the budget, or the measurements contradict the model
  130  interrupted; --resume goes on`

func (p *program) bisectCommand() *cobra.Command {
	f := &bisectFlags{}
	cmd := &cobra.Command{
		Use:   "bisect GOOD..BAD",
		Short: "Find the commit that changed a metric",
		Long: `Finds the commit that changed a noisy metric: builds commits between GOOD and BAD in git work trees of perfgate's own, measures each
as perfgate run does, and asks after each run which build or run would tell most for its price. It ends when one commit has 99.9 % of the
probability and its runs in turns with its parent's confirm it, or when it is 99 % sure that there is no change of the size that
matters. The checkout, its index, stashes and branches stay as they are. Without --metric it takes what the last check found regressed.

A commit that does not build or start is gone round; what the machine, the network or git do wrong is tried again, and then ends the search
until it is mended. Commits that differ in none of subject.paths share what is measured of a scenario or of the binary's size, and so do
equal binaries. On the first-parent line a merge is one commit; when it is the culprit, what it brought in is searched next.

Each search is kept below $XDG_STATE_HOME/perfgate: whatever ends it, --resume goes on and has lost one build or run at most. A build
has PERFGATE_LAYOUT in its environment: 0, or a higher number when the same commit is built again to see how much builds differ; a
linker that is given it as a seed makes searches of small changes surer. With --json there is a document for each metric.

` + exitHelpBisect,
		Example: `  perfgate bisect v0.1.16..HEAD                          # what the last check found regressed
  perfgate bisect v0.1.16.. --metric formation_cpu -s standard
  perfgate bisect HEAD~40..HEAD --metric binary_size --against-size 1%
  perfgate bisect main..topic --metric codec/decode --budget 3h
  perfgate bisect v1..v2 --metric memory_private --dry-run
  perfgate bisect --resume                               # go on with the last search
  perfgate bisect --replay --json                        # its report again, for machines
  perfgate bisect --replay --format markdown             # or for a comment`,
		Args: atMostOne("range GOOD..BAD"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.bisect(cmd.Context(), f, args) },
	}
	f.add(cmd.Flags())
	return cmd
}

func (p *program) bisect(ctx context.Context, f *bisectFlags, args []string) error {
	say, err := p.huntWriter(f.format)
	if err != nil {
		return err
	}
	mode, id, err := f.mode(&args)
	if err != nil {
		return err
	}
	home, err := p.home()
	if err != nil {
		return err
	}
	switch mode {
	case "replay":
		told, err := begun(hunt.Replay(home, id))
		return p.endHunt(told, err, say)
	case "log":
		if p.asJSON {
			return usage("--log is for people: leave --json out (for machines there are --replay --json, which tells what was found, and the journals, *.jsonl below %s)", filepath.Join(home, "bisect"))
		}
		return p.huntLog(begun(hunt.Log(home, id)))
	}
	plan, err := p.huntPlan(f, home, args)
	if err != nil {
		return err
	}
	plan.Skip = f.skip
	if plan.Resume = id; id == "" {
		previews, err := hunt.Look(ctx, plan)
		if err != nil {
			return huntError(err)
		}
		p.warnOfRange(previews)
		if f.dry {
			return p.sayPreviews(previews)
		}
		if !p.quiet {
			tellPreviews(p.stderr, previews)
		}
	}
	told, err := hunt.Run(ctx, plan)
	return p.endHunt(told, huntError(err), say)
}

// mode says whether an earlier search is meant, and which: --resume ID is taken like --resume=ID.
func (f *bisectFlags) mode(args *[]string) (mode, id string, err error) {
	for _, name := range []string{"resume", "replay", "log"} {
		if !f.flags.Changed(name) {
			continue
		}
		if mode != "" {
			return "", "", usage("--%s and --%s: give one of them", mode, name)
		}
		mode, id = name, f.flags.Lookup(name).Value.String()
	}
	switch {
	case mode == "" && len(*args) == 0:
		return "", "", usage("which range? perfgate bisect GOOD..BAD, such as v0.1.16..HEAD (or --resume the last search)")
	case mode == "":
		return "", "", nil
	case id == "":
		return "", "", usage("--%s: which search? give its id, or leave it out for the one that was begun last", mode)
	case len(*args) == 1 && id == latestSearch && !strings.Contains((*args)[0], ".."):
		id, *args = (*args)[0], nil
	case len(*args) == 1:
		return "", "", usage("--%s goes by the search's own range: leave %s out", mode, (*args)[0])
	}
	return mode, id, f.refuseBeside(mode)
}

// refuseBeside refuses the flags that an earlier search was begun with.
func (f *bisectFlags) refuseBeside(mode string) error {
	for _, name := range []string{"metric", "scenario", "benchmark", "against-size", "confidence", "all-parents", "first-parent",
		"builders", "build-beside-runs", "build-timeout", "all-changes", "seed", "nodes", "duration", "with-patch", "dry-run",
		"budget", "max-runs", "disturbed", "skip"} {
		anew := mode == "resume" && slices.Contains([]string{"budget", "max-runs", "disturbed", "skip"}, name)
		if f.flags.Changed(name) && !anew {
			return usage("--%s goes by what the search was begun with: leave --%s out", mode, name)
		}
	}
	return nil
}

// home is the folder of everything that perfgate keeps of the project.
func (p *program) home() (string, error) {
	project, err := p.project()
	if err != nil {
		return "", err
	}
	home, err := store.Home(project)
	if err != nil {
		return "", usage("%w", err)
	}
	return home, nil
}

// huntError gives the errors of a hunt that are the caller's their code.
func huntError(err error) error {
	var revision *gitrepo.RevisionError
	var wrong *gitrepo.RangeError
	var none *gitrepo.CheckoutError
	var unfit *hunt.UnfitError
	var busy *hunt.BusyError
	if errors.As(err, &revision) || errors.As(err, &wrong) || errors.As(err, &none) || errors.As(err, &unfit) || errors.As(err, &busy) {
		return &exitError{code: exitUsage, err: err}
	}
	return err
}

// begun refuses to tell of a search that has no journal yet: there is nothing to tell, and that is no good end.
func begun(told hunt.Result, err error) (hunt.Result, error) {
	if err == nil && len(told.Hunts) == 0 {
		err = fmt.Errorf("the search %s has not begun to build (perfgate bisect --resume=%[1]s begins it)", told.ID)
	}
	return told, huntError(err)
}

// endHunt prints what was found, also before an error, and ends with its code.
func (p *program) endHunt(told hunt.Result, err error, say func(report.Hunt) error) error {
	if told.ID == "" {
		return err
	}
	if errors.Is(err, context.Canceled) {
		p.log.Info("what was measured is kept: perfgate bisect --resume=" + told.ID + " goes on")
	}
	code, said := exitPass, 0
	for _, h := range told.Hunts {
		one := outcomeCode(h.Outcome)
		if one != exitPass && code != exitFailed {
			code = one
		}
		if err != nil && one != exitPass {
			continue // it may be one that was cut short
		}
		if said++; said > 1 && !p.asJSON {
			fmt.Fprintln(p.stdout)
		}
		if failed := say(h); failed != nil {
			return errors.Join(err, failed)
		}
	}
	if err != nil {
		return err
	}
	return quietly(code)
}

// outcomeCode is the exit code of what a search has found. What could not be measured is not undecided.
func outcomeCode(o bisect.Outcome) int {
	switch {
	case o.Halt == bisect.HaltEnds, o.Halt == bisect.HaltDisturbed:
		return exitFailed
	case o.Outcome == bisect.OutcomeSet, o.Outcome == bisect.OutcomeUndecided:
		return exitInconclusive
	}
	return exitPass
}

// huntWriter writes the report of a search in a format.
func (p *program) huntWriter(format string) (func(report.Hunt) error, error) {
	switch {
	case format != "text" && format != "markdown":
		return nil, usage("--format=%s: it takes text or markdown (--json is for machines)", format)
	case p.asJSON && format == "markdown":
		return nil, usage("--json and --format=markdown contradict each other: give one of them")
	case p.asJSON:
		return func(h report.Hunt) error { return report.HuntJSON(p.stdout, h) }, nil
	case format == "markdown":
		return func(h report.Hunt) error { return report.HuntMarkdown(p.stdout, h) }, nil
	}
	return func(h report.Hunt) error { return report.HuntText(p.stdout, h, p.style()) }, nil
}

// huntLog prints the journals of a search in words.
func (p *program) huntLog(told hunt.Result, err error) error {
	if err != nil {
		return err
	}
	for i := range told.Hunts {
		for h := &told.Hunts[i]; h != nil; h = h.Inside {
			if err := report.HuntLog(p.stdout, *h, p.style()); err != nil {
				return err
			}
			fmt.Fprintln(p.stdout)
		}
	}
	return nil
}
