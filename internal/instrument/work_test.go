package instrument

import (
	"math"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// BenchmarkLoadTruth has scripted nodes deliver messages after 3 ms, streams at 100 MB/s, records and connections after 5 ms,
// and reports how far the figures are from that. A latency counts from when a message was due, so perfgate's own call, by
// which the node learns of it, is in it.
func BenchmarkLoadTruth(b *testing.B) {
	const delay, rate, other = 3e-3, 100e6, 5e-3
	work := &testnode.Work{
		DelaysMS: []float64{delay * 1e3}, PutMS: []float64{other * 1e3}, GetMS: []float64{other * 1e3}, ConnectMS: []float64{other * 1e3},
		SendBytesPerSecond: rate,
	}
	for _, loaded := range []bool{false, true} {
		name := "calm"
		if loaded {
			name = "burners"
		}
		b.Run(name, func(b *testing.B) {
			if loaded {
				burnEveryCore(b)
			}
			l := newLab(b, 5, testnode.Script{
				Size: 5, Together: true, LifetimeMS: 120_000,
				Defaults: testnode.Node{Work: work, Peers: []testnode.Peers{{AtMS: 50, Peers: "4"}}},
			})
			l.Suite.Node.Env[testnode.MeshVariable] = b.TempDir()
			l.scenario().Duration = 20 * time.Second
			l.scenario().Workloads = []suite.Workload{
				{Kind: suite.Publish, Rate: 50, Size: 1 << 10, Arrival: suite.Poisson, Warmup: time.Second, Seed: 1},
				{Kind: suite.DHT, Rate: 10, Size: 1 << 10, Arrival: suite.Poisson, Warmup: time.Second, Seed: 1},
				{Kind: suite.Transfer, Rate: 2, Size: 8 << 20, Arrival: suite.Constant, Warmup: time.Second, Seed: 1},
				{Kind: suite.Connect, Rate: 5, Arrival: suite.Constant, Warmup: time.Second, Seed: 1},
			}
			var run observed
			for b.Loop() {
				run = l.run(1)[0].must(b)
			}
			off := func(name string, truth float64) float64 { return math.Abs(run.named(b, name).Value - truth) }
			b.ReportMetric(off("message_latency_p50", delay)*1e3, "message-p50-ms-off")
			b.ReportMetric(off("message_latency_p99", delay)*1e3, "message-p99-ms-off")
			b.ReportMetric(off("dht_put_latency_p50", other)*1e3, "put-p50-ms-off")
			b.ReportMetric(off("quic_connect_time", other)*1e3, "connect-ms-off")
			b.ReportMetric(off("throughput", rate)/rate*100, "throughput-%-off")
			b.ReportMetric(run.named(b, "message_delivery").Value*100, "delivered-%")
			b.ReportMetric(0, "ns/op")
		})
	}
}
