package baseline_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

func measured(t testing.TB) *result.Results {
	t.Helper()
	var a result.Assembler
	for run := 1; run <= 3; run++ {
		late := result.Value(builtin(t, "topology_convergence_time"), 30)
		late.Censored = run == 3
		void := result.Value(builtin(t, "average_peers"), 2)
		if run == 1 {
			void.Invalid = "the machine was busy"
		}
		a.Add("quick", run, run, []result.Measurement{
			result.Event(builtin(t, "formation_time"), 0.05, 0.05+float64(run)/100),
			late, void,
			result.Unmeasurable(builtin(t, "message_latency_p50"), "not measurable: node offers L2"),
			result.Value(builtin(t, "cpu_idle"), 0),
		})
	}
	a.Add("", 1, 4, []result.Measurement{result.Value(builtin(t, "binary_size"), 14e6)})
	r := &result.Results{
		Schema: result.Schema, Created: time.Date(2026, 11, 2, 3, 4, 5, 0, time.FixedZone("x", 3600)),
		Subject: result.Subject{Name: "node", Commit: "c0ffee", BinarySHA256: "ab"},
		Environment: result.Environment{
			Fingerprint: "e1", OS: "linux", Arch: "amd64", Kernel: "6.1", CPU: "EPYC", Cores: 2, MemoryBytes: 8e9, Toolchain: "go1.26",
		},
		Scenarios: []result.Scenario{{Name: "quick", Nodes: 3, Runs: 3, Configuration: "c1"}, {Name: "", Runs: 1, Configuration: "c0"}},
		Runs:      []result.Run{{Scenario: "quick", Run: 1, Warmup: true, Failure: "a warm-up that crashed"}, {Scenario: "", Run: 1}},
		Series:    a.Series(),
	}
	for run := 1; run <= 3; run++ {
		r.Runs = append(r.Runs, result.Run{Scenario: "quick", Run: run, Order: run, Formed: true})
	}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestNetworksThatNobodySeesFormCanBeRecorded: nodes of level L0 show no peers, and what they use is measured all the same.
func TestNetworksThatNobodySeesFormCanBeRecorded(t *testing.T) {
	r := measured(t)
	r.Level = "L0"
	for i := range r.Runs {
		r.Runs[i].Formed = false
	}
	if _, err := baseline.FromResults(r); err != nil {
		t.Error(err)
	}
}

func TestFromResultsTakesTheUsableSamples(t *testing.T) {
	got, err := baseline.FromResults(measured(t))
	if err != nil {
		t.Fatal(err)
	}
	build := baseline.Recording{
		Environment: "e1", EnvironmentNote: "linux/amd64, 2 cores, EPYC, 8GB, 6.1, go1.26", Configuration: "c0", Subject: "node",
		Commit: "c0ffee", BinarySHA256: "ab", Time: time.Date(2026, 11, 2, 2, 4, 5, 0, time.UTC),
		Traits: []result.Trait{
			{Name: "architecture", Value: "amd64"}, {Name: "cores", Value: "2"}, {Name: "kernel", Value: "6.1"}, {Name: "memory", Value: "7 GiB"},
			{Name: "processor", Value: "EPYC"}, {Name: "system", Value: "linux"}, {Name: "toolchain", Value: "go1.26"},
		},
		Series: []baseline.Series{{Metric: "binary_size", Unit: metric.Bytes, Better: metric.Lower, Samples: []float64{14e6}}},
	}
	quick := build
	quick.Scenario, quick.Configuration = "quick", "c1"
	quick.Series = []baseline.Series{
		{Metric: "formation_time", Unit: metric.Seconds, Better: metric.Lower, Samples: []float64{0.060000000000000005, 0.07, 0.08}},
		{Metric: "topology_convergence_time", Unit: metric.Seconds, Better: metric.Lower, Samples: []float64{30, 30}, Censored: []float64{30}},
		{Metric: "average_peers", Unit: metric.Peers, Better: metric.Higher, Samples: []float64{2, 2}},
		{Metric: "cpu_idle", Unit: metric.Ratio, Better: metric.Lower, Samples: []float64{0, 0, 0}},
	}
	if diff := cmp.Diff([]baseline.Recording{build, quick}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, err := parse(t, whole).WithRecordings(got); err != nil {
		t.Errorf("what was learnt cannot be written: %v", err)
	}
}

func TestADirtyCheckoutIsNoCommit(t *testing.T) {
	r := measured(t)
	r.Subject.Dirty = true
	got, err := baseline.FromResults(r)
	if err != nil || got[0].Commit != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestADisturbedRunTeachesNothingAndForbidsNothing(t *testing.T) {
	r := measured(t)
	r.Runs[2].Failure, r.Runs[2].Formed, r.Runs[2].Invalid = "node 1: not ready", false, "disturbed: other processes"
	if _, err := baseline.FromResults(r); err != nil {
		t.Errorf("a run that gave no sample: %v", err)
	}
	r.Runs[2].Findings = []result.Finding{{Kind: result.FindingCrash, Node: 1}}
	if _, err := baseline.FromResults(r); err == nil {
		t.Error("a crash on a disturbed machine is no fault")
	}
}

func TestFromResultsRefusesWhatMustNotTeach(t *testing.T) {
	series := func(r *result.Results, name string) *result.Series {
		for i := range r.Series {
			if r.Series[i].Metric == name {
				return &r.Series[i]
			}
		}
		t.Fatalf("no series %s", name)
		return nil
	}
	set := func(s *result.Series, values ...float64) {
		for i := range s.Samples {
			s.Samples[i].Value = &values[i]
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*result.Results)
		want   []string
	}{
		{"interrupted", func(r *result.Results) { r.Interrupted = "signal" }, []string{"the measurement was interrupted (signal): measure again"}},
		{"overridden", func(r *result.Results) { r.Overrides = []string{"--nodes 7"} }, []string{"measured with --nodes 7, other than perfgate.toml says: measure again without"}},
		{"no environment", func(r *result.Results) { r.Environment.Fingerprint = "" }, []string{"the environment has no fingerprint: measure again"}},
		{"a run failed and one did not form", func(r *result.Results) { r.Runs[2].Failure, r.Runs[3].Formed = "node 1 crashed", false },
			[]string{"scenario quick: run 1: node 1 crashed: mend it and measure again", "scenario quick: run 2: the network did not form: mend it and measure again"}},
		{"a build failed", func(r *result.Results) { r.Runs[1].Failure = "exit status 1" }, []string{"run 1: exit status 1: mend it and measure again"}},
		{"a metric failed that nobody gates", func(r *result.Results) {
			s := series(r, "cpu_idle")
			s.Status, s.Reason, s.Samples, s.Count = result.Failed, "no /proc", nil, 0
		}, []string{"scenario quick: cpu_idle: no /proc: mend it and measure again"}},
		{"zero seconds", func(r *result.Results) { set(series(r, "formation_time"), 0.1, 0, 0.2) }, []string{"scenario quick: formation_time: a sample is 0s, which cannot be: measure again"}},
		{"stuck", func(r *result.Results) { set(series(r, "formation_time"), 0.1, 0.1, 0.1) }, []string{"scenario quick: formation_time: all 3 samples are 100ms, as if stuck: measure again"}},
		{"a scenario without samples", func(r *result.Results) { r.Scenarios = append(r.Scenarios, result.Scenario{Name: "large", Nodes: 10}) },
			[]string{"scenario large: nothing was measured: measure again"}},
		{"nothing", func(r *result.Results) { r.Scenarios, r.Runs, r.Series = nil, nil, nil }, []string{"nothing was measured: run the suite first"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := measured(t)
			tc.change(r)
			got, err := baseline.FromResults(r)
			unfit, ok := errors.AsType[*baseline.UnfitError](err)
			if !ok || got != nil {
				t.Fatalf("got %v, %v", got, err)
			}
			if diff := cmp.Diff(tc.want, unfit.Reasons); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	number := func(v float64) *float64 { return &v }
	rec := func(environment, scenario string, series ...baseline.Series) baseline.Recording {
		return baseline.Recording{Environment: environment, Scenario: scenario, Series: series}
	}
	s := func(name string, unit metric.Unit, samples ...float64) baseline.Series {
		return baseline.Series{Metric: name, Unit: unit, Better: metric.Lower, Samples: samples}
	}
	timedOut := s("startup_time", metric.Seconds, 1)
	timedOut.Censored = []float64{60, 60}
	old := []baseline.Recording{
		rec("e", "gone", s("formation_time", metric.Seconds, 1)),
		rec("e", "quick", s("x", "frames", 4), s("formation_time", metric.Seconds, 1, 3, 2), s("disconnections", metric.Count, 0), s("startup_time", metric.Seconds, 1), s("unit", "a", 1)),
	}
	fresh := []baseline.Recording{
		rec("e", "quick", s("disconnections", metric.Count, 1), s("formation_time", metric.Seconds, 3, 2), timedOut, s("unit", "b", 2)),
		rec("d", "", s("binary_size", metric.Bytes, 5)),
	}
	want := []baseline.Change{
		{Environment: "d", Metric: "binary_size", Unit: metric.Bytes, Better: metric.Lower, New: number(5)},
		{Environment: "e", Scenario: "gone", Metric: "formation_time", Unit: metric.Seconds, Better: metric.Lower, Old: number(1)},
		{Environment: "e", Scenario: "quick", Metric: "startup_time", Unit: metric.Seconds, Better: metric.Lower, Old: number(1), New: number(math.Inf(1))},
		{Environment: "e", Scenario: "quick", Metric: "formation_time", Unit: metric.Seconds, Better: metric.Lower, Old: number(2), New: number(2.5), Relative: number(0.25)},
		{Environment: "e", Scenario: "quick", Metric: "disconnections", Unit: metric.Count, Better: metric.Lower, Old: number(0), New: number(1)},
		{Environment: "e", Scenario: "quick", Metric: "unit", Unit: "b", Better: metric.Lower, Old: number(1), New: number(2)},
		{Environment: "e", Scenario: "quick", Metric: "x", Unit: "frames", Better: metric.Lower, Old: number(4)},
	}
	if diff := cmp.Diff(want, baseline.Diff(old, fresh)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := baseline.Diff(nil, nil); got != nil {
		t.Errorf("got %v", got)
	}
}
