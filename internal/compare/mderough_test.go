package compare_test

import (
	"testing"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
)

// TestAnMDEOfTheRunsAtHandIsRough holds the mark to noise that too few runs know, and that decides what is seen.
func TestAnMDEOfTheRunsAtHandIsRough(t *testing.T) {
	known := with(t, file(t, ""), calibration(5, baseline.Noise{Metric: "formation_cpu", Within: 0.09, Pair: 0.12}))
	little := calibration(1, baseline.Noise{Metric: "formation_cpu", Within: 0.09, Pair: 0.12})
	little.Pairs = 6
	for _, tc := range []struct {
		name   string
		values []float64
		rules  *baseline.File
		want   bool
	}{
		{"noise that decides what is seen", noisy, nil, true},
		{"noise that does not", steady, nil, false},
		{"noise that is known", noisy, known, false},
		{"noise that is hardly known", noisy, with(t, file(t, ""), little), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := compare.Decide(compare.Input{Head: results(of("formation_cpu", tc.values...)), Base: results(of("formation_cpu", tc.values...)), Baselines: tc.rules, Now: now})
			if m := entry(v, "formation_cpu"); !m.MDE.Present() || m.MDERough != tc.want {
				t.Errorf("MDE %v, rough %t: %s", m.MDE, m.MDERough, m.Reason)
			}
		})
	}
}
