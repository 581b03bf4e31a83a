package instrument

import (
	"maps"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/metric"
)

// BenchmarkUnchangedUnderLoad says how many trials of one program against itself call a metric worse while another program takes
// all cores, and takes them not, by the throw of a seeded coin. Promised: none of 60.
func BenchmarkUnchangedUnderLoad(b *testing.B) {
	folder, begun := trialsFolder(b, "unchanged"), time.Now()
	base, head := marked(b)
	beside := newBurner(b, burnerName)
	for b.Loop() {
		var alarms, better, clean, pairs, metrics int
		wanted := wantedTrials(b)
		for i := range wanted {
			plan := gate.TrialPlan{Looks: compare.DefaultLooks(), Seed: uint64(i + 1), Base: planOf(b, shortSuite, base), Head: planOf(b, shortSuite, head)}
			stop := beside.toggle(uint64(i+1), float64(runtime.NumCPU()))
			f := finish(b, plan, trialDir(folder, i+1))
			stop()
			worse := f.called(compare.Regressed)
			if len(worse) > 0 {
				alarms++
			}
			if len(f.called(compare.Improved)) > 0 {
				better++
			}
			if f.verdict.Verdict == compare.Pass {
				clean++
			}
			pairs += f.pairs()
			metrics += gated(f)
			note(b, begun, "unchanged %d: %s after %d pairs, worse: %v, earlier: %v", i+1, f.verdict.Verdict, f.pairs(), slices.Sorted(maps.Keys(worse)), f.again)
		}
		b.ReportMetric(float64(wanted), "trials")
		b.ReportMetric(float64(alarms), "called-worse")
		b.ReportMetric(float64(better), "called-better")
		b.ReportMetric(float64(clean), "passed")
		b.ReportMetric(float64(pairs)/float64(wanted), "pairs/trial")
		b.ReportMetric(float64(metrics)/float64(wanted), "gated/trial")
		b.ReportMetric(0, "ns/op")
	}
}

// gated is how many metrics of a trial block.
func gated(f finished) int {
	n := 0
	for _, m := range f.verdict.Metrics {
		if m.Policy == metric.Block && m.Base.Present() && m.Head.Present() {
			n++
		}
	}
	return n
}
