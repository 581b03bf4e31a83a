package instrument

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// ownLab is a laboratory for one scenario of this repository's own perfgate.toml, with reference nodes.
func ownLab(tb testing.TB, scenario string) *lab {
	tb.Helper()
	text, err := os.ReadFile("../../perfgate.toml")
	if err != nil {
		tb.Fatal(err)
	}
	own, err := suite.Parse("perfgate.toml", text)
	if err != nil {
		tb.Fatal(err)
	}
	wanted, ok := own.Scenario(scenario)
	if !ok {
		tb.Fatalf("perfgate.toml has no scenario %s", scenario)
	}
	l := bareLab(tb, testnode.BuildRefnode(tb), wanted.Nodes)
	wanted.Warmup = 0
	l.Suite.Node, l.Suite.Scenarios[0] = own.Node, wanted
	return l
}

// BenchmarkSwarm says what becomes of messages in large networks of reference nodes with eight peers each, and what the network
// and perfgate cost. The scenario is that of perfgate.toml, with so many nodes and messages a second. Others on the machine
// are in the figures: when they take much of it, the latencies are theirs.
func BenchmarkSwarm(b *testing.B) {
	for _, size := range []struct {
		nodes int
		rate  float64
	}{{50, 10}, {50, 20}, {100, 5}, {100, 10}} {
		b.Run(fmt.Sprintf("nodes=%d/rate=%v", size.nodes, size.rate), func(b *testing.B) {
			l := ownLab(b, "swarm")
			l.scenario().Nodes, l.scenario().Workloads[0].Rate = size.nodes, size.rate
			sums := map[string]float64{}
			for b.Loop() {
				run := l.run(1)[0].must(b)
				for unit, value := range swarmFigures(b, run) {
					sums[unit] += value
				}
			}
			for unit, sum := range sums {
				b.ReportMetric(sum/float64(b.N), unit)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// swarmFigures are those of one run, by the units that a benchmark prints.
func swarmFigures(b *testing.B, run observed) map[string]float64 {
	b.Helper()
	figures := map[string]float64{}
	for unit, figure := range map[string]struct {
		metric string
		factor float64
	}{
		"delivered-%": {"message_delivery", 100}, "p50-ms": {"message_latency_p50", 1e3}, "p99-ms": {"message_latency_p99", 1e3},
		"formed-s": {"formation_time", 1}, "formed-cpu-s": {"formation_cpu", 1}, "ready-s": {"startup_time", 1},
		"peers": {"average_peers", 1}, "MB-a-node": {"memory_private", 1e-6}, "cpu-ms-a-delivery": {"cpu_per_message", 1e3},
	} {
		m := run.named(b, figure.metric)
		if m.Status != result.Measured || m.Invalid != "" {
			b.Logf("%s: %s %s%s", m.Metric.Name, m.Status, m.Reason, m.Invalid) // as on a machine that is too busy to answer
			continue
		}
		figures[unit] = m.Value * figure.factor
	}
	addMachine(figures, run.Machine)
	return figures
}

// addMachine adds what nodes, perfgate and others took of the machine, in percent.
func addMachine(figures map[string]float64, machine *result.Machine) {
	add := func(unit string, ratio *float64) {
		if ratio != nil {
			figures[unit] = 100 * *ratio
		}
	}
	if load := machine.Load; load != nil {
		add("%machine-nodes-load", load.NodesRatio)
		add("%machine-own-load", load.OwnRatio)
		add("%machine-others-load", load.OthersRatio)
	}
	if steady := machine.Steady; steady != nil {
		add("%machine-own-steady", steady.OwnRatio)
	}
}

// BenchmarkOwnCPUUnderLoad says what share of the machine perfgate takes while nodes work: at the scenario work of perfgate.toml,
// and at ten nodes with so many messages a second that asking for them and reading what arrived is most of it.
func BenchmarkOwnCPUUnderLoad(b *testing.B) {
	for _, name := range []string{"work", "messages"} {
		b.Run(name, func(b *testing.B) {
			l := ownLab(b, "work")
			if name == "messages" {
				l.scenario().Nodes, l.scenario().Duration = 10, 10*time.Second
				l.scenario().Workloads = []suite.Workload{
					{Kind: suite.Publish, Rate: 200, Size: 1 << 10, Arrival: suite.Poisson, Warmup: time.Second, Seed: 1},
				}
			}
			sums := map[string]float64{}
			for b.Loop() {
				run := l.run(1)[0].must(b)
				sums["delivered-%"] += 100 * run.named(b, "message_delivery").Value
				sums["p50-ms"] += 1e3 * run.named(b, "message_latency_p50").Value
				figures := map[string]float64{}
				addMachine(figures, run.Machine)
				for unit, value := range figures {
					sums[unit] += value
				}
			}
			for unit, sum := range sums {
				b.ReportMetric(sum/float64(b.N), unit)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
