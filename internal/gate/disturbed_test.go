package gate

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// besideBurners executes a benchmark, while another program keeps every core busy, and returns what was kept of it.
func besideBurners(t *testing.T, disturbed runner.Disturbed, command string) (*result.Results, string) {
	t.Helper()
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	script := testnode.Script{LifetimeMS: 10 * time.Minute.Milliseconds(), Defaults: testnode.Node{CPU: &testnode.CPU{Cores: float64(runtime.NumCPU())}}}
	truth := t.TempDir()
	testnode.Launch(t, testnode.Build(t, testnode.Scripted), []string{testnode.ScriptVariable + "=" + script.JSON()}, "--storage", truth)
	for burns := false; !burns && t.Context().Err() == nil; time.Sleep(time.Millisecond) {
		if events, err := testnode.ReadTruth(filepath.Join(truth, testnode.TruthFile)); err == nil {
			_, burns = testnode.Find(events, testnode.EventBurn)
		}
	}
	dir := t.TempDir()
	container, err := contain.Open(t.Context(), contain.Options{State: t.TempDir(), Results: dir})
	if err != nil {
		t.Fatal(err)
	}
	b := suite.Benchmark{Name: "a", Command: []string{"sh", "-c", command}, Format: "json", Runs: 3, Warmup: 1}
	plan := Plan{
		Suite: &suite.Suite{Benchmarks: []suite.Benchmark{b}}, Project: t.TempDir(), Dir: dir, Disturbed: disturbed, Log: slog.New(slog.DiscardHandler),
	}
	inv := &invocation{Plan: plan, container: container, calm: time.Millisecond}
	if err := inv.carryOut(t.Context(), oneByOne(inv.side(plan, nil))); err != nil {
		t.Error(err)
	}
	if err := container.Close(); err != nil {
		t.Error(err)
	}
	kept, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return kept, dir
}

const slow = `sleep 0.3; echo '[{"name": "x", "value": 1.5, "unit": "s"}]'`

// attempt is the place of one execution.
type attempt struct {
	Run, Attempt, Order int
	Warmup, Invalid     bool
}

func attempts(r *result.Results) []attempt {
	var all []attempt
	for _, run := range r.Runs {
		all = append(all, attempt{run.Run, run.Attempt, run.Order, run.Warmup, run.Invalid != ""})
	}
	return all
}

func TestABenchmarkOnABusyMachineIsExecutedAgain(t *testing.T) {
	kept, dir := besideBurners(t, runner.Retry, slow)
	want := []attempt{ // two more than runs, of different ones
		{1, 0, 1, true, true}, {1, 0, 2, false, true}, {2, 0, 3, false, true}, {3, 0, 4, false, true}, {1, 2, 5, false, true}, {2, 2, 6, false, true},
	}
	if diff := cmp.Diff(want, attempts(kept)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, run := range kept.Runs {
		if !strings.HasPrefix(run.Invalid, "disturbed: other processes took ") || !strings.HasSuffix(run.Invalid, " of the machine while it ran") || len(run.Findings) != 1 {
			t.Errorf("run %d: invalid %q, findings %v", run.Run, run.Invalid, run.Findings)
		}
		if p := run.Machine.Running; p == nil || p.NodesRatio == nil || p.Seconds < 0.3 {
			t.Errorf("run %d: the machine: %+v", run.Run, p)
		}
	}
	x, _ := kept.Find("", "a/x")
	if len(x.Samples) != 3 || len(x.Usable()) != 0 || x.Status != result.Failed || !strings.HasPrefix(x.Reason, "disturbed: ") {
		t.Errorf("a/x: %+v", x)
	}
	var logs []string
	entries, err := os.ReadDir(filepath.Join(dir, "benchmark-a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		logs = append(logs, entry.Name())
	}
	if diff := cmp.Diff([]string{"run-01-disturbed-1.log", "run-01.log", "run-02-disturbed-1.log", "run-02.log", "run-03.log", "warmup-01.log"}, logs); diff != "" {
		t.Errorf("logs: -want +got\n%s", diff)
	}
}

func TestKeptFiguresOfABenchmarkOnABusyMachine(t *testing.T) {
	kept, _ := besideBurners(t, runner.Keep, slow)
	if diff := cmp.Diff([]attempt{{1, 0, 1, true, false}, {1, 0, 2, false, false}, {2, 0, 3, false, false}, {3, 0, 4, false, false}}, attempts(kept)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if x, _ := kept.Find("", "a/x"); len(x.Usable()) != 3 || len(kept.Runs[3].Findings) != 1 || kept.Runs[3].Findings[0].Kind != result.FindingDisturbed {
		t.Errorf("a/x: %+v; findings %v", x, kept.Runs[3].Findings)
	}
}

func TestACommandThatFailsHasFailedOnABusyMachineToo(t *testing.T) {
	kept, _ := besideBurners(t, runner.Retry, "sleep 0.3; exit 7")
	for _, run := range kept.Runs {
		if run.Failure == "" || run.Invalid != "" || run.Attempt != 0 {
			t.Errorf("run %d, attempt %d: failure %q, invalid %q", run.Run, run.Attempt, run.Failure, run.Invalid)
		}
	}
	if len(kept.Runs) != 4 {
		t.Errorf("%d executions, want 4", len(kept.Runs))
	}
}

// TestABenchmarksOwnCPUTimeIsNobodyElses has a child of the command count, which takes a tenth of a second of CPU time or more.
func TestABenchmarksOwnCPUTimeIsNobodyElses(t *testing.T) {
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	container, err := contain.Open(t.Context(), contain.Options{State: t.TempDir(), Results: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := container.Close(); err != nil {
			t.Error(err)
		}
	})
	inv := &invocation{container: container}
	m := inv.side(Plan{Suite: &suite.Suite{}, Dir: t.TempDir(), Project: t.TempDir(), Log: slog.New(slog.DiscardHandler)}, nil)
	const work = `sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; echo '[{"name": "x", "value": 1, "unit": "s"}]'`
	run := result.Run{Benchmark: "a", Run: 1}
	if _, err := m.contained(t.Context(), suite.Benchmark{Name: "a", Command: []string{"sh", "-c", work}, Format: "json"}, &run); err != nil {
		t.Fatal(err)
	}
	p := run.Machine.Running
	if p == nil || p.NodesRatio == nil {
		t.Fatalf("the machine: %+v", p)
	}
	if used := *p.NodesRatio * p.Seconds * float64(p.Cores); used < 0.02 || used > p.Seconds*float64(p.Cores) {
		t.Errorf("%.3f s of CPU time in %.3f s", used, p.Seconds)
	}
}
