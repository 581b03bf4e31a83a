package instrument

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/stat"
	"github.com/communitas/perfgate/internal/suite"
)

// The drift of BenchmarkTurns: so many pairs, over whose runs the load leaves others less of the processors, each run the same part of what
// it left the run before, down to turnLeast.
const (
	turnPairs = 12
	turnLeast = 0.05
)

// turnMetrics are those whose intervals are compared.
func turnMetrics() []string {
	return []string{"formation_cpu", "formation_time", "throughput"}
}

// BenchmarkTurns says how much narrower the interval of a change is when base and head are measured in turns than when all of
// base is measured and then all of head, while another program takes more of the machine from run to run. Both are one
// program, so the change is none. Promised: a third of the width.
func BenchmarkTurns(b *testing.B) {
	const repetitions = 5
	folder, begun := trialsFolder(b, "turns"), time.Now()
	if os.Geteuid() != 0 {
		b.Skip("only root may let a load go before others")
	}
	base, head := marked(b)
	beside := newBurner(b, urgentName)
	for b.Loop() {
		turns, blocks := map[string]*widths{}, map[string]*widths{}
		for i := range min(repetitions, wantedTrials(b)) {
			dir := trialDir(folder, i+1)
			a, z := measureInTurns(b, beside, base, head, dir, uint64(i+1))
			first, second := measureInBlocks(b, beside, base, head, dir)
			for _, name := range turnMetrics() {
				entry(turns, name).add(stat.PairedRatioChangeCensored(valuesOf(b, a, name), valuesOf(b, z, name), 0, 0.95))
				entry(blocks, name).add(new(stat.Memo).RatioChangeCensored(valuesOf(b, first, name), valuesOf(b, second, name), 0, 0.95))
				note(b, begun, "turns %d, %s: in turns %s, in blocks %s", i+1, name, entry(turns, name), entry(blocks, name))
			}
		}
		for _, name := range turnMetrics() {
			narrow, wide := median(entry(turns, name).logs), median(entry(blocks, name).logs)
			b.ReportMetric(100*math.Expm1(narrow), "%"+name+"-turns")
			b.ReportMetric(100*math.Expm1(wide), "%"+name+"-blocks")
			b.ReportMetric(wide/narrow, name+"-factor")
			b.ReportMetric(entry(turns, name).misses, name+"-turns-miss")
			b.ReportMetric(entry(blocks, name).misses, name+"-blocks-miss")
		}
		b.ReportMetric(0, "ns/op")
	}
}

// widths are those of intervals of ratios, as logarithms, and how many leave out that there is no change.
type widths struct {
	logs   []float64
	misses float64
	said   string
}

func entry(all map[string]*widths, name string) *widths {
	if all[name] == nil {
		all[name] = &widths{}
	}
	return all[name]
}

func (w *widths) add(e stat.Effect, err error) {
	if err != nil {
		w.said = err.Error()
		return
	}
	w.logs = append(w.logs, math.Log1p(e.High)-math.Log1p(e.Low))
	if e.Low > 0 || e.High < 0 {
		w.misses++
	}
	w.said = percents(e.Low) + " to " + percents(e.High)
}

func (w *widths) String() string { return w.said }

// rising has the load rise with each run that begins, after those that begun before.
func rising(tb testing.TB, beside *burner, begun int) func(gate.Progress) {
	tb.Helper()
	return func(p gate.Progress) {
		if p.Run == nil || p.Run.Phase != runner.Starting {
			return
		}
		begun++
		left := math.Pow(turnLeast, float64(begun)/(2*turnPairs))
		if err := beside.burn((1 - left) * float64(runtime.NumCPU())); err != nil {
			tb.Errorf("the load: %v", err)
		}
	}
}

// turnPlan is a plan of formations and of transfers one after the other, which take all of the processor that they get.
func turnPlan(tb testing.TB, binary string) gate.Plan {
	tb.Helper()
	plan := planOf(tb, shortSuite, binary)
	scenario := &plan.Suite.Scenarios[0]
	scenario.Runs, scenario.Warmup, scenario.FormationTimeout = turnPairs, 0, 2*time.Minute
	scenario.Duration = 4 * time.Second
	transfers := &scenario.Workloads[0]
	transfers.Kind, transfers.Rate, transfers.Size = suite.Transfer, 12, 512<<10
	return plan
}

// measureInTurns is a trial of so many pairs, unless it was measured before.
func measureInTurns(b *testing.B, beside *burner, base, head, dir string, seed uint64) (*result.Results, *result.Results) {
	b.Helper()
	plan := gate.TrialPlan{Looks: []int{turnPairs}, Seed: seed, Base: turnPlan(b, base), Head: turnPlan(b, head)}
	plan.Head.Progress = rising(b, beside, 0)
	f := finish(b, plan, filepath.Join(dir, "turns"))
	rest(b, beside)
	return f.base, f.head
}

// measureInBlocks measures all of base and then all of head, under a load that rises as it does in turns.
func measureInBlocks(b *testing.B, beside *burner, base, head, dir string) (*result.Results, *result.Results) {
	b.Helper()
	var both [2]*result.Results
	for i, binary := range []string{base, head} {
		plan := turnPlan(b, binary)
		plan.Dir, plan.Progress = filepath.Join(dir, "blocks", []string{"base", "head"}[i]), rising(b, beside, i*turnPairs)
		both[i] = measured(b, plan)
	}
	rest(b, beside)
	return both[0], both[1]
}

// rest has the load rest.
func rest(b *testing.B, beside *burner) {
	b.Helper()
	if err := beside.burn(0); err != nil {
		b.Fatal(err)
	}
}
