package instrument

import (
	"slices"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/testnode"
)

// BenchmarkCrashNotice says how long after the end of a node the run has failed because of it, in fifty runs of three nodes:
// ends by a signal and by an exit of its own, while the network forms and in the steady window.
func BenchmarkCrashNotice(b *testing.B) {
	const nodes, runs = 3, 50
	ends := []testnode.End{{Signal: "SIGKILL"}, {Signal: "SIGSEGV"}, {Code: 7}, {}}
	var late []float64
	for b.Loop() {
		l := newLab(b, nodes, testnode.Script{})
		l.scenario().Duration = 20 * time.Second
		var noticed time.Time
		l.Progress = func(p runner.Progress) {
			if p.Phase == runner.Stopping {
				noticed = time.Now()
			}
		}
		for run := range runs {
			end := ends[run%len(ends)]
			end.AtMS = int64(300 + 3*run)
			script := meshAfter(nodes, 200+200*(run%2)) // every other one has not formed by then
			script.Nodes = map[int]testnode.Node{run % nodes: {End: &end}}
			l.perform(script)
			o := l.run(1)[0]
			ended, ok := testnode.Find(o.Truth[run%nodes], testnode.EventEnd)
			if !ok || o.Failure == "" {
				b.Fatalf("run %d: no end, or it was not noticed: %q", run, o.Failure)
			}
			late = append(late, float64(proc.MonotonicNS(noticed)-ended.MonotonicNS)/1e6)
		}
	}
	slices.Sort(late)
	b.ReportMetric(late[len(late)/2], "ms-median")
	b.ReportMetric(late[len(late)-1], "ms-worst")
	b.ReportMetric(float64(len(late)), "crashes")
	b.ReportMetric(0, "ns/op")
}
