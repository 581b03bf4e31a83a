// Command bisections prints what perfgate's searches keep of their promises, beside other ways to search, as Markdown tables.
// make bisect-bench runs it.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/calibration"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options are what the command line says.
type options struct {
	seed     uint64
	searches int
	workers  int
	only     string
}

// The exit codes: a promise that was missed is 1.
const (
	exitKept   = 0
	exitMissed = 1
	exitUsage  = 2
)

// speed is the name of the part that times decisions.
const speed = "speed"

func run(args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("bisections", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Uint64Var(&o.seed, "seed", 1, "what all chance comes from")
	flags.IntVar(&o.searches, "searches", 200, "simulated searches for each row of a table")
	flags.IntVar(&o.workers, "workers", runtime.NumCPU(), "goroutines that share the work; the numbers do not depend on it")
	flags.StringVar(&o.only, "only", "", "comma-separated names of tables: "+strings.Join(names(), ", "))
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: bisections [flags]")
		fmt.Fprintln(stderr, "It exits 1 when a promise is missed.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return exitUsage
	}
	if o.searches < 1 || o.workers < 1 || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "bisections: -searches and -workers count from 1, and there are no arguments")
		return exitUsage
	}
	missed, err := o.print(stdout, stderr)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "bisections: %v\n", err)
		return exitUsage
	case missed:
		return exitMissed
	default:
		return exitKept
	}
}

func names() []string {
	var all []string
	for _, t := range calibration.SearchTables() {
		all = append(all, t.Name)
	}
	return append(all, speed)
}

// chosen are the names that the command line asks for.
func (o options) chosen() ([]string, error) {
	if o.only == "" {
		return names(), nil
	}
	chosen := strings.Split(o.only, ",")
	for _, name := range chosen {
		if !slices.Contains(names(), name) {
			return nil, fmt.Errorf("there is no table %q; there are %s", name, strings.Join(names(), ", "))
		}
	}
	return chosen, nil
}

// print searches and prints the tables, and tells whether a promise was missed.
func (o options) print(stdout, stderr io.Writer) (missed bool, err error) {
	chosen, err := o.chosen()
	if err != nil {
		return false, err
	}
	begun := time.Now()
	note := func(text string) { fmt.Fprintf(stderr, "%6.0f s  %s\n", time.Since(begun).Seconds(), text) }
	runner := calibration.Runner{Seed: o.seed, Workers: o.workers}
	fmt.Fprintf(stdout, "Seed %d, %d searches for each row; intervals are of 95 %%.\n\n", o.seed, o.searches)
	var fates calibration.Fates
	var all calibration.Searched
	for _, t := range calibration.SearchTables() {
		if !slices.Contains(chosen, t.Name) {
			continue
		}
		more, err := runner.WriteSearches(stdout, t, o.searches, &all, note)
		if err != nil {
			return false, err
		}
		fates.Add(more)
	}
	if slices.Contains(chosen, speed) {
		note("the time of a decision")
		fates.Add(decisions(stdout, o.seed))
	}
	more, err := all.WriteSummary(stdout)
	if err != nil {
		return false, err
	}
	fates.Add(more)
	fmt.Fprintf(stdout, "%d promises kept, %d missed, %d open.\n", fates.Kept, fates.Missed, fates.Open)
	note("done")
	return fates.Missed > 0, nil
}

// decisions times the search of 4096 commits after its two hundredth run.
func decisions(stdout io.Writer, seed uint64) calibration.Fates {
	const after, promised = 200, 50 * time.Millisecond
	var took []time.Duration
	var last time.Time
	calibration.Steps(seed, func(runs int) {
		now := time.Now()
		if runs > after && !last.IsZero() {
			took = append(took, now.Sub(last))
		}
		last = now
	})
	slices.Sort(took)
	fates, fate := calibration.Fates{Kept: 1}, "kept"
	if len(took) == 0 || took[len(took)*99/100] > promised {
		fates, fate = calibration.Fates{Missed: 1}, "missed"
	}
	fmt.Fprintf(stdout, "## The time of a decision\n\n")
	if len(took) > 0 {
		fmt.Fprintf(stdout, "4096 commits, after %d runs: taking a run in and deciding what is next takes %.2g ms in the median, %.2g ms in 99 of 100, %.2g ms at most of %d; %s.\n\n",
			after, milliseconds(took[len(took)/2]), milliseconds(took[len(took)*99/100]), milliseconds(took[len(took)-1]), len(took), fate)
	}
	return fates
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
