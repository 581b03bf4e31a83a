package compare_test

import (
	"math"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// none switches the default target of a metric off.
func none(name string) string { return "[metric." + name + "]\ntarget = \"none\"\n" }

// one decides a single metric, base and head of one session, without a target.
func one(t *testing.T, people string, base, head result.Series) compare.Metric {
	t.Helper()
	in := compare.Input{Head: results(head), Base: results(base), Baselines: file(t, people+none(head.Metric)), Now: now}
	return entry(compare.Decide(in), head.Metric)
}

func TestEachKindOfMetricHasItsRule(t *testing.T) {
	same := []float64{4, 4, 4, 4, 4, 4}
	zeros := make([]float64, 6)
	for _, tc := range []struct {
		name       string
		base, head result.Series
		want       compare.Outcome
		basis      compare.Basis
		reason     string
	}{
		{"continuous, worse", of("memory_private", steady...), of("memory_private", scaled(1.2, steady...)...), compare.Regressed, compare.Relative, "worse: +20%"},
		{"continuous, better", of("memory_private", steady...), of("memory_private", scaled(0.8, steady...)...), compare.Improved, compare.Relative, "better: -20%"},
		{"continuous, the same", of("memory_private", steady...), of("memory_private", scaled(1.01, steady...)...), compare.Pass, compare.Relative, "stays within 10%"},
		{"continuous, proven but below half the tolerance", of("memory_private", steady...), of("memory_private", scaled(1.04, steady...)...), compare.Pass, compare.Relative, "stays within 10%"},
		{"continuous, too noisy", of("memory_private", noisy...), of("memory_private", scaled(1.05, noisy...)...), compare.Inconclusive, compare.Relative, "more runs a side would settle it"},
		{"continuous, higher is better, worse", of("throughput", steady...), of("throughput", scaled(0.8, steady...)...), compare.Regressed, compare.Relative, "worse: -20%"},
		{"continuous, higher is better, better", of("throughput", steady...), of("throughput", scaled(1.2, steady...)...), compare.Improved, compare.Relative, "better: +20%"},
		{"continuous, all of head timed out", of("formation_time", steady...), timedOut(of("formation_time", steady...), 60, 0, 1, 2, 3, 4, 5), compare.Regressed, compare.Relative, "worse: +∞"},
		{"continuous, all of base timed out", timedOut(of("formation_time", steady...), 60, 0, 1, 2, 3, 4, 5), of("formation_time", steady...), compare.Inconclusive, compare.Relative, "all 6 samples of the base timed out"},
		{"continuous, one of head timed out", of("formation_time", steady...), timedOut(of("formation_time", steady...), 60, 3), compare.Inconclusive, compare.Relative, "neither proven worse nor proven within"},
		{"continuous, negative", of("memory_private", steady...), of("memory_private", append([]float64{-1}, steady[1:]...)...), compare.Inconclusive, compare.Relative, "1 of 6 samples negative"},

		{"level, constant on both sides", of("average_peers", same...), of("average_peers", same...), compare.Pass, compare.Relative, "0% stays within 10%"},
		{"level, zero on both sides", of("disk_write", zeros...), of("disk_write", zeros...), compare.Pass, compare.Relative, "stays within 10%"},
		{"level, another constant", of("average_peers", same...), of("average_peers", 3, 3, 3, 3, 3, 3), compare.Regressed, compare.Relative, "worse: -25%"},
		{"level, from zero to something", of("disk_write", zeros...), of("disk_write", 4096, 4096, 4096, 4096, 4096, 4096), compare.Regressed, compare.Relative, "worse: +∞"},
		{"level, from something to zero", of("disk_write", 4096, 4096, 8192, 4096, 4096, 8192), of("disk_write", zeros...), compare.Improved, compare.Relative, "better: -100%"},

		{"events, none on both sides", of("disconnections", zeros...), of("disconnections", zeros...), compare.Pass, compare.Relative, "0 in 6 runs"},
		{"events, many more", of("disconnections", zeros...), of("disconnections", 2, 3, 1, 2, 2, 1), compare.Regressed, compare.Relative, "11 in 6 runs, base 0 in 6 runs"},
		{"events, one more", of("disconnections", zeros...), of("disconnections", 0, 0, 1, 0, 0, 0), compare.Inconclusive, compare.Relative, "1 in 6 runs, base 0 in 6 runs; about 21 more runs a side would settle it"},
		{"events, fewer", of("disconnections", 1, 0, 0, 1, 0, 0), of("disconnections", 0, 0, 1, 0, 0, 0), compare.Pass, compare.Relative, "no worse than base"},
		{"events, many fewer", of("disconnections", 5, 4, 6, 5, 5, 5), of("disconnections", zeros...), compare.Improved, compare.Relative, "better: -100%"},
		{"events, half of one", of("disconnections", zeros...), of("disconnections", 0, 0, 0.5, 0, 0, 0), compare.Inconclusive, compare.Relative, "that is no count"},

		{"success, all", of("formation_success", 1, 1, 1, 1, 1, 1), of("formation_success", 1, 1, 1, 1, 1, 1), compare.Pass, compare.Relative, "6 of 6"},
		{"success, one failed", of("formation_success", 1, 1, 1, 1, 1, 1), of("formation_success", 1, 1, 0, 1, 1, 1), compare.Inconclusive, compare.Relative, "5 of 6 succeeded"},
		{"success, most failed", of("formation_success", 1, 1, 1, 1, 1, 1), of("formation_success", 1, 0, 0, 0, 0, 0), compare.Regressed, compare.Relative, "1 of 6 succeeded, base 6 of 6"},
		{"success, all of base failed but one", of("formation_success", 1, 0, 0, 0, 0, 0), of("formation_success", 1, 1, 1, 1, 1, 1), compare.Improved, compare.Relative, "succeeds more often"},
		{"success, as bad as base", of("formation_success", 1, 0, 1, 1, 1, 1), of("formation_success", 1, 0, 1, 1, 1, 1), compare.Inconclusive, compare.Relative, "some runs failed"},

		{"exact, unchanged", of("binary_size", 1e6), of("binary_size", 1e6), compare.Pass, compare.ByValue, "unchanged"},
		{"exact, within the tolerance", of("binary_size", 1e6), of("binary_size", 1.019e6), compare.Pass, compare.ByValue, "+1.9% stays within 2%"},
		{"exact, beyond it", of("binary_size", 1e6), of("binary_size", 1.021e6), compare.Regressed, compare.ByValue, "worse: +2.1%"},
		{"exact, smaller", of("binary_size", 1e6), of("binary_size", 0.9e6), compare.Improved, compare.ByValue, "better: -10%"},

		{"signed, without a target", of("memory_slope", -1, 1, 0, 2, -2, 0), of("memory_slope", 9, 9, 9, 9, 9, 9), compare.NotJudged, compare.Target, "a ratio means nothing around zero"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := one(t, "", tc.base, tc.head)
			if got.Verdict != tc.want || got.Basis != tc.basis || !strings.Contains(got.Reason, tc.reason) {
				t.Errorf("got %q on %s because %q\nwant %q on %s because %q", got.Verdict, got.Basis, got.Reason, tc.want, tc.basis, tc.reason)
			}
		})
	}
}

func TestNumbersOfARelativeComparison(t *testing.T) {
	got := one(t, "", of("memory_private", steady...), of("memory_private", scaled(1.2, steady...)...))
	if math.Abs(float64(got.Change)-0.2) > 1e-9 || !(got.ChangeLow < got.Change && got.Change < got.ChangeHigh) || got.ChangeLow < 0.15 || got.ChangeHigh > 0.25 {
		t.Errorf("change %v [%v, %v], want +20%% inside a narrow interval", got.Change, got.ChangeLow, got.ChangeHigh)
	}
	if want := 1.0 / 924; math.Abs(float64(got.PValue)-want) > 1e-12 || got.PAdjusted != got.PValue || !got.InBudget {
		t.Errorf("p %v adjusted %v in budget %v, want %v of a single complete separation", got.PValue, got.PAdjusted, got.InBudget, want)
	}
	if got.Base < 0.99 || got.Base > 1.01 || got.Head < 1.19 || got.Head > 1.21 || got.BaseSamples != 6 || got.HeadSamples != 6 {
		t.Errorf("base %v of %d, head %v of %d", got.Base, got.BaseSamples, got.Head, got.HeadSamples)
	}
	if got.MDE <= 0.05 || got.MDE > 0.06 {
		t.Errorf("MDE %v, want little more than half the tolerance, below which nothing is called worse", got.MDE)
	}
}

func TestHolmsBudgetHoldsOverGatedMetricsOnly(t *testing.T) {
	// Five against five samples separate at p = 1/252: enough alone, too much among twenty gated metrics.
	base, head := []float64{1, 1.01, 1.02, 1.03, 1.04}, []float64{1.2, 1.21, 1.22, 1.23, 1.24}
	build := func(values []float64) *result.Results {
		r := results(of("memory_private", values...))
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s"} {
			s := of("startup_time", base...)
			s.Metric = "custom_" + name
			r.Series = append(r.Series, s)
		}
		return r
	}
	decide := func(people string) compare.Metric {
		v := compare.Decide(compare.Input{Head: build(head), Base: build(base), Baselines: file(t, people), Now: now})
		return entry(v, "memory_private")
	}
	gated := decide("")
	if gated.Verdict != compare.Inconclusive || math.Abs(float64(gated.PAdjusted)-20.0/252) > 1e-9 {
		t.Errorf("among 20 gated metrics: %s with adjusted p %v, want inconclusive with 20/252", gated.Verdict, gated.PAdjusted)
	}
	if !strings.Contains(strings.Join(gated.Notes, "\n"), "cannot prove a regression among 20 gated tests") {
		t.Errorf("the notes do not say that so few samples cannot prove it: %q", gated.Notes)
	}
	outside := decide("[metric.memory_private]\npolicy = \"warn\"\n")
	if outside.Verdict != compare.Regressed || outside.InBudget || outside.Policy != "warn" {
		t.Errorf("outside the budget: %s, in budget %v, policy %s; want regressed at alpha by itself", outside.Verdict, outside.InBudget, outside.Policy)
	}
}

func TestPolicyDecidesWhatReachesTheWhole(t *testing.T) {
	for _, tc := range []struct {
		policy string
		want   compare.Outcome
		warned bool
	}{{"block", compare.Regressed, false}, {"warn", compare.Pass, true}, {"info", compare.Pass, false}} {
		t.Run(tc.policy, func(t *testing.T) {
			v := compare.Decide(compare.Input{
				Base:      results(of("memory_private", steady...), of("formation_cpu", steady...)),
				Head:      results(of("memory_private", scaled(1.5, steady...)...), of("formation_cpu", steady...)),
				Baselines: file(t, "[metric.memory_private]\npolicy = \""+tc.policy+"\"\n"), Now: now,
			})
			warned := strings.Contains(strings.Join(v.Warnings, "\n"), "regressed (policy warn)")
			if v.Verdict != tc.want || warned != tc.warned || entry(v, "memory_private").Verdict != compare.Regressed {
				t.Errorf("whole %s, warned %v, metric %s", v.Verdict, warned, entry(v, "memory_private").Verdict)
			}
		})
	}
}

func TestToleranceMovesTheLine(t *testing.T) {
	base, head := of("memory_private", steady...), of("memory_private", scaled(1.08, steady...)...)
	for _, tc := range []struct {
		tolerance string
		want      compare.Outcome
	}{{"0%", compare.Regressed}, {"10%", compare.Regressed}, {"20%", compare.Pass}} {
		in := compare.Input{Head: results(head), Base: results(base), Now: now, Baselines: file(t, "[metric.memory_private]\ntolerance = \""+tc.tolerance+"\"\n")}
		if got := entry(compare.Decide(in), "memory_private"); got.Verdict != tc.want {
			t.Errorf("tolerance %s: %s because %q, want %s", tc.tolerance, got.Verdict, got.Reason, tc.want)
		}
	}
	still := compare.Input{
		Head: results(of("average_peers", 4, 4, 4, 4, 4)), Base: results(of("average_peers", 4, 4, 4, 4, 4)), Now: now,
		Baselines: file(t, "[metric.average_peers]\ntolerance = 0\n"),
	}
	if got := entry(compare.Decide(still), "average_peers"); got.Verdict != compare.Pass {
		t.Errorf("an unchanged constant at tolerance 0: %s because %q, want pass", got.Verdict, got.Reason)
	}
}
