package instrument

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/contain"
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
	if os.Args[0] == burnerName || os.Args[0] == urgentName {
		os.Exit(beBurner(os.Args[0], os.Stdin))
	}
	os.Exit(testnode.CleanUpAfter(m).Run())
}

// lab runs networks of scripted nodes and reads their truth.
type lab struct {
	*runner.Runner
	tb testing.TB
	// truth has a folder for each node, outside of the results: the truth outlives the run.
	truth string
}

// observed is what one run gave, and what was true of it.
type observed struct {
	runner.Run
	// Truth has the events of each node, in their order; none of a node that was not started.
	Truth [][]testnode.Event
}

// newLab makes a laboratory for networks of one scenario: a full mesh is expected, and the steady window is as short as one
// look at everything.
func newLab(tb testing.TB, nodes int, script testnode.Script) *lab {
	tb.Helper()
	l := bareLab(tb, testnode.Build(tb, testnode.Scripted), nodes)
	l.Suite.Node = scriptedNode(l.truth)
	l.perform(script)
	return l
}

// scriptedNode is how a scripted node is started that keeps its truth below the folder.
func scriptedNode(truth string) suite.Node {
	return suite.Node{
		Args: []string{
			"--storage", filepath.Join(truth, "{index}"), "--listen", "{listen}", "--metrics", "--metrics-addr", "{control}", "--index", "{index}",
		},
		BootstrapArgs: []string{"--bootstrap", "{bootstrap}"},
		Ready:         "/health", Metrics: "/metrics", Peers: "communitas_peers_connected", PeersCount: suite.PeersAll, Probe: "/probe",
		StopSignal: "SIGINT", StopTimeout: 20 * time.Second,
	}
}

// bareLab is a laboratory whose nodes are still to be described.
func bareLab(tb testing.TB, binary string, nodes int) *lab {
	tb.Helper()
	if err := proc.Supported(); err != nil {
		tb.Skip(err)
	}
	ports, err := runner.NewPorts(0, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(ports.Close)
	l, dir := &lab{tb: tb, truth: quietFolder(tb)}, tb.TempDir()
	container, err := contain.Open(tb.Context(), contain.Options{State: tb.TempDir(), Results: dir})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := container.Close(); err != nil {
			tb.Error(err)
		}
	})
	l.Runner = &runner.Runner{
		Suite: &suite.Suite{Scenarios: []suite.Scenario{{
			Name: "lab", Nodes: nodes, Duration: 50 * time.Millisecond, Quiet: 20 * time.Millisecond, Runs: 1,
			FormationTimeout: time.Minute, Expect: suite.Expectation{Graph: suite.FullMesh},
		}}},
		Binary: binary, Dir: dir, Ports: ports, Contain: container, Log: slog.New(slog.DiscardHandler), Disturbed: runner.Keep,
	}
	return l
}

// quietFolder is a temporary folder, in memory where there is such a place: a node that waits for a disk to take its truth
// would not do what it says at the time that it says.
func quietFolder(tb testing.TB) string {
	tb.Helper()
	const memory = "/dev/shm"
	if !proc.Volatile(memory) {
		return tb.TempDir()
	}
	folder, err := os.MkdirTemp(memory, "perfgate-instrument-") //nolint:usetesting // TempDir of the test lies on a disk
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			tb.Error(err)
		}
	})
	return folder
}

// scenario is the only one, to be changed.
func (l *lab) scenario() *suite.Scenario { return &l.Suite.Scenarios[0] }

// perform gives the nodes of the next runs a script.
func (l *lab) perform(script testnode.Script) {
	l.Suite.Node.Env = map[string]string{testnode.ScriptVariable: script.JSON()}
}

// run measures so many runs with the truth of each.
func (l *lab) run(runs int) []observed {
	l.tb.Helper()
	l.scenario().Runs = runs
	var all []observed
	err := l.Measure(l.tb.Context(), func(scenario suite.Scenario, run runner.Run) error {
		o := observed{Run: run, Truth: make([][]testnode.Event, scenario.Nodes)}
		for node := range o.Truth {
			o.Truth[node] = l.incarnation(node, run.T0MonotonicNS)
		}
		all = append(all, o)
		return nil
	})
	if err != nil {
		l.tb.Fatal(err)
	}
	return all
}

// incarnation is the truth of a node in the run that began at t0: it writes one file over all runs.
func (l *lab) incarnation(node int, t0 int64) []testnode.Event {
	l.tb.Helper()
	events, err := testnode.ReadTruth(filepath.Join(l.truth, strconv.Itoa(node), testnode.TruthFile))
	if errors.Is(err, os.ErrNotExist) { // other nodes tell no truth
		return nil
	}
	if err != nil {
		l.tb.Logf("no truth: %v", err)
		return nil
	}
	return since(events, t0)
}

// must ends the benchmark when a run has failed: its figures would say nothing.
func (o observed) must(tb testing.TB) observed {
	tb.Helper()
	if !o.Formed || o.Failure != "" {
		tb.Fatalf("run %d: formed %v, failure %q, %d findings", o.Run.Run.Run, o.Formed, o.Failure, len(o.Findings))
	}
	return o
}

// named returns the measurement of that name.
func (o observed) named(tb testing.TB, name string) result.Measurement {
	tb.Helper()
	for _, m := range o.Measurements {
		if m.Metric.Name == name {
			return m
		}
	}
	tb.Fatalf("no metric %s", name)
	return result.Measurement{}
}
