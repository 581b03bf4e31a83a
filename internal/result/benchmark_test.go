package result_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// benchmarks are results of a build and of two benchmarks.
func benchmarks() *result.Results {
	var a result.Assembler
	a.Add("", 1, 1, []result.Measurement{
		result.Value(metric.Describe("binary_size", metric.Bytes, metric.Lower), 5),
		result.Value(metric.Describe("codec/a", metric.Seconds, metric.Lower), 1),
		result.Value(metric.Describe("wire/a", metric.Seconds, metric.Lower), 2),
		result.Value(metric.Describe("codec/b", metric.Seconds, metric.Lower), 3),
	})
	return &result.Results{
		Schema:    result.Schema,
		Scenarios: []result.Scenario{{Runs: 1}, {Benchmark: "codec", Runs: 1}, {Benchmark: "wire", Runs: 1}},
		Runs:      []result.Run{{Benchmark: "codec", Run: 1}, {Benchmark: "wire", Run: 1}},
		Series:    a.Series(),
	}
}

func TestSeriesAndRunsBelongToTheirBenchmark(t *testing.T) {
	r := benchmarks()
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, plan := range r.Scenarios {
		text := plan.Benchmark + ":"
		for _, s := range r.SeriesOf(plan) {
			text += " " + s.Metric
		}
		got = append(got, text+strings.Repeat(" run", len(r.RunsOf(plan))))
	}
	if diff := cmp.Diff([]string{": binary_size", "codec: codec/a codec/b run", "wire: wire/a run"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// Where one benchmark has no plan of its own, its series belong to that of the builds.
	r.Scenarios = r.Scenarios[:2]
	if plan, ok := r.PlanOf("", "wire/a"); !ok || plan.Benchmark != "" || len(r.SeriesOf(plan)) != 2 {
		t.Errorf("plan %+v, %v", plan, ok)
	}
}

func TestPlansOfBenchmarksAreValidated(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*result.Results)
		want   string
	}{
		{"twice", func(r *result.Results) { r.Scenarios[2].Benchmark = "codec" }, `benchmark "codec" is there twice`},
		{"in a scenario", func(r *result.Results) { r.Scenarios[1].Name = "quick" }, `benchmark "codec" belongs to scenario "quick"`},
		{"no number of runs", func(r *result.Results) { r.Scenarios[1].Runs = -1 }, `benchmark "codec" has 0 nodes and -1 runs`},
		{"of none", func(r *result.Results) { r.Scenarios = r.Scenarios[2:] }, `series "binary_size" belongs to no scenario`},
		{"too many", func(r *result.Results) { r.Scenarios = make([]result.Scenario, result.MaxSeries+1) }, "scenarios are more than"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := benchmarks()
			tc.change(r)
			if err := r.Validate(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %s", err, tc.want)
			}
		})
	}
}

func TestLeastContentHasAPlanForEachBenchmark(t *testing.T) {
	const text = `{"schema": "perfgate.results/1", "series": [
		{"scenario": "", "metric": "codec/a", "unit": "s", "better": "lower", "status": "measured",
		 "samples": [{"run": 1, "value": 1, "valid": true}, {"run": 2, "value": 2, "valid": true}]},
		{"scenario": "", "metric": "binary_size", "unit": "B", "better": "lower", "status": "measured",
		 "samples": [{"run": 1, "value": 1, "valid": true}]}]}`
	r, err := result.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]result.Scenario{{Benchmark: "codec", Runs: 2}, {Runs: 1}}, r.Scenarios); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
