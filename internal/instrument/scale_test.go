package instrument

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// meshAfter is a script in which every node has all peers after so many milliseconds.
func meshAfter(nodes int, ms int) testnode.Script {
	return testnode.Script{
		LifetimeMS: (5 * time.Minute).Milliseconds(), Size: nodes,
		Defaults: testnode.Node{Peers: []testnode.Peers{{AtMS: int64(ms), Peers: testnode.Value(strconv.Itoa(nodes - 1))}}},
	}
}

// BenchmarkStartup says how long a hundred nodes take from the first exec until all are ready: by the interval that perfgate
// reports, and in truth.
func BenchmarkStartup(b *testing.B) {
	const nodes = 100
	b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
		l := newLab(b, nodes, meshAfter(nodes, 0))
		var low, high, truth float64
		for b.Loop() {
			o := l.run(1)[0].must(b)
			m := o.named(b, "startup_time")
			ready, ok := o.when(testnode.EventReady)
			if !ok || m.Low == nil || m.High == nil {
				b.Fatal("no truth or no interval")
			}
			low, high, truth = low+*m.Low, high+*m.High, truth+ready.Seconds()
		}
		n := float64(b.N)
		b.ReportMetric(low/n, "s-low")
		b.ReportMetric(high/n, "s-high")
		b.ReportMetric(truth/n, "s-truth")
	})
}

// BenchmarkLargeRun measures a whole run of two hundred nodes with a window of ten seconds: every metric has to be there.
func BenchmarkLargeRun(b *testing.B) {
	const nodes, window = 200, 10 * time.Second
	b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
		l := newLab(b, nodes, meshAfter(nodes, 100))
		l.scenario().Duration, l.scenario().Quiet = window, 2*time.Second
		begin := time.Now()
		for b.Loop() {
			wholly(b, l.run(1)[0].must(b))
		}
		b.ReportMetric(time.Since(begin).Seconds()/float64(b.N)-window.Seconds(), "s-beside-the-window")
		b.ReportMetric(float64(peakMemory(b))/(1<<20), "MiB-peak")
	})
}

// wholly wants every metric measured that the nodes, the file system and the window can give.
func wholly(b *testing.B, o observed) {
	b.Helper()
	for _, f := range o.Findings {
		b.Logf("%s of node %d: %s", f.Kind, f.Node, f.Text)
	}
	for _, m := range o.Measurements {
		if m.Status == "failed" || m.Invalid != "" {
			b.Errorf("%s: %s %s%s", m.Metric.Name, m.Status, m.Reason, m.Invalid)
		}
	}
}
