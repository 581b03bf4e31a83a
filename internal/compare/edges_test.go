package compare_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// level is a custom metric of steps, lower is better, with the same value in n runs.
func level(value float64, n int) result.Series {
	values := make([]float64, n)
	for i := range values {
		values[i] = value
	}
	return custom(metric.Describe("queue_length", metric.Peers, metric.Lower), values...)
}

func TestTheLinesThemselves(t *testing.T) {
	for _, tc := range []struct {
		name       string
		alpha      float64
		base, head result.Series
		want       compare.Outcome
	}{
		{"p is alpha", 1.0 / 924, level(10, 6), level(20, 6), compare.Regressed},
		{"p is above alpha", 1.0 / 925, level(10, 6), level(20, 6), compare.Inconclusive},
		{"p of the other direction is alpha", 1.0 / 924, level(10, 6), level(5, 6), compare.Improved},
		{"p of the other direction is above alpha", 1.0 / 925, level(10, 6), level(5, 6), compare.Pass},
		{"half the tolerance worse", 0, level(10, 6), level(10.5, 6), compare.Regressed},
		{"less than half the tolerance worse", 0, level(10, 6), level(10.4, 6), compare.Pass},
		{"half the tolerance better", 0, level(10, 6), level(9.5, 6), compare.Improved},
		{"less than half the tolerance better", 0, level(10, 6), level(9.6, 6), compare.Pass},
		{"the bound is the tolerance", 1.0 / 925, level(10, 6), level(11, 6), compare.Inconclusive},
		{"the bound is below the tolerance", 1.0 / 925, level(10, 6), level(10.9, 6), compare.Pass},
		{"four a side decide", 0, level(10, 4), level(20, 4), compare.Regressed},
		{"three of head do not", 0, level(10, 4), level(20, 3), compare.Inconclusive},
		{"three of base do not", 0, level(10, 3), level(20, 4), compare.Inconclusive},
		{"exactly the tolerance of an exact metric", 0, of("binary_size", 1e6), of("binary_size", 1.02e6), compare.Regressed},
		{"exactly the tolerance of an exact metric, smaller", 0, of("binary_size", 1e6), of("binary_size", 0.98e6), compare.Improved},
		{"three equal samples are stuck", 0, of("memory_private", 1, 1, 1, 2), of("memory_private", 1, 1, 1), compare.Inconclusive},
		{"successes half the tolerance rarer, and proven", 0.4, of("formation_success", ones(40)...), of("formation_success", append(ones(38), 0, 0)...), compare.Regressed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := compare.Input{
				Head: results(tc.head), Base: results(tc.base), Now: now,
				Baselines: file(t, none(tc.head.Metric)), Options: compare.Options{Alpha: tc.alpha},
			}
			if got := entry(compare.Decide(in), tc.head.Metric); got.Verdict != tc.want {
				t.Errorf("got %s because %q, want %s", got.Verdict, got.Reason, tc.want)
			}
		})
	}
}

func ones(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = 1
	}
	return values
}

func TestOptionsOutsideTheirRangeAreTheDefaults(t *testing.T) {
	for _, tc := range []struct{ alpha, confidence, wantAlpha, wantConfidence float64 }{
		{0, 0, 0.05, 0.95}, {-1, 0.4, 0.05, 0.95}, {0.6, 1, 0.05, 0.95}, {0.5, 0.5, 0.5, 0.5}, {0.01, 0.99, 0.01, 0.99},
	} {
		v := compare.Decide(compare.Input{Head: both(1), Now: now, Options: compare.Options{Alpha: tc.alpha, Confidence: tc.confidence}})
		if v.Alpha != tc.wantAlpha || v.Confidence != tc.wantConfidence {
			t.Errorf("alpha %v and confidence %v became %v and %v, want %v and %v", tc.alpha, tc.confidence, v.Alpha, v.Confidence, tc.wantAlpha, tc.wantConfidence)
		}
	}
}

func TestWithoutResultsItFails(t *testing.T) {
	v := compare.Decide(compare.Input{Now: now})
	if v.Verdict != compare.Failed || v.Reason != "there are no results" || v.Schema != compare.Schema {
		t.Errorf("got %s because %q", v.Verdict, v.Reason)
	}
}

func TestAMetricForInformationFailsByItselfUnlessItHasABudget(t *testing.T) {
	for name, want := range map[string]compare.Outcome{"memory_rss": compare.Pass, "cpu_idle": compare.Failed} {
		head, base := healthy(), healthy()
		for _, r := range []*result.Results{head, base} {
			r.Series = append(r.Series, of(name, scaled(0.01, steady...)...))
		}
		failed(head, name, "no permission")
		if v := compare.Decide(compare.Input{Head: head, Base: base, Now: now}); v.Verdict != want || entry(v, name).Verdict != compare.Failed {
			t.Errorf("%s: whole %s, metric %s; want the whole %s", name, v.Verdict, entry(v, name).Verdict, want)
		}
	}
}

func TestABenchmarkThatPrintsNothingFailsItsMetrics(t *testing.T) {
	base, head := healthy(), healthy()
	encode := custom(metric.Describe("codec/encode", metric.Seconds, metric.Lower), steady...)
	encode.Scenario = ""
	base.Series = append(base.Series, encode)
	broken := without("binary_size", result.Failed, "codec printed nothing")
	broken.Metric, broken.Unit, broken.Scenario = "codec", "s", ""
	head.Series = append(head.Series, broken)
	v := compare.Decide(compare.Input{Head: head, Baselines: file(t, "", base), Now: now})
	if got := entry(v, "codec/encode"); got.Verdict != compare.Failed || v.Verdict != compare.Failed {
		t.Errorf("got %s because %q, whole %s", got.Verdict, got.Reason, v.Verdict)
	}
}

func TestWhatTheBaseCouldNotMeasureIsNotMissed(t *testing.T) {
	base := healthy()
	base.Series = append(base.Series, without("throughput", result.NotMeasurable, "not measurable: node offers L2"))
	if v := compare.Decide(compare.Input{Head: healthy(), Base: base, Now: now}); v.Verdict != compare.Pass {
		t.Errorf("%s because %q", v.Verdict, v.Reason)
	}
	failed(base, "throughput", "connection refused")
	if v := compare.Decide(compare.Input{Head: healthy(), Base: base, Now: now}); v.Verdict != compare.Failed {
		t.Errorf("failed in base and missing in head: %s because %q", v.Verdict, v.Reason)
	}
	head := healthy()
	head.Series = append(head.Series, of("throughput", scaled(4e8, steady...)...))
	v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
	if got := entry(v, "throughput"); got.RelativeVerdict != compare.Inconclusive || !strings.Contains(got.Reason, "base has no measure of it: connection refused") {
		t.Errorf("failed in base alone: %s because %q", got.RelativeVerdict, got.Reason)
	}
}

func TestAScenarioOfBaseThatHeadHasNotFails(t *testing.T) {
	base := healthy()
	base.Scenarios = append(base.Scenarios, result.Scenario{Name: "large", Nodes: 12, Runs: 6})
	v := compare.Decide(compare.Input{Head: healthy(), Base: base, Now: now})
	if v.Verdict != compare.Failed || v.Reason != "scenario large was measured in base and is missing in head" {
		t.Errorf("%s because %q", v.Verdict, v.Reason)
	}
	v = compare.Decide(compare.Input{Head: base, Base: healthy(), Now: now})
	if v.Verdict != compare.Failed || !strings.Contains(reasons(v), "nothing was measured in scenario large") {
		t.Errorf("the other way round: %s because %q", v.Verdict, v.Reason)
	}
	filled := of("disconnections", 0, 0, 0, 0, 0, 0)
	filled.Scenario = "large"
	base.Series = append(base.Series, filled)
	v = compare.Decide(compare.Input{Head: base, Base: healthy(), Now: now})
	if v.Verdict != compare.Inconclusive || !strings.Contains(v.Reason, "base has not measured scenario large") {
		t.Errorf("measured in head alone: %s because %q", v.Verdict, v.Reason)
	}
}

func TestRecordingsOfOtherMachinesAreNamedOnce(t *testing.T) {
	other := func(fingerprint, scenario string) *result.Results {
		r := both(1)
		r.Environment.Fingerprint, r.Scenarios[0].Name = fingerprint, scenario
		for i := range r.Series {
			r.Series[i].Scenario = scenario
		}
		return r
	}
	stored := file(t, "", other("laptop", "quick"), other("laptop", "large"), other("runner", "quick"), other("phone", "large"))
	v := compare.Decide(compare.Input{Head: both(1), Baselines: stored, Now: now})
	if want := "no baseline recorded for this environment (linux-amd64, fingerprint-of-this-machine), only for laptop, runner"; v.Comparison.Reason != want {
		t.Errorf("got %q, want %q", v.Comparison.Reason, want)
	}
	v = compare.Decide(compare.Input{Head: both(1), Baselines: file(t, "", other(here, "large")), Now: now})
	if want := "no baseline recorded for scenario quick in this environment (linux-amd64, fingerprint-of-this-machine)"; v.Comparison.Reason != want {
		t.Errorf("got %q, want %q", v.Comparison.Reason, want)
	}
}

func TestTimeOutsOnBothSidesShareTheSmallerLimit(t *testing.T) {
	twelve := append(append([]float64{}, steady...), scaled(1.001, steady...)...)
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	fine := of("formation_time", twelve...)
	slow := func(seconds float64, samples ...int) result.Series {
		return timedOut(of("formation_time", twelve...), seconds, samples...)
	}
	for _, tc := range []struct {
		name       string
		base, head result.Series
		low, high  float64
	}{
		{"head alone", fine, slow(40, all...), 35, 42},
		{"one of base sooner than head", slow(20, 0), slow(40, all...), 15, 21},
		{"one of base later than head", slow(60, 0), slow(40, all...), 35, 42},
		{"most of base", slow(20, all[1:]...), fine, -1, -0.9},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := one(t, "", tc.base, tc.head)
			if got.ChangeLow < -1 || tc.low > 0 && !(float64(got.ChangeLow) > tc.low && float64(got.ChangeLow) < tc.high) || tc.low < 0 && !(float64(got.ChangeHigh) < tc.high) {
				t.Errorf("%s because %q, want an end of the interval between %v and %v", got.Verdict, got.Reason, tc.low, tc.high)
			}
		})
	}
}

func TestATimeOutOfAMetricThatIsBetterWhenHigherIsNoEvidence(t *testing.T) {
	got := one(t, "", of("throughput", steady...), timedOut(of("throughput", steady...), 60, 0))
	if got.Verdict != compare.Inconclusive || !strings.Contains(got.Reason, "better when higher") {
		t.Errorf("%s because %q", got.Verdict, got.Reason)
	}
}

func TestSlowFormationIsToldWithItsTimeOutOnlyWhenThereWasOne(t *testing.T) {
	head := healthy()
	notFormed(head, 1, 2, 3, 4, 5, 6)
	if got := entry(compare.Decide(compare.Input{Head: head, Now: now}), "formation_success"); got.Reason != "no run formed (0 of 6 within 60s)" {
		t.Errorf("got %q", got.Reason)
	}
	drop(head, "formation_time")
	if got := entry(compare.Decide(compare.Input{Head: head, Now: now}), "formation_success"); got.Reason != "no run formed (0 of 6)" {
		t.Errorf("without the times: got %q", got.Reason)
	}
}
