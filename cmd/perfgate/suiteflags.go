package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/store"
	"github.com/communitas/perfgate/internal/suite"
)

// suiteFlags choose what is measured. The environment variables of the replaced script give the defaults.
type suiteFlags struct {
	scenarios []string
	// benchmarks are named like scenarios: what is named, of either, is all that is measured.
	benchmarks []string
	tags       []string
	out        string
	runs       int
	warmup     int
	duration   time.Duration
	nodes      int
	subject    string
	disturbed  string
	basePort   int
	baseCtl    int
	// replace allows a results directory that perfgate made before to be replaced: only where LOG_DIR named it.
	replace bool
	flags   *pflag.FlagSet
	// claim keeps other invocations from the results directory; whoever asked for the plan closes it.
	claim *store.Claim
}

func (f *suiteFlags) add(flags *pflag.FlagSet) {
	f.flags = flags
	flags.StringArrayVarP(&f.scenarios, "scenario", "s", nil, "measure this scenario (repeatable)")
	flags.StringArrayVar(&f.benchmarks, "benchmark", nil, "measure this benchmark (repeatable)")
	flags.StringArrayVar(&f.tags, "tag", nil, `measure what carries this tag (repeatable; default "pr")`)
	flags.StringVarP(&f.out, "out", "o", "", "results directory (default: below $XDG_STATE_HOME/perfgate)")
	flags.IntVar(&f.runs, "runs", 0, "samples of each metric, instead of the scenario's")
	flags.IntVar(&f.warmup, "warmup", 0, "runs that come first and are discarded, instead of the scenario's")
	flags.DurationVar(&f.duration, "duration", 0, "steady window, instead of the scenario's")
	flags.IntVar(&f.nodes, "nodes", 0, "nodes of a network, instead of the scenario's")
	flags.StringVar(&f.disturbed, "disturbed", "retry", "what becomes of runs while others keep the machine busy: retry measures them again, keep takes their figures")
	flags.StringVar(&f.subject, "subject", "", "measure this binary instead of building one")
}

const suiteEnvironment = `Environment:
  NUM_NODES, TEST_DURATION (seconds), BASE_PORT, BASE_METRICS_PORT, LOG_DIR, BINARY_PATH
  stand in for --nodes, --duration, the nodes' ports, --out and --subject where no flag is given.
  PERFGATE_CLEANUP=cgroup or process_group forces how nodes are held, so that none outlives perfgate.
  PERFGATE_RUNNER_CLASS names a kind of machine: baselines are compared only where it is the same.`

// fromEnvironment fills what no flag gave from the variables that the replaced script had.
func (f *suiteFlags) fromEnvironment() error {
	for _, variable := range []struct {
		name string
		flag string
		into *int
	}{
		{"NUM_NODES", "nodes", &f.nodes}, {"BASE_PORT", "", &f.basePort}, {"BASE_METRICS_PORT", "", &f.baseCtl},
	} {
		if f.flags.Changed(variable.flag) {
			continue
		}
		if err := wholeNumber(variable.name, variable.into); err != nil {
			return err
		}
	}
	if text := os.Getenv("TEST_DURATION"); text != "" && !f.flags.Changed("duration") {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || !(seconds > 0 && seconds < 1e6) {
			return usage("TEST_DURATION=%s is no number of seconds above 0 (unset it, or give one)", text)
		}
		f.duration = time.Duration(seconds * float64(time.Second))
	}
	if f.subject == "" {
		f.subject = os.Getenv("BINARY_PATH")
	}
	if f.out == "" {
		f.out = os.Getenv("LOG_DIR")
		f.replace = f.out != ""
	}
	return nil
}

// wholeNumber reads an environment variable that is set.
func wholeNumber(name string, into *int) error {
	text := os.Getenv(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return usage("%s=%s is no whole number above 0 (unset it, or give one)", name, text)
	}
	*into = n
	return nil
}

// loadSuite reads the configuration; where it stands tells the project's folder.
func (p *program) loadSuite() (*suite.Suite, string, error) {
	raw, err := os.ReadFile(p.config)
	if os.IsNotExist(err) {
		return nil, "", usage("%w (make one with perfgate init, or name it with --config)", err)
	}
	if err != nil {
		return nil, "", usage("%w", err)
	}
	s, err := suite.Parse(p.config, raw)
	if err != nil {
		return nil, "", &exitError{code: exitUsage, err: err}
	}
	project, err := filepath.Abs(filepath.Dir(p.config))
	if err != nil {
		return nil, "", fmt.Errorf("find the project's folder: %w", err)
	}
	return s, project, nil
}

// plan turns the flags into what is to be measured, and makes the results directory.
func (p *program) plan(f *suiteFlags) (gate.Plan, error) {
	if err := f.fromEnvironment(); err != nil {
		return gate.Plan{}, err
	}
	disturbed, known := map[string]runner.Disturbed{"retry": runner.Retry, "keep": runner.Keep}[f.disturbed]
	if !known {
		return gate.Plan{}, usage("--disturbed=%s: it takes retry or keep", f.disturbed)
	}
	whole, project, err := p.loadSuite()
	if err != nil {
		return gate.Plan{}, err
	}
	selected, err := whole.Select(f.scenarios, f.benchmarks, f.tags)
	if err != nil {
		return gate.Plan{}, usage("%s: %w", p.config, err)
	}
	overrides, err := f.overrides()
	if err != nil {
		return gate.Plan{}, err
	}
	selected, changed, err := selected.Override(overrides)
	if err != nil {
		return gate.Plan{}, usage("%w", err)
	}
	if f.subject == "" && len(selected.Scenarios) > 0 && len(selected.Subject.Build) == 0 {
		return gate.Plan{}, usage("%s: subject.build is missing: nothing says how to make the binary (give the command, or a binary with --subject)", p.config)
	}
	for _, warning := range selected.Warnings() {
		p.log.Warn(warning)
	}
	return p.place(gate.Plan{
		Suite: selected, Overrides: changed, Project: project, Subject: f.subject,
		BasePort: f.basePort, BaseMetricsPort: f.baseCtl, Disturbed: disturbed,
		Tool: result.Tool{Name: "perfgate", Version: version()}, Log: p.log,
	}, f)
}

// overrides are what flags and the environment say in place of the scenarios.
func (f *suiteFlags) overrides() (suite.Overrides, error) {
	for _, name := range []string{"nodes", "duration", "runs"} {
		if f.flags.Changed(name) && f.flags.Lookup(name).Value.String() == f.flags.Lookup(name).DefValue {
			return suite.Overrides{}, usage("--%s has to be above 0", name)
		}
	}
	overrides := suite.Overrides{Nodes: f.nodes, Duration: f.duration, Runs: f.runs}
	if f.flags.Changed("warmup") {
		overrides.Warmup = &f.warmup
	}
	return overrides, nil
}

// place makes the results directory of a plan.
func (p *program) place(plan gate.Plan, f *suiteFlags) (gate.Plan, error) {
	home, err := store.Home(plan.Project)
	if err != nil {
		return gate.Plan{}, usage("%w", err)
	}
	if plan.State, err = store.State(); err != nil {
		return gate.Plan{}, usage("%w", err)
	}
	if plan.Cleanup, err = contain.ParseMethod(os.Getenv(contain.MethodVariable)); err != nil {
		return gate.Plan{}, usage("%w", err)
	}
	plan.Cache = filepath.Join(home, "cache")
	plan.Dir = f.out
	if f.out == "" {
		plan.Dir = filepath.Join(home, "results", store.StampedName(time.Now()))
	}
	if plan.Dir, err = filepath.Abs(plan.Dir); err != nil {
		return gate.Plan{}, usage("%w", err)
	}
	if f.claim, err = store.NewResults(plan.Dir, f.replace); err != nil {
		return gate.Plan{}, &exitError{code: exitUsage, err: err}
	}
	if f.out == "" {
		if err := store.PointLatest(plan.Dir); err != nil {
			p.log.Debug("no link to the latest results", "error", err)
		}
	}
	return plan, nil
}

// resultsPath is the results that a command is about: the argument, or the latest of the project.
func (p *program) resultsPath(args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	project, err := filepath.Abs(filepath.Dir(p.config))
	if err != nil {
		return "", usage("%w", err)
	}
	home, err := store.Home(project)
	if err != nil {
		return "", usage("%w", err)
	}
	latest := filepath.Join(home, "results", "latest")
	if _, err := os.Stat(latest); err != nil {
		return "", usage("no results of this project yet (perfgate run measures it, or name a results directory)")
	}
	return latest, nil
}
