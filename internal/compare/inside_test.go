package compare

import (
	"math"
	"testing"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

func TestClears(t *testing.T) {
	const eps = 5e-10 // within the slack of a budget of 1
	for _, tc := range []struct {
		op            string
		low, high     float64
		keeps, breaks bool
	}{
		{"<", 0.5, 0.9, true, false}, {"<", 0.5, 1, false, false}, {"<", 0.5, 1.5, false, false}, {"<", 1, 1.5, false, true}, {"<", 1.1, 1.5, false, true},
		{"<=", 0.5, 1, true, false}, {"<=", 0.5, 1 + eps, true, false}, {"<=", 0.5, 1.5, false, false}, {"<=", 1, 1.5, false, false},
		{"<=", 1 + eps, 1.5, false, false}, {"<=", 1.1, 1.5, false, true}, {"<=", 1 - eps, 1 - eps, true, false},
		{">", 1.1, 1.5, true, false}, {">", 1, 1.5, false, false}, {">", 0.5, 1.5, false, false}, {">", 0.5, 1, false, true}, {">", 0.5, 0.9, false, true},
		{">=", 1, 1.5, true, false}, {">=", 1 - eps, 1.5, true, false}, {">=", 0.5, 1.5, false, false}, {">=", 0.5, 1, false, false},
		{">=", 0.5, 1 - eps, false, false}, {">=", 0.5, 0.9, false, true},
		{"=", 1, 1, true, false}, {"=", 1 - eps, 1 + eps, true, false}, {"=", 0.5, 1.5, false, false}, {"=", 1, 1.5, false, false}, {"=", 0.5, 1, false, false},
		{"=", 0.5, 0.9, false, true}, {"=", 1.1, 1.5, false, true}, {"=", 0.5, 1 - eps, false, false}, {"=", 1 + eps, 1.5, false, false},
		{"", 0, 0, false, false},
	} {
		if keeps, breaks := clears(baseline.Target{Op: tc.op, Value: 1}, tc.low, tc.high); keeps != tc.keeps || breaks != tc.breaks {
			t.Errorf("[%v, %v] %s 1: keeps %v, breaks %v", tc.low, tc.high, tc.op, keeps, breaks)
		}
	}
}

func TestNeeded(t *testing.T) {
	for confidence, want := range map[float64]int{0.5: 1, 0.75: 2, 0.9375: 4, 0.95: 5, 0.99: 7} {
		if got := needed(confidence); got != want {
			t.Errorf("needed(%v) = %d, want %d", confidence, got, want)
		}
	}
}

// The scaled number of runs lies near the one that is found by search.
func TestRunsAgreeWithTheSearch(t *testing.T) {
	for _, shift := range []float64{0.05, 0.08, 0.15} {
		for _, fixed := range []int{0, 30} {
			design := stat.Design{Alpha: 0.025, Power: power, Spread: 0.08}
			want, err := design.RankRuns(fixed, shift)
			n := noise{deviation: 0.08, base: 10, head: 10}
			if fixed > 0 {
				n.base = fixed
			}
			reach, reachErr := stat.Design{Alpha: 0.025, Power: power, Spread: 1}.RankMDE(n.base, n.head)
			if reachErr != nil {
				t.Fatal(reachErr)
			}
			got := n.runs(0.025, reach, shift, fixed == 0)
			if err != nil {
				if !math.IsInf(got, 1) {
					t.Errorf("shift %v beside %d: %v runs where no number is enough", shift, fixed, got)
				}
			} else if math.Abs(got-float64(want)) > 0.2*float64(want)+1 {
				t.Errorf("shift %v beside %d: %v runs, the search finds %d", shift, fixed, got, want)
			}
		}
	}
	tiny := noise{deviation: 0.01, base: 4, head: 4}
	want, err := stat.Design{Alpha: 0.001, Power: power, Spread: 1}.RankRuns(0, 10)
	if got := tiny.runs(0.001, math.Inf(1), 0.1, true); err != nil || got != float64(want) || got <= 4 {
		t.Errorf("four a side that see nothing: %v runs, want %d, %v", got, want, err)
	}
	if got := tiny.runs(1e-9, math.Inf(1), 0.1, false); !math.IsInf(got, 1) {
		t.Errorf("four of base that can never prove it: %v runs", got)
	}
}

func TestMoreRunsTakesTheNearerEnd(t *testing.T) {
	ask := func(change float64, n noise, oneSession bool) int {
		e := evidence{change: change, noise: &n, share: 0.05, reach: 1.6, cleanReach: 1.8}
		return e.moreRuns(question{metric: metric.Metric{Better: metric.Lower}, tolerance: 0.1, confidence: 0.95, oneSession: oneSession})
	}
	n := noise{deviation: 0.1, base: 6, head: 6}
	for _, tc := range []struct {
		name       string
		change     float64
		oneSession bool
		shift      float64 // that has to be seen
		reach      float64
	}{
		{"nothing changed: clean", 0, true, math.Log(1.1), 1.8},
		{"a little: clean", 0.04, true, math.Log(1.1 / 1.04), 1.8},
		{"half the tolerance: worse, which is as near", 0.05, true, math.Log(1.05), 1.6},
		{"most of it: worse", 0.09, true, math.Log(1.09), 1.6},
		{"more than all of it: worse", 0.12, true, math.Log(1.12), 1.6},
		{"better: clean", -0.05, true, math.Log(1.1 / 0.95), 1.8},
	} {
		want := int(math.Ceil(6*(tc.reach*0.1/tc.shift)*(tc.reach*0.1/tc.shift))) - 6
		if got := ask(tc.change, n, tc.oneSession); got != max(1, want) {
			t.Errorf("%s: %d more runs, want %d", tc.name, got, want)
		}
	}
	if got := ask(0.12, n, false); got != 0 {
		t.Errorf("worse beside a recording, which no number of runs proves: %d", got)
	}
	if got := ask(0.0999, n, true); got == 0 || got > 1000 {
		t.Errorf("on the line: %d more runs", got)
	}
	if got := ask(0.049, noise{deviation: 5, base: 6, head: 6}, true); got != 0 {
		t.Errorf("thousands of runs are worth no mention: %d", got)
	}
	steps := noise{deviation: 1, center: -10, base: 6, head: 6}
	if got, want := ask(0, steps, true), int(math.Ceil(6*1.8*1.8))-6; got != want {
		t.Errorf("a shift of 1 at a center of 10: %d more runs, want %d", got, want)
	}
}

func TestMoreRunsForATarget(t *testing.T) {
	q := question{confidence: 0.95, head: series{}}
	values := []float64{-1, 0, 1, 0.5, -0.5, 0}
	deviation, err := stat.StandardDeviation(values)
	if err != nil {
		t.Fatal(err)
	}
	want, err := stat.Design{Alpha: 1 - q.confidence, Power: power, Spread: deviation}.PairedRuns(0.3)
	if err != nil {
		t.Fatal(err)
	}
	if got := moreForTarget(q, baseline.Target{Value: 0.3}, 0, values, false); got != want-6 || got < 1 {
		t.Errorf("%d more runs, want %d", got, want-6)
	}
	if got := moreForTarget(q, baseline.Target{Value: math.Exp(0.3)}, 0, values, true); got != want-6 {
		t.Errorf("of logarithms: %d more runs, want %d", got, want-6)
	}
	if got := moreForTarget(q, baseline.Target{Value: 30}, 0, values, false); got != 1 {
		t.Errorf("far from the budget: %d more runs, want at least one", got)
	}
	for name, got := range map[string]int{
		"a budget without a logarithm": moreForTarget(q, baseline.Target{Value: 0}, 0, values, true),
		"a center on the budget":       moreForTarget(q, baseline.Target{Value: 0.3}, 0.3, values, false),
		"no center":                    moreForTarget(q, baseline.Target{Value: 0.3}, math.Inf(1), values, false),
		"no spread":                    moreForTarget(q, baseline.Target{Value: 0.3}, 0, []float64{1, 1, 1}, false),
		"a single value":               moreForTarget(q, baseline.Target{Value: 0.3}, 0, []float64{1}, false),
	} {
		if got != 0 {
			t.Errorf("%s: %d more runs, want none", name, got)
		}
	}
}

func TestWhatNoFileCanHoldIsStillNoEvidence(t *testing.T) {
	if s := fromRecording(baseline.Series{}); s.status != result.Failed || s.reason == "" {
		t.Errorf("a recording without samples is %q because %q", s.status, s.reason)
	}
	for name, values := range map[string][]float64{"NaN": {1, math.NaN()}, "-Inf": {1, math.Inf(-1)}, "+Inf that did not time out": {1, math.Inf(1)}} {
		if fault := (series{values: values}).impossible(); fault != "samples that are no finite numbers" {
			t.Errorf("%s: %q", name, fault)
		}
	}
	if fault := (series{values: []float64{1, math.Inf(1)}, timeouts: 1, limit: 60}).impossible(); fault != "" {
		t.Errorf("a time-out: %q", fault)
	}
	empty := series{}
	for name, got := range map[string]float64{"median": empty.median(), "mean": empty.mean(), "worst": empty.worst()} {
		if !math.IsNaN(got) {
			t.Errorf("the %s of nothing is %v", name, got)
		}
	}
	if got := (series{better: metric.Higher, values: []float64{2, 1, 3}}).worst(); got != 1 {
		t.Errorf("the worst of what is better when higher is %v", got)
	}
}

func TestLimitIsTheSmallestTimeOut(t *testing.T) {
	s := fromRecording(baseline.Series{Samples: []float64{1}, Censored: []float64{60, 30, 90}})
	if s.limit != 30 || s.timeouts != 3 || len(s.values) != 4 {
		t.Errorf("limit %v of %d time-outs among %d values", s.limit, s.timeouts, len(s.values))
	}
}

func TestWords(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{describeEnvironment(result.Environment{}), "unknown"},
		{describeEnvironment(result.Environment{OS: "linux"}), "linux"},
		{describeEnvironment(result.Environment{Arch: "arm64", CPU: "M9", Cores: 1}), "arm64, M9, 1 core"},
		{describeEnvironment(result.Environment{OS: "linux", Arch: "amd64", Fingerprint: "0123456789abcdef"}), "linux-amd64, 0123456789abcdef"},
		{environmentNote(baseline.Recording{Environment: "0123456789abcdef"}, result.Environment{Kernel: "6.1"}), "0123456789ab"},
		{environmentNote(baseline.Recording{EnvironmentNote: "a laptop"}, result.Environment{}), "a laptop"},
		{
			environmentNote(baseline.Recording{EnvironmentNote: "a laptop", Traits: []result.Trait{{Name: "kernel", Value: "6.2"}}}, result.Environment{Kernel: "6.1", Cores: 2}),
			"a laptop, which differ in: cores 2 (there unknown or none), kernel 6.1 (there 6.2)",
		},
		{differing(result.Environment{Kernel: "6.1"}, result.Environment{Kernel: "6.1"}.Traits()), ""},
		{place(result.Scenario{}), "builds and benchmarks"},
		{where(Metric{Metric: "codec/encode"}), "codec/encode"},
		{several([]string{"a", "b", "c"}), "a, b, c"},
		{several([]string{"a", "b", "c", "d"}), "4 metrics"},
		{listed([]string{"a", "b", "c", "d"}), "a, b, c, d"},
		{listed([]string{"a", "b", "c", "d", "e"}), "a, b, c, d, and 1 more"},
		{Percent(9.999), "+999.9%"},
		{Percent(10), "+1000%"},
		{ChangeText(0.1, math.NaN(), 0.2), "+10%"},
		{ChangeText(0.1, 0.05, math.NaN()), "+10%"},
		{describeRecording(baseline.Recording{}), "baseline"},
		{describeResults(&result.Results{}), "results"},
		{series{}.run(2), "sample 3"},
		{series{runs: []int{7}}.run(0), "run 7"},
		{series{runs: []int{7}}.run(1), "sample 2"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

// A one-sided test may reject where the two-sided interval still holds both: nothing is proven then.
func TestAnIntervalForBothSidesProvesNothing(t *testing.T) {
	lower, higher := metric.Describe("latency", metric.Seconds, metric.Lower), metric.Describe("rate", metric.BytesPerSecond, metric.Higher)
	for _, tc := range []struct {
		name              string
		metric            metric.Metric
		change, low, high float64
		want              Outcome
	}{
		{"worse, the interval agrees", lower, 0.4, 0.02, 0.9, Regressed},
		{"worse, the interval ends at no change", lower, 0.4, 0, 0.9, Regressed},
		{"worse, the interval holds better too", lower, 0.4, -0.1, 0.9, Inconclusive},
		{"worse, without an interval", lower, 0.4, math.NaN(), math.NaN(), Regressed},
		{"less of what should be more", higher, -0.4, -0.9, -0.02, Regressed},
		{"less, the interval holds more too", higher, -0.4, -0.9, 0.1, Inconclusive},
		{"better, the interval agrees", lower, -0.4, -0.9, -0.02, Improved},
		{"better, the interval holds worse too", lower, -0.4, -0.9, 0.2, Inconclusive},
	} {
		e := evidence{tested: true, change: tc.change, low: tc.low, high: tc.high, alpha: 0.05, adjWorse: 0.04, adjBetter: 0.04}
		if worse(tc.change, tc.metric.Better) > 0 {
			e.adjBetter = 1
		} else {
			e.adjWorse = 1
		}
		if got := e.judge(question{metric: tc.metric, tolerance: 0.1}).outcome; got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}
