package compare_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

func TestTakeovers(t *testing.T) {
	const noTargets = "[metric.disconnections]\ntarget = \"none\"\n"
	for _, tc := range []struct {
		name   string
		people string
		head   []result.Series
		metric string
		take   bool
		reason string
	}{
		{"proven better", "", []result.Series{of("memory_private", scaled(0.8, steady...)...)}, "memory_private", true, "better: -20% ["},
		{"looks better, without calibrated sessions", "", []result.Series{of("memory_rss", scaled(0.8, steady...)...)}, "memory_rss", false, "no improvement is proven"},
		{"a little better", "", []result.Series{of("memory_private", scaled(0.99, steady...)...)}, "memory_private", false, "no improvement is proven"},
		{"a little worse", "", []result.Series{of("memory_private", scaled(1.01, steady...)...)}, "memory_private", false, "no improvement is proven"},
		{"proven worse", "", []result.Series{of("memory_private", scaled(1.3, steady...)...)}, "memory_private", false, "the whole is regressed"},
		{"proven worse, and only warned of", "[metric.memory_private]\npolicy = \"warn\"\n", []result.Series{of("binary_size", 9e5), of("memory_private", scaled(1.3, steady...)...)}, "memory_private", false, "worse: +30%"},
		{"waived", waiver("memory_private", "2026-12-31", "50%"), []result.Series{of("memory_private", scaled(1.3, steady...)...)}, "memory_private", false, "waived"},
		{"not decided", "", []result.Series{of("memory_private", scaled(1.1, noisy...)...)}, "memory_private", false, "not decided"},
		{"a smaller binary, however little", "", []result.Series{of("binary_size", 999999)}, "binary_size", true, "better: 0%"},
		{"the same binary", "", []result.Series{of("binary_size", 1e6)}, "binary_size", false, "no improvement is proven"},
		{"a larger binary within the tolerance", "", []result.Series{of("binary_size", 1.01e6)}, "binary_size", false, "no improvement is proven"},
		{"new", "", []result.Series{of("startup_time", steady...), of("binary_size", 1e6)}, "startup_time", true, "nothing is recorded"},
		{"better beside another that is worse", noTargets, []result.Series{of("memory_private", scaled(0.8, steady...)...), of("binary_size", 2e6)}, "memory_private", false, "the whole is regressed: binary_size"},
		{"better beside a broken target", "[metric.binary_size]\ntarget = \"< 1kB\"\n", []result.Series{of("memory_private", scaled(0.8, steady...)...), of("binary_size", 1e6)}, "memory_private", false, "the whole is over_target"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			recorded := results(of("memory_private", steady...), of("memory_rss", steady...), of("binary_size", 1e6))
			f := with(t, file(t, tc.people, recorded), calibration(8, baseline.Noise{Metric: "memory_private", Within: 0.01, Between: 0.005}))
			head := results(tc.head...)
			for _, s := range recorded.Series { // what is not there would have failed
				if entryOf(head, s.Metric) == nil {
					head.Series = append(head.Series, s)
				}
			}
			v := compare.Decide(compare.Input{Head: head, Baselines: f, Now: now})
			all := compare.Takeovers(v)
			if len(all) != len(v.Metrics) {
				t.Fatalf("%d of %d metrics", len(all), len(v.Metrics))
			}
			for i, got := range all {
				if got.Metric != v.Metrics[i].Metric || got.Scenario != v.Metrics[i].Scenario || got.Reason == "" {
					t.Errorf("%+v is not that of %s", got, v.Metrics[i].Metric)
				}
				if got.Metric == tc.metric && (got.Take != tc.take || !strings.Contains(got.Reason, tc.reason)) {
					t.Errorf("%+v, want %v because %q", got, tc.take, tc.reason)
				}
			}
		})
	}
}

func entryOf(r *result.Results, name string) *result.Series {
	for i, s := range r.Series {
		if s.Metric == name {
			return &r.Series[i]
		}
	}
	return nil
}

// What is held against other results says nothing about what is recorded.
func TestTakeoversWantARecording(t *testing.T) {
	v := compare.Decide(compare.Input{Head: results(of("memory_private", scaled(0.5, steady...)...)), Base: results(of("memory_private", steady...)), Now: now})
	if all := compare.Takeovers(v); v.Verdict != compare.Improved || len(all) != 1 || all[0].Take {
		t.Errorf("%s, %+v", v.Verdict, all)
	}
}

func TestUnfit(t *testing.T) {
	for want, v := range map[string]compare.Verdict{
		"regressed: why":   {Verdict: compare.Regressed, Reason: "why"},
		"over_target: why": {Verdict: compare.OverTarget, Reason: "why"},
		"failed: why":      {Verdict: compare.Failed, Reason: "why"},
		"":                 {Verdict: compare.Inconclusive, Reason: "why"},
	} {
		if got := compare.Unfit(v); got != want {
			t.Errorf("%s: %q, want %q", v.Verdict, got, want)
		}
	}
}
