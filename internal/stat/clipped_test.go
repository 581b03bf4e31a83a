package stat

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func TestClippedDeviation(t *testing.T) {
	for _, tc := range []struct {
		name   string
		groups [][]float64
		want   float64
	}{
		{"nothing to clip", [][]float64{{1, 2, 3, 4, 5}}, math.Sqrt(2.5)},
		{"groups by their degrees of freedom", [][]float64{{0, 0}, {2, -2, 2}}, math.Sqrt(32. / 3 / 3)},
		{"a group of one adds nothing", [][]float64{{1, 2, 3, 4, 5}, {1000}}, math.Sqrt(2.5)},
		// The median is 0, that of the distances 1, and 100 counts as 4.5: the mean is 1/2, and six of seven values are whole.
		{"a wild value", [][]float64{{-2, -1, -1, 0, 1, 2, 100}}, math.Sqrt(((2.5*2.5+1.5*1.5+1.5*1.5+0.5*0.5+0.5*0.5+1.5*1.5)+4*4)/6) * 7 / 6},
		{"constant", [][]float64{{7, 7, 7}}, 0},
	} {
		if got, err := ClippedDeviation(tc.groups...); err != nil || math.Abs(got-tc.want) > 1e-12 {
			t.Errorf("%s: %v, want %v, error %v", tc.name, got, tc.want, err)
		}
	}
	for want, groups := range map[error][][]float64{ErrTooFew: {{1}, {}}, ErrNotFinite: {{1, math.Inf(1)}}} {
		if got, err := ClippedDeviation(groups...); !errors.Is(err, want) || !math.IsNaN(got) {
			t.Errorf("%v: %v, %v", groups, got, err)
		}
	}
}

// TestClippedDeviationIsThatOfNormalNoise, and less than that of noise with long tails, of which it varies less.
func TestClippedDeviationIsThatOfNormalNoise(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	varied := func(draw func() float64) (clipped, plain float64) {
		var both [2][]float64
		for range 400 {
			values := make([]float64, 24)
			for i := range values {
				values[i] = draw()
			}
			a, errA := ClippedDeviation(values)
			b, errB := StandardDeviation(values)
			if err := errors.Join(errA, errB); err != nil {
				t.Fatal(err)
			}
			both[0], both[1] = append(both[0], math.Log(a)), append(both[1], math.Log(b))
		}
		if mean, err := Mean(both[0]); err != nil || mean > 0.02 || mean < -0.35 {
			t.Errorf("mean of the logarithms %v, error %v", mean, err)
		}
		clipped, _ = StandardDeviation(both[0])
		plain, _ = StandardDeviation(both[1])
		return clipped, plain
	}
	if clipped, plain := varied(random.NormFloat64); clipped > 1.1*plain {
		t.Errorf("normal noise: varies by %v, the standard deviation by %v", clipped, plain)
	}
	t3 := func() float64 {
		chi := 0.0
		for range 3 {
			x := random.NormFloat64()
			chi += x * x
		}
		return random.NormFloat64() / math.Sqrt(chi)
	}
	if clipped, plain := varied(t3); clipped > 0.95*plain {
		t.Errorf("long tails: varies by %v, the standard deviation by %v", clipped, plain)
	}
}
