package compare_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

func TestTargetsAreDecidedByWhatWasMeasured(t *testing.T) {
	errors := metric.Describe("error_share", metric.Ratio, metric.Lower)
	for _, tc := range []struct {
		name   string
		target string
		head   result.Series
		want   compare.Outcome
		reason string
	}{
		{"interval below", "< 1.2s", of("formation_time", noisy...), compare.Pass, "keeps the target < 1.2s"},
		{"interval above", "< 800ms", of("formation_time", noisy...), compare.OverTarget, "breaks the target < 800ms"},
		{"interval straddles", "< 1s", of("formation_time", noisy...), compare.Inconclusive, "straddles the target < 1s"},
		{"straddles, and says how many more", "< 1.05s", of("formation_time", noisy...), compare.Inconclusive, "more runs would settle it"},
		{"higher is better", "> 1B/s", of("throughput", scaled(1.5, noisy...)...), compare.Pass, "keeps"},
		{"four samples", "< 30s", of("formation_time", steady[:4]...), compare.Inconclusive, "4 samples: too few for an interval, 5 are needed"},
		{"five samples", "< 30s", of("formation_time", steady[:5]...), compare.Pass, "keeps"},
		{"one sample", "< 30s", of("formation_time", 1), compare.Inconclusive, "1 sample: too few"},
		{"one timed out", "< 30s", timedOut(of("formation_time", steady...), 60, 2), compare.Inconclusive, ", ∞] straddles"},
		{"all timed out", "< 30s", timedOut(of("formation_time", steady...), 60, 0, 1, 2, 3, 4, 5), compare.OverTarget, "all 6 runs timed out (after 60s)"},
		{"all timed out before the budget", "< 90s", timedOut(of("formation_time", steady...), 60, 0, 1, 2, 3, 4, 5), compare.Inconclusive, "all 6 runs timed out (after 60s)"},

		{"peers, full", ">= 4.0", of("average_peers", 4, 4, 4, 4, 4, 4), compare.Pass, "keeps"},
		{"peers, a rounding below", ">= 4.0", of("average_peers", 4, 4-1e-12, 4, 4, 4, 4), compare.Pass, "keeps"},
		{"peers, one run short", ">= 4.0", of("average_peers", 4, 3.5, 4, 4, 4, 4), compare.Inconclusive, "straddles"},
		{"peers, all short", ">= 4.0", of("average_peers", 3.5, 3.5, 3.4, 3.5, 3.6, 3.5), compare.OverTarget, "breaks"},
		{"discovery, whole", ">= 100%", of("discovery_success_rate", 1, 1, 1, 1, 1, 1), compare.Pass, "every run kept"},
		{"discovery, one run short", ">= 100%", of("discovery_success_rate", 1, 1, 0.95, 1, 1, 1), compare.OverTarget, "1 of 6 runs broke the target >= 100% (run 3: 95%)"},
		{"discovery, two runs", ">= 100%", of("discovery_success_rate", 1, 1), compare.Inconclusive, "2 runs: too few"},
		{"delivery, not at the end of the scale", ">= 90%", of("message_delivery", 1, 1, 0.95, 1, 1, 1), compare.Pass, "keeps"},

		{"peers, a target of one is not the end of their scale", ">= 1", of("average_peers", 2, 2, 0.5, 2, 2, 2), compare.Pass, "keeps"},
		{"errors, none allowed", "<= 0%", custom(errors, 0, 0, 0.01, 0, 0, 0), compare.OverTarget, "1 of 6 runs broke the target <= 0% (run 3: 1%)"},
		{"errors, some allowed", "<= 5%", custom(errors, 0, 0, 0.06, 0, 0, 0), compare.Pass, "[0%, 3%] keeps"},
		{"errors, all allowed", "<= 100%", custom(errors, 0, 0, 0.01, 0, 0, 0), compare.Pass, "[0%, 0.5%] keeps"},
		{"efficiency, any", ">= 0%", of("network_efficiency", 0.9, 0.9, 0.8, 0.9, 0.9), compare.Pass, "[80%, 90%] keeps"},
		{"efficiency, exactly", "= 90%", of("network_efficiency", 0.9, 0.9, 0.9, 0.9), compare.Pass, "every run kept"},

		{"no events", "= 0", of("disconnections", 0, 0, 0, 0, 0, 0), compare.Pass, "every run kept the target = 0"},
		{"no events in four runs", "= 0", of("disconnections", 0, 0, 0, 0), compare.Pass, "every run kept the target = 0"},
		{"no events in three runs", "= 0", of("disconnections", 0, 0, 0), compare.Inconclusive, "3 runs: too few to hold the target = 0, 4 are needed"},
		{"one event", "= 0", of("disconnections", 0, 0, 1, 0, 0, 0), compare.OverTarget, "1 of 6 runs broke the target = 0 (run 3: 1)"},
		{"one event in a single run", "= 0", of("disconnections", 2), compare.OverTarget, "1 of 1 run broke"},
		{"many events", "= 0", of("disconnections", 1, 1, 1, 1, 1, 1), compare.OverTarget, "run 4: 1, and 2 more"},

		{"all succeed", ">= 90%", of("formation_success", 1, 1, 1, 1, 1, 1), compare.Pass, "every run kept"},
		{"one fails, whole wanted", ">= 100%", of("formation_success", 1, 1, 1, 0, 1, 1), compare.OverTarget, "5 of 6 succeeded"},
		{"one fails, too few to tell", ">= 90%", of("formation_success", 1, 1, 1, 0, 1, 1), compare.Inconclusive, "too few to tell"},
		{"most fail", ">= 90%", of("formation_success", 0, 0, 1, 0, 0, 0), compare.OverTarget, "1 of 6 succeeded"},

		{"size, by value", "< 50MB", of("binary_size", 40e6), compare.Pass, "40MB keeps the target < 50MB"},
		{"size, on the line", "< 50MB", of("binary_size", 50e6), compare.OverTarget, "50MB breaks the target < 50MB"},
		{"build, one sample", "< 10min", of("build_time", 90), compare.Pass, "90s keeps the target < 10min (1 sample: no interval)"},
		{"build, the worst of three", "< 10min", of("build_time", 90, 700, 95), compare.OverTarget, "breaks the target < 10min (3 samples: no interval)"},
		{"build, five samples", "< 10min", of("build_time", 90, 91, 92, 93, 94), compare.Pass, "[90s, 94s] keeps"},
		{"slope, around zero", "< 1kB/s", of("memory_slope", -100, 50, 0, 100, -20, 10), compare.Pass, "keeps"},
		{"slope, flat", "<= 0B/s", of("memory_slope", 0, 0, 0, 0, 0, 0), compare.Pass, "keeps"},
		{"slope, rising", "<= 0B/s", of("memory_slope", 90, 50, 60, 100, 20, 10), compare.OverTarget, "breaks"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			// The samples are those of another environment than the recorded one: the target alone decides.
			people := "[metric." + tc.head.Metric + "]\ntarget = \"" + tc.target + "\"\n"
			v := compare.Decide(compare.Input{Head: results(tc.head), Baselines: file(t, people), Now: now})
			got := entry(v, tc.head.Metric)
			if got.Verdict != tc.want || got.Basis != compare.Target && got.Basis != compare.ByValue || !strings.Contains(got.Reason, tc.reason) {
				t.Errorf("got %q on %s because %q\nwant %q because %q", got.Verdict, got.Basis, got.Reason, tc.want, tc.reason)
			}
			if got.TargetVerdict != tc.want || !got.Target.Present() || got.TargetText != tc.target {
				t.Errorf("target verdict %q of %v %q", got.TargetVerdict, got.Target, got.TargetText)
			}
		})
	}
}

func TestTheWeightierOfTargetAndBaseSpeaks(t *testing.T) {
	for _, tc := range []struct {
		name         string
		people       string
		base, head   []float64
		want         compare.Outcome
		basis        compare.Basis
		policy       string
		whole        compare.Outcome
		reason, also string
	}{
		{"both hold", "target = \"< 2s\"", steady, steady, compare.Pass, compare.Relative, "block", compare.Pass, "stays within 10%", "keeps the target"},
		{"worse, and the target holds", "target = \"< 2s\"", steady, scaled(1.5, steady...), compare.Regressed, compare.Relative, "block", compare.Regressed, "worse: +50%", ""},
		{"as before, and the target is broken", "target = \"< 500ms\"", steady, steady, compare.OverTarget, compare.Target, "block", compare.OverTarget, "breaks the target", ""},
		{"better, and the target is still broken", "target = \"< 500ms\"", steady, scaled(0.8, steady...), compare.OverTarget, compare.Target, "block", compare.OverTarget, "breaks the target", ""},
		{"worse and over", "target = \"< 500ms\"", steady, scaled(1.5, steady...), compare.Regressed, compare.Relative, "block", compare.Regressed, "worse: +50%", "also over_target: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := compare.Decide(compare.Input{
				Base: results(of("formation_time", tc.base...)), Head: results(of("formation_time", tc.head...)),
				Baselines: file(t, "[metric.formation_time]\n"+tc.people+"\n"), Now: now,
			})
			got := entry(v, "formation_time")
			if got.Verdict != tc.want || got.Basis != tc.basis || string(got.Policy) != tc.policy || v.Verdict != tc.whole {
				t.Errorf("got %s on %s (policy %s), whole %s; because %q", got.Verdict, got.Basis, got.Policy, v.Verdict, got.Reason)
			}
			if !strings.Contains(got.Reason, tc.reason) || !strings.Contains(got.Reason, tc.also) {
				t.Errorf("reason %q, want %q and %q", got.Reason, tc.reason, tc.also)
			}
		})
	}
}

// cpu_idle is for information beside a base, and its default budget of 10 % blocks.
func TestATargetBlocksWhereTheComparisonOnlyInforms(t *testing.T) {
	base, head := of("cpu_idle", scaled(0.02, steady...)...), of("cpu_idle", scaled(0.15, steady...)...)
	v := compare.Decide(compare.Input{Base: results(base), Head: results(head), Now: now})
	got := entry(v, "cpu_idle")
	if v.Verdict != compare.OverTarget || got.Verdict != compare.OverTarget || got.Policy != "block" || got.RelativeVerdict != compare.Regressed {
		t.Errorf("whole %s, metric %s with policy %s, relative %s", v.Verdict, got.Verdict, got.Policy, got.RelativeVerdict)
	}
	if !strings.Contains(got.Reason, "also regressed (policy info): worse: +650%") {
		t.Errorf("the reason does not tell the relative outcome: %q", got.Reason)
	}
	if v = compare.Decide(compare.Input{Base: results(base), Head: results(of("cpu_idle", scaled(0.04, steady...)...)), Now: now}); v.Verdict != compare.Pass {
		t.Errorf("twice the CPU share within its budget: %s because %q, want pass", v.Verdict, v.Reason)
	}
}
