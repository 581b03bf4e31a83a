package runner

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestMain lets more tests run at the same time than there are cores: they wait most of the time.
func TestMain(m *testing.M) {
	if os.Args[0] == contain.GuardName {
		os.Exit(contain.Guard(os.Args, os.Stdin))
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	if signal.Ignored(os.Interrupt) { // as in the background of a shell, where no shell could trap it; the children of one that catches it can
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	}
	os.Exit(testnode.CleanUpAfter(m).Run())
}

// bench is a runner over a network of test programs, with what a test wants to know of it.
type bench struct {
	*Runner
	t *testing.T
	// truth is the folder in which scripted nodes keep their storage, so that their truth outlives the run.
	truth string
	// starting is CLOCK_MONOTONIC in nanoseconds just before the last run's first node was started.
	starting int64
	// steady is the same just before the last run's steady window began.
	steady int64
	// anew is called before each measurement, of which run may take several; nil for nothing.
	anew func()
}

// lifetime is after how long nodes end themselves that nobody has stopped.
const lifetime = 10 * time.Minute

// scripted makes a runner of one scenario over nodes that obey a script: they are to form a full mesh, and are watched for
// one second.
func scripted(t *testing.T, nodes int, script testnode.Script) *bench {
	t.Helper()
	script.LifetimeMS = lifetime.Milliseconds()
	b := newBench(t, testnode.Build(t, testnode.Scripted), nodes)
	b.Suite.Node = suite.Node{
		Args: []string{
			"--storage", filepath.Join(b.truth, "{index}"), "--listen", "{listen}", "--metrics", "--metrics-addr", "{control}", "--index", "{index}",
		},
		BootstrapArgs: []string{"--bootstrap", "{bootstrap}"},
		Env:           map[string]string{testnode.ScriptVariable: script.JSON()},
		Ready:         "/health", Metrics: "/metrics", Peers: "communitas_peers_connected", PeersCount: suite.PeersAll, Probe: "/probe",
		StopSignal: "SIGINT", StopTimeout: 20 * time.Second,
	}
	return b
}

// shell makes a runner of one scenario over shells that do the same commands, and offer nothing else.
func shell(t *testing.T, nodes int, commands string) *bench {
	t.Helper()
	b := newBench(t, "/bin/sh", nodes)
	b.Suite.Node = suite.Node{Args: []string{"-c", commands, b.truth}, StopSignal: "SIGINT", StopTimeout: 20 * time.Second}
	return b
}

func newBench(t *testing.T, binary string, nodes int) *bench {
	t.Helper()
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	ports, err := NewPorts(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ports.Close)
	b := &bench{t: t, truth: t.TempDir()}
	dir := t.TempDir()
	b.Runner = &Runner{
		Suite: &suite.Suite{Scenarios: []suite.Scenario{{
			Name: "quick", Nodes: nodes, Duration: time.Second, Quiet: 500 * time.Millisecond, Runs: 1,
			FormationTimeout: 30 * time.Second, Expect: suite.Expectation{Graph: suite.FullMesh},
		}}},
		Binary: binary, Dir: dir, Ports: ports, Contain: container(t, dir), Log: slog.New(slog.DiscardHandler),
		Disturbed: Keep, // what else this machine does is not what most tests are about
		Progress: func(p Progress) {
			switch p.Phase {
			case Starting:
				b.starting = testnode.MonotonicNS()
			case Steady:
				b.steady = testnode.MonotonicNS()
			}
		},
	}
	return b
}

// container holds what a test measures in a results directory.
func container(tb testing.TB, dir string) *contain.Container {
	tb.Helper()
	c, err := contain.Open(tb.Context(), contain.Options{State: tb.TempDir(), Results: dir})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
	return c
}

// scenario is the first one, to be changed.
func (b *bench) scenario() *suite.Scenario { return &b.Suite.Scenarios[0] }

// run measures everything; nothing may be left of it but files.
func (b *bench) run() []Run {
	b.t.Helper()
	var runs []Run
	testnode.Unstalled(b.t, func() {
		if b.anew != nil {
			b.anew()
		}
		var err error
		if runs, err = b.measure(b.t.Context()); err != nil {
			b.t.Fatal(err)
		}
	})
	return runs
}

func (b *bench) measure(ctx context.Context) ([]Run, error) {
	b.t.Helper()
	var runs []Run
	err := b.Measure(ctx, func(_ suite.Scenario, r Run) error {
		r.Findings = withoutDisturbed(r.Findings)
		runs = append(runs, r)
		return nil
	})
	b.nothingIsLeft()
	return runs, err
}

// one measures a single run.
func (b *bench) one() Run {
	b.t.Helper()
	runs := b.run()
	if len(runs) != 1 {
		b.t.Fatalf("%d runs, want 1", len(runs))
	}
	return runs[0]
}

// oneThatFormed measures until a run has formed before its script goes on, which on a busy machine may take several.
func (b *bench) oneThatFormed(by time.Duration) Run {
	b.t.Helper()
	for range 20 {
		if run := b.one(); run.Formed && run.named(b.t, "formation_time").Value < by.Seconds() {
			return run
		}
	}
	b.t.Fatalf("no network formed within %v", by)
	return Run{}
}

// patience bounds what takes no time but on a busy machine.
const patience = 2 * time.Minute

// eventually waits until nothing is wrong any more, and fails the test when that does not come.
func eventually(t *testing.T, wrong func() string) {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		late := time.Since(begin) > patience // before the look: the machine may stand still between the two
		last := wrong()
		if last == "" {
			return
		}
		if late {
			t.Error(last)
			return
		}
	}
}

// nothingIsLeft waits until no process belongs to this test. What was killed needs a moment to go.
func (b *bench) nothingIsLeft() {
	b.t.Helper()
	eventually(b.t, func() string {
		if left := b.processes(); len(left) > 0 {
			return fmt.Sprintf("processes are left: %v", left)
		}
		return ""
	})
}

// afterWord lets nodes be stopped only when each has written a word to its log: before that they are not what they are to be.
func (b *bench) afterWord(word string) {
	b.t.Helper()
	before := b.Progress
	b.Progress = func(p Progress) {
		if before(p); p.Phase != Stopping {
			return
		}
		for node := range b.scenario().Nodes {
			path := filepath.Join(b.Dir, "quick", "run-01", fmt.Sprintf("node-%d", node), contain.LogFile)
			eventually(b.t, func() string {
				if log, err := os.ReadFile(path); !strings.Contains(string(log), word) {
					return fmt.Sprintf("node %d never said %q, but %q (%v)", node, word, log, err)
				}
				return ""
			})
		}
	}
}

// processes lists the living ones that have the folder of this test on their command line or in their environment.
func (b *bench) processes() []string {
	var found []string
	entries, err := os.ReadDir("/proc")
	if err != nil {
		b.t.Fatal(err)
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // ended meanwhile, or somebody else's
		environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if strings.Contains(string(command)+string(environ), b.truth) {
			found = append(found, fmt.Sprintf("%d %q", pid, command))
		}
	}
	return found
}

// events reads the truth of one node.
func (b *bench) events(node int) []testnode.Event {
	b.t.Helper()
	events, err := testnode.ReadTruth(filepath.Join(b.truth, strconv.Itoa(node), testnode.TruthFile))
	if err != nil {
		b.t.Fatal(err)
	}
	return events
}

// named returns the measurement of that name.
func (r Run) named(t *testing.T, name string) result.Measurement {
	t.Helper()
	for _, m := range r.Measurements {
		if m.Metric.Name == name {
			return m
		}
	}
	t.Fatalf("no metric %s", name)
	return result.Measurement{}
}

// believed tells whether a measurement is a valid value.
func believed(m result.Measurement) bool { return m.Status == result.Measured && m.Invalid == "" }

// findings are the findings of a kind.
func (r Run) findings(kind string) []result.Finding {
	var found []result.Finding
	for _, f := range r.Findings {
		if f.Kind == kind {
			found = append(found, f)
		}
	}
	return found
}

// mesh is a script in which every node has all peers so many milliseconds after all run.
func mesh(nodes int, atMS int64) testnode.Script {
	return testnode.Script{Size: nodes, Together: true, Defaults: testnode.Node{Peers: []testnode.Peers{{AtMS: atMS, Peers: testnode.Value(strconv.Itoa(nodes - 1))}}}}
}

// isMeasured says what is wrong with a run on which nothing should be, "" when nothing is.
func isMeasured(r Run) string {
	if !r.Formed || r.Failure != "" || len(withoutDisturbed(r.Findings)) > 0 {
		return fmt.Sprintf("formed %v, failure %q, findings %v", r.Formed, r.Failure, r.Findings)
	}
	for _, m := range r.Measurements {
		if m.Status != result.NotMeasurable && !believed(m) {
			return fmt.Sprintf("%s: %s %s%s", m.Metric.Name, m.Status, m.Reason, m.Invalid)
		}
	}
	return ""
}

// withoutDisturbed leaves out what says that others were at work on this machine.
func withoutDisturbed(all []result.Finding) []result.Finding {
	var findings []result.Finding
	for _, f := range all {
		if f.Kind != result.FindingDisturbed {
			findings = append(findings, f)
		}
	}
	return findings
}

var approximately = cmpopts.EquateApprox(1e-9, 0)
