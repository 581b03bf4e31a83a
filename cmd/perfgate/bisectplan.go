package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/hunt"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/store"
)

// huntPlan turns the flags into what is to be searched.
func (p *program) huntPlan(f *bisectFlags, home string, args []string) (hunt.Plan, error) {
	plan, err := p.anyHunt(home)
	if err != nil {
		return plan, err
	}
	if len(args) == 0 { // it is one that is resumed
		plan.Limits, err = f.newLimits()
		return plan, err
	}
	if plan.Good, plan.Bad, err = gitrepo.ParseRange(args[0]); err != nil {
		return hunt.Plan{}, usage("%w", err)
	}
	if plan.Settings, err = f.settings(); err != nil {
		return hunt.Plan{}, err
	}
	if plan.Targets, err = p.targets(&f.targets, plan.Suite); err != nil {
		return hunt.Plan{}, err
	}
	plan.Patch, plan.Command = f.patch, f.command(args[0], plan.Settings.Seed)
	return plan, nil
}

// anyHunt is what all searches of the project have in common.
func (p *program) anyHunt(home string) (hunt.Plan, error) {
	whole, project, err := p.loadSuite()
	if err != nil {
		return hunt.Plan{}, err
	}
	plan := hunt.Plan{
		Suite: whole, Project: project, Home: home, Tool: result.Tool{Name: "perfgate", Version: version()}, Log: p.log, Progress: p.huntProgress,
	}
	if plan.State, err = store.State(); err != nil {
		return hunt.Plan{}, usage("%w", err)
	}
	if plan.Cleanup, err = contain.ParseMethod(os.Getenv(contain.MethodVariable)); err != nil {
		return hunt.Plan{}, usage("%w", err)
	}
	return plan, nil
}

// settings are the flags that a search keeps.
func (f *bisectFlags) settings() (hunt.Settings, error) {
	s := hunt.Settings{
		Confidence: f.confidence, Seed: f.seed, BudgetSeconds: f.budget.Seconds(), MaxRuns: f.maxRuns, AllParents: f.allParents,
		Builders: f.builders, BesideRuns: f.besideRuns, BuildTimeout: f.buildTimeout, AllChanges: f.allChanges,
		Nodes: f.nodes, Duration: f.duration,
	}
	var err error
	if s.Disturbed, err = f.disturbance(); err != nil {
		return s, err
	}
	if err := f.limits(); err != nil {
		return s, err
	}
	if s.Builders == 0 {
		s.Builders = defaultBuilders()
	}
	if !f.flags.Changed("seed") {
		s.Seed = drawnSeed()
	}
	return s, nil
}

func (f *bisectFlags) disturbance() (runner.Disturbed, error) {
	disturbed, known := map[string]runner.Disturbed{"retry": runner.Retry, "keep": runner.Keep}[f.disturbed]
	if !known {
		return "", usage("--disturbed=%s: it takes retry or keep", f.disturbed)
	}
	return disturbed, nil
}

// newLimits are the flags that a search which goes on takes in place of its own.
func (f *bisectFlags) newLimits() (hunt.Limits, error) {
	l := hunt.Limits{BudgetSeconds: f.budget.Seconds(), MaxRuns: f.maxRuns}
	if f.flags.Changed("disturbed") {
		disturbed, err := f.disturbance()
		if err != nil {
			return l, err
		}
		l.Disturbed = &disturbed
	}
	return l, f.limits()
}

// defaultBuilders is how many commits are built at a time where nobody says: one, unless there are processors for two.
func defaultBuilders() int {
	if runtime.NumCPU() > 4 {
		return 2
	}
	return 1
}

// drawnSeed is one that a person can copy.
func drawnSeed() uint64 {
	var drawn [4]byte
	_, _ = rand.Read(drawn[:]) // it never fails
	return uint64(binary.LittleEndian.Uint32(drawn[:]))
}

// limits refuses numbers that can not be.
func (f *bisectFlags) limits() error {
	for _, limit := range []struct {
		name string
		sane bool
	}{
		{"budget", f.budget > 0}, {"max-runs", f.maxRuns > 0}, {"builders", f.builders > 0}, {"build-timeout", f.buildTimeout > 0},
		{"nodes", f.nodes > 0}, {"duration", f.duration > 0},
	} {
		if f.flags.Changed(limit.name) && !limit.sane {
			return usage("--%s has to be above 0", limit.name)
		}
	}
	if !(f.confidence > 0.5 && f.confidence < 1) {
		return usage("--confidence is a probability above 0.5 and below 1")
	}
	if f.allParents && f.firstParent {
		return usage("--first-parent and --all-parents: give one of them")
	}
	return nil
}

// command is what repeats the search, the seed that was drawn included.
func (f *bisectFlags) command(span string, seed uint64) string {
	parts := []string{"perfgate", "bisect", quoted(span)}
	f.flags.Visit(func(flag *pflag.Flag) {
		switch value := flag.Value.(type) {
		case pflag.SliceValue:
			for _, one := range value.GetSlice() {
				parts = append(parts, "--"+flag.Name, quoted(one))
			}
		default:
			switch {
			case slices.Contains([]string{"seed", "format", "json", "quiet", "verbose"}, flag.Name): // the first comes last, the others are of the output
			case flag.Value.Type() == "bool":
				parts = append(parts, "--"+flag.Name+map[string]string{"true": "", "false": "=false"}[flag.Value.String()])
			default:
				parts = append(parts, "--"+flag.Name, quoted(flag.Value.String()))
			}
		}
	})
	return strings.Join(append(parts, "--seed", fmt.Sprint(seed)), " ")
}

// quoted is a word for a shell.
func quoted(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@=+,~^%") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// project is the folder of the configuration.
func (p *program) project() (string, error) {
	project, err := filepath.Abs(filepath.Dir(p.config))
	if err != nil {
		return "", usage("%w", err)
	}
	return project, nil
}

// huntProgress shows a moment of a search.
func (p *program) huntProgress(m hunt.Progress) {
	if p.quiet {
		return
	}
	indent := ""
	if m.Event != nil {
		indent = "  "
	}
	fmt.Fprintf(p.stderr, "%s%s: %s\n", indent, m.Target.Name(), m.Says)
}
