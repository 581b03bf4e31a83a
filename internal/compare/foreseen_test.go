package compare

import (
	"math"
	"testing"
)

// TestWhatWasKnownOfTheSpreadCounts as long as the session does not contradict it.
func TestWhatWasKnownOfTheSpreadCounts(t *testing.T) {
	for _, tc := range []struct {
		name    string
		now     float64
		degrees int
		known   spread
		want    float64
	}{
		{"nothing known", 0.1, 23, spread{}, 0.1},
		{"pooled by degrees", 0.1, 20, spread{0.12, 60}, math.Sqrt((20*0.01 + 60*0.0144) / 80)},
		{"a busier machine", 0.3, 23, spread{0.1, 69}, 0.3},
		{"a calmer machine", 0.03, 23, spread{0.1, 69}, 0.03},
		{"pairs that are alike", 0, 23, spread{0.1, 69}, 0},
		{"too few pairs to say", 0.1, 0, spread{0.2, 69}, 0.1},
	} {
		if got := withKnown(tc.now, tc.degrees, tc.known); math.Abs(got-tc.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestTheMDEOfATrialKnowsWhatEndsIt: half the tolerance bounds it, an early end raises it, and the calibrated spread is in it.
func TestTheMDEOfATrialKnowsWhatEndsIt(t *testing.T) {
	wave := func(size float64, n int) []float64 { // of deviation size
		all := make([]float64, n)
		for i := range all {
			all[i] = size * math.Sqrt2 * math.Sin(2.4*float64(i))
		}
		return all
	}
	looks := []int{6, 9, 12, 16, 20, 24}
	decide := func(goesOn bool, metrics ...PairedSample) float64 {
		return Sequential{Looks: looks, MDE: true, GoesOn: goesOn}.Decide(metrics)[0].MDE
	}
	quiet := PairedSample{LogRatios: wave(0.001, 24), Tolerance: 0.1}
	if got := decide(false, quiet); got < 0.05 || got > 0.052 {
		t.Errorf("hardly any noise: %v, want half the tolerance", got)
	}
	usual := PairedSample{LogRatios: wave(0.06, 24), Tolerance: 0.1}
	restless := PairedSample{LogRatios: wave(0.4, 24), Tolerance: 0.1}
	alone, beside := decide(false, usual, quiet), decide(false, usual, restless)
	if !(beside < alone) {
		t.Errorf("%v beside a metric that is never decided, %v where the trial ends early", beside, alone)
	}
	calibrated := restless
	calibrated.Calibrated, calibrated.Degrees = 0.3, 1000
	if got, own := decide(false, calibrated), decide(false, restless); !(got < own) {
		t.Errorf("%v with a calibrated spread of 0.3, %v with its own", got, own)
	}
}
