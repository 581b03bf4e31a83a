// Command calibrate prints what perfgate's verdicts keep of their promises, as Markdown tables. make calibrate runs it.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/calibration"
	"github.com/communitas/perfgate/internal/result"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options are what the command line says.
type options struct {
	seed     uint64
	requests int
	workers  int
	only     string
	recorded []string
}

// The exit codes: a promise that was missed is 1.
const (
	exitKept   = 0
	exitMissed = 1
	exitUsage  = 2
)

func run(args []string, stdout, stderr io.Writer) int {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // results are made and dropped by the million, and all of them are small
	var o options
	flags := flag.NewFlagSet("calibrate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Uint64Var(&o.seed, "seed", 1, "what all chance comes from")
	flags.IntVar(&o.requests, "requests", 20000, "simulated pull requests for each cell of a table")
	flags.IntVar(&o.workers, "workers", runtime.NumCPU(), "goroutines that share the work; the numbers do not depend on it")
	flags.StringVar(&o.only, "only", "", "comma-separated names of tables: "+strings.Join(names(), ", ")+", recorded")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: calibrate [flags] [RESULTS | TRIAL | baselines.toml]...")
		fmt.Fprintln(stderr, "The arguments are recordings of one unchanged subject, from which runs are drawn again: results directories, those")
		fmt.Fprintln(stderr, "of a trial, which have the folder base, or a baselines.toml. It exits 1 when a promise is missed.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return exitUsage
	}
	o.recorded = flags.Args()
	if o.requests < 1 || o.workers < 1 {
		fmt.Fprintln(stderr, "calibrate: -requests and -workers count from 1")
		return exitUsage
	}
	tables, err := o.tables()
	if err != nil {
		fmt.Fprintf(stderr, "calibrate: %v\n", err)
		return exitUsage
	}
	missed, err := o.print(tables, stdout, stderr)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "calibrate: %v\n", err)
		return exitUsage
	case missed:
		return exitMissed
	default:
		return exitKept
	}
}

func names() []string {
	var all []string
	for _, t := range calibration.Tables() {
		all = append(all, t.Name)
	}
	return all
}

// tables are those that the command line asks for.
func (o options) tables() ([]calibration.Table, error) {
	all := calibration.Tables()
	var recorded []*calibration.Recorded
	for _, path := range o.recorded {
		more, err := load(path)
		if err != nil {
			return nil, err
		}
		recorded = append(recorded, more...)
	}
	if len(recorded) > 0 {
		all = append(all, calibration.RecordedTable(recorded))
	}
	if o.only == "" {
		return all, nil
	}
	var chosen []calibration.Table
	for name := range strings.SplitSeq(o.only, ",") {
		found := false
		for _, t := range all {
			if t.Name == name {
				chosen, found = append(chosen, t), true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no table %q (recorded needs a recording)", name)
		}
	}
	return chosen, nil
}

// print judges and prints the tables, and tells whether a promise was missed.
func (o options) print(tables []calibration.Table, stdout, stderr io.Writer) (missed bool, err error) {
	begun := time.Now()
	runner := calibration.Runner{Seed: o.seed, Workers: o.workers, Known: map[string]calibration.Tally{}}
	note := func(text string) { fmt.Fprintf(stderr, "%6.0f s  %s\n", time.Since(begun).Seconds(), text) }
	fmt.Fprintf(stdout, "Seed %d, %d pull requests for each number; intervals are of 95 %% (Clopper and Pearson).\n\n", o.seed, o.requests)
	var fates calibration.Fates
	for _, t := range tables {
		more, err := runner.Write(stdout, t, o.requests, note)
		if err != nil {
			return false, err
		}
		fates.Add(more)
	}
	fmt.Fprintf(stdout, "%d promises kept, %d missed, %d open.\n", fates.Kept, fates.Missed, fates.Open)
	note("done")
	return fates.Missed > 0, nil
}

// load reads a results directory, a trial of two, or a baselines.toml.
func load(path string) ([]*calibration.Recorded, error) {
	if strings.HasSuffix(path, ".toml") {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the recordings: %w", err)
		}
		file, err := baseline.Parse(path, raw)
		if err != nil {
			return nil, fmt.Errorf("read the recordings: %w", err)
		}
		return fit(path, calibration.FromBaselines(filepath.Base(path), file))
	}
	if _, err := os.Stat(filepath.Join(path, "base")); err == nil {
		return loadTrial(path)
	}
	results, err := read(path)
	if err != nil {
		return nil, err
	}
	return fit(path, calibration.FromResults(filepath.Base(path), results))
}

// loadTrial reads both sides of a trial: base from its folder, head from beside it or from a folder of its own.
func loadTrial(path string) ([]*calibration.Recorded, error) {
	base, err := read(filepath.Join(path, "base"))
	if err != nil {
		return nil, err
	}
	folder := path
	if _, err := os.Stat(filepath.Join(path, "head")); err == nil {
		folder = filepath.Join(path, "head")
	}
	head, err := read(folder)
	if err != nil {
		return nil, err
	}
	return fit(path, calibration.FromTrial(filepath.Base(path), base, head))
}

func fit(path string, all []*calibration.Recorded) ([]*calibration.Recorded, error) {
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no scenario of six or more complete runs with noisy metrics", path)
	}
	return all, nil
}

func read(dir string) (*result.Results, error) {
	file, err := os.Open(filepath.Join(dir, "results.json"))
	if err != nil {
		return nil, fmt.Errorf("read the runs: %w", err)
	}
	defer file.Close()
	results, err := result.Read(file)
	if err != nil {
		return nil, fmt.Errorf("read the runs of %s: %w", dir, err)
	}
	return results, nil
}
