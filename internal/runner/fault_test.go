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

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// TestCrash has windows of ten minutes: a crash that is not noticed by the process itself keeps the test from ending.
func TestCrash(t *testing.T) {
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

			run := b.one()

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

// TestFirstCrashIsTheCause has a node whose death others take after.
func TestFirstCrashIsTheCause(t *testing.T) {
	t.Parallel()
	script := mesh(4, 100)
	script.Nodes = map[int]testnode.Node{
		2: {End: &testnode.End{AtMS: 600, Code: 7}}, 0: {End: &testnode.End{AtMS: 900, Code: 8}},
	}
	b := scripted(t, 4, script)
	b.scenario().Duration = 10 * time.Minute
	if run := b.one(); !strings.HasPrefix(run.Failure, "node 2: exited with status 7") {
		t.Errorf("failure %q", run.Failure)
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
			b.scenario().FormationTimeout = time.Second

			run := b.one()

			if !strings.HasPrefix(run.Failure, "node 2: not ready within 1s: ") || !strings.Contains(run.Failure, test.want) || run.Formed {
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
	b.scenario().FormationTimeout = time.Second
	var phases []Phase
	b.Progress = func(p Progress) { phases = append(phases, p.Phase) }

	run := b.one()

	if diff := cmp.Diff([]Phase{Starting, Forming, Stopping, Done}, phases); diff != "" {
		t.Errorf("phases: -want +got\n%s", diff)
	}
	want := []result.Finding{{Kind: result.FindingNotFormed, Node: -1, Text: "the network did not form within 1s: last peer counts [2 2 1]"}}
	if diff := cmp.Diff(want, run.Findings); diff != "" || run.Formed || run.Failure != "" {
		t.Errorf("formed %v, failure %q, findings: -want +got\n%s", run.Formed, run.Failure, diff)
	}
	for name, want := range map[string]float64{"formation_time": 1, "formation_success": 0, "discovery_success_rate": 5. / 6, "log_errors": 0} {
		if m := run.named(t, name); !believed(m) || m.Value != want || m.Censored != (name == "formation_time") {
			t.Errorf("%s: %+v", name, m)
		}
	}
	for _, name := range []string{"formation_cpu", "topology_convergence_time", "average_peers", "disconnections", "memory_private", "cpu_idle"} {
		if m := run.named(t, name); m.Status != result.Failed || m.Reason != "the network did not form within 1s" {
			t.Errorf("%s: %s %s", name, m.Status, m.Reason)
		}
	}
}

// TestGauge has one of two nodes with a gauge that cannot be read or believed, from the start.
func TestGauge(t *testing.T) {
	t.Parallel()
	page := func(mode testnode.Mode) testnode.Node { return testnode.Node{Pages: []testnode.Page{{Mode: mode}}} }
	value := func(v testnode.Value) testnode.Node { return testnode.Node{Peers: []testnode.Peers{{Peers: v}}} }
	gauge := func(g testnode.Gauge) testnode.Node { return testnode.Node{Gauge: &g} }
	for name, test := range map[string]struct {
		node testnode.Node
		kind string
		want string
	}{
		"absent":       {gauge(testnode.Gauge{Absent: true, Extra: "other 1\n"}), result.FindingUnreadable, "communitas_peers_connected: not on the page"},
		"renamed":      {gauge(testnode.Gauge{Series: "communitas_peers"}), result.FindingUnreadable, "it shows communitas_peers"},
		"no number":    {value("abc"), result.FindingUnreadable, "parse metrics"},
		"no page":      {page(testnode.PageEmpty), result.FindingUnreadable, "no series"},
		"HTML":         {page(testnode.PageHTML), result.FindingUnreadable, "HTML"},
		"huge":         {page(testnode.PageHuge), result.FindingUnreadable, "larger than"},
		"status 500":   {page(testnode.PageStatus500), result.FindingUnreadable, "HTTP status 500"},
		"reset":        {page(testnode.PageReset), result.FindingUnreadable, "reset"},
		"cut":          {page(testnode.PageTruncated), result.FindingUnreadable, "cut"},
		"hanging":      {page(testnode.PageHang), result.FindingUnreadable, "no answer"},
		"drop by drop": {page(testnode.PageDrip), result.FindingUnreadable, "no answer"},
		"NaN":          {value("NaN"), result.FindingGaugeInvalid, "node 1: the gauge shows NaN, which is no count"},
		"infinite":     {value("+Inf"), result.FindingGaugeInvalid, "node 1: the gauge shows +Inf, which is no count"},
		"negative":     {value("-1"), result.FindingGaugeInvalid, "node 1: the gauge shows -1 peers, fewer than none"},
		"a part":       {value("0.5"), result.FindingGaugeInvalid, "node 1: the gauge shows 0.5 peers, which is not whole"},
		"above N-1":    {value("2"), result.FindingGaugeInvalid, "node 1: the gauge shows 2 peers in a network of 2 nodes, where 1 is the most"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := mesh(2, 0)
			script.Nodes = map[int]testnode.Node{1: test.node}
			b := scripted(t, 2, script)

			run := b.one()

			found := run.findings(test.kind)
			if len(found) == 0 || !strings.Contains(found[0].Text, test.want) || run.Formed {
				t.Errorf("formed %v, findings %v, want %s with %q", run.Formed, run.Findings, test.kind, test.want)
			}
			if (run.Failure == "") == (test.kind == result.FindingUnreadable) {
				t.Errorf("failure %q", run.Failure)
			}
			for _, m := range run.Measurements {
				if m.Metric.Level == metric.L1 && (believed(m) || m.Status == result.NotMeasurable) {
					t.Errorf("%s: %v is believed", m.Metric.Name, m.Value)
				}
			}
		})
	}
}

// TestGaugeInTheSteadyWindow has a gauge that goes wrong when the network has formed.
func TestGaugeInTheSteadyWindow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		node                       testnode.Node
		average, drops             string // "" when it is believed
		averageValue, dropsAtLeast float64
		kinds                      []string
	}{
		"flaps": {
			node:         testnode.Node{Peers: []testnode.Peers{{Peers: "2"}, {AtMS: 900, Peers: "0"}, {AtMS: 1300, Peers: "2"}}},
			dropsAtLeast: 2, kinds: []string{},
		},
		"shows the impossible once": {
			node:    testnode.Node{Peers: []testnode.Peers{{Peers: "2"}, {AtMS: 900, Peers: "3"}, {AtMS: 1300, Peers: "2"}}},
			average: "gauge_invalid", drops: "gauge_invalid", kinds: []string{result.FindingGaugeInvalid},
		},
		"cannot be read for a while": {
			node:    testnode.Node{Peers: []testnode.Peers{{Peers: "2"}}, Pages: []testnode.Page{{AtMS: 700, Mode: testnode.PageStatus500}, {AtMS: 1400, Mode: testnode.PageMetrics}}},
			average: "could not be read in", drops: "could not be read in", kinds: []string{result.FindingUnreadable},
		},
		"hangs until the end": {
			node:    testnode.Node{Peers: []testnode.Peers{{Peers: "2"}}, Pages: []testnode.Page{{AtMS: 700, Mode: testnode.PageHang}}},
			average: "could not be read in", drops: "could not be read in", kinds: []string{result.FindingUnreadable},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := mesh(3, 0)
			script.Nodes = map[int]testnode.Node{2: test.node}
			b := scripted(t, 3, script)
			b.scenario().Duration = 2 * time.Second

			run := b.one()

			kinds := []string{}
			for _, f := range run.Findings {
				if f.Kind != result.FindingAsymmetric {
					kinds = append(kinds, f.Kind)
				}
			}
			if diff := cmp.Diff(test.kinds, kinds); diff != "" || !run.Formed || run.Failure != "" {
				t.Errorf("formed %v, failure %q, findings %v", run.Formed, run.Failure, run.Findings)
			}
			for name, why := range map[string]string{"average_peers": test.average, "disconnections": test.drops, "memory_private": "", "cpu_idle": ""} {
				if m := run.named(t, name); m.Status != result.Measured || (m.Invalid == "") != (why == "") || !strings.Contains(m.Invalid, why) {
					t.Errorf("%s: %s, %s%s, want %q", name, m.Status, m.Reason, m.Invalid, why)
				}
			}
			if drops := run.named(t, "disconnections"); drops.Value < test.dropsAtLeast {
				t.Errorf("%v disconnections", drops.Value)
			}
		})
	}
}

func TestProbeThatIsNotThere(t *testing.T) {
	t.Parallel()
	script := mesh(2, 0)
	script.Defaults.Probe = &testnode.Probe{Absent: true}
	b := scripted(t, 2, script)
	run := b.one()
	if m := run.named(t, "discovery_success_rate"); m.Status != result.Failed || !strings.Contains(m.Reason, "404") {
		t.Errorf("discovery: %+v", m)
	}
	if found := run.findings(result.FindingUnreadable); !run.Formed || len(found) != 2 || !strings.HasPrefix(found[0].Text, "probe: ") {
		t.Errorf("formed %v, findings %v", run.Formed, run.Findings)
	}
}

// TestLiesOfTheProbe checks that links that one end alone claims are reported.
func TestLiesOfTheProbe(t *testing.T) {
	t.Parallel()
	script := mesh(3, 0)
	script.Nodes = map[int]testnode.Node{1: {Probe: &testnode.Probe{Phantom: []string{"ghost"}}}}
	run := scripted(t, 3, script).one()
	want := []result.Finding{{Kind: result.FindingAsymmetric, Node: 1, Text: "claims the peer ghost, which is none of this network"}}
	if diff := cmp.Diff(want, run.Findings); diff != "" {
		t.Errorf("-want +got\n%s", diff)
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
	b.scenario().FormationTimeout, b.scenario().Runs = 300*time.Millisecond, 4
	runs := b.run()
	if len(runs) != 4 || runs[2].Failure != "" || runs[3].Order != 0 {
		t.Fatalf("runs: %+v", runs)
	}
	want := []result.Finding{{Kind: result.FindingNotFormed, Node: -1, Text: runs[3].Failure}}
	if diff := cmp.Diff(want, runs[3].Findings); diff != "" || !strings.HasSuffix(runs[3].Failure, "the network did not form within 300ms") {
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
