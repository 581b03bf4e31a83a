package gate_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/build"
	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

func TestMain(m *testing.M) {
	if os.Args[0] == contain.GuardName {
		os.Exit(contain.Guard(os.Args, os.Stdin))
	}
	os.Exit(testnode.CleanUpAfter(m).Run())
}

const config = `
schema = "perfgate.config/1"
[subject]
name = "scripted"
build = ["sh", "-c", "cp \"$SCRIPTED\" node && chmod +x node"]
clean = ["rm", "-f", "node"]
binary = "node"
build_runs = 2
[node]
args = ["--listen", "{listen}", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}", "--index", "{index}"]
bootstrap_args = ["--bootstrap", "{bootstrap}"]
probe = "/probe"
[[scenario]]
name = "three"
nodes = 3
duration = "300ms"
quiet = "200ms"
runs = 2
formation_timeout = "60s"
`

func plan(t *testing.T, script testnode.Script) gate.Plan {
	t.Helper()
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	s, err := suite.Parse("perfgate.toml", []byte(config))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(testnode.ScriptVariable, script.JSON())
	t.Setenv("SCRIPTED", testnode.Build(t, testnode.Scripted))
	return gate.Plan{
		Suite: s, Project: t.TempDir(), Dir: t.TempDir(), Cache: filepath.Join(t.TempDir(), "cache"), State: t.TempDir(),
		Tool: result.Tool{Name: "perfgate", Version: "test"}, Log: slog.New(slog.DiscardHandler),
		Disturbed: runner.Keep,
	}
}

func mesh() testnode.Script {
	return testnode.Script{Size: 3, Together: true, Defaults: testnode.Node{Peers: []testnode.Peers{{AtMS: 30, Peers: "2"}}}}
}

func TestMeasureBuildsRunsAndKeepsEverything(t *testing.T) {
	p := plan(t, mesh())
	var phases []runner.Phase
	builds := 0
	p.Progress = func(m gate.Progress) {
		switch {
		case m.Run != nil && m.Run.Run == 2:
			phases = append(phases, m.Run.Phase)
		case m.Built != nil:
			builds++
		}
	}
	results, err := gate.Measure(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := []runner.Phase{runner.Starting, runner.Forming, runner.Steady, runner.Stopping, runner.Done}
	if diff := cmp.Diff(want, phases); diff != "" || builds != 2 {
		t.Errorf("%d builds; phases of the last run: -want +got\n%s", builds, diff)
	}
	loaded, err := gate.Load(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(results, loaded); diff != "" {
		t.Errorf("what was returned and what was kept: -returned +kept\n%s", diff)
	}
	for _, tc := range []struct {
		scenario, metric string
		status           result.Status
		samples          int
	}{
		{"", "binary_size", result.Measured, 2},
		{"", "build_time", result.Measured, 2},
		{"three", "formation_time", result.Measured, 2},
		{"three", "average_peers", result.Measured, 2},
		{"three", "throughput", result.NotMeasurable, 0},
	} {
		s, ok := results.Find(tc.scenario, tc.metric)
		if !ok || s.Status != tc.status || len(s.Samples) != tc.samples {
			t.Errorf("%s: %s with %d samples (%s)", tc.metric, s.Status, len(s.Samples), s.Reason)
		}
	}
	if results.Subject.BinarySHA256 == "" || results.Environment.Fingerprint == "" || results.Level != "L2" {
		t.Errorf("incomplete: %+v %+v %s", results.Subject, results.Environment, results.Level)
	}
	left, err := filepath.Glob(filepath.Join(p.Dir, contain.FolderPrefix+"*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestMeasureOfAGivenBinaryHasNoBuildTimes(t *testing.T) {
	p := plan(t, mesh())
	p.Subject = os.Getenv("SCRIPTED")
	p.Suite.Scenarios[0].Runs = 1
	results, err := gate.Measure(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := results.Find("", "build_time"); s.Status != result.NotMeasurable || !strings.Contains(s.Reason, "--subject") {
		t.Errorf("build_time: %s, %q", s.Status, s.Reason)
	}
	if s, _ := results.Find("", "binary_size"); len(s.Usable()) != 1 {
		t.Errorf("binary_size: %+v", s)
	}
}

func TestMeasureKeepsWhatWasMeasuredBeforeAnInterrupt(t *testing.T) {
	p := plan(t, mesh())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p.Progress = func(m gate.Progress) {
		if m.Run != nil && m.Run.Run == 2 && m.Run.Phase == runner.Steady {
			cancel()
		}
	}
	_, err := gate.Measure(ctx, p)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	kept, err := gate.Load(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := kept.Find("three", "formation_time"); len(s.Usable()) != 1 || kept.Interrupted == "" {
		t.Errorf("kept %d samples, interrupted %q", len(s.Usable()), kept.Interrupted)
	}
}

func TestMeasureOfABuildThatFailsSaysWhatTheCompilerSaid(t *testing.T) {
	p := plan(t, mesh())
	p.Suite.Subject.Build = []string{"sh", "-c", "echo 'error[E0432]: unresolved import'; exit 101"}
	results, err := gate.Measure(t.Context(), p)
	var failed *build.Error
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "E0432") || results != nil {
		t.Errorf("%v, %v", results, err)
	}
}
