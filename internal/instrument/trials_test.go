package instrument

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// The variables of `make trials`. Without a folder the benchmarks of whole trials are skipped: they take hours.
const (
	trialsVariable = "PERFGATE_TRIALS"       // the folder in which trials are kept
	countVariable  = "PERFGATE_TRIALS_COUNT" // how many of each benchmark there are to be, those of earlier invocations included
)

// trialsCount is how many trials each benchmark has without countVariable.
const trialsCount = 60

// verdictFile is what a trial has when it came to its end.
const verdictFile = "verdict.json"

// trialsFolder is where a benchmark keeps its trials.
func trialsFolder(b *testing.B, name string) string {
	b.Helper()
	return folderOf(b, trialsVariable, "trials", name)
}

// folderOf is a folder within that which a variable names; target is the one of the Makefile that gives it.
func folderOf(b *testing.B, variable, target, name string) string {
	b.Helper()
	folder := os.Getenv(variable)
	if folder == "" {
		b.Skip("it takes hours: make " + target + ", or give a folder in " + variable)
	}
	if err := proc.Supported(); err != nil {
		b.Skip(err)
	}
	folder, err := filepath.Abs(filepath.Join(folder, name))
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err != nil {
		b.Fatal(err)
	}
	return folder
}

// wantedTrials is how many trials a benchmark is to have.
func wantedTrials(b *testing.B) int {
	b.Helper()
	text := os.Getenv(countVariable)
	if text == "" {
		return trialsCount
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		b.Fatalf("%s=%q: it counts from 1", countVariable, text)
	}
	return n
}

// shortSuite has one scenario of two reference nodes that is over in a few seconds and has something of each kind: memory, CPU
// time, messages.
const shortSuite = `
schema = "perfgate.config/1"
[subject]
name = "refnode"
binary = "refnode"
[node]
args = ["--listen", "{listen}", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}"]
bootstrap_args = ["--bootstrap", "{bootstrap}"]
env = { RUST_LOG = "warn", GOMAXPROCS = "1" }
probe = "/probe"
[[scenario]]
name = "short"
nodes = 2
duration = "1200ms"
quiet = "300ms"
runs = 24
warmup = 1
[[scenario.workload]]
kind = "publish"
rate = 50.0
warmup = "100ms"
`

// planOf is a plan of a suite for a binary. Figures count whatever else the machine does: what stands beside a trial here is
// there on purpose.
func planOf(tb testing.TB, config, binary string) gate.Plan {
	tb.Helper()
	s, err := suite.Parse("perfgate.toml", []byte(config))
	if err != nil {
		tb.Fatal(err)
	}
	return gate.Plan{
		Suite: s, Project: tb.TempDir(), Subject: binary, Cache: tb.TempDir(), State: tb.TempDir(),
		Tool: result.Tool{Name: "perfgate", Version: "instrument"}, Log: slog.New(slog.DiscardHandler), Disturbed: runner.Keep,
	}
}

// decide is how the trials are decided: by the defaults, without targets.
func decide(base, head *result.Results) compare.Verdict {
	return compare.Decide(compare.Input{Base: base, Head: head, Now: head.Created})
}

// finished is one trial that came to its end.
type finished struct {
	base, head *result.Results
	verdict    compare.Verdict
	// again tells that it was measured by an earlier invocation.
	again bool
}

// finish measures a trial in its folder, unless an earlier invocation has: then it is read. What is left of one that was
// interrupted is measured anew, since a trial is one session.
func finish(tb testing.TB, plan gate.TrialPlan, dir string) finished {
	tb.Helper()
	if _, err := os.Stat(filepath.Join(dir, verdictFile)); err == nil {
		f := finished{base: load(tb, filepath.Join(dir, gate.BaseFolder)), head: load(tb, dir), again: true}
		f.verdict = decide(f.base, f.head)
		return f
	}
	emptied(tb, dir)
	plan.Head.Dir, plan.Base.Dir = dir, filepath.Join(dir, gate.BaseFolder)
	plan.MeasureIdentical, plan.Decide = true, decide
	base, head, err := gate.Trial(tb.Context(), plan)
	if err != nil {
		tb.Fatalf("%s: %v", dir, err)
	}
	f := finished{base: base, head: head, verdict: decide(base, head)}
	raw, err := json.MarshalIndent(f.verdict, "", "  ")
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, verdictFile), raw, 0o644); err != nil {
		tb.Fatal(err)
	}
	return f
}

// measured measures a plan by itself in its folder, unless an earlier invocation has.
func measured(tb testing.TB, plan gate.Plan) *result.Results {
	tb.Helper()
	scenario := plan.Suite.Scenarios[0]
	if r, err := gate.Load(plan.Dir); err == nil && r.Interrupted == "" && len(r.Runs) == scenario.Runs+scenario.Warmup {
		return r
	}
	emptied(tb, plan.Dir)
	r, err := gate.Measure(tb.Context(), plan)
	if err != nil {
		tb.Fatalf("%s: %v", plan.Dir, err)
	}
	return r
}

// emptied makes a folder anew.
func emptied(tb testing.TB, dir string) {
	tb.Helper()
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		tb.Fatal(err)
	}
}

func load(tb testing.TB, dir string) *result.Results {
	tb.Helper()
	r, err := gate.Load(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// pairs are how many a trial took.
func (f finished) pairs() int {
	most := 0
	for _, plan := range f.head.Scenarios {
		if plan.Name != "" {
			most = max(most, plan.Runs)
		}
	}
	return most
}

// called are the gated metrics of which a trial says that they got worse, or better.
func (f finished) called(outcome compare.Outcome) map[string]compare.Metric {
	all := map[string]compare.Metric{}
	for _, m := range f.verdict.Metrics {
		if m.Policy == metric.Block && m.RelativeVerdict == outcome {
			all[m.Metric] = m
		}
	}
	return all
}

// trialDir is the folder of a trial, counted from 1.
func trialDir(folder string, number int) string {
	return filepath.Join(folder, fmt.Sprintf("trial-%03d", number))
}

// marked makes two copies of the reference node that differ in what no node reads: programs of two commits.
func marked(tb testing.TB) (base, head string) {
	tb.Helper()
	return padded(tb, "base", 1), padded(tb, "head", 1)
}

// padded is a copy of the reference node with so many bytes behind it, which begin with the mark.
func padded(tb testing.TB, mark string, bytes int) string {
	tb.Helper()
	raw, err := os.ReadFile(testnode.BuildRefnode(tb))
	if err != nil {
		tb.Fatal(err)
	}
	padding := make([]byte, bytes)
	copy(padding, mark)
	path := filepath.Join(tb.TempDir(), "refnode")
	if err := os.WriteFile(path, append(raw, padding...), 0o755); err != nil { //nolint:gosec // it is to be run
		tb.Fatal(err)
	}
	return path
}

// percents is a ratio for people.
func percents(ratio float64) string { return fmt.Sprintf("%+.1f %%", 100*ratio) }

// note keeps the figures in sight while a benchmark of hours goes on.
func note(b *testing.B, begun time.Time, format string, args ...any) {
	b.Helper()
	fmt.Fprintf(os.Stderr, "%6.0f s  %s\n", time.Since(begun).Seconds(), fmt.Sprintf(format, args...))
}
