package calibration

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestShapesHaveMeanZeroAndDeviationOne integrates over the probabilities of each shape, by their midpoints.
func TestShapesHaveMeanZeroAndDeviationOne(t *testing.T) {
	for _, shape := range Shapes() {
		q := quantilesOf(shape)
		const parts = 40000
		var sum, squares float64
		for i := range parts {
			x := q.of(normalQuantile(float64(i)+0.5, parts))
			sum += x
			squares += x * x
		}
		mean, variance := sum/parts, squares/parts
		// The variance of t3 lies far out: what is beyond the last midpoint is missing.
		if math.Abs(mean) > 0.001 || math.Abs(variance-1) > 0.03 {
			t.Errorf("%s: mean %.4f, variance %.4f; want 0 and 1", shape, mean, variance)
		}
	}
}

// normalQuantile is the normal deviate below which part of whole lies, by halving.
func normalQuantile(part, whole float64) float64 {
	low, high := -mapped, mapped
	for range 60 {
		if middle := (low + high) / 2; normalCDF(middle) < part/whole {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// TestHeavyTailsAreThoseOfStudentsT compares with the table of t with 3 degrees of freedom.
func TestHeavyTailsAreThoseOfStudentsT(t *testing.T) {
	q := quantilesOf(HeavyTailed)
	for _, c := range []struct{ p, t float64 }{{0.9, 1.638}, {0.95, 2.353}, {0.975, 3.182}, {0.995, 5.841}, {0.05, -2.353}} {
		if got := q.of(normalQuantile(c.p, 1)) * math.Sqrt(3); math.Abs(got-c.t) > 0.001 {
			t.Errorf("quantile %v is %.4f, want %v", c.p, got, c.t)
		}
	}
}

func TestTwoModesAreSevenToThree(t *testing.T) {
	q, random := quantilesOf(TwoModes), rand.New(rand.NewPCG(1, 1))
	middle, d := 0.2*4/math.Sqrt(1+0.21*16), 0 // halfway between -0.3d and 0.7d
	const draws = 20000
	for range draws {
		d += one(q.of(random.NormFloat64()) > middle)
	}
	// Two in a hundred of each mode lie on the other side, which moves the share to 0.309.
	if share := float64(d) / draws; math.Abs(share-0.309) > 0.015 {
		t.Errorf("%.4f lie in the upper mode, want 0.309", share)
	}
}
