package gate_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// alone is a plan of benchmarks without a network; each script runs in the folder of the project.
func alone(t *testing.T, runs, warmup int, scripts ...string) gate.Plan {
	t.Helper()
	p := plan(t, testnode.Script{})
	p.Suite = &suite.Suite{Subject: suite.Subject{Name: "library", BuildRuns: 1}}
	for i, script := range scripts {
		p.Suite.Benchmarks = append(p.Suite.Benchmarks, suite.Benchmark{
			Name: string(rune('a' + i)), Command: []string{"sh", "-c", script}, Format: "json", Runs: runs, Warmup: warmup,
		})
	}
	return p
}

// counting gives the number of the execution, from 1, as the value of x.
const counting = `echo >>count; echo "[{\"name\": \"x\", \"value\": $(wc -l <count), \"unit\": \"s\"}]"`

func values(s result.Series) []float64 {
	var all []float64
	for _, sample := range s.Samples {
		if sample.Value != nil {
			all = append(all, *sample.Value)
		}
	}
	return all
}

func TestMeasureOfBenchmarksAloneNeedsNeitherNodeNorBinary(t *testing.T) {
	p := alone(t, 3, 2, counting, `echo '[{"name": "y", "value": 0, "unit": "count", "better": "lower"}]'`)
	var phases []string
	p.Progress = func(m gate.Progress) {
		if m.Run.Run == 1 && m.Run.Scenario == "benchmark a" {
			phases = append(phases, string(m.Run.Phase))
		}
	}
	results, err := gate.Measure(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := gate.Load(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(results, loaded); diff != "" {
		t.Errorf("what was returned and what was kept: -returned +kept\n%s", diff)
	}
	if x, _ := results.Find("", "a/x"); !cmp.Equal(values(x), []float64{3, 4, 5}) || x.Samples[2].Order != 5 {
		t.Errorf("a/x, after two warm-ups: %+v", x)
	}
	if y, _ := results.Find("", "b/y"); y.Status != result.Measured || len(y.Usable()) != 3 {
		t.Errorf("b/y: %+v", y)
	}
	want := []result.Scenario{
		{Benchmark: "a", Runs: 3, Configuration: p.Suite.Benchmarks[0].Configuration()},
		{Benchmark: "b", Runs: 3, Configuration: p.Suite.Benchmarks[1].Configuration()},
	}
	if diff := cmp.Diff(want, results.Scenarios); diff != "" {
		t.Errorf("plans: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"running", "done", "running", "done"}, phases); diff != "" { // a warm-up and a run
		t.Errorf("phases: -want +got\n%s", diff)
	}
	for _, name := range []string{"benchmark-a/warmup-02.log", "benchmark-a/run-03.log", "benchmark-b/run-01.log"} {
		if log, err := os.ReadFile(filepath.Join(p.Dir, name)); err != nil || !strings.Contains(string(log), `"name"`) {
			t.Errorf("%s: %q, %v", name, log, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(p.Dir, contain.FolderPrefix+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestMeasureExecutesBenchmarksAfterTheScenarios(t *testing.T) {
	p := plan(t, mesh())
	p.Suite.Scenarios[0].Runs = 1
	p.Suite.Subject.BuildRuns = 1
	p.Suite.Benchmarks = []suite.Benchmark{{Name: "a", Command: []string{"sh", "-c", counting}, Format: "json", Runs: 2}}
	results, err := gate.Measure(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, run := range results.Runs {
		order = append(order, run.Scenario+run.Benchmark)
	}
	if strings.Join(order, " ") != "three three a a" || results.Runs[3].Order != 4 {
		t.Errorf("runs: %+v", results.Runs)
	}
	for _, name := range []string{"binary_size", "a/x"} {
		if s, _ := results.Find("", name); s.Status != result.Measured {
			t.Errorf("%s: %s (%s)", name, s.Status, s.Reason)
		}
	}
}

func TestMeasureGivesUpABenchmarkAfterThreeFailures(t *testing.T) {
	p := alone(t, 5, 0, `echo >>count; echo oh no; exit 7`, counting)
	results, err := gate.Measure(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	var failures []string
	for _, run := range results.Runs[:5] {
		failures = append(failures, run.Failure)
	}
	const why = "exit status 7; its last words: oh no"
	const skipped = "not tried: 3 runs in a row gave nothing, the last because of this: exit status 7"
	if diff := cmp.Diff([]string{why, why, why, skipped, skipped}, failures); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if x, _ := results.Find("", "b/x"); !cmp.Equal(values(x), []float64{4, 5, 6, 7, 8}) {
		t.Errorf("the next benchmark, after three executions: %v", values(x))
	}
}

func TestMeasureLosesOneExecutionToAnInterrupt(t *testing.T) {
	p := alone(t, 5, 0, counting)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p.Progress = func(m gate.Progress) {
		if m.Run.Run == 3 && m.Run.Phase == gate.Executing {
			cancel()
		}
	}
	if _, err := gate.Measure(ctx, p); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	kept, err := gate.Load(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if x, _ := kept.Find("", "a/x"); !cmp.Equal(values(x), []float64{1, 2}) || kept.Interrupted != "by a signal" {
		t.Errorf("kept %v, interrupted %q", values(x), kept.Interrupted)
	}
}

func TestMeasureLeavesNothingOfABenchmark(t *testing.T) {
	p := alone(t, 1, 0, `(setsid sleep 4242 >/dev/null 2>&1 & echo $! >pid); `+counting)
	results, err := gate.Measure(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := os.ReadFile(filepath.Join(p.Project, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	state, err := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(string(pid)), "stat"))
	if err == nil && !strings.Contains(string(state), ") Z ") { // one that has ended may wait for its new parent
		t.Errorf("still there: %s", state)
	}
	left := func(f result.Finding) bool { return f.Kind == result.FindingLeft } // others may disturb the machine
	if len(results.Runs) != 1 || slices.ContainsFunc(results.Runs[0].Findings, left) {
		t.Errorf("%+v", results.Runs)
	}
}

func TestMeasureBuildsForBenchmarksWhatTheSuiteSays(t *testing.T) {
	p := alone(t, 1, 0, `test -e built && `+counting)
	p.Suite.Subject.Build = []string{"touch", "built"}
	p.Suite.Subject.Clean = []string{"rm", "-f", "built"}
	results, err := gate.Measure(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if x, _ := results.Find("", "a/x"); len(x.Usable()) != 1 {
		t.Errorf("a/x: %+v; runs %+v", x, results.Runs)
	}
	if s, _ := results.Find("", "build_time"); s.Status != result.Measured {
		t.Errorf("build_time: %+v", s)
	}
	if s, _ := results.Find("", "binary_size"); s.Status != result.NotMeasurable || !strings.Contains(s.Reason, "subject.binary") {
		t.Errorf("binary_size: %+v", s)
	}
}
