package instrument

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
	"github.com/communitas/perfgate/internal/testnode"
)

// The change that is put into head, and the coefficient of variation up to which it is promised to be found.
const (
	injectedChange = 0.10
	noisiest       = 0.08
)

// pilotRuns is how many runs of base say how large a metric is and how noisy.
const pilotRuns = 20

// injection is one way to make head worse. Both sides carry faults, so that a metric is large enough for a tenth more of it to be
// made by a fault at all; that of head is greater by a tenth of what the metric is at base.
type injection struct {
	// metric gets worse by injectedChange; with it those that are made of the same may rightly do so.
	metric string
	beside []string
	// variable is that of the fault, and more what it has at head, where the metric is so much at base; both are empty for what is
	// done to the file.
	variable string
	more     func(center float64) string
}

// baseFaults are those of both sides.
func baseFaults() map[string]string {
	return map[string]string{
		"REFNODE_FAULT_CPU_BURN_RATIO": "0.15", "REFNODE_FAULT_STARTUP_DELAY_MS": "300", "REFNODE_FAULT_MESSAGE_DELAY_MS": "100",
	}
}

func injections() []injection {
	return []injection{
		{"memory_private", nil, "REFNODE_FAULT_BALLAST_BYTES", func(center float64) string {
			return fmt.Sprint(int64(injectedChange * center))
		}},
		{"binary_size", nil, "", nil},
		{"cpu_idle", []string{"cpu_per_message", "formation_cpu"}, "REFNODE_FAULT_CPU_BURN_RATIO", func(center float64) string {
			return fmt.Sprintf("%.6g", 0.15+injectedChange*center)
		}},
		// Two nodes start one after the other, and each of them waits.
		{"startup_time", []string{"formation_time", "topology_convergence_time", "formation_cpu"}, "REFNODE_FAULT_STARTUP_DELAY_MS", func(center float64) string {
			return fmt.Sprint(300 + math.Round(1000*injectedChange*center/2))
		}},
		{"message_latency_p50", nil, "REFNODE_FAULT_MESSAGE_DELAY_MS", func(center float64) string {
			return fmt.Sprint(100 + math.Round(1000*injectedChange*center))
		}},
	}
}

// pilot measures base by itself, once for all trials of the folder.
func pilot(b *testing.B, folder string) *result.Results {
	b.Helper()
	plan := faulty(b, testnode.BuildRefnode(b), nil)
	plan.Dir, plan.Suite.Scenarios[0].Runs = filepath.Join(folder, "pilot"), pilotRuns
	return measured(b, plan)
}

// faulty is a plan of nodes with the faults of base, and others over them. The configuration that results speak of is that of the
// head's suite alone, as it is when the change is one of the program.
func faulty(b *testing.B, binary string, faults map[string]string) gate.Plan {
	b.Helper()
	plan := planOf(b, shortSuite, binary)
	plan.Suite.Node.Env = maps.Clone(plan.Suite.Node.Env)
	maps.Copy(plan.Suite.Node.Env, baseFaults())
	maps.Copy(plan.Suite.Node.Env, faults)
	return plan
}

// center is the median of a metric in the pilot, and its coefficient of variation.
func center(b *testing.B, r *result.Results, name string) (median, cv float64) {
	b.Helper()
	values := valuesOf(b, r, name)
	if len(values) == 0 {
		b.Fatalf("the pilot has no value of %s", name)
	}
	median, err := stat.Median(values)
	if err != nil {
		b.Fatal(err)
	}
	if len(values) > 1 {
		if cv, err = stat.CV(values); err != nil {
			b.Fatal(err)
		}
	}
	return median, cv
}

// valuesOf are the samples of a metric that count, in their order.
func valuesOf(tb testing.TB, r *result.Results, name string) []float64 {
	tb.Helper()
	for _, s := range r.Series {
		if s.Metric == name {
			return usable(s)
		}
	}
	tb.Fatalf("no metric %s", name)
	return nil
}

// usable are the samples of a series that count.
func usable(s result.Series) []float64 {
	var all []float64
	for _, sample := range s.Usable() {
		all = append(all, *sample.Value)
	}
	return all
}

// programs are what trials are of: two of one size and one that is larger by the injected change.
type programs struct{ base, head, larger string }

func newPrograms(b *testing.B, size float64) programs {
	b.Helper()
	base, head := marked(b)
	return programs{base, head, padded(b, "head", int(injectedChange*size))}
}

// plan is a trial of base against a head that has the injection.
func (in injection) plan(b *testing.B, of programs, median float64) gate.TrialPlan {
	b.Helper()
	head, faults := of.larger, map[string]string(nil)
	if in.variable != "" {
		head, faults = of.head, map[string]string{in.variable: in.more(median)}
	}
	return gate.TrialPlan{Looks: compare.DefaultLooks(), Base: faulty(b, of.base, nil), Head: faulty(b, head, faults)}
}

// score counts what trials said of what was put into them.
type score struct {
	trials, found, wrong, others, pairs int
	// noisy are trials in which base turned out to vary by more than what is promised for, noisyFound those of them that found it.
	noisy, noisyFound int
	changes           []float64
}

// add judges a trial of an injection.
func (s *score) add(in injection, f finished) (said string) {
	s.trials++
	s.pairs += f.pairs()
	noisy := f.cv(in.metric) > noisiest
	if noisy {
		s.noisy++
	}
	worse, better := f.called(compare.Regressed), f.called(compare.Improved)
	said = "not found"
	if _, ok := worse[in.metric]; ok {
		s.found++
		said = "found"
		if noisy {
			s.noisyFound++
		}
	}
	if _, ok := better[in.metric]; ok {
		s.wrong++
		said = "called better"
	}
	delete(worse, in.metric)
	for _, name := range in.beside {
		delete(worse, name)
	}
	if len(worse) > 0 {
		s.others++
		said += fmt.Sprintf(", and %v called worse", slices.Sorted(maps.Keys(worse)))
	}
	for _, m := range f.verdict.Metrics {
		switch {
		case m.Metric != in.metric:
		case m.Change.Present():
			s.changes = append(s.changes, 100*float64(m.Change))
			said += ", " + percents(float64(m.Change))
		default:
			said += " (" + m.Reason + ")" // a side that is no measure loses the whole trial
		}
	}
	if noisy {
		said += fmt.Sprintf(", where base varies by %.1f %%", 100*f.cv(in.metric))
	}
	return said
}

// cv is the coefficient of variation that a metric has at base, 0 when it has none.
func (f finished) cv(name string) float64 {
	if f.base == nil {
		return 0
	}
	for _, s := range f.base.Series {
		if cv, err := stat.CV(usable(s)); s.Metric == name && err == nil {
			return cv
		}
	}
	return 0
}

func (s *score) report(b *testing.B) {
	b.Helper()
	b.ReportMetric(float64(s.trials), "trials")
	b.ReportMetric(float64(s.found), "found")
	b.ReportMetric(float64(s.trials-s.noisy), "quiet")
	b.ReportMetric(float64(s.found-s.noisyFound), "quiet-found")
	b.ReportMetric(float64(s.wrong), "wrong-direction")
	b.ReportMetric(float64(s.others), "others-called-worse")
	b.ReportMetric(float64(s.pairs)/float64(s.trials), "pairs/trial")
	if median, err := stat.Median(s.changes); err == nil {
		b.ReportMetric(median, "%change-median")
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkInjected says how many real regressions of a tenth are found, each in a trial of its own: of the metrics of which a
// pilot of base says that their coefficient of variation is 8 % at most. Promised: 57 of 60 in which base keeps to that, and never the
// wrong direction.
func BenchmarkInjected(b *testing.B) {
	folder, begun := trialsFolder(b, "injected"), time.Now()
	for b.Loop() {
		quiet, centers := candidates(b, pilot(b, folder), begun)
		subjects := newPrograms(b, centers["binary_size"])
		var all score
		each := make([]score, len(quiet))
		for i := range wantedTrials(b) {
			in := quiet[i%len(quiet)]
			plan := in.plan(b, subjects, centers[in.metric])
			plan.Seed = uint64(i + 1)
			f := finish(b, plan, trialDir(folder, i+1))
			each[i%len(quiet)].add(in, f)
			said := all.add(in, f)
			note(b, begun, "injected %d, %s: %s after %d pairs; %d of %d found, earlier: %v", i+1, in.metric, said, f.pairs(), all.found, all.trials, f.again)
		}
		for i, s := range each {
			note(b, begun, "%s: found %d of %d, and %d of %d where base is noisy; wrong direction %d, median change %+.1f %%", quiet[i].metric,
				s.found-s.noisyFound, s.trials-s.noisy, s.noisyFound, s.noisy, s.wrong, median(s.changes))
		}
		all.report(b)
	}
}

// candidates are the injections whose metric is quiet enough, and how large the metrics are at base.
func candidates(b *testing.B, r *result.Results, begun time.Time) (quiet []injection, centers map[string]float64) {
	b.Helper()
	centers = map[string]float64{}
	for _, in := range injections() {
		median, cv := center(b, r, in.metric)
		centers[in.metric] = median
		if cv <= noisiest {
			quiet = append(quiet, in)
		}
		note(b, begun, "pilot: %s is %.6g, CV %.1f %%", in.metric, median, 100*cv)
	}
	if len(quiet) == 0 {
		b.Fatal("no metric is quiet enough here")
	}
	return quiet, centers
}

// median is that of the values, NaN of none.
func median(values []float64) float64 {
	m, err := stat.Median(values)
	if err != nil {
		return math.NaN()
	}
	return m
}
