package stat_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/communitas/perfgate/internal/stat"
)

// The calcium in four turnip leaves, measured four times each (Snedecor and Cochran 1967, example 10.13.1): the mean squares are
// 0.2961 between and 0.0066 within leaves, and the variance of leaves 0.0724.
func TestComponentsPublished(t *testing.T) {
	within, between, err := stat.Components(
		[]float64{3.28, 3.09, 3.03, 3.03}, []float64{3.52, 3.48, 3.38, 3.38}, []float64{2.88, 2.80, 2.81, 2.76}, []float64{3.34, 3.38, 3.23, 3.26},
	)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(within*within-0.0066) > 5e-5 || math.Abs(between*between-0.0724) > 5e-5 {
		t.Errorf("variances %.5f within and %.5f between", within*within, between*between)
	}
}

func TestComponentsOfGroupsThatDoNotDiffer(t *testing.T) {
	within, between, err := stat.Components([]float64{1, 3}, []float64{1, 3}, nil)
	if err != nil || math.Abs(within-math.Sqrt2) > 1e-12 || between != 0 {
		t.Errorf("%v, %v, %v", within, between, err)
	}
	for name, groups := range map[string][][]float64{"one group": {{1, 2}, nil}, "single values": {{1}, {2}}, "nothing": nil} {
		if _, _, err := stat.Components(groups...); !errors.Is(err, stat.ErrTooFew) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, group := range [][]float64{{1, math.NaN()}, {math.MaxFloat64, -math.MaxFloat64}} {
		if _, _, err := stat.Components([]float64{1, 2}, group); !errors.Is(err, stat.ErrNotFinite) {
			t.Errorf("%v: %v", group, err)
		}
	}
}

// Calibrated: the variances of unequal groups are met on average.
func TestComponentsFindWhatWasSimulated(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	const rounds, within, between = 4000, 2.0, 3.0
	var sumWithin, sumBetween float64
	for range rounds {
		var groups [][]float64
		for size := 2; size <= 9; size++ {
			center := between * random.NormFloat64()
			var group []float64
			for range size {
				group = append(group, center+within*random.NormFloat64())
			}
			groups = append(groups, group)
		}
		w, b, err := stat.Components(groups...)
		if err != nil {
			t.Fatal(err)
		}
		sumWithin += w * w
		sumBetween += b * b
	}
	if got := sumWithin / rounds; math.Abs(got-within*within) > 0.1 {
		t.Errorf("variance within %.3f, want %.3f", got, within*within)
	}
	if got := sumBetween / rounds; math.Abs(got-between*between) > 0.4 {
		t.Errorf("variance between %.3f, want %.3f", got, between*between)
	}
}
