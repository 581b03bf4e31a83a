package compare_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// TestATimeThatIsUndecidableHereHoldsUpNoVerdict, unless somebody says that it blocks, and is regressed when it is proven worse.
func TestATimeThatIsUndecidableHereHoldsUpNoVerdict(t *testing.T) {
	swaying := func(pair int) float64 { return []float64{1.3, 0.85}[pair%2] } // never decided
	far := baseline.Noise{Metric: "custom/a", Pair: 0.2, MDE: 0.4}
	for _, tc := range []struct {
		name   string
		people string
		noise  baseline.Noise
		factor func(pair int) float64
		want   compare.Outcome // of the whole
		says   string
		open   bool
	}{
		{"not calibrated", "", baseline.Noise{Metric: "custom/b", MDE: 0.4}, swaying, compare.Inconclusive, "neither proven worse nor", true},
		{"by far", "", far, swaying, compare.Pass, "custom/a of quick: inconclusive (policy warn): ", false},
		{"with its reason", "", far, swaying, compare.Pass, "undecidable here: changes below 31.6% hide in the noise (calibrated 2026-11-10), so it blocks only when it is proven worse", false},
		{"not by far", "", baseline.Noise{Metric: "custom/a", Pair: 0.05, MDE: 0.18}, swaying, compare.Inconclusive, "below what can be decided here", true},
		{"with a tolerance that it can keep", "[metric.\"custom/a\"]\ntolerance = \"16%\"\n", far, swaying, compare.Inconclusive, "neither proven worse nor", true},
		{"somebody says that it blocks", "[metric.\"custom/a\"]\npolicy = \"block\"\n", far, swaying, compare.Inconclusive, "neither proven worse nor", true},
		{"proven worse", "", far, always(2.5), compare.Regressed, "worse: +150%", false},
		{"clean all the same", "", far, always(1), compare.Pass, "below what can be decided here", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			base, head := timed("a", 20, 3, tc.factor)
			steadyBase, steadyHead := of("disconnections", make([]float64, 20)...), of("disconnections", make([]float64, 20)...)
			b, h := trialOf([]result.Series{base, steadyBase}, []result.Series{head, steadyHead})
			c := calibration(5, tc.noise)
			v, e, err := compare.Explain(compare.Input{Head: h, Base: b, Now: now, Baselines: with(t, file(t, tc.people), c)}, "custom/a")
			if err != nil || v.Verdict != tc.want || !strings.Contains(reasons(v), tc.says) {
				t.Errorf("%s, want %s because %q, error %v\n%s", v.Verdict, tc.want, tc.says, err, reasons(v))
			}
			if open := slices.Contains(v.Trial.Plans[0].Open, "custom/a"); open != tc.open {
				t.Errorf("open %t", open)
			}
			if strings.Contains(tc.says, "policy warn") && !strings.Contains(e.Metrics[0].Judgements[0].Rule, "no policy says that it blocks") {
				t.Errorf("explained by %q", e.Metrics[0].Judgements[0].Rule)
			}
		})
	}
}

// TestMemoryAndCountsAreNeverUndecidable: they decide, however noisy they were.
func TestMemoryAndCountsAreNeverUndecidable(t *testing.T) {
	noisyHead := of("memory_private", scaled(1.1, noisy...)...)
	v := compare.Decide(compare.Input{
		Head: results(noisyHead), Base: results(of("memory_private", noisy...)), Now: now,
		Baselines: with(t, file(t, ""), calibration(5, baseline.Noise{Metric: "memory_private", Within: 0.3, MDE: 0.9})),
	})
	if v.Verdict != compare.Inconclusive {
		t.Errorf("%s\n%s", v.Verdict, reasons(v))
	}
}

// TestARateCannotFallByMoreThanAllOfIt: what hides of a metric that is better when higher is a fall.
func TestARateCannotFallByMoreThanAllOfIt(t *testing.T) {
	rule := baseline.Rule{Policy: metric.Block, PolicyOrigin: baseline.DefaultOrigin, Tolerance: 0.1}
	rate := metric.Describe("custom/a", metric.BytesPerSecond, metric.Higher)
	for _, tc := range []struct {
		noise baseline.Noise
		want  float64
	}{
		{baseline.Noise{Metric: "custom/a", MDE: 0.5}, 0.75}, // half, and twice half with a quarter of the pairs
		{baseline.Noise{Metric: "custom/a", Pair: math.Log(2) / 2}, 0.75},
		{baseline.Noise{Metric: "custom/a", MDE: 1}, 1},
	} {
		if got, undecidable := compare.Hidden(rate, calibration(5, tc.noise), rule, 4); math.Abs(got-tc.want) > 1e-9 || !undecidable {
			t.Errorf("%+v: %v, undecidable %t, want %v", tc.noise, got, undecidable, tc.want)
		}
	}
	if got := compare.Floor(baseline.Noise{Pair: math.Log(2) / 2}, metric.Higher); math.Abs(got-0.5) > 1e-9 {
		t.Errorf("two deviations of a pair are %v, want half", got)
	}
}
