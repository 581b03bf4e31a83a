package runner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/testnode"
)

// TestFlaw16StoppingHasAnEnd has nodes that ignore the signal to stop, each with a child that ignores every polite signal and
// one daemon among them: all are gone when the run is over, which run looks for. Nodes get the signal that they want.
func TestFlaw16StoppingHasAnEnd(t *testing.T) {
	t.Parallel()
	deaf := &testnode.Signals{IgnoreINT: true, IgnoreTERM: true}
	for name, test := range map[string]struct {
		signals *testnode.Signals
		signal  string
		want    string // of the findings, "" for none
		truth   string // the last that a node wrote down, "" when it was killed
	}{
		"on SIGINT":       {nil, "SIGINT", "", "0"},
		"on SIGTERM":      {nil, "SIGTERM", "", "SIGTERM"},
		"deaf to SIGINT":  {deaf, "SIGINT", "did not stop within 2s of SIGINT and was killed", ""},
		"deaf to SIGTERM": {deaf, "SIGTERM", "did not stop within 2s of SIGTERM and was killed", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := mesh(2, 0)
			script.Defaults.Signals = test.signals
			script.Defaults.Child = &testnode.Child{Kind: testnode.ChildPlain, Stubborn: true, LifetimeMS: 600_000}
			script.Nodes = map[int]testnode.Node{1: {Child: &testnode.Child{Kind: testnode.ChildDaemon, Stubborn: true, LifetimeMS: 600_000}}}
			b := scripted(t, 2, script)
			b.scenario().Duration = 2 * time.Second
			b.Suite.Node.StopSignal = test.signal
			if test.want != "" {
				b.Suite.Node.StopTimeout = 2 * time.Second
			}

			run := b.one()

			var want []result.Finding
			for node := range 2 {
				if test.want != "" {
					want = append(want, result.Finding{Kind: result.FindingStop, Node: node, Text: test.want})
				}
				events := b.events(node)
				if _, ok := testnode.Find(events, testnode.EventSignal); !ok {
					t.Errorf("node %d was not asked to stop", node)
				}
				if end, _ := testnode.Find(events, testnode.EventEnd); end.Value != test.truth {
					t.Errorf("node %d ended with %q, want %q", node, end.Value, test.truth)
				}
				if _, ok := testnode.Find(events, testnode.EventChild); !ok {
					t.Errorf("node %d had no child", node)
				}
			}
			if diff := cmp.Diff(want, run.Findings); diff != "" || run.Failure != "" {
				t.Errorf("failure %q, findings: -want +got\n%s", run.Failure, diff)
			}
			if c := run.Cleanup; c.Killed < 1 || c.During.Processes < 4 || !c.After.Empty() {
				t.Errorf("%d processes were killed at the end, want the daemon at least; inventories %+v", c.Killed, c)
			}
		})
	}
}

// TestFlaw19PathsWithSpacesAndAnEarlyEnd has a program, results and a storage whose paths a shell would take apart, and which
// ends at once with all its files written.
func TestFlaw19PathsWithSpacesAndAnEarlyEnd(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]int{"measured": 0, "ends at once": 9} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := mesh(2, 0)
			if code != 0 {
				script.Defaults.End = &testnode.End{Code: code}
			}
			b := scripted(t, 2, script)
			odd := filepath.Join(t.TempDir(), `a "b" $HOME; *`)
			b.Dir = filepath.Join(odd, "results of today")
			b.Contain = container(t, b.Dir)
			if err := os.MkdirAll(b.Dir, 0o755); err != nil {
				t.Fatal(err)
			}
			program := filepath.Join(odd, "node program")
			if err := os.Link(b.Binary, program); err != nil {
				if err := os.Symlink(b.Binary, program); err != nil {
					t.Fatal(err)
				}
			}
			b.Binary = program
			b.Suite.Node.Args = append(b.Suite.Node.Args, "--storage", "{dir}/its storage")
			b.Suite.Node.Config = "# of {dir}\n"

			run := b.one()

			if code == 0 {
				if wrong := isMeasured(run); wrong != "" {
					t.Error(wrong)
				}
			} else if !strings.Contains(run.Failure, "exited with status 9") {
				t.Errorf("failure %q", run.Failure)
			}
			if summary := b.summary(); summary.Nodes != 2 || summary.FormationComplete != (code == 0) || (summary.Reason == "") != (code == 0) {
				t.Errorf("summary %+v", summary)
			}
			if lines := len(b.observations()); (lines > 0) != (code == 0) {
				t.Errorf("%d lines", lines)
			}
			raw, err := os.ReadFile(filepath.Join(b.Dir, "quick/run-01/node-0/config.toml"))
			if want := "# of " + filepath.Join(b.Dir, "quick/run-01/node-0") + "\n"; err != nil || string(raw) != want {
				t.Errorf("configuration %q, %v, want %q", raw, err, want)
			}
		})
	}
}

// TestFlaw20BootstrapIsToldFromTheOthers gives the first node 16 MiB more than the others.
func TestFlaw20BootstrapIsToldFromTheOthers(t *testing.T) {
	t.Parallel()
	script := mesh(3, 0)
	script.Nodes = map[int]testnode.Node{0: {Memory: &testnode.Memory{MiB: 16}}}
	run := scripted(t, 3, script).one()
	if wrong := isMeasured(run); wrong != "" {
		t.Fatal(wrong)
	}
	if len(run.Nodes) != 3 {
		t.Fatalf("figures of %d nodes, want 3", len(run.Nodes))
	}
	sum := 0.0
	for i, own := range run.Nodes {
		sum += own["memory_private"]
		if more := run.Nodes[0]["memory_private"] - own["memory_private"]; i > 0 && more < 15<<20 {
			t.Errorf("the first node has %v bytes more than node %d, want 16 MiB", more, i)
		}
		for _, name := range []string{"startup_time", "formation_cpu", "cpu_idle", "average_peers"} {
			if own[name] <= 0 {
				t.Errorf("node %d: %s is %v", i, name, own[name])
			}
		}
	}
	if m := run.named(t, "memory_private"); !cmp.Equal(m.Value, sum/3, approximately) {
		t.Errorf("the run has %v, and its nodes %v on average", m.Value, sum/3)
	}
}
