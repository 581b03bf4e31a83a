package instrument

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
	"github.com/communitas/perfgate/internal/workload"
)

// What the scripted nodes of BenchmarkLoadTruth do, in milliseconds and bytes.
const (
	truthNodes   = 5
	truthRate    = 40e6 // of streams, bytes per second
	truthWire    = 1.25 // bytes for each byte of payload
	truthPerWire = 1.028
	truthPut     = 5.0
	truthGet     = 6.0
	truthConnect = 5.0
)

// truthScript has messages arrive after 2 ms and a time of an exponential distribution with a mean of 3 ms, at each node
// another 1.5 ms later than at the one before; one node loses every 40th message. Puts, gets and connections take a while
// with a known median, streams are real bytes at a known rate, and each byte of payload makes a known number of bytes.
func truthScript(schedule string) testnode.Script {
	work := testnode.Work{
		PutMS: []float64{truthPut - 3, truthPut, truthPut + 3}, GetMS: []float64{truthGet + 3, truthGet, truthGet - 3}, ConnectMS: []float64{truthConnect},
		SendBytesPerSecond: truthRate, Paced: true, WireFactor: truthWire, Schedule: schedule,
	}
	const steps = 200
	for _, k := range rand.New(rand.NewPCG(1, 1)).Perm(steps) {
		work.DelaysMS = append(work.DelaysMS, 2-3*math.Log(1-(float64(k)+0.5)/steps))
	}
	script := testnode.Script{
		Size: truthNodes, Together: true, LifetimeMS: 120_000, Nodes: map[int]testnode.Node{},
		Defaults: testnode.Node{Peers: []testnode.Peers{{AtMS: 50, Peers: "4"}}},
	}
	for i := range truthNodes {
		own := work
		own.ReceiveAfterMS = 1.5 * float64(i)
		if i == 2 {
			own.LoseEvery = 40
		}
		script.Nodes[i] = testnode.Node{Work: &own}
	}
	return script
}

// truthLoad is what the nodes are asked for in ten seconds.
func truthLoad() []suite.Workload {
	return []suite.Workload{
		{Kind: suite.Publish, Rate: 50, Size: 1 << 10, Arrival: suite.Poisson, Warmup: time.Second, Seed: 1},
		{Kind: suite.DHT, Rate: 10, Size: 1 << 10, Arrival: suite.Poisson, Warmup: time.Second, Seed: 1},
		{Kind: suite.Transfer, Rate: 2, Size: 4 << 20, Arrival: suite.Constant, Warmup: time.Second, Seed: 1},
		{Kind: suite.Connect, Rate: 5, Arrival: suite.Constant, Warmup: time.Second, Seed: 1},
	}
}

// BenchmarkLoadTruth reports how far the figures of a load are from what scripted nodes do, which their scripts and the
// truth that they write down say: on a calm machine, beside two processes that never rest, and with nodes that do not keep
// at_ns, so that the way of perfgate's own call is in the latencies.
func BenchmarkLoadTruth(b *testing.B) {
	for _, test := range []struct {
		name, schedule string
		burners        int
	}{
		{"calm", testnode.ScheduleKept, 0}, {"burners", testnode.ScheduleKept, 2}, {"unscheduled", testnode.ScheduleUnknown, 0},
	} {
		b.Run(test.name, func(b *testing.B) {
			for range test.burners {
				burn(b, 1)
			}
			l := newLab(b, truthNodes, truthScript(test.schedule))
			l.Suite.Node.Env[testnode.MeshVariable] = quietFolder(b)
			l.scenario().Duration, l.scenario().Workloads = 20*time.Second, truthLoad()
			var run observed
			for b.Loop() {
				run = l.run(1)[0].must(b)
			}
			reportTruth(b, run, learn(workload.Plan(*l.scenario(), 1), run.Truth))
			b.ReportMetric(0, "ns/op")
		})
	}
}

// reportTruth prints how far each figure is from the truth: times in milliseconds, the others in percent of it. The truth of
// a message begins when it was due and its node knew, that of the script when the node really published it: what lies
// between is how late nodes get a core on a busy machine, and part of a latency.
func reportTruth(b *testing.B, run observed, truth loadTruth) {
	b.Helper()
	for _, figure := range []struct {
		metric, unit string
		truth        float64
	}{
		{"message_latency_p50", "message-p50", quantile(truth.latencies, 0.5)},
		{"message_latency_p99", "message-p99", quantile(truth.latencies, 0.99)},
		{"message_latency_p50", "message-p50-script", quantile(truth.scripted, 0.5)},
		{"message_latency_p99", "message-p99-script", quantile(truth.scripted, 0.99)},
		{"message_spread_50", "spread-50", truth.spread(0.5)},
		{"message_spread_90", "spread-90", truth.spread(0.9)},
		{"message_spread_100", "spread-100", truth.spread(1)},
		{"dht_put_latency_p50", "put-p50", truthPut},
		{"dht_get_latency_p50", "get-p50", truthGet},
		{"quic_connect_time", "connect", truthConnect},
	} {
		b.ReportMetric(run.named(b, figure.metric).Value*1e3-figure.truth, figure.unit+"-ms-off")
	}
	wire := truth.payload * truthWire * truthPerWire
	for _, figure := range []struct {
		metric, unit string
		truth        float64
	}{
		{"message_delivery", "delivery", truth.delivered / truth.expected},
		{"throughput", "throughput", truthRate},
		{"network_bytes", "wire", wire / truthNodes / 10},
		{"network_efficiency", "efficiency", truth.arrived / wire},
	} {
		b.ReportMetric(100*(run.named(b, figure.metric).Value/figure.truth-1), figure.unit+"-%-off")
	}
	b.ReportMetric(quantile(truth.late, 0.99), "call-p99-ms-late") // when nodes learn of work, after it was due
	b.ReportMetric(quantile(truth.slow, 0.99), "node-p99-ms-late") // when they then publish
}
