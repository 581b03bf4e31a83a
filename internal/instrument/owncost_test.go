package instrument

import (
	"runtime"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// cost is the CPU time of perfgate itself in one run.
type cost struct {
	started, opened, closed, done moment
}

// moment is how much CPU time was used by a moment.
type moment struct {
	at  time.Time
	cpu time.Duration
}

// measureCost makes a laboratory note what its next run costs.
func measureCost(b *testing.B, l *lab) *cost {
	b.Helper()
	c := &cost{}
	l.Progress = func(p runner.Progress) {
		now := moment{time.Now(), ownCPU(b)}
		switch p.Phase {
		case runner.Starting:
			c.started = now
		case runner.Steady:
			c.opened = now
		case runner.Stopping:
			c.closed = now
		case runner.Done:
			c.done = now
		case runner.Forming:
		}
	}
	return c
}

// between is the share of one core that was used between two moments, in percent.
func between(from, to moment) float64 {
	return 100 * (to.cpu - from.cpu).Seconds() / to.at.Sub(from.at).Seconds()
}

// BenchmarkScrape says what share of one core it takes to watch a hundred nodes through a steady window: ten looks a second
// at each peer gauge and a sweep a second (L2), or the sweep alone, of what the system tells of a process (L0).
func BenchmarkScrape(b *testing.B) {
	const nodes, window = 100, 10 * time.Second
	for _, level := range []string{"L0", "L2"} {
		b.Run(level, func(b *testing.B) {
			l := newLab(b, nodes, meshAfter(nodes, 100))
			l.scenario().Duration = window
			if level == "L0" {
				l.Suite.Node.Ready, l.Suite.Node.Metrics, l.Suite.Node.Peers, l.Suite.Node.Probe = "", "", "", ""
			}
			c := measureCost(b, l)
			for b.Loop() {
				if o := l.run(1)[0]; o.Failure != "" {
					b.Fatal(o.Failure)
				}
			}
			b.ReportMetric(between(c.opened, c.closed), "%core-steady")
			b.ReportMetric(between(c.started, c.opened), "%core-before")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkOwnCPU says what share of the whole machine perfgate takes for a run of ten nodes with a window of ten seconds.
func BenchmarkOwnCPU(b *testing.B) {
	const nodes, window = 10, 10 * time.Second
	for _, subject := range []string{testnode.Scripted, "refnode"} {
		b.Run(subject, func(b *testing.B) {
			var l *lab
			if subject == "refnode" {
				l = bareLab(b, testnode.BuildRefnode(b), nodes)
				l.Suite.Node = suite.Node{
					Args:          []string{"--listen", "{listen}", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}"},
					BootstrapArgs: []string{"--bootstrap", "{bootstrap}"}, Env: map[string]string{"GOMAXPROCS": "1"},
					Ready: "/health", Metrics: "/metrics", Peers: "communitas_peers_connected", PeersCount: suite.PeersAll, Probe: "/probe",
					StopSignal: "SIGINT", StopTimeout: 20 * time.Second,
				}
			} else {
				l = newLab(b, nodes, meshAfter(nodes, 300))
			}
			l.scenario().Duration = window
			c := measureCost(b, l)
			for b.Loop() {
				l.run(1)[0].must(b)
			}
			cores := float64(runtime.NumCPU())
			b.ReportMetric(between(c.started, c.done)/cores, "%machine-run")
			b.ReportMetric(between(c.opened, c.closed)/cores, "%machine-steady")
			b.ReportMetric(0, "ns/op")
		})
	}
}
