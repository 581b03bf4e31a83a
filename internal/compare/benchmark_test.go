package compare_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// benchmarked are results of the benchmarks codec and wire, six runs each: a time, an allocation count, bytes that are 0.
func benchmarked() *result.Results {
	r := results(
		custom(metric.Describe("codec/Encode", metric.Seconds, metric.Lower), scaled(1e-6, steady...)...),
		custom(metric.Describe("codec/Encode.allocs", metric.Count, metric.Lower), 2, 2, 2, 2, 2, 2),
		custom(metric.Describe("codec/Encode.bytes", metric.Bytes, metric.Lower), 0, 0, 0, 0, 0, 0),
		custom(metric.Describe("wire/send", metric.BytesPerSecond, metric.Higher), scaled(1e8, steady...)...),
	)
	for i := range r.Series {
		r.Series[i].Scenario = ""
	}
	r.Scenarios = []result.Scenario{{Benchmark: "codec", Runs: 6, Configuration: "c"}, {Benchmark: "wire", Runs: 6, Configuration: "w"}}
	r.Runs = nil
	for _, plan := range r.Scenarios {
		for run := range plan.Runs {
			r.Runs = append(r.Runs, result.Run{Benchmark: plan.Benchmark, Run: run + 1, Order: len(r.Runs) + 1})
		}
	}
	return r
}

// change replaces the samples of a series.
func change(r *result.Results, name string, values ...float64) {
	s := series(r, name)
	with := custom(metric.Metric{Name: name, Unit: s.Unit, Better: s.Better}, values...)
	s.Samples, s.Count = with.Samples, with.Count
}

// verdictOf is the verdict of one metric with its reason.
func verdictOf(t *testing.T, v compare.Verdict, name string) compare.Metric {
	t.Helper()
	for _, m := range v.Metrics {
		if m.Metric == name {
			return m
		}
	}
	t.Fatalf("%s is not in the verdict", name)
	return compare.Metric{}
}

// TestDisturbedExecutionsAreToldOfTheirBenchmark has one of codec that was executed again, and one of wire of the same number.
func TestDisturbedExecutionsAreToldOfTheirBenchmark(t *testing.T) {
	head := benchmarked()
	head.Runs[1].Invalid = "disturbed: x" // codec, run 2
	head.Runs = append(head.Runs, result.Run{Benchmark: "codec", Run: 2, Attempt: 2, Order: 13})
	head.Runs[8].Invalid = "disturbed: y" // wire, run 3, which stayed so
	invalid(head, 3, "disturbed: y", "wire/send")
	v := compare.Decide(compare.Input{Head: head, Base: benchmarked(), Now: now})
	want := []string{
		"benchmark codec: 1 attempt was measured again, since the machine was disturbed: run 2 (x)",
		"benchmark wire: run 3 is left out (disturbed: y): wire/send",
	}
	if diff := cmp.Diff(want, v.Warnings); diff != "" || len(v.Next) != 1 {
		t.Errorf("next %q, warnings -want +got\n%s", v.Next, diff)
	}
}

// TestALoadBesideABenchmarkIsNoRegression has codec slower by a third while others took 8 % of the machine.
func TestALoadBesideABenchmarkIsNoRegression(t *testing.T) {
	busier := func(share float64) *result.Results {
		r := benchmarked()
		for i := range r.Runs {
			if r.Runs[i].Benchmark == "codec" {
				r.Runs[i].Machine = &result.Machine{Running: &result.MachinePhase{Seconds: 9, Cores: 2, OthersRatio: new(share + 0.001*float64(i))}}
			}
		}
		return r
	}
	for _, test := range []struct {
		others float64
		want   compare.Outcome
	}{{0.01, compare.Regressed}, {0.08, compare.Inconclusive}} {
		head := busier(test.others)
		for _, sample := range series(head, "codec/Encode").Samples {
			*sample.Value *= 1.3
		}
		v := compare.Decide(compare.Input{Head: head, Base: busier(0.01), Now: now})
		m := verdictOf(t, v, "codec/Encode")
		if m.Verdict != test.want || test.want == compare.Inconclusive && !strings.Contains(m.Reason, "of the machine while it ran for head and 1 % for base") {
			t.Errorf("others with %v: %s because %q", test.others, m.Verdict, m.Reason)
		}
	}
}

func TestBenchmarksAreGatedLikeAnyOtherMetric(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(base, head *result.Results)
		whole  compare.Outcome
		metric string // whose verdict is looked at, with a part of its reason
		one    compare.Outcome
		reason string
	}{
		{"nothing changed", func(_, _ *result.Results) {}, compare.Pass, "codec/Encode.bytes", compare.Pass, ""},
		{
			"slower", func(_, head *result.Results) { change(head, "codec/Encode", scaled(1.5e-6, steady...)...) },
			compare.Regressed, "codec/Encode", compare.Regressed, "worse: +50%",
		},
		{
			"faster", func(_, head *result.Results) { change(head, "wire/send", scaled(2e8, steady...)...) },
			compare.Improved, "wire/send", compare.Improved, "better: +100%",
		},
		{
			"one allocation more", func(_, head *result.Results) { change(head, "codec/Encode.allocs", 3, 3, 3, 3, 3, 3) },
			compare.Regressed, "codec/Encode.allocs", compare.Regressed, "worse: +50%",
		},
		{
			"bytes where there were none", func(_, head *result.Results) { change(head, "codec/Encode.bytes", 8, 8, 8, 8, 8, 8) },
			compare.Regressed, "codec/Encode.bytes", compare.Regressed, "worse: +∞",
		},
		{
			"a time that is stuck", func(_, head *result.Results) { change(head, "codec/Encode", 1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6) },
			compare.Inconclusive, "codec/Encode", compare.Inconclusive, "stuck or too coarse",
		},
		{
			"a time of 0", func(_, head *result.Results) { change(head, "codec/Encode", 0, 0, 0, 0, 0, 0) },
			compare.Inconclusive, "codec/Encode", compare.Inconclusive, "nothing was measured there",
		},
		{
			"a metric is gone", func(_, head *result.Results) { drop(head, "codec/Encode") },
			compare.Failed, "codec/Encode", compare.Failed, "missing in head, present in base",
		},
		{
			"the unit is another", func(_, head *result.Results) { series(head, "codec/Encode.allocs").Unit = "objects" },
			compare.Failed, "codec/Encode.allocs", compare.Failed, `from "count" in base to "objects" in head`,
		},
		{
			"another command", func(_, head *result.Results) { head.Scenarios[0].Configuration = "other" },
			compare.Inconclusive, "codec/Encode", compare.Inconclusive, "another configuration of benchmark codec",
		},
		{
			"another command of the other", func(_, head *result.Results) { head.Scenarios[0].Configuration = "other" },
			compare.Inconclusive, "wire/send", compare.Pass, "",
		},
		{
			"a run of base failed", func(base, _ *result.Results) { base.Runs[1].Failure = "exit status 1" },
			compare.Inconclusive, "codec/Encode", compare.Inconclusive, "base is no measure: run 2: exit status 1",
		},
		{
			"a run of base failed in the other", func(base, _ *result.Results) { base.Runs[1].Failure = "exit status 1" },
			compare.Inconclusive, "wire/send", compare.Pass, "",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			base, head := benchmarked(), benchmarked()
			tc.change(base, head)
			v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
			m := verdictOf(t, v, tc.metric)
			if v.Verdict != tc.whole || m.Verdict != tc.one || !strings.Contains(m.Reason, tc.reason) {
				t.Errorf("%s (%s); %s is %s: %s", v.Verdict, v.Reason, tc.metric, m.Verdict, m.Reason)
			}
		})
	}
}

func TestBenchmarksThatGaveNothingAreNamed(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(head *result.Results)
		want   string
	}{
		{"a run failed", func(head *result.Results) { head.Runs[8].Failure = "exit status 1" }, "benchmark wire: run 3: exit status 1"},
		{"no metric at all", func(head *result.Results) { drop(head, "wire/send") }, "nothing was measured in benchmark wire"},
		{"not there", func(head *result.Results) { drop(head, "wire/send"); head.Scenarios = head.Scenarios[:1] }, "benchmark wire was measured in base and is missing in head"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			head := benchmarked()
			tc.change(head)
			v := compare.Decide(compare.Input{Head: head, Base: benchmarked(), Now: now})
			var reasons []string
			for _, p := range v.Problems {
				reasons = append(reasons, p.Reason)
			}
			if all := strings.Join(reasons, "\n"); v.Verdict != compare.Failed || !strings.Contains(all, tc.want) {
				t.Errorf("%s: %s", v.Verdict, all)
			}
		})
	}
}

func TestBenchmarksAreComparedWithTheirOwnRecording(t *testing.T) {
	recordings, err := baseline.FromResults(benchmarked())
	if err != nil || len(recordings) != 2 {
		t.Fatalf("%d recordings, %v", len(recordings), err)
	}
	raw, err := baseline.Empty("baselines.toml").WithRecordings(recordings)
	if err != nil {
		t.Fatal(err)
	}
	file, err := baseline.Parse("baselines.toml", raw)
	if err != nil {
		t.Fatal(err)
	}
	head := benchmarked()
	head.Scenarios[1].Configuration = "other"
	change(head, "codec/Encode.allocs", 4, 4, 4, 4, 4, 4)
	v := compare.Decide(compare.Input{Head: head, Baselines: file, Now: now})
	for name, want := range map[string]string{
		"codec/Encode": "stays within", "codec/Encode.allocs": "looks worse by +100%", "wire/send": "another configuration of benchmark wire",
	} {
		if m := verdictOf(t, v, name); !strings.Contains(m.Reason, want) {
			t.Errorf("%s: %s: %s", name, m.Verdict, m.Reason)
		}
	}
	// One benchmark alone is compared with its recording, and nobody misses the other.
	drop(head, "wire/send")
	head.Scenarios, head.Runs = head.Scenarios[:1], head.Runs[:6]
	if v = compare.Decide(compare.Input{Head: head, Baselines: file, Now: now}); len(v.Problems) > 0 || v.Qualifier != "" {
		t.Errorf("%s, qualifier %q, problems %v", v.Verdict, v.Qualifier, v.Problems)
	}
	// Recording it again leaves the other's.
	head.Scenarios[0].Configuration = "new"
	again, err := baseline.FromResults(head)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = file.WithRecordings(again); err != nil {
		t.Fatal(err)
	}
	if text := string(raw); !strings.Contains(text, `benchmark = "wire"`) || strings.Count(text, `benchmark = "codec"`) != 1 || !strings.Contains(text, `configuration = "new"`) {
		t.Errorf("recorded:\n%s", raw)
	}
}

func TestResultsWithOnePlanForAllBenchmarksAreCompared(t *testing.T) {
	together := func() *result.Results {
		r := benchmarked()
		r.Scenarios, r.Runs = []result.Scenario{{Runs: 6, Configuration: "all"}}, nil
		return r
	}
	head := together()
	change(head, "codec/Encode", scaled(2e-6, steady...)...)
	v := compare.Decide(compare.Input{Head: head, Base: together(), Now: now})
	if m := verdictOf(t, v, "codec/Encode"); v.Verdict != compare.Regressed || m.Verdict != compare.Regressed {
		t.Errorf("%s: %s", v.Verdict, m.Reason)
	}
	if v = compare.Decide(compare.Input{Head: benchmarked(), Base: together(), Now: now}); v.Verdict == compare.Pass {
		t.Error("passed without a base")
	}
}
