package runner

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
	"github.com/communitas/perfgate/internal/workload"
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
	if load, steady := run.Machine.Load, run.Machine.Steady; load == nil || load.OwnRatio == nil || load.Seconds <= 0 || load.Seconds >= steady.Seconds {
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

// TestCPUTimeOfALoadBetweenTwoSweeps: the load has looks at its ends, since sweeps come once a second.
func TestCPUTimeOfALoadBetweenTwoSweeps(t *testing.T) {
	t.Parallel()
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	b := reference(t, 2)
	b.scenario().Duration = 900 * time.Millisecond // swept at its beginning and at its end
	b.scenario().Workloads = []suite.Workload{{Kind: suite.Publish, Rate: 50, Size: 1 << 10, Arrival: suite.Poisson, Seed: 1}}

	run := b.one()

	for _, name := range []string{"cpu_idle", "cpu_load", "cpu_per_message"} {
		if m := run.named(t, name); m.Status != result.Measured || m.Value <= 0 && name != "cpu_idle" {
			t.Errorf("%s: %v, %s %s", name, m.Value, m.Status, m.Reason)
		}
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
	anotherDigest := json.RawMessage(`"` + strings.Repeat("0", 64) + `"`)
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
		"gets another record": {testnode.Work{Patch: map[string]map[string]json.RawMessage{"dht/get": {"sha256": anotherDigest}}}, result.FindingWork, "the record is another than was put", 1, 0.95},
		"refuses":             {testnode.Work{Status: map[string]int{"publish": 500}}, result.FindingWork, "HTTP status 500", 0.95, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := working(t, 3, honest, test.first)
			one := b.one
			if test.first.ClockJumpAtMS == 0 {
				b.scenario().Duration = 4 * time.Second
			} else { // the load is the second half of the window
				one = func() Run { return b.oneThatFormed(jump*time.Millisecond - b.scenario().Duration/2) }
			}
			run := one()
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

// TestAWindowDoesNotGetLongerWithItsLoad: a stream that ends long after the window leaves the means over it alone.
func TestAWindowDoesNotGetLongerWithItsLoad(t *testing.T) {
	t.Parallel()
	late := testnode.Work{AnswerLateMS: map[string]int64{"send": 6000}}
	script := mesh(2, 0)
	script.Defaults.Work = &late
	script.Defaults.Peers = append(script.Defaults.Peers, testnode.Peers{AtMS: 2700, Peers: "0"})
	b := scripted(t, 2, script)
	b.Suite.Node.Env[testnode.MeshVariable] = t.TempDir()
	b.scenario().Duration = 3 * time.Second
	b.scenario().Workloads = []suite.Workload{{Kind: suite.Transfer, Rate: 1, Size: 1 << 10, Arrival: suite.Constant, Seed: 1}}
	run := b.oneThatFormed(500 * time.Millisecond)
	if run.Machine.Steady.Seconds < 7 || run.Level != metric.L3 {
		t.Fatalf("the load is over after %v s, level %d", run.Machine.Steady.Seconds, run.Level)
	}
	// One peer for half of the window at least: over all that the load takes it would be a third at most.
	if m := run.named(t, "average_peers"); m.Value < 0.45 {
		t.Errorf("average_peers = %v (%s %s)", m.Value, m.Status, m.Reason)
	}
}

// TestALoadIsOverBeforeItIsAskedWhatItCameTo: how long a node takes to tell its counters is no part of it.
func TestALoadIsOverBeforeItIsAskedWhatItCameTo(t *testing.T) {
	t.Parallel()
	var asked []time.Time // for its counters; by one after the other
	node := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/traffic" {
			fmt.Fprint(out, `{"next": 0, "lost": 0, "messages": []}`)
			return
		}
		asked = append(asked, time.Now())
		fmt.Fprintf(out, `{"at_ns": %d, "bytes_sent": 0, "bytes_received": 0, "packets_sent": 0, "packets_received": 0, "header_bytes": 0, "payload_sent": 0, "payload_received": 0}`, probe.NowNS())
	}))
	defer node.Close()
	now := time.Now()
	w := &work{session: &session{t0: now, to: now, events: make(chan event, 1)}, client: probe.NewClient(), begin: now, ids: []string{"a"}, waits: []bool{true}}
	defer w.client.Close()
	w.nodes = []*probe.Node{w.client.Node("node 0", node.URL)}
	w.inboxes = []probe.Inbox{{Node: w.nodes[0]}}

	w.carryOut(t.Context())

	if len(asked) != 3 || w.load.Traffic[0].End.Err != "" {
		t.Fatalf("asked %d times: %+v", len(asked), w.load.Traffic)
	}
	if end := now.Add(w.load.To); end.After(asked[1]) {
		t.Errorf("the load ends %v after the node was asked for its counters", end.Sub(asked[1]))
	}
}

// TestTransfersThatHangDoNotHoldUpTheRun: a few are waited for, the others fail without being asked for.
func TestTransfersThatHangDoNotHoldUpTheRun(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	node := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server that has not read it all does not notice that the caller goes
		asked.Add(1)
		<-r.Context().Done()
	}))
	defer node.Close()
	w := &work{session: &session{}, client: probe.NewClient(), begin: time.Now(), ids: []string{"a", "b"}, waits: []bool{true}, patience: 10 * time.Millisecond}
	defer w.client.Close()
	w.nodes = []*probe.Node{w.client.Node("node 0", node.URL)}
	w.plan = slices.Repeat([]workload.Operation{{Kind: workload.Transfer, To: 1, Bytes: 1}}, 2*mostHung)

	w.perform(t.Context())

	if asked.Load() > mostHung || len(w.load.Operations) != 2*mostHung {
		t.Errorf("%d transfers were asked for, %d are known", asked.Load(), len(w.load.Operations))
	}
	for i, o := range w.load.Operations {
		if untried := strings.HasPrefix(o.Err, "not tried: 3 transfers before it had no answer within 10ms"); o.Err == "" || untried != (i >= mostHung) {
			t.Errorf("transfer %d: %q", i, o.Err)
		}
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

// TestANodeThatDoesNotSayWhatItOffers: that it is slow or busy is no word of its level. What was to be measured under load has failed.
func TestANodeThatDoesNotSayWhatItOffers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first testnode.Work
		want  string
	}{
		"slow": {testnode.Work{AnswerLateMS: map[string]int64{"": 2500}}, "probe node 0: describe: no answer in time"},
		"busy": {testnode.Work{Status: map[string]int{"": 503}}, "probe node 0: describe: HTTP status 503"},
	} {
		b := working(t, 2, testnode.Work{}, test.first)
		b.scenario().Duration = 4 * time.Second
		run := b.one()
		if m := run.named(t, "message_delivery"); m.Status != result.Failed || !strings.HasPrefix(m.Reason, "the load did not begin: "+test.want) {
			t.Errorf("%s: message_delivery: %s %s", name, m.Status, m.Reason)
		}
		if found := run.findings(result.FindingUnreadable); run.Failure != "" || len(found) != 1 || found[0].Node != 0 || !strings.HasPrefix(found[0].Text, test.want) {
			t.Errorf("%s: failure %q, findings %v", name, run.Failure, run.Findings)
		}
	}
}

// TestANodeThatLacksAnOperationIsBelowL3: it is not asked for anything, and named.
func TestANodeThatLacksAnOperationIsBelowL3(t *testing.T) {
	t.Parallel()
	first := testnode.Work{Patch: map[string]map[string]json.RawMessage{"": {"operations": json.RawMessage(`["publish", "send", "traffic"]`)}}}
	b := working(t, 2, testnode.Work{}, first)
	b.scenario().Duration = 2 * time.Second
	run := b.one()
	if m := run.named(t, "dht_success"); m.Status != result.NotMeasurable || m.Reason != "node offers L2" || run.Level != metric.L2 {
		t.Errorf("level %d, dht_success: %s %v %s", run.Level, m.Status, m.Value, m.Reason)
	}
	if found := run.findings(result.FindingAnomaly); len(found) != 1 || found[0].Node != 0 || !strings.Contains(found[0].Text, "operations: dht, connect missing") {
		t.Errorf("findings %v", run.Findings)
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
