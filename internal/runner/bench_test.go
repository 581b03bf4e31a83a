package runner

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// BenchmarkRunOverhead measures what a run of five nodes with a steady window of ten seconds costs beyond the window, from
// the choice of ports until nothing is left but files. It is to stay below 1.5 s. The look whether the machine is calm, a
// tenth of a second, comes on top.
func BenchmarkRunOverhead(b *testing.B) {
	refnode := suite.Node{
		Args:          []string{"--listen", "{listen}", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}"},
		BootstrapArgs: []string{"--bootstrap", "{bootstrap}"}, Env: map[string]string{"GOMAXPROCS": "1"},
		Ready: "/health", Metrics: "/metrics", Peers: "communitas_peers_connected", PeersCount: suite.PeersAll, Probe: "/probe",
		StopSignal: "SIGINT", StopTimeout: 5 * time.Second,
	}
	scripted := refnode
	scripted.Args = append(slices.Clip(scripted.Args), "--index", "{index}")
	scripted.Env = map[string]string{testnode.ScriptVariable: mesh(5, 0).JSON()}
	for _, subject := range []struct {
		name   string
		binary string
		node   suite.Node
	}{
		{"refnode", testnode.BuildRefnode(b), refnode},
		{"scripted", testnode.Build(b, testnode.Scripted), scripted},
	} {
		b.Run(subject.name, func(b *testing.B) {
			const window = 10 * time.Second
			dir := b.TempDir()
			r := &Runner{
				Suite: &suite.Suite{Node: subject.node, Scenarios: []suite.Scenario{{
					Name: "overhead", Nodes: 5, Duration: window, Quiet: 5 * time.Second, Runs: 1,
					FormationTimeout: time.Minute, Expect: suite.Expectation{Graph: suite.FullMesh},
				}}},
				Binary: subject.binary, Dir: dir, Ports: &Ports{}, Contain: container(b, dir), Log: slog.New(slog.DiscardHandler), Disturbed: Keep,
			}
			defer r.Ports.Close()
			var overhead time.Duration
			for b.Loop() {
				begin := time.Now()
				err := r.Measure(b.Context(), func(_ suite.Scenario, run Run) error {
					if wrong := isMeasured(run); wrong != "" {
						b.Fatal(wrong)
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				overhead += time.Since(begin) - window
			}
			b.ReportMetric(overhead.Seconds()/float64(b.N), "overhead-s/run")
			b.ReportMetric(0, "ns/op") // the window is no cost
		})
	}
}
