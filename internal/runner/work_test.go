package runner

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// everything is a load of all kinds that gives enough of each in three seconds.
func everything() []suite.Workload {
	return []suite.Workload{
		{Kind: suite.Publish, Rate: 10, Size: 1 << 10, Arrival: suite.Poisson, Warmup: 500 * time.Millisecond, Seed: 1},
		{Kind: suite.DHT, Rate: 5, Size: 1 << 10, Arrival: suite.Constant, Warmup: 500 * time.Millisecond, Seed: 1},
		{Kind: suite.Transfer, Rate: 3, Size: 1 << 20, Arrival: suite.Constant, Warmup: 500 * time.Millisecond, Seed: 1},
		{Kind: suite.Connect, Rate: 4, Arrival: suite.Constant, Warmup: 500 * time.Millisecond, Seed: 1},
	}
}

// reference makes a runner of one scenario over reference nodes.
func reference(t *testing.T, nodes int) *bench {
	t.Helper()
	b := newBench(t, testnode.BuildRefnode(t), nodes)
	b.Suite.Node = suite.Node{
		Args:          []string{"--listen", "{listen}", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}"},
		BootstrapArgs: []string{"--bootstrap", "{bootstrap}"}, Env: map[string]string{"GOMAXPROCS": "1"},
		Ready: "/health", Metrics: "/metrics", Peers: "communitas_peers_connected", PeersCount: suite.PeersAll, Probe: "/probe",
		StopSignal: "SIGINT", StopTimeout: 20 * time.Second,
	}
	return b
}

// TestWorkOfReferenceNodes has everything that nodes of level L3 can be asked for measured on real ones.
func TestWorkOfReferenceNodes(t *testing.T) {
	t.Parallel()
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	b := reference(t, 4)
	b.scenario().Duration, b.scenario().Workloads = 8*time.Second, everything()

	run := b.one()

	if !run.Formed || run.Failure != "" || run.Level != metric.L3 {
		t.Fatalf("formed %v, failure %q, level %d", run.Formed, run.Failure, run.Level)
	}
	if load, steady := run.Machine.Load, run.Machine.Steady; load == nil || load.OwnRatio == nil || load.Seconds < 4 || load.Seconds >= steady.Seconds {
		t.Errorf("load %+v in the window %+v", load, steady)
	}
	for _, m := range run.Measurements {
		// A tail needs a thousand values, and the link between the nodes is no configured one.
		without := strings.HasSuffix(m.Metric.Name, "_p99") || m.Metric.Name == "bandwidth_utilisation"
		if m.Metric.Level == metric.L3 && ((m.Status == result.Measured) == without || m.Proxy != "") {
			t.Errorf("%s: %s %s %s", m.Metric.Name, m.Status, m.Reason, m.Proxy)
		}
	}
	for _, name := range []string{"message_delivery", "dht_success"} {
		if m := run.named(t, name); m.Value != 1 {
			t.Errorf("%s = %v, findings %v", name, m.Value, run.Findings)
		}
	}
	if found := append(run.findings(result.FindingWork), run.findings(result.FindingAnomaly)...); len(found) > 0 {
		t.Errorf("findings %v", found)
	}
	fast, slow := run.named(t, "message_spread_50"), run.named(t, "message_spread_100")
	if fast.Value <= 0 || fast.Value > slow.Value {
		t.Errorf("half of the nodes have a message after %v s, all after %v s", fast.Value, slow.Value)
	}
}

// TestWorkOfNodesThatOfferNone: a workload makes nothing out of a node that only tells whom it knows.
func TestWorkOfNodesThatOfferNone(t *testing.T) {
	t.Parallel()
	b := scripted(t, 2, mesh(2, 0))
	b.scenario().Duration, b.scenario().Workloads = 2*time.Second, everything()

	run := b.one()

	if !run.Formed || run.Failure != "" {
		t.Fatalf("formed %v, failure %q", run.Formed, run.Failure)
	}
	for _, name := range []string{"message_latency_p50", "throughput", "dht_success", "quic_connect_time", "cpu_load"} {
		if m := run.named(t, name); m.Status != result.NotMeasurable || m.Reason != "node offers L2" {
			t.Errorf("%s: %s %s", name, m.Status, m.Reason)
		}
	}
	if m := run.named(t, "cpu_idle"); m.Status != result.Measured {
		t.Errorf("cpu_idle: %s %s", m.Status, m.Reason)
	}
}

// working makes a runner over scripted nodes that do what is asked of them, with the first node doing it its own way.
func working(t *testing.T, nodes int, honest, first testnode.Work) *bench {
	t.Helper()
	script := mesh(nodes, 0)
	script.Defaults.Work = &honest
	script.Nodes = map[int]testnode.Node{0: {Work: &first}}
	b := scripted(t, nodes, script)
	b.Suite.Node.Env[testnode.MeshVariable] = t.TempDir()
	b.scenario().Duration, b.scenario().Workloads = 8*time.Second, everything()
	return b
}

// TestWorkOfNodesThatFail: what does not come about is counted, named, and never a 0.
func TestWorkOfNodesThatFail(t *testing.T) {
	t.Parallel()
	honest := testnode.Work{DelaysMS: []float64{3}}
	const jump = 5000 // ms: after the beginning of the load
	for name, test := range map[string]struct {
		first         testnode.Work
		kind, text    string
		delivery, dht float64 // at most
	}{
		"loses messages":      {testnode.Work{LoseEvery: 2}, result.FindingWork, "messages that others published never arrived", 0.95, 1},
		"tells of some later": {testnode.Work{SwapEvery: 3}, result.FindingAnomaly, "out of order: ", 1, 1},
		"answers too late":    {testnode.Work{AnswerLateMS: map[string]int64{"received": 2500}}, result.FindingAnomaly, "received: no answer in time", 0.95, 1},
		"names another":       {testnode.Work{Patch: map[string]map[string]json.RawMessage{"publish": {"id": json.RawMessage(`"another"`)}}}, result.FindingWork, "of another message", 0.95, 1},
		"clock jumps ahead":   {testnode.Work{ClockJumpAtMS: jump, ClockJumpMS: 60_000}, result.FindingWork, "publish: ", 0.95, 0.99},
		"does not wait":       {testnode.Work{Schedule: testnode.ScheduleIgnored}, result.FindingWork, "before at_ns", 0.95, 0.99},
		"says that it waited": {testnode.Work{Schedule: testnode.ScheduleLied}, result.FindingAnomaly, "before published: ", 0.95, 0.99},
		"tells of each twice": {testnode.Work{TwiceEvery: 1}, result.FindingAnomaly, "duplicate: ", 1, 1},
		"tells of others":     {testnode.Work{ForeignEvery: 1}, result.FindingAnomaly, "foreign: ", 1, 1},
		"has its clock jump":  {testnode.Work{ClockJumpAtMS: jump, ClockJumpMS: -60_000}, result.FindingWork, "publish: ", 0.95, 0.99},
		"fails now and then":  {testnode.Work{FailEvery: 2}, result.FindingWork, "failed, the last with: ", 1, 0.95},
		"refuses":             {testnode.Work{Status: map[string]int{"publish": 500}}, result.FindingWork, "HTTP status 500", 0.95, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := working(t, 3, honest, test.first)
			if test.first.ClockJumpAtMS == 0 {
				b.scenario().Duration = 4 * time.Second
			}
			run := b.one()
			if !run.Formed || run.Failure != "" || run.Level != metric.L3 {
				t.Fatalf("formed %v, failure %q, level %d", run.Formed, run.Failure, run.Level)
			}
			for name, most := range map[string]float64{"message_delivery": test.delivery, "dht_success": test.dht} {
				if m := run.named(t, name); m.Status != result.Measured || m.Value > most || m.Value <= 0 || most == 1 && m.Value < 1 {
					t.Errorf("%s = %v (%s %s), want at most %v", name, m.Value, m.Status, m.Reason, most)
				}
			}
			for _, f := range run.findings(result.FindingAnomaly) {
				if strings.Contains(f.Text, "foreign: ") && test.first.ForeignEvery == 0 {
					t.Errorf("finding %v: a node is blamed for a message that another was told to publish", f)
				}
			}
			found := run.findings(test.kind)
			if test.kind != "" && (len(found) == 0 || !strings.Contains(found[0].Text, test.text)) {
				t.Errorf("findings %v, want %s with %q", run.Findings, test.kind, test.text)
			}
		})
	}
}

// TestWorkOfANodeThatDoesNotWait: it is asked when work is due, and its latencies say so. All that it does is counted.
func TestWorkOfANodeThatDoesNotWait(t *testing.T) {
	t.Parallel()
	b := working(t, 2, testnode.Work{}, testnode.Work{Schedule: testnode.ScheduleUnknown})
	b.scenario().Duration = 4 * time.Second
	run := b.one()
	const want = "with the way of the call: 1 of 2 nodes do not keep at_ns"
	for name, proxy := range map[string]string{"message_latency_p50": want, "dht_put_latency_p50": want, "throughput": "", "message_delivery": ""} {
		if m := run.named(t, name); m.Status != result.Measured || m.Value <= 0 || m.Proxy != proxy {
			t.Errorf("%s = %v (%s %s), proxy %q, want %q", name, m.Value, m.Status, m.Reason, m.Proxy, proxy)
		}
	}
	if m := run.named(t, "message_delivery"); m.Value != 1 || len(run.findings(result.FindingWork)) > 0 {
		t.Errorf("message_delivery = %v, findings %v", m.Value, run.Findings)
	}
}

func TestCallsAreAheadAsFarAsNodesCanServeThem(t *testing.T) {
	for _, test := range []struct {
		calls, nodes int
		want         time.Duration
	}{
		{0, 5, 100 * time.Millisecond}, {500, 5, 100 * time.Millisecond}, {16_000, 5, 100 * time.Millisecond}, {160_000, 5, 10 * time.Millisecond}, {16_000, 2, 40 * time.Millisecond},
	} {
		if got := lead(test.calls, test.nodes, 10*time.Second); got != test.want {
			t.Errorf("%d calls at %d nodes: %v ahead, want %v", test.calls, test.nodes, got, test.want)
		}
	}
}

// TestWorkOfANodeWithAnotherClock: its instants mean nothing, so it offers nothing that is measured by them, and is named.
func TestWorkOfANodeWithAnotherClock(t *testing.T) {
	t.Parallel()
	run := working(t, 2, testnode.Work{}, testnode.Work{ClockOffsetMS: -60_000}).one()
	if m := run.named(t, "message_latency_p50"); m.Status != result.NotMeasurable || run.Level != metric.L2 {
		t.Errorf("level %d, message_latency_p50: %s %v", run.Level, m.Status, m.Value)
	}
	if found := run.findings(result.FindingAnomaly); len(found) != 1 || found[0].Node != 0 || !strings.Contains(found[0].Text, "now_ns") {
		t.Errorf("findings %v", run.Findings)
	}
}
