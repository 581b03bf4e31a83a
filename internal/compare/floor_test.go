package compare_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

func TestATolerance(t *testing.T) {
	for _, tc := range []struct {
		name    string
		people  string
		noise   baseline.Noise
		warning string
	}{
		{"below what a trial sees here", "", baseline.Noise{Metric: "custom/a", MDE: 0.15, Pair: 0.01}, "custom/a of quick: its tolerance of 10% is below what can be decided here (about 15%, calibrated 2026-11-10 over 5 sessions)"},
		{"below two deviations of a pair", "", baseline.Noise{Metric: "custom/a", Pair: 0.1}, "about 22.1%"},
		{"that can be decided", "", baseline.Noise{Metric: "custom/a", MDE: 0.05, Pair: 0.1}, ""},
		{"that blocks nothing", "[metric.\"custom/a\"]\npolicy = \"info\"\n", baseline.Noise{Metric: "custom/a", MDE: 0.15}, ""},
		{"of another metric", "", baseline.Noise{Metric: "custom/b", MDE: 0.15}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			base, head := timed("a", 24, 1, always(1))
			b, h := trialOf([]result.Series{base}, []result.Series{head})
			v := compare.Decide(compare.Input{Head: h, Base: b, Now: now, Baselines: with(t, file(t, tc.people), calibration(5, tc.noise))})
			if warnings := strings.Join(v.Warnings, "\n"); !strings.Contains(warnings, tc.warning) || (tc.warning == "") != (warnings == "") {
				t.Errorf("warnings %q, want %q", warnings, tc.warning)
			}
		})
	}
}

// Runs that agree by chance better than they do on this machine prove nothing below its noise.
func TestAChangeBelowTheCalibratedNoiseIsNone(t *testing.T) {
	decide := func(c baseline.Calibration) map[string]compare.Metric {
		base, head := timed("a", 24, 1, always(1.12))
		b, h := trialOf([]result.Series{base}, []result.Series{head})
		return map[string]compare.Metric{
			"trial": entry(compare.Decide(compare.Input{Head: h, Base: b, Now: now, Baselines: with(t, file(t, ""), c)}), "custom/a"),
			"session": entry(compare.Decide(compare.Input{
				Head: results(of("memory_private", scaled(1.12, steady...)...)), Base: results(of("memory_private", steady...)), Now: now,
				Baselines: with(t, file(t, ""), c),
			}), "memory_private"),
		}
	}
	for name, m := range decide(calibration(5, baseline.Noise{Metric: "custom/a", Pair: 0.03, MDE: 0.05}, baseline.Noise{Metric: "memory_private", Within: 0.02, MDE: 0.05})) {
		if m.Verdict != compare.Regressed {
			t.Errorf("%s, above the noise: %s because %q", name, m.Verdict, m.Reason)
		}
	}
	for name, m := range decide(calibration(5, baseline.Noise{Metric: "custom/a", Pair: 0.4, MDE: 0.05}, baseline.Noise{Metric: "memory_private", Within: 0.15, MDE: 0.05})) {
		if m.Verdict != compare.Inconclusive || !strings.Contains(m.Reason, "it is below the noise that was calibrated here") {
			t.Errorf("%s, below the noise: %s because %q", name, m.Verdict, m.Reason)
		}
	}
}
