package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/hunt"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/runner"
)

// bisectAfterFlags are those of a search that follows a check.
type bisectAfterFlags struct {
	bisect bool
	budget time.Duration
	flags  *pflag.FlagSet
}

func (f *bisectAfterFlags) add(flags *pflag.FlagSet) {
	f.flags = flags
	flags.BoolVar(&f.bisect, "bisect", false, "when something has regressed, search for the commit that did it")
	flags.DurationVar(&f.budget, "bisect-budget", 0, "with --bisect: how long builds and runs of each search may take together (default: no limit)")
}

func (f *bisectAfterFlags) check() error {
	switch {
	case f.flags.Changed("bisect-budget") && !f.bisect:
		return usage("--bisect-budget belongs to --bisect")
	case f.flags.Changed("bisect-budget") && f.budget <= 0:
		return usage("--bisect-budget has to be above 0")
	}
	return nil
}

// bisectAfter searches what a verdict calls regressed. The verdict stands whatever comes of it: what keeps the search from being made
// is a warning.
func (p *program) bisectAfter(
	ctx context.Context, b *bisectAfterFlags, f *suiteFlags, d *decideFlags, a *againstFlags, verdict compare.Verdict,
) error {
	regressed := regressedIn(verdict)
	if len(regressed) == 0 {
		return nil
	}
	file, err := p.loadBaselines(d.baselines)
	if err != nil {
		return err
	}
	plan, err := p.planAfter(ctx, b, f, a, regressed, verdict.Environment, file)
	if err == nil {
		err = p.lookAndHunt(ctx, plan)
	}
	coded, ok := errors.AsType[*exitError](err)
	switch {
	case err == nil, ok && coded.silent: // it was said, and the code is the verdict's
		return nil
	case errors.Is(err, context.Canceled):
		return err
	}
	p.log.Warn("the commit was not searched: " + err.Error())
	return nil
}

// lookAndHunt says what is searched, searches it, and prints what was found.
func (p *program) lookAndHunt(ctx context.Context, plan hunt.Plan) error {
	say, err := p.huntWriter("text")
	if err != nil {
		return err
	}
	previews, err := hunt.Look(ctx, plan)
	if err != nil {
		return err
	}
	p.warnOfRange(previews)
	if !p.quiet {
		tellPreviews(p.stderr, previews)
	}
	told, err := hunt.Run(ctx, plan)
	return p.endHunt(told, err, say)
}

// regressedIn are the metrics that a verdict calls regressed.
func regressedIn(verdict compare.Verdict) []judged {
	var all []judged
	for _, m := range verdict.Metrics {
		if m.Verdict != compare.Regressed {
			continue
		}
		j := judged{Scenario: m.Scenario, Metric: m.Metric, Verdict: string(m.Verdict)}
		if m.Change.Present() {
			change := float64(m.Change)
			j.Change = &change
		}
		all = append(all, j)
	}
	return all
}

// planAfter is the search of what has regressed: from where head has left the revision, or from the commit of the recorded baseline.
func (p *program) planAfter(
	ctx context.Context, b *bisectAfterFlags, f *suiteFlags, a *againstFlags, regressed []judged, environment string, file *baseline.File,
) (hunt.Plan, error) {
	home, err := p.home()
	if err != nil {
		return hunt.Plan{}, err
	}
	plan, err := p.anyHunt(home)
	if err != nil {
		return hunt.Plan{}, err
	}
	head, err := gitrepo.ReadHead(ctx, plan.Project)
	if err != nil {
		return hunt.Plan{}, err
	}
	if head.Commit == "" {
		return hunt.Plan{}, errors.New("there is no git repository here, or no commit in it yet")
	}
	if head.Dirty {
		p.log.Warn("the checkout has changes that are not committed: they are in the verdict, and not in the search")
	}
	if plan.Good, err = p.goodBefore(ctx, plan.Project, head.Commit, a, regressed, environment, file); err != nil {
		return hunt.Plan{}, err
	}
	plan.Bad = head.Commit
	if plan.Targets, err = p.targetsOf(&targetFlags{}, regressed, plan.Suite, file); err != nil {
		return hunt.Plan{}, err
	}
	plan.Settings = hunt.Settings{
		Confidence: 0.999, Seed: drawnSeed(), BudgetSeconds: b.budget.Seconds(), Builders: defaultBuilders(), BuildTimeout: 30 * time.Minute,
		Nodes: f.nodes, Duration: f.duration,
	}
	if f.disturbed == "keep" {
		plan.Settings.Disturbed = runner.Keep
	}
	plan.Command = p.commandAfter(plan)
	return plan, nil
}

// commandAfter is what repeats a search that followed a check.
func (p *program) commandAfter(plan hunt.Plan) string {
	parts := []string{"perfgate", "bisect", short(plan.Good) + ".." + short(plan.Bad)}
	var scenarios []string
	for _, t := range plan.Targets {
		parts = append(parts, "--metric", quoted(t.Metric))
		if t.Scenario != "" && !slices.Contains(scenarios, t.Scenario) {
			scenarios = append(scenarios, t.Scenario)
		}
	}
	for _, scenario := range scenarios {
		parts = append(parts, "--scenario", quoted(scenario))
	}
	budget := time.Duration(plan.Settings.BudgetSeconds * float64(time.Second))
	for _, flag := range []struct {
		name, value string
		said        bool
	}{
		{"config", quoted(p.config), p.config != defaultConfig},
		{"budget", budget.String(), budget > 0},
		{"disturbed", "keep", plan.Settings.Disturbed == runner.Keep},
		{"duration", plan.Settings.Duration.String(), plan.Settings.Duration > 0},
		{"nodes", fmt.Sprint(plan.Settings.Nodes), plan.Settings.Nodes > 0},
	} {
		if flag.said {
			parts = append(parts, "--"+flag.name, flag.value)
		}
	}
	return strings.Join(append(parts, "--seed", fmt.Sprint(plan.Settings.Seed)), " ")
}

// goodBefore is the SHA of the good end.
func (p *program) goodBefore(
	ctx context.Context, project, head string, a *againstFlags, regressed []judged, environment string, file *baseline.File,
) (string, error) {
	if a.revision != "" {
		commit, err := p.resolve(ctx, project, a.revision)
		if err != nil {
			return "", err
		}
		good, err := gitrepo.MergeBase(ctx, project, head, commit.SHA)
		switch {
		case err != nil:
			return "", err
		case good == "":
			return "", errors.New("HEAD and " + a.revision + " have no commit in common")
		case good == head:
			return "", errors.New("HEAD has no commit that " + a.revision + " does not have: what regressed is not committed, or was measured by chance")
		}
		return good, nil
	}
	for _, r := range regressed {
		recorded, found := file.Recording(environment, r.Scenario)
		if benchmark := metric.Benchmark(r.Metric); benchmark != "" {
			recorded, found = file.BenchmarkRecording(environment, benchmark)
		}
		if found && recorded.Commit != "" && recorded.Commit != head {
			return recorded.Commit, nil
		}
	}
	return "", errors.New("the recorded baseline is of no other commit (perfgate bisect GOOD..HEAD names one)")
}
