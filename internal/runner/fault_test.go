package runner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// TestFlaw17CrashIsNoticedWithItsCode has windows of ten minutes: a crash that is not noticed by the process itself keeps the test from ending.
func TestFlaw17CrashIsNoticedWithItsCode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		node   testnode.Node
		want   []string
		formed bool
	}{
		"killed at the start": {
			testnode.Node{End: &testnode.End{Signal: "SIGSEGV"}}, []string{"node 1: killed by SIGSEGV, "}, false,
		},
		"exits 0 at once": {
			testnode.Node{End: &testnode.End{}}, []string{"node 1: exited with status 0, "}, false,
		},
		"while the network forms": {
			testnode.Node{End: &testnode.End{AtMS: 150, Code: 101}, Peers: []testnode.Peers{}},
			[]string{"node 1: exited with status 101, "}, false,
		},
		"in the steady window": {
			testnode.Node{
				End: &testnode.End{AtMS: 800, Signal: "SIGKILL"},
				Log: []testnode.Line{{AtMS: 700, Text: "\x1b[31mERROR\x1b[0m \x01the disk\tis full"}, {AtMS: 710, Text: "giving up"}},
			},
			[]string{"node 1: killed by SIGKILL, ", "s after the first launch; its last words: ", " | ERROR the disk is full | giving up"}, true,
		},
		"of a panic": {
			testnode.Node{End: &testnode.End{AtMS: 800, Code: 2}, Log: []testnode.Line{
				{AtMS: 600, Text: "before"}, {AtMS: 700, Text: "panic: oh"}, {AtMS: 710, Text: "goroutine", Repeat: 20},
			}},
			[]string{"; its last words: panic: oh | goroutine | goroutine | goroutine | goroutine"}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := mesh(3, 100)
			script.Nodes = map[int]testnode.Node{1: test.node}
			b := scripted(t, 3, script)
			b.scenario().FormationTimeout, b.scenario().Duration = 10*time.Minute, 10*time.Minute

			one := b.one
			if test.formed {
				one = func() Run { return b.oneThatFormed(800 * time.Millisecond) }
			}
			run := one()

			for _, want := range test.want {
				if !strings.Contains(run.Failure, want) {
					t.Errorf("failure %q, want it with %q", run.Failure, want)
				}
			}
			crashes := run.findings(result.FindingCrash)
			if run.Formed != test.formed || len(crashes) != 1 || crashes[0].Node != 1 || "node 1: "+crashes[0].Text != run.Failure {
				t.Errorf("formed %v, findings %v", run.Formed, run.Findings)
			}
			for _, m := range run.Measurements {
				if believed(m) {
					t.Errorf("%s is believed", m.Metric.Name)
				}
			}
		})
	}
}

// TestFirstCrashIsTheCause has two nodes that have ended before anybody noticed, the later one first in the list.
func TestFirstCrashIsTheCause(t *testing.T) {
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	launcher := proc.NewLauncher()
	defer launcher.Close()
	s := &session{t0: time.Now(), network: &measure.Network{}, nodes: []*node{{index: 0}, {index: 1}, {index: 2}}}
	for _, i := range []int{1, 0} {
		process, err := launcher.Start(proc.Command{Path: "/bin/sh", Args: []string{"-c", "exit 7"}})
		if err != nil {
			t.Fatal(err)
		}
		<-process.Done()
		s.nodes[i].process = process
	}
	for range 2 { // noted once
		s.crashes()
	}
	if len(s.findings) != 2 || s.findings[0].Node != 1 || !strings.HasPrefix(s.network.Failure, "node 1: exited with status 7") {
		t.Errorf("failure %q, findings %v", s.network.Failure, s.findings)
	}
}

// TestALogThatFloodsEndsTheRun has ten minutes in which a network that does not form could fill the disk.
func TestALogThatFloodsEndsTheRun(t *testing.T) {
	t.Parallel()
	script := mesh(2, 0)
	script.Defaults.Peers = nil
	script.Nodes = map[int]testnode.Node{1: {Log: []testnode.Line{{AtMS: 100, Text: strings.Repeat("again and ", 100), Repeat: 2000}}}}
	b := scripted(t, 2, script)
	b.scenario().FormationTimeout, b.mostLog = 10*time.Minute, 1_000_000

	run := b.one()

	flood := run.findings(result.FindingLogFlood)
	if want := "node 1: it has written 2MB to its log, and 1MB is the most in one run: let it say less"; !strings.HasPrefix(run.Failure, want) {
		t.Errorf("failure %q, want %q", run.Failure, want)
	}
	if len(flood) != 1 || flood[0].Node != 1 {
		t.Errorf("findings %v", run.Findings)
	}
}

func TestNeverReady(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start testnode.Start
		want  string
	}{
		"says so":        {testnode.Start{Never: true}, "HTTP status 503"},
		"does not speak": {testnode.Start{ListenAfterMS: 50_000}, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := mesh(3, 0)
			script.Nodes = map[int]testnode.Node{2: {Start: &test.start}}
			b := scripted(t, 3, script)
			b.scenario().FormationTimeout = 2 * time.Second

			run := b.one()

			if !strings.HasPrefix(run.Failure, "node 2: not ready within 2s: ") || !strings.Contains(run.Failure, test.want) || run.Formed {
				t.Errorf("formed %v, failure %q", run.Formed, run.Failure)
			}
			for _, name := range []string{"startup_time", "formation_time", "memory_private"} {
				if m := run.named(t, name); m.Status != result.Failed || m.Reason != run.Failure {
					t.Errorf("%s: %s %s", name, m.Status, m.Reason)
				}
			}
		})
	}
}

// TestNotFormed has a network that never does: a result, and no failure.
func TestNotFormed(t *testing.T) {
	t.Parallel()
	script := mesh(3, 0)
	script.Nodes = map[int]testnode.Node{2: {Peers: []testnode.Peers{{Peers: "1", IDs: []string{"node-0"}}}}}
	b := scripted(t, 3, script)
	b.scenario().FormationTimeout = 6 * time.Second
	var phases []Phase
	b.anew = func() { phases = nil }
	b.Progress = func(p Progress) { phases = append(phases, p.Phase) }

	run := b.one()

	if diff := cmp.Diff([]Phase{Starting, Forming, Stopping, Done}, phases); diff != "" {
		t.Errorf("phases: -want +got\n%s", diff)
	}
	want := []result.Finding{
		{Kind: result.FindingNotFormed, Node: -1, Text: "the network did not form within 6s: last peer counts [2 2 1]"},
		{Kind: result.FindingAsymmetric, Node: 1, Text: "claims node 2 as a peer, which does not claim it"},
	}
	if diff := cmp.Diff(want, timeless(run.Findings)); diff != "" || run.Formed || run.Failure != "" {
		t.Errorf("formed %v, failure %q, findings: -want +got\n%s", run.Formed, run.Failure, diff)
	}
	for name, want := range map[string]float64{"formation_time": 6, "formation_success": 0, "discovery_success_rate": 5. / 6, "log_errors": 0} {
		if m := run.named(t, name); !believed(m) || m.Value != want || m.Censored != (name == "formation_time") {
			t.Errorf("%s: %+v", name, m)
		}
	}
	for _, name := range []string{"formation_cpu", "topology_convergence_time", "average_peers", "disconnections", "memory_private", "cpu_idle"} {
		if m := run.named(t, name); m.Status != result.Failed || m.Reason != "the network did not form within 6s" {
			t.Errorf("%s: %s %s", name, m.Status, m.Reason)
		}
	}
}

func TestUselessRunsAreGivenUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		commands string
		formed   bool
		want     string
		kind     []string
	}{
		"runs that fail":     {"exit 3", false, "not tried: 3 runs in a row gave nothing, the last because of this: node 0: exited with status 3", nil},
		"runs that measured": {"while :; do sleep 0.01; done", false, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := shell(t, 1, test.commands)
			b.Suite.Scenarios = append(b.Suite.Scenarios, b.Suite.Scenarios[0])
			b.Suite.Scenarios[1].Name, b.Suite.Scenarios[1].Runs = "second", 1
			b.scenario().Duration, b.scenario().Runs, b.scenario().Warmup = 50*time.Millisecond, 4, 1
			if test.want != "" {
				b.scenario().Duration = time.Minute // a busy machine may take long to let a node fail
			}

			runs := b.run()

			var got, want []result.Run
			for i, r := range runs {
				got = append(got, result.Run{Scenario: r.Scenario, Run: r.Run.Run, Warmup: r.Warmup, Order: r.Order})
				skipped := strings.HasPrefix(r.Failure, "not tried")
				if skipped != (test.want != "" && (i == 3 || i == 4)) || skipped && !strings.HasPrefix(r.Failure, test.want) {
					t.Errorf("run %d: %q", i, r.Failure)
				}
			}
			want = []result.Run{
				{Scenario: "quick", Run: 1, Warmup: true, Order: 1}, {Scenario: "quick", Run: 1, Order: 2}, {Scenario: "quick", Run: 2, Order: 3},
				{Scenario: "quick", Run: 3, Order: 4}, {Scenario: "quick", Run: 4, Order: 5}, {Scenario: "second", Run: 1, Order: 6},
			}
			if test.want != "" {
				want[3].Order, want[4].Order, want[5].Order = 0, 0, 4
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			for _, m := range runs[3].Measurements {
				if test.want != "" && m.Status == result.Measured {
					t.Errorf("%s of a run that was not tried is %v", m.Metric.Name, m.Value)
				}
			}
		})
	}
}

// TestNetworksThatDoNotFormAreGivenUp: what was not tried then is known to be of that kind, not of a crash.
func TestNetworksThatDoNotFormAreGivenUp(t *testing.T) {
	t.Parallel()
	b := scripted(t, 2, testnode.Script{})
	b.scenario().FormationTimeout, b.scenario().Runs = 4*time.Second, 4
	runs := b.run()
	if len(runs) != 4 || runs[2].Failure != "" || runs[3].Order != 0 {
		t.Fatalf("runs: %+v", runs)
	}
	want := []result.Finding{{Kind: result.FindingNotFormed, Node: -1, Text: runs[3].Failure}}
	if diff := cmp.Diff(want, runs[3].Findings); diff != "" || !strings.HasSuffix(runs[3].Failure, "the network did not form within 4s") {
		t.Errorf("failure %q; findings: -want +got\n%s", runs[3].Failure, diff)
	}
}

func TestProgramsThatCannotBeStarted(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("no program"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none"): "node 0: start " + filepath.Join(dir, "none") + ": ", plain: "chmod +x",
	} {
		b := shell(t, 2, "")
		b.Binary = path
		run := b.one()
		if !strings.Contains(run.Failure, want) || !strings.HasPrefix(run.Failure, "node 0: start "+path) {
			t.Errorf("failure %q, want it with %q", run.Failure, want)
		}
	}
}

func TestErrorsOfTheMeasurementItself(t *testing.T) {
	stop := errors.New("the disk is full")
	b := shell(t, 1, "while :; do sleep 0.01; done")
	b.scenario().Duration, b.scenario().Runs = 10*time.Millisecond, 3
	runs := 0
	err := b.Measure(t.Context(), func(suite.Scenario, Run) error { runs++; return stop })
	if !errors.Is(err, stop) || runs != 1 {
		t.Errorf("%d runs and %v", runs, err)
	}

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if runs, err := b.measure(cancelled); !errors.Is(err, context.Canceled) || len(runs) != 0 {
		t.Errorf("%d runs and %v", len(runs), err)
	}

	b.Dir = filepath.Join(b.Dir, "file")
	if err := os.WriteFile(b.Dir, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if runs, err := b.measure(t.Context()); err == nil || !strings.Contains(err.Error(), "make the folder of a run") || len(runs) != 0 {
		t.Errorf("%d runs and %v", len(runs), err)
	}
}
