package compare_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

func TestWhatIsNotDecidedIsStillSaid(t *testing.T) {
	for _, tc := range []struct {
		name string
		head func(*result.Results)
		want []string
	}{
		{"a peer that is claimed by one side only", func(r *result.Results) {
			find(r, 2, result.FindingAsymmetric, 1, "node 1 claims node 3, which does not claim it")
		}, []string{"scenario quick, run 2: asymmetric of node 1: node 1 claims node 3, which does not claim it"}},
		{"witnesses that contradict each other", func(r *result.Results) {
			find(r, 1, result.FindingGaugeDisagrees, -1, "the gauges show what no graph has")
			find(r, 2, result.FindingStale, 1, "keeps node 2 as a peer, which dropped it")
			find(r, 2, result.FindingPhantom, 0, "claims the peer ghost, which is none of this network")
		}, []string{
			"scenario quick, run 1: gauge_disagrees: the gauges show what no graph has",
			"scenario quick, run 2: stale of node 1: keeps node 2 as a peer, which dropped it",
			"scenario quick, run 2: phantom of node 0: claims the peer ghost, which is none of this network",
		}},
		{"the same in every run", func(r *result.Results) {
			for run := 1; run <= 6; run++ {
				find(r, run, result.FindingGaugeDisagrees, 1, "shows 2 and lists 1")
			}
		}, []string{
			"scenario quick, run 1: gauge_disagrees of node 1: shows 2 and lists 1",
			"scenario quick, run 2: gauge_disagrees of node 1: shows 2 and lists 1",
			"scenario quick, run 3: gauge_disagrees of node 1: shows 2 and lists 1",
			"scenario quick: gauge_disagrees: 3 more like this in its runs",
		}},
		{"a node that had to be killed", func(r *result.Results) { find(r, 2, result.FindingStop, 0, "did not stop on SIGINT within 5s") },
			[]string{"scenario quick, run 2: stop of node 0: did not stop on SIGINT within 5s"}},
		{"one sample that is void", func(r *result.Results) { invalid(r, 3, "the machine was busy", "memory_private") },
			[]string{"scenario quick: run 3 is left out (the machine was busy): memory_private"}},
		{"a run that is void", func(r *result.Results) {
			invalid(r, 3, "the machine was busy", "memory_private", "formation_time", "average_peers", "dht_success")
		}, []string{"scenario quick: run 3 is left out (the machine was busy): 4 metrics"}},
		{"a run that is missing", func(r *result.Results) { keep(r, 5) },
			[]string{"scenario quick: only 5 of 6 planned runs gave a sample: 7 metrics"}},
		{"two builds of one commit that differ", func(r *result.Results) {
			more := 2.01e7
			size := series(r, "binary_size")
			size.Samples = append(size.Samples, result.Sample{Run: 2, Value: &more, Valid: true})
			size.Count = 2
		}, []string{"binary_size differs between builds of one commit: 20MB to 20.1MB"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			head := healthy()
			tc.head(head)
			v := compare.Decide(compare.Input{Head: head, Base: healthy(), Now: now})
			if diff := cmp.Diff(tc.want, v.Warnings); diff != "" || v.Verdict != compare.Pass {
				t.Errorf("%s because %q, warnings -want +got\n%s", v.Verdict, v.Reason, diff)
			}
		})
	}
}

func TestNotesNameEachSampleThatWasLeftOut(t *testing.T) {
	head := healthy()
	invalid(head, 3, "the machine was busy", "memory_private")
	series(head, "average_peers").Proxy = "from the gauge"
	v := compare.Decide(compare.Input{Head: head, Base: healthy(), Now: now})
	if diff := cmp.Diff([]string{"5 of 6 planned samples are valid", "run 3 is left out: the machine was busy"}, entry(v, "memory_private").Notes); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"proxy: from the gauge"}, entry(v, "average_peers").Notes); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestWhatWasMeasuredInTwoWaysDoesNotCompare(t *testing.T) {
	const detour = "with the way of the call: 5 of 5 nodes do not keep at_ns"
	for name, tc := range map[string]struct {
		base, head string
		want       compare.Outcome
		reason     string
	}{
		"both exact":   {"", "", compare.Pass, ""},
		"both alike":   {detour, detour, compare.Pass, ""},
		"head exactly": {detour, "", compare.Inconclusive, "measured in two ways: base " + detour + ", head as it is defined"},
		"base exactly": {"", detour, compare.Inconclusive, "measured in two ways: base as it is defined, head " + detour},
	} {
		t.Run(name, func(t *testing.T) {
			base, head := healthy(), healthy()
			series(base, "dht_get_latency_p50").Proxy, series(head, "dht_get_latency_p50").Proxy = tc.base, tc.head
			got := entry(compare.Decide(compare.Input{Head: head, Base: base, Now: now}), "dht_get_latency_p50")
			if got.Verdict != tc.want || tc.reason != "" && !strings.Contains(got.Reason, tc.reason) {
				t.Errorf("%s because %q, want %s because %q", got.Verdict, got.Reason, tc.want, tc.reason)
			}
		})
	}
}

func TestNotMeasurableIsListedAndNotJudged(t *testing.T) {
	add := func(r *result.Results) *result.Results {
		r.Series = append(r.Series, without("message_latency_p50", result.NotMeasurable, "not measurable: node offers L2"))
		return r
	}
	for beside, in := range map[string]compare.Input{
		"a session":   {Head: add(healthy()), Base: add(healthy()), Now: now},
		"a recording": {Head: add(healthy()), Baselines: file(t, "", add(healthy())), Now: now},
		"nothing":     {Head: add(healthy()), Now: now},
	} {
		v := compare.Decide(in)
		want := []compare.NotMeasurable{{Scenario: "quick", Metric: "message_latency_p50", Reason: "not measurable: node offers L2"}}
		if diff := cmp.Diff(want, v.NotMeasurable); diff != "" || v.Verdict != compare.Pass || v.Counts.NotMeasurable != 1 {
			t.Errorf("beside %s: %s, -want +got\n%s", beside, v.Verdict, diff)
		}
		if got := entry(v, "message_latency_p50"); got.Verdict != "" {
			t.Errorf("beside %s: it has a verdict: %s", beside, got.Verdict)
		}
	}
}

func TestATargetThatDoesNotFitItsUnitIsInconclusive(t *testing.T) {
	s := of("memory_private", steady...)
	s.Metric, s.Unit = "cache_time", "s"
	v := compare.Decide(compare.Input{Head: results(s), Baselines: file(t, "[metric.cache_time]\ntarget = \"< 100MB\"\n"), Now: now})
	if got := entry(v, "cache_time"); got.Verdict != compare.Inconclusive || !strings.Contains(got.Reason, "the target cannot be judged: baselines.toml:3") {
		t.Errorf("%s because %q", got.Verdict, got.Reason)
	}
}

func TestMDEIsSmallerWithLessNoiseAndMoreRuns(t *testing.T) {
	mde := func(name string, values []float64) float64 {
		return float64(one(t, "", of(name, values...), of(name, values...)).MDE)
	}
	double := append(append([]float64{}, noisy...), scaled(1.001, noisy...)...)
	for _, name := range []string{"memory_private", "throughput", "average_peers"} {
		precise, coarse, longer := mde(name, steady), mde(name, noisy), mde(name, double)
		if !(0 < precise && precise < coarse && 0 < longer && longer < coarse) {
			t.Errorf("%s: MDE %v at 1 %% of noise, %v at 10 %%, %v with twice the runs", name, precise, coarse, longer)
		}
	}
	// With 80 % power at alpha 5 %, one-sided, two normal samples of six show about 1.6 standard deviations.
	if got := mde("average_peers", noisy); math.Abs(got/0.1-1.6) > 0.3 {
		t.Errorf("MDE %v at 10 %% of noise, want about 16 %%", got)
	}
}

func TestHowManyMoreRunsWouldSettleIt(t *testing.T) {
	settle := func(base, head []float64) int {
		v := compare.Decide(compare.Input{
			Base: results(of("memory_private", base...)), Head: results(of("memory_private", head...)), Now: now,
		})
		if n := v.Metrics[0].MoreRuns; n > 0 && !strings.Contains(strings.Join(v.Next, "\n"), "perfgate check --runs ") {
			t.Errorf("what to do next does not ask for more runs: %q", v.Next)
		}
		return v.Metrics[0].MoreRuns
	}
	near, far := settle(noisy, scaled(1.02, noisy...)), settle(noisy, scaled(1.05, noisy...))
	if near <= 0 || far <= near {
		t.Errorf("%d more runs at +2 %%, %d at +5 %% with a tolerance of 10 %%; want more the nearer the line", near, far)
	}
	if n := settle(steady, steady); n != 0 {
		t.Errorf("%d more runs for a pass, want none", n)
	}
}

// TestASizeIsMeasuredOnceHoweverManyBuildsThereAre: only networks and benchmarks have a sample of each run.
func TestASizeIsMeasuredOnceHoweverManyBuildsThereAre(t *testing.T) {
	r := healthy()
	r.Scenarios[len(r.Scenarios)-1].Runs = 3
	v := compare.Decide(compare.Input{Head: r, Base: r, Now: now})
	if m := entry(v, "binary_size"); m.Verdict != compare.Pass || len(v.Warnings) > 0 {
		t.Errorf("%s: %s; %q", m.Verdict, m.Reason, v.Warnings)
	}
}
