package compare_test

import (
	"math"
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
		{"successes less than half the tolerance more often", 0.5, of("formation_success", append(ones(39), 0)...), of("formation_success", ones(40)...), compare.Pass},
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

func TestOnlyWhatShouldHaveHappenedMakesABaseFruitless(t *testing.T) {
	zeros := make([]float64, 6)
	for name, want := range map[string]bool{"dht_success": true, "discovery_success_rate": true, "average_peers": false, "disk_write": false, "log_slow": false} {
		base := both(1)
		base.Series = append(base.Series, of(name, zeros...))
		v := compare.Decide(compare.Input{Head: both(1), Base: base, Now: now})
		if got := strings.Contains(entry(v, "memory_private").Reason, "made of failures"); got != want {
			t.Errorf("%s is 0 in base: refused is %v, want %v", name, got, want)
		}
	}
}

func TestAScenarioInWhichNothingCouldBeMeasuredFails(t *testing.T) {
	head := results(without("throughput", result.NotMeasurable, "not measurable: node offers L0"))
	if v := compare.Decide(compare.Input{Head: head, Now: now}); v.Verdict != compare.Failed || v.Reason != "no metric of scenario quick could be measured" {
		t.Errorf("%s because %q", v.Verdict, v.Reason)
	}
}

func TestAFindingOfTheWholeRunNamesNoNode(t *testing.T) {
	head := healthy()
	find(head, 2, result.FindingGaugeInvalid, -1, "7 peers among 5 nodes")
	if v := compare.Decide(compare.Input{Head: head, Now: now}); v.Reason != "quick: run 2: gauge_invalid: 7 peers among 5 nodes" {
		t.Errorf("got %q", v.Reason)
	}
}

func TestWaiversForMetricsThatAreKnownSomewhere(t *testing.T) {
	named := func(name string) *result.Results {
		r := both(1)
		r.Series[0].Metric = name
		return r
	}
	other := named("of_recording")
	other.Environment.Fingerprint = elsewhere
	text := ""
	for _, name := range []string{"of_head", "of_base", "of_recording", "of_nobody"} {
		text += waiver(name, "2026-12-31", "15%")
	}
	v := compare.Decide(compare.Input{Head: named("of_head"), Base: named("of_base"), Baselines: file(t, text, other), Now: now})
	if said := reasons(v); strings.Count(said, "a metric that nothing here measures") != 1 || !strings.Contains(said, `"of_nobody"`) {
		t.Errorf("said %q, want one of of_nobody", said)
	}
}

func TestAWaiverHoldsUpToItsVerySize(t *testing.T) {
	v := compare.Decide(compare.Input{
		Base: results(level(10, 6)), Head: results(level(11.5, 6)), Now: now, Baselines: file(t, waiver("queue_length", "2026-12-31", "15%")),
	})
	if got := entry(v, "queue_length"); got.Verdict != compare.Pass || got.Waived == "" {
		t.Errorf("%s because %q", got.Verdict, got.Reason)
	}
}

func TestWhatAComparisonSaysOfItself(t *testing.T) {
	refused := both(1)
	refused.Scenarios[0].Configuration = "another"
	two := healthy()
	two.Scenarios[1].Configuration = "another"
	for name, tc := range map[string]struct {
		in   compare.Input
		want string
	}{
		"one session":         {compare.Input{Head: both(1), Base: both(1)}, "base and head count as one session: their environment, configuration and subject are equal"},
		"recording":           {compare.Input{Head: both(1), Baselines: file(t, "", both(1))}, "recorded in another session: how much sessions differ is not on record, so a noisy metric is at most inconclusive"},
		"refused":             {compare.Input{Head: both(1), Base: refused}, "base was measured under another configuration of scenario quick"},
		"refused in part":     {compare.Input{Head: healthy(), Base: two}, "base was measured under another configuration of builds and benchmarks"},
		"recording in part":   {compare.Input{Head: healthy(), Baselines: file(t, "", both(1))}, "no baseline recorded for builds and benchmarks in this environment (linux-amd64, fingerprint-of-this-machine)"},
		"a required baseline": {compare.Input{Head: both(1), Options: compare.Options{RequireBaseline: true}}, "no baseline recorded for this environment (linux-amd64, fingerprint-of-this-machine)"},
	} {
		tc.in.Now = now
		if got := compare.Decide(tc.in).Comparison.Reason; got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

func TestAVerdictThatIsRelativeInPartSaysSo(t *testing.T) {
	recorded := healthy()
	recorded.Scenarios = recorded.Scenarios[:1]
	v := compare.Decide(compare.Input{Head: healthy(), Baselines: file(t, "", recorded), Now: now})
	if want := "8 gated metrics not worse than baseline 0123456789ab of 2026-11-19, or within the targets"; v.Reason != want || v.Qualifier != "targets only in builds and benchmarks" {
		t.Errorf("%q because %q, want %q", v.Qualifier, v.Reason, want)
	}
}

func TestAMetricThatTheBaseHasNotNamesItsMend(t *testing.T) {
	base := both(1)
	base.Series = base.Series[:1]
	for beside, tc := range map[string]struct {
		in           compare.Input
		reason, mend string
	}{
		"session":   {compare.Input{Head: both(1), Base: base}, "not in the base", "measure base again with this perfgate"},
		"recording": {compare.Input{Head: both(1), Baselines: file(t, "", base)}, "not in the recorded baseline", "record this machine's baseline: perfgate baseline record"},
	} {
		tc.in.Now = now
		v := compare.Decide(tc.in)
		if got := entry(v, "disconnections"); got.Verdict != compare.Inconclusive || got.Reason != tc.reason || strings.Join(v.Next, "\n") != tc.mend {
			t.Errorf("%s: %s because %q, next %q", beside, got.Verdict, got.Reason, v.Next)
		}
	}
}

func TestRemarksOfASeriesAreKept(t *testing.T) {
	head := both(1)
	head.Series[0].Reason = "node 2 was slow to answer"
	if got := entry(compare.Decide(compare.Input{Head: head, Now: now}), "memory_private"); strings.Join(got.Notes, "\n") != "node 2 was slow to answer" {
		t.Errorf("notes %q", got.Notes)
	}
	broken := results(without("memory_private", result.Failed, "no permission"))
	if got := entry(compare.Decide(compare.Input{Head: broken, Now: now}), "memory_private"); len(got.Notes) != 0 || got.Reason != "no permission" {
		t.Errorf("notes %q beside %q", got.Notes, got.Reason)
	}
}

func TestTheBasisOfWhatWasNotComparedIsNamed(t *testing.T) {
	size := of("binary_size", 1e6)
	for name, tc := range map[string]struct {
		in   compare.Input
		want compare.Basis
	}{
		"exact, not judged":  {compare.Input{Head: results(size), Baselines: file(t, none("binary_size"))}, compare.ByValue},
		"noisy, not judged":  {compare.Input{Head: results(of("memory_private", steady...))}, compare.Target},
		"noisy, failed":      {compare.Input{Head: results(without("memory_private", result.Failed, "no")), Base: results(of("memory_private", steady...))}, compare.Relative},
		"noisy, no evidence": {compare.Input{Head: results(of("memory_private", 0)), Base: results(of("memory_private", steady...))}, compare.Relative},
	} {
		tc.in.Now = now
		if got := compare.Decide(tc.in).Metrics[0]; got.Basis != tc.want {
			t.Errorf("%s: %s on %q because %q, want %q", name, got.Verdict, got.Basis, got.Reason, tc.want)
		}
	}
}

func TestABuildThatLostAMetricFails(t *testing.T) {
	recorded, head := healthy(), healthy()
	built := of("build_time", 60)
	built.Scenario = ""
	recorded.Series = append(recorded.Series, built)
	v := compare.Decide(compare.Input{Head: head, Baselines: file(t, "", recorded), Now: now})
	if got := entry(v, "build_time"); got.Verdict != compare.Failed || v.Verdict != compare.Failed {
		t.Errorf("%s because %q, whole %s because %q", got.Verdict, got.Reason, v.Verdict, v.Reason)
	}
}

func TestHalfASuccessIsNone(t *testing.T) {
	got := one(t, "", of("formation_success", 1, 1, 1, 1), of("formation_success", 1, 0.5, 1, 1))
	if got.Verdict != compare.Inconclusive || got.Reason != "run 2 has 0.5, which is neither success (1) nor failure (0)" {
		t.Errorf("%s because %q", got.Verdict, got.Reason)
	}
}

func TestSoFewConstantSamplesCouldHaveSeenNothing(t *testing.T) {
	in := compare.Input{Head: results(level(10, 4)), Base: results(level(10, 4)), Now: now}
	if got := compare.Decide(in).Metrics[0]; math.Abs(float64(got.MDE)-float64(got.Tolerance)/2) > 1e-12 {
		t.Errorf("at 5 %%: MDE %v, want any change that matters", got.MDE)
	}
	in.Options.Alpha = 0.01 // and four against four give 1/70 at best
	if got := compare.Decide(in).Metrics[0]; !math.IsInf(float64(got.MDE), 1) || !strings.Contains(strings.Join(got.Notes, "\n"), "cannot prove a regression") {
		t.Errorf("at 1 %%: MDE %v with notes %q, want none", got.MDE, got.Notes)
	}
}
