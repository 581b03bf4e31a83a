package compare_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// trialOf are both sides of a trial of scenario "quick": base, head and looks; blocks are of two pairs.
func trialOf(base, head []result.Series) (b, h *result.Results) {
	return sideOf(result.SideBase, base), sideOf(result.SideHead, head)
}

func sideOf(side string, all []result.Series) *result.Results {
	r := results(all...)
	r.Trial = &result.Trial{ID: "a trial", Side: side, Seed: 1, Looks: compare.DefaultLooks()}
	runs := 0
	for _, s := range all {
		runs = max(runs, len(s.Samples))
	}
	r.Scenarios[0].Runs, r.Runs = 24, nil
	for i := range runs {
		r.Runs = append(r.Runs, result.Run{Scenario: "quick", Run: i + 1, Order: i + 1, Block: i/2 + 1, Formed: true})
	}
	return r
}

// timed is a noisy metric whose head is base times factor times some noise, by pair.
func timed(name string, pairs int, seed uint64, factor func(pair int) float64) (base, head result.Series) {
	random := rand.New(rand.NewPCG(seed, 5))
	m := metric.Describe("custom/"+name, metric.Seconds, metric.Lower)
	var b, h []float64
	for i := range pairs {
		b = append(b, math.Exp(0.03*random.NormFloat64()))
		h = append(h, b[i]*factor(i+1)*math.Exp(0.02*random.NormFloat64()))
	}
	return custom(m, b...), custom(m, h...)
}

func always(factor float64) func(int) float64 { return func(int) float64 { return factor } }

// decideOne decides a trial of one metric.
func decideOne(base, head result.Series) (compare.Verdict, compare.Metric) {
	b, h := trialOf([]result.Series{base}, []result.Series{head})
	v := compare.Decide(compare.Input{Head: h, Base: b, Now: now})
	return v, entry(v, base.Metric)
}

func TestLooksDecideATrial(t *testing.T) {
	for _, tc := range []struct {
		name    string
		pairs   int
		factor  func(pair int) float64
		want    compare.Outcome
		decided int
		open    bool
		reason  string
	}{
		{"before the first look", 5, always(2), compare.Inconclusive, 0, true, "5 pairs measured, the first look is at 6"},
		{"too few pairs to prove anything", 6, always(2), compare.Inconclusive, 0, true, "the next look is at 9"},
		{"worse", 24, always(1.5), compare.Regressed, 12, false, "worse: +50%"},
		{"better", 24, always(0.6), compare.Improved, 12, false, "better: -40%"},
		{"clean", 24, always(1), compare.Pass, 9, false, "stays within"},
		{"worse by less than half the tolerance", 24, always(1.03), compare.Pass, 9, false, "stays within"},
		{"what a look has decided stays", 24, func(pair int) float64 { return map[bool]float64{true: 1.5, false: 0.3}[pair <= 12] }, compare.Regressed, 12, false, "after 12 pairs"},
		{"worse by more than half the tolerance, and clean", 24, always(1.07), compare.Regressed, 12, false, "worse: +7"},
		{"clean stays while nothing is proven", 24, func(pair int) float64 { return map[bool]float64{true: 1, false: 1.03}[pair <= 12] }, compare.Pass, 9, false, "after 9 pairs"},
		{"what was clean may turn out worse", 24, func(pair int) float64 { return map[bool]float64{true: 1, false: 2}[pair <= 12] }, compare.Regressed, 20, false, "after 20 pairs"},
		{"and better", 24, func(pair int) float64 { return map[bool]float64{true: 1, false: 0.5}[pair <= 12] }, compare.Improved, 20, false, "after 20 pairs"},
		{"open at the last look", 24, func(pair int) float64 { return []float64{1.3, 0.85}[pair%2] }, compare.Inconclusive, 0, true, "after 24 pairs and the last look; about "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, m := decideOne(timed("time", tc.pairs, 3, tc.factor))
			if m.Verdict != tc.want || m.DecidedAt != tc.decided || m.Open != tc.open || !strings.Contains(m.Reason, tc.reason) {
				t.Errorf("%s at %d, open %t: %s", m.Verdict, m.DecidedAt, m.Open, m.Reason)
			}
			if open := len(v.Open()) > 0; open != (tc.open && tc.pairs < 24) {
				t.Errorf("open plans: %v", v.Open())
			}
			if v.Comparison.Kind != compare.Paired {
				t.Errorf("kind %q", v.Comparison.Kind)
			}
		})
	}
}

// TestTheOnlyLookDecides: whoever says how many runs there are has one look, the first and the last.
func TestTheOnlyLookDecides(t *testing.T) {
	for factor, want := range map[float64]compare.Outcome{1.5: compare.Regressed, 0.6: compare.Improved, 1: compare.Pass} {
		b, h := timed("time", 12, 3, always(factor))
		base, head := trialOf([]result.Series{b}, []result.Series{h})
		base.Trial.Looks, head.Trial.Looks = []int{12}, []int{12}
		if m := entry(compare.Decide(compare.Input{Head: head, Base: base, Now: now}), "custom/time"); m.Verdict != want || m.DecidedAt != 12 {
			t.Errorf("%v times: %s at %d: %s", factor, m.Verdict, m.DecidedAt, m.Reason)
		}
	}
}

func TestOnlyPlansWithOpenMetricsWantMorePairs(t *testing.T) {
	cleanBase, cleanHead := timed("clean", 12, 1, always(1))
	openBase, openHead := timed("open", 12, 2, func(pair int) float64 { return []float64{1.25, 0.9}[pair%2] })
	openBase.Scenario, openHead.Scenario = "slow", "slow"
	base, head := trialOf([]result.Series{cleanBase, openBase}, []result.Series{cleanHead, openHead})
	for _, r := range []*result.Results{base, head} {
		r.Scenarios = append(r.Scenarios, result.Scenario{Name: "slow", Nodes: 5, Runs: 24, Configuration: "slow"})
		for i := range 12 {
			r.Runs = append(r.Runs, result.Run{Scenario: "slow", Run: i + 1, Block: i/2 + 1})
		}
	}
	v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
	if diff := cmp.Diff([]compare.Plan{{Scenario: "slow"}}, v.Open()); diff != "" {
		t.Errorf("open (-want +got):\n%s%s", diff, reasons(v))
	}
	want := []compare.TrialPlan{
		{Plan: compare.Plan{Scenario: "quick"}, Measured: 12, Look: 12, Next: 14, Void: []compare.VoidPair{}, Open: []string{}},
		{Plan: compare.Plan{Scenario: "slow"}, Measured: 12, Look: 12, Next: 14, Void: []compare.VoidPair{}, Open: []string{"custom/open"}},
	}
	if diff := cmp.Diff(want, v.Trial.Plans); diff != "" {
		t.Errorf("plans (-want +got):\n%s", diff)
	}
	// A metric that blocks nothing holds nobody up.
	file := file(t, "[metric.\"custom/open\"]\npolicy = \"warn\"\n")
	if v = compare.Decide(compare.Input{Head: head, Base: base, Baselines: file, Now: now}); v.Open() != nil {
		t.Errorf("open for a metric that warns: %v", v.Open())
	}
}

func TestVoidPairsGiveNothingAndAreTold(t *testing.T) {
	spin := func(seconds float64) *result.Controls { return &result.Controls{Spin: &seconds} }
	for _, tc := range []struct {
		name  string
		spoil func(base, head *result.Results)
		want  []compare.VoidPair
	}{
		{"none", func(_, _ *result.Results) {}, []compare.VoidPair{}},
		{"a disturbed run", func(base, _ *result.Results) { base.Runs[2].Invalid = "busy" }, []compare.VoidPair{{Pair: 3, Reason: "the run of base is invalid: busy"}}},
		{"an attempt before the last", func(base, _ *result.Results) {
			again := base.Runs[2]
			base.Runs[2].Invalid = "busy"
			again.Attempt = 2
			base.Runs = append(base.Runs, again)
		}, []compare.VoidPair{}},
		{"a run that is missing", func(_, head *result.Results) { head.Runs = append(head.Runs[:3:3], head.Runs[4:]...) }, []compare.VoidPair{{Pair: 4, Reason: "the run of head is missing"}}},
		{"controls that differ", func(base, head *result.Results) {
			for i := range 2 {
				base.Runs[4+i].Controls, head.Runs[4+i].Controls = spin(0.1), spin(0.15)
			}
		}, []compare.VoidPair{
			{Pair: 5, Reason: "the spin loop of block 3 took +50% on the side of head"}, {Pair: 6, Reason: "the spin loop of block 3 took +50% on the side of head"},
		}},
		{"controls that differ the other way", func(base, head *result.Results) {
			base.Runs[4].Controls, head.Runs[4].Controls = spin(0.2), spin(0.1)
		}, []compare.VoidPair{
			{Pair: 5, Reason: "the spin loop of block 3 took -50% on the side of head"}, {Pair: 6, Reason: "the spin loop of block 3 took -50% on the side of head"},
		}},
		{"controls that repeat", func(base, head *result.Results) {
			base.Runs[4].Controls, head.Runs[4].Controls = spin(0.1), spin(0.105)
		}, []compare.VoidPair{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, h := timed("time", 12, 3, always(1.2)) // which no look before the last one proves
			base, head := trialOf([]result.Series{b}, []result.Series{h})
			tc.spoil(base, head)
			v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
			if diff := cmp.Diff(tc.want, v.Trial.Plans[0].Void); diff != "" {
				t.Errorf("void (-want +got):\n%s", diff)
			}
			if m := entry(v, "custom/time"); m.Pairs != 12-len(tc.want) {
				t.Errorf("%d pairs count", m.Pairs)
			}
			for _, void := range tc.want {
				if !strings.Contains(reasons(v), void.Reason) {
					t.Errorf("not told: %s", void.Reason)
				}
			}
		})
	}
}

func TestPairsOfEveryKind(t *testing.T) {
	repeat := func(n int, values ...float64) []float64 {
		var all []float64
		for i := range n {
			all = append(all, values[i%len(values)])
		}
		return all
	}
	for _, tc := range []struct {
		name, metric string
		base, head   []float64
		want         compare.Outcome
		decided      int
		reason       string
	}{
		{"no mishap on either side", "disconnections", repeat(9, 0), repeat(9, 0), compare.Pass, 9, "no worse than base"},
		{"many mishaps", "disconnections", repeat(16, 0, 1), repeat(16, 4, 6), compare.Regressed, 6, "worse"},
		{"a few mishaps more", "disconnections", repeat(16, 0, 1), repeat(16, 1, 1, 0), compare.Inconclusive, 0, "after 16 pairs; the next look is at 18, and about "},
		{"every run formed", "formation_success", repeat(9, 1), repeat(9, 1), compare.Pass, 9, "9 of 9 succeeded"},
		{"some runs did not form", "formation_success", repeat(24, 1), repeat(24, 1, 1, 1, 1, 1, 0), compare.Inconclusive, 0, "after 24 pairs and the last look; about "},
		{"most runs did not form", "formation_success", repeat(24, 1), repeat(24, 0, 0, 1), compare.Regressed, 12, "fails more often"},
		{"a level that is constant", "average_peers", repeat(12, 4), repeat(12, 4), compare.Pass, 9, "0% stays within"},
		{"a level that fell", "average_peers", repeat(24, 4), repeat(24, 2), compare.Regressed, 12, "worse: -50%"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, m := decideOne(of(tc.metric, tc.base...), of(tc.metric, tc.head...))
			if m.RelativeVerdict != tc.want || m.DecidedAt != tc.decided || !strings.Contains(m.Reason, tc.reason) {
				t.Errorf("%s at %d: %s", m.RelativeVerdict, m.DecidedAt, m.Reason)
			}
		})
	}
}

func TestCountsThatWereCleanMayStillRegress(t *testing.T) {
	base, head := make([]float64, 24), make([]float64, 24)
	for i := 9; i < 24; i++ {
		head[i] = 3
	}
	if _, m := decideOne(of("disconnections", base[:9]...), of("disconnections", head[:9]...)); m.Verdict != compare.Pass {
		t.Errorf("after 9 pairs: %s: %s", m.Verdict, m.Reason)
	}
	if _, m := decideOne(of("disconnections", base...), of("disconnections", head...)); m.RelativeVerdict != compare.Regressed {
		t.Errorf("after 24 pairs: %s: %s", m.RelativeVerdict, m.Reason)
	}
}

func TestTimeOutsOfHeadAreWorse(t *testing.T) {
	base, head := timed("time", 24, 3, always(1))
	for i := range head.Samples {
		if i%3 > 0 {
			head = timedOut(head, 60, i)
		}
	}
	if _, m := decideOne(base, head); m.Verdict != compare.Regressed {
		t.Errorf("%s: %s", m.Verdict, m.Reason)
	}
}

func TestOtherResultsAreNoTrial(t *testing.T) {
	base, head := timed("time", 12, 3, always(1))
	for name, spoil := range map[string]func(b, h *result.Results){
		"another id":     func(b, _ *result.Results) { b.Trial.ID = "another" },
		"no trial":       func(b, _ *result.Results) { b.Trial = nil },
		"both are heads": func(b, _ *result.Results) { b.Trial.Side = result.SideHead },
	} {
		b, h := trialOf([]result.Series{base}, []result.Series{head})
		spoil(b, h)
		if v := compare.Decide(compare.Input{Head: h, Base: b, Now: now}); v.Comparison.Kind != compare.Session || v.Trial != nil || v.Open() != nil {
			t.Errorf("%s: kind %q", name, v.Comparison.Kind)
		}
	}
}

// One of 16 metrics changed: what it has to prove is that of one among 16. With all of them changed, those that come last have the
// whole budget.
func TestMetricsOfATrialShareTheBudget(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	var some []compare.PairedSample
	for range 16 {
		s := compare.PairedSample{Tolerance: 0.02}
		for range 24 {
			s.LogRatios = append(s.LogRatios, 0.08*random.NormFloat64())
		}
		some = append(some, s)
	}
	shifted := func(by float64) []float64 {
		var all []float64
		for _, x := range some[0].LogRatios {
			all = append(all, x+by)
		}
		return all
	}
	rule := compare.Sequential{Looks: compare.DefaultLooks()}
	regressed := func(samples []compare.PairedSample) bool { return rule.Decide(samples)[0].Verdict == compare.Regressed }
	among := func(by, others float64) bool {
		samples := append([]compare.PairedSample{{LogRatios: shifted(by), Tolerance: 0.02}}, some[1:]...)
		if others > 0 {
			for i := 1; i < len(samples); i++ {
				worse := make([]float64, 24)
				for k := range worse {
					worse[k] = others + 0.01*random.NormFloat64()
				}
				samples[i] = compare.PairedSample{LogRatios: worse, Tolerance: 0.02}
			}
		}
		return regressed(samples)
	}
	alone := func(by float64) bool {
		return regressed([]compare.PairedSample{{LogRatios: shifted(by), Tolerance: 0.02}})
	}
	least := func(found func(float64) bool) float64 {
		by := -0.04
		for !found(by) {
			by += 0.004
		}
		return by
	}
	one, shared := least(alone), least(func(by float64) bool { return among(by, 0) })
	last := least(func(by float64) bool { return among(by, 0.3) })
	if !(one < shared) || math.Abs(last-one) > 1e-9 {
		t.Errorf("found from %.3f alone, %.3f among others, %.3f when all others have regressed", one, shared, last)
	}
}

func TestATrialIsDecidedAlikeEachTime(t *testing.T) {
	b1, h1 := timed("one", 20, 1, always(1.1))
	b2, h2 := timed("two", 20, 2, always(1))
	var before []byte
	for range 3 {
		base, head := trialOf([]result.Series{b1, b2}, []result.Series{h1, h2})
		raw, err := json.Marshal(compare.Decide(compare.Input{Head: head, Base: base, Now: now}))
		if err != nil {
			t.Fatal(err)
		}
		if before != nil && !bytes.Equal(before, raw) {
			t.Fatalf("differs:\n%s\n%s", before, raw)
		}
		before = raw
	}
}

func TestSequentialIsTheRuleOfDecide(t *testing.T) {
	for seed := range uint64(10) {
		base, head := timed("time", 24, seed, always(1+0.02*float64(seed)))
		_, want := decideOne(base, head)
		var ratios []float64
		for i := range base.Samples {
			ratios = append(ratios, math.Log(*head.Samples[i].Value / *base.Samples[i].Value))
		}
		got := compare.Sequential{Looks: compare.DefaultLooks(), MDE: true, GoesOn: true}.Decide([]compare.PairedSample{{LogRatios: ratios, Tolerance: 0.1}})[0]
		if got.Verdict != want.Verdict || got.Pairs != want.Pairs || math.Abs(got.Change-float64(want.Change)) > 1e-9 || math.Abs(got.MDE-float64(want.MDE)) > 1e-9 {
			t.Errorf("seed %d: %+v, Decide says %s after %d, %v, MDE %v", seed, got, want.Verdict, want.Pairs, want.Change, want.MDE)
		}
	}
}

func TestPairsThatWereMeasuredInTwoWaysDoNotCompare(t *testing.T) {
	b, h := timed("time", 12, 1, always(0.8))
	b.Proxy = "with the way of the call"
	base, head := trialOf([]result.Series{b}, []result.Series{h})
	v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
	got := entry(v, "custom/time")
	const want = "measured in two ways: base with the way of the call, head as it is defined"
	if got.Verdict != compare.Inconclusive || !strings.Contains(got.Reason, want) || len(v.Open()) > 0 {
		t.Errorf("%s because %q, open %v; want inconclusive because %q", got.Verdict, got.Reason, v.Open(), want)
	}
}
