package runner

import (
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// refnodes makes a runner of five reference nodes with a steady window of two seconds.
func refnodes(b *testing.B, runs int) *Runner {
	b.Helper()
	ports, err := NewPorts(0, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(ports.Close)
	dir := b.TempDir()
	return &Runner{
		Suite: &suite.Suite{
			Node: suite.Node{
				Args:          []string{"--listen", "{listen}", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}"},
				BootstrapArgs: []string{"--bootstrap", "{bootstrap}"}, Env: map[string]string{"GOMAXPROCS": "1"},
				Ready: "/health", Metrics: "/metrics", Peers: "communitas_peers_connected", PeersCount: suite.PeersAll, Probe: "/probe",
				StopSignal: "SIGINT", StopTimeout: 5 * time.Second,
			},
			Scenarios: []suite.Scenario{{
				Name: "stress", Nodes: 5, Duration: 2 * time.Second, Quiet: time.Second, Runs: runs,
				FormationTimeout: time.Minute, Expect: suite.Expectation{Graph: suite.FullMesh},
			}},
		},
		Binary: testnode.BuildRefnode(b), Dir: dir, Ports: ports, Contain: container(b, dir), Log: slog.New(slog.DiscardHandler),
	}
}

// BenchmarkStressIsNoRegression compares a head that was measured while other programs kept the machine busy with a base
// that was measured without them: the same binary, so that no comparison may say regressed. The loads are of all cores, of
// one, and of as little as a run may bear. It reports what became of the comparisons, and how many attempts were invalid.
func BenchmarkStressIsNoRegression(b *testing.B) {
	cores := float64(runtime.NumCPU())
	for _, load := range []struct {
		name  string
		cores float64
	}{{"all-cores", cores}, {"one-core", 1}, {"just-bearable", 0.07 * cores}} {
		b.Run(load.name, func(b *testing.B) {
			const runs = 8
			outcomes := map[compare.Outcome]int{}
			invalid, attempts, baseInvalid, noBase := 0, 0, 0, 0
			for b.Loop() {
				base, disturbed, all := measureStressed(b, runs, 0)
				if baseInvalid += disturbed; all-disturbed < 6 {
					noBase++ // this machine has no calm for one
					continue
				}
				head, disturbed, all := measureStressed(b, runs, load.cores)
				invalid, attempts = invalid+disturbed, attempts+all
				v := compare.Decide(compare.Input{Head: head, Base: base, Now: time.Now()})
				outcomes[v.Verdict]++
				b.Logf("%s: %s", v.Verdict, v.Reason)
				for _, m := range v.Metrics {
					if m.Verdict == compare.Regressed {
						b.Logf("%s regressed: %v to %v, %+.0f %%", m.Metric, m.Base, m.Head, 100*m.Change)
					}
				}
			}
			b.ReportMetric(float64(outcomes[compare.Regressed]), "regressed")
			b.ReportMetric(float64(outcomes[compare.Pass]+outcomes[compare.Improved]), "passed")
			b.ReportMetric(float64(outcomes[compare.Inconclusive]), "inconclusive")
			b.ReportMetric(float64(outcomes[compare.Failed]), "failed")
			b.ReportMetric(float64(outcomes[compare.OverTarget]), "over-target")
			b.ReportMetric(float64(invalid), "invalid-attempts")
			b.ReportMetric(float64(attempts), "attempts")
			b.ReportMetric(float64(baseInvalid), "base-invalid")
			b.ReportMetric(float64(noBase), "without-calm-base")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// measureStressed gives the results of some runs beside a load of that many cores, and how many of all attempts were invalid.
func measureStressed(b *testing.B, runs int, cores float64) (results *result.Results, invalid, attempts int) {
	b.Helper()
	if cores > 0 {
		defer burn(b, cores)()
	}
	r := refnodes(b, runs)
	r.calm = time.Minute // for others than the benchmark's own load, which does not stop for anybody
	if cores > 0 {
		r.calm = 500 * time.Millisecond
	}
	results = &result.Results{
		Schema: result.Schema, Environment: result.Environment{Fingerprint: "here"}, Subject: result.Subject{Name: "refnode"}, Runs: []result.Run{},
		Scenarios: []result.Scenario{{Name: "stress", Nodes: 5, Runs: runs, Configuration: "stress", DurationSeconds: 2}},
	}
	var assembler result.Assembler
	err := r.Measure(b.Context(), func(s suite.Scenario, run Run) error {
		results.Runs = append(results.Runs, run.Run)
		if !run.Again {
			assembler.Add(s.Name, run.Run.Run, run.Order, run.Measurements)
		}
		attempts++
		if run.Invalid != "" {
			invalid++
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	results.Series = assembler.Series()
	return results, invalid, attempts
}

// BenchmarkFiguresUnderLoad measures how far the figures of the reference node move beside programs that take a share of the
// machine, each figure as its median over the runs, against the median without them. A run counts when the share that its
// witness saw is about the wanted one, so that what else this machine does is left out.
func BenchmarkFiguresUnderLoad(b *testing.B) {
	names := []string{"startup_time", "formation_time", "formation_cpu", "cpu_idle", "memory_private"}
	shares := []float64{0, 0.05, 0.125, 0.25, 0.5, 1}
	for b.Loop() {
		const rounds = 8
		values := map[string][]float64{} // by share and name
		for range rounds {               // interleaved, so that a machine that drifts does so for all
			for _, share := range shares {
				for name, value := range underLoad(b, share, names) {
					key := fmt.Sprint(share, name)
					values[key] = append(values[key], value)
				}
			}
		}
		for _, share := range shares {
			line := fmt.Sprintf("others %.1f %%:", 100*share)
			for _, name := range names {
				base, baseErr := stat.Median(values[fmt.Sprint(0.0, name)])
				now, err := stat.Median(values[fmt.Sprint(share, name)])
				if err != nil || baseErr != nil {
					b.Fatalf("%s at %v: no run had that share", name, share)
				}
				line += fmt.Sprintf(" %s %+.0f %%,", name, 100*(now/base-1))
			}
			forming := values[fmt.Sprint(share, formingOthers)]
			slices.Sort(forming)
			b.Logf("%s while forming %.2f in %d runs", line, forming, len(forming))
		}
	}
	b.ReportMetric(0, "ns/op")
}

// underLoad measures one run beside a load, and nothing when no attempt of five had the wanted share of others.
func underLoad(b *testing.B, share float64, names []string) map[string]float64 {
	b.Helper()
	if share > 0 {
		defer burn(b, share*float64(runtime.NumCPU()))()
	}
	for range 5 {
		r := refnodes(b, 1)
		r.Disturbed = Keep
		values := map[string]float64{}
		err := r.Measure(b.Context(), func(_ suite.Scenario, run Run) error {
			if run.Machine.Steady == nil || run.Machine.Forming.OthersRatio == nil || run.Machine.Steady.OthersRatio == nil {
				return nil
			}
			m := run.Machine
			possible := min(share, 1-*m.Steady.NodesRatio-*m.Steady.OwnRatio)
			if math.Abs(*m.Steady.OthersRatio-possible) > 0.07 || *m.Steady.StealRatio > maxStealOfBench {
				return nil
			}
			values[formingOthers] = *m.Forming.OthersRatio
			for _, measured := range run.Measurements {
				for _, name := range names {
					if measured.Metric.Name == name && believed(measured) {
						values[name] = measured.Value
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		if len(values) == len(names)+1 {
			return values
		}
	}
	return nil
}

// formingOthers names, among the figures of a run, the share that its witness saw while the network formed.
const formingOthers = "forming_others"

// maxStealOfBench keeps runs out of a benchmark in which this machine was not there.
const maxStealOfBench = 0.05
