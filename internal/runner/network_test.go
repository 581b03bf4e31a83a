package runner

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// TestFormationOfEverySize checks the interval of the formation against the truth of real processes.
func TestFormationOfEverySize(t *testing.T) {
	t.Parallel()
	uneven := mesh(6, 250)
	uneven.Nodes = map[int]testnode.Node{
		0: {Start: &testnode.Start{ListenAfterMS: 30, ReadyAfterMS: 60}},
		2: {Peers: []testnode.Peers{{AtMS: 50, Peers: "4"}, {AtMS: 120, Peers: "3"}, {AtMS: 330, Peers: "5"}}},
		5: {Peers: []testnode.Peers{{AtMS: 300, Peers: "5"}}},
	}
	least := testnode.Script{Size: 50, Together: true, Defaults: testnode.Node{Peers: []testnode.Peers{{AtMS: 100, Peers: "2"}, {AtMS: 700, Peers: "8"}}}}
	for name, test := range map[string]struct {
		script testnode.Script
		nodes  int
		expect suite.Expectation
		proxy  bool
		change func(*bench)
	}{
		"one node":            {mesh(1, 0), 1, suite.Expectation{Graph: suite.FullMesh}, false, nil},
		"two":                 {mesh(2, 200), 2, suite.Expectation{Graph: suite.FullMesh}, false, nil},
		"uneven":              {uneven, 6, suite.Expectation{Graph: suite.FullMesh}, false, nil},
		"fifty":               {least, 50, suite.Expectation{Graph: suite.MinPeers, Min: 8}, false, nil},
		"connected by links":  {mesh(3, 250), 3, suite.Expectation{Graph: suite.Connected}, false, nil},
		"connected by counts": {mesh(3, 250), 3, suite.Expectation{Graph: suite.Connected}, true, func(b *bench) { b.Suite.Node.Probe = "" }},
		"without a page of readiness": {
			mesh(3, 250), 3, suite.Expectation{Graph: suite.FullMesh}, false, func(b *bench) { b.Suite.Node.Ready = "" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := scripted(t, test.nodes, test.script)
			b.scenario().Expect = test.expect
			if test.change != nil {
				test.change(b)
			}
			run := b.one()
			if wrong := isMeasured(run); wrong != "" {
				t.Fatal(wrong)
			}
			b.checkFormation(run, name == "connected by links") // any node claims all others there
			startup := run.named(t, "startup_time")
			if ready := b.sinceStart(slices.Max(b.last(testnode.EventReady))); b.Suite.Node.Ready != "" && *startup.High < ready.Seconds() {
				t.Errorf("ready at %v s, and in truth after %v", *startup.High, ready)
			}
			if name == "uneven" && *startup.Low <= 0 {
				t.Error("looks at a node that was not ready are forgotten")
			}
			if got := run.named(t, "formation_time").Proxy; (got != "") != test.proxy {
				t.Errorf("proxy %q", got)
			}
		})
	}
}

// TestCustomMetrics takes series from the metrics page, from a page of its own, and one that is not there.
func TestCustomMetrics(t *testing.T) {
	t.Parallel()
	script := mesh(2, 0)
	script.Defaults.Gauge = &testnode.Gauge{Extra: "dht_records 12\n"}
	script.Defaults.Start = &testnode.Start{Body: "up 1\nqueue_length 3.5\n"}
	script.Nodes = map[int]testnode.Node{1: {Gauge: &testnode.Gauge{Extra: "dht_records 14\n"}}}
	b := scripted(t, 2, script)
	custom := func(name, series, path string) suite.CustomMetric {
		return suite.CustomMetric{Metric: metric.Describe(name, metric.Count, metric.Higher), Series: series, Path: path}
	}
	b.Suite.Node.Custom = []suite.CustomMetric{
		custom("nothing", "missing_records", "/metrics"), custom("queue", "queue_length", "/health"), custom("records", "dht_records", "/metrics"),
	}
	run := b.one()
	for name, want := range map[string]float64{"records": 13, "queue": 3.5} {
		if m := run.named(t, name); !believed(m) || m.Value != want {
			t.Errorf("%s: %+v", name, m)
		}
	}
	if m := run.named(t, "nothing"); m.Status != result.Failed || !strings.Contains(m.Reason, "it shows dht_records") {
		t.Errorf("a series that is not there: %+v", m)
	}
}

// TestNodesWithoutPages are measured as what they are: processes.
func TestNodesWithoutPages(t *testing.T) {
	t.Parallel()
	b := scripted(t, 2, testnode.Script{Defaults: testnode.Node{CPU: &testnode.CPU{Cores: 0.05}}})
	b.Suite.Node.Ready, b.Suite.Node.Metrics, b.Suite.Node.Peers, b.Suite.Node.Probe = "", "", "", ""
	var phases []Phase
	b.anew = func() { phases = nil }
	b.Progress = func(p Progress) { phases = append(phases, p.Phase) }

	run := b.one()

	if run.Failure != "" || len(run.Findings) > 0 || b.Level() != "L0" {
		t.Errorf("%s: failure %q, findings %v", b.Level(), run.Failure, run.Findings)
	}
	if diff := cmp.Diff([]Phase{Starting, Steady, Stopping, Done}, phases); diff != "" {
		t.Errorf("phases: -want +got\n%s", diff)
	}
	for _, m := range run.Measurements {
		tooShort := m.Metric.Name == "memory_slope" || m.Status == result.NotMeasurable && m.Metric.Name == "disk_write" ||
			strings.HasPrefix(m.Reason, "no node's listen port speaks QUIC")
		switch {
		case m.Metric.Level > metric.L0 && (m.Status != result.NotMeasurable || m.Reason != "node offers L0"):
			t.Errorf("%s: %s %s", m.Metric.Name, m.Status, m.Reason)
		case m.Metric.Level == metric.L0 && !tooShort && !believed(m):
			t.Errorf("%s: %s %s%s", m.Metric.Name, m.Status, m.Reason, m.Invalid)
		}
	}
	if m := run.named(t, "memory_private"); m.Value < 1e5 {
		t.Errorf("memory_private = %v", m.Value)
	}
}

// TestNodesThatCountTheirDials measures a program with the contract of communitas-headless, over real QUIC.
func TestNodesThatCountTheirDials(t *testing.T) {
	t.Parallel()
	b := newBench(t, testnode.Build(t, testnode.Headless), 4)
	b.Suite.Node = suite.Node{
		Args:          []string{"--listen", "{listen}", "--config", "{dir}/config.toml", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}"},
		BootstrapArgs: []string{"--bootstrap", "{bootstrap}"},
		Config: `bootstrap_nodes = []

[storage]
base_dir = "{dir}/storage"
cache_size_mb = 100
enable_fec = false
fec_k = 4
fec_m = 2

[network]
listen_addrs = ["{listen}"]
enable_ipv6 = false
enable_webrtc = false
quic_idle_timeout_ms = 30000
quic_max_streams = 100

[update]
channel = "stable"
check_interval_secs = 86400
auto_update = false
jitter_secs = 0
`,
		Env: map[string]string{"RUST_LOG": "info", "OF_THIS_TEST": b.truth}, Ready: "/health", Metrics: "/metrics",
		Peers: "communitas_peers_connected", PeersCount: suite.PeersOutbound, StopSignal: "SIGINT", StopTimeout: 20 * time.Second,
	}
	b.scenario().Duration = 3 * time.Second // there is time for a look at the listen ports on a busy machine

	run := b.one()

	if wrong := isMeasured(run); wrong != "" {
		t.Fatal(wrong)
	}
	for name, want := range map[string]string{
		"average_peers":          "the gauge counts outbound connections only",
		"discovery_success_rate": "the gauge counts outbound connections only",
		"disconnections":         "the gauge counts outbound connections only and never falls",
	} {
		if m := run.named(t, name); m.Status != result.NotMeasurable || m.Reason != want {
			t.Errorf("%s: %+v", name, m)
		}
	}
	if m := run.named(t, "quic_reachable"); !believed(m) || m.Value != 1 {
		t.Errorf("quic_reachable: %+v", m)
	}
	if m := run.named(t, "quic_response_time"); !believed(m) || m.Value <= 0 || m.Value > 1 {
		t.Errorf("quic_response_time: %+v", m)
	}
	if m := run.named(t, "formation_time"); !strings.Contains(m.Proxy, "outbound connections only") || m.Value <= 0 {
		t.Errorf("formation_time: %+v", m)
	}
	if want := []string{"config.toml", "node.log"}; !cmp.Equal(want, tree(t, b.Dir+"/quick/run-01/node-3")) {
		t.Errorf("files of a node: %v", tree(t, b.Dir+"/quick/run-01/node-3"))
	}
}

// TestEnvironment checks that a value of the caller's wins over the configuration's.
func TestEnvironment(t *testing.T) {
	t.Setenv("FROM_THE_CALLER", "WARN caller")
	b := shell(t, 1, `trap "exit 0" INT; echo "$FROM_THE_CALLER"; echo "$OWN"; [ "$PWD" = "$1" ] && echo "slow ERROR"; echo up; while :; do sleep 0.01; done`)
	b.Suite.Node.Args = append(b.Suite.Node.Args, "{dir}")
	b.Suite.Node.Env = map[string]string{"FROM_THE_CALLER": "panic", "OWN": "WARN {index}"}
	b.scenario().Duration = 100 * time.Millisecond
	b.afterWord("up")
	run := b.one()
	for name, want := range map[string]float64{"log_warnings": 2, "log_errors": 1, "log_slow": 1} {
		if m := run.named(t, name); m.Value != want {
			t.Errorf("%s = %v, want %v (%s)", name, m.Value, want, run.Failure)
		}
	}
}

// TestScenarioHasArgumentsOfItsOwn checks that they stand between those of every node and those for the bootstrap.
func TestScenarioHasArgumentsOfItsOwn(t *testing.T) {
	b := shell(t, 2, `trap "exit 0" INT; echo "WARN $1,$2,$3"; [ "$*" = "$1 own 1 WARN" ] && echo ERROR; echo up; while :; do sleep 0.01; done`)
	b.Suite.Node.Args, b.Suite.Node.BootstrapArgs = append(b.Suite.Node.Args, "{dir}"), []string{"WARN"}
	b.scenario().Args = []string{"own", "{index}"}
	b.scenario().Duration = 100 * time.Millisecond
	b.afterWord("up")
	run := b.one()
	for name, want := range map[string]float64{"log_warnings": 2, "log_errors": 1} {
		if m := run.named(t, name); m.Value != want {
			t.Errorf("%s = %v, want %v (%s)", name, m.Value, want, run.Failure)
		}
	}
}

// TestNodesRunInTheProject checks that a relative path in a node's arguments is one of the project.
func TestNodesRunInTheProject(t *testing.T) {
	b := shell(t, 1, `trap "exit 0" INT; cat word; echo up; while :; do sleep 0.01; done`)
	b.Project = t.TempDir()
	if err := os.WriteFile(filepath.Join(b.Project, "word"), []byte("WARN found\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.scenario().Duration = 100 * time.Millisecond
	b.afterWord("up")
	run := b.one()
	if m := run.named(t, "log_warnings"); m.Value != 1 {
		t.Errorf("%v warnings, want 1 (%s)", m.Value, run.Failure)
	}
}
