package stat

import (
	"fmt"
	"math"
	"slices"
)

// ClippedDeviation returns the standard deviation that values within groups have for the sign-flip test of up to 24 of them, in
// the unit of the values: the pooled one of the values clipped to 4.5 medians of their distances from the median of their
// group, by the share of values that are not clipped. For normal noise it is the standard deviation; for
// noise with long tails it is smaller, as is what the test finds (the reciprocal of the efficacy; Pitman 1948), and it varies less from sample to sample.
// Groups of one value add nothing, and where more than half of a group's values are equal it is clipped nowhere. It returns ErrTooFew
// when no group has two values, and ErrNotFinite for NaN or an infinity.
func ClippedDeviation(groups ...[]float64) (float64, error) {
	degrees, count, unclipped, squares := 0, 0, 0, 0.0
	for _, group := range groups {
		if err := checkFinite(group, 0); err != nil {
			return math.NaN(), fmt.Errorf("clipped deviation: %w", err)
		}
		if len(group) < 2 {
			continue
		}
		degrees += len(group) - 1
		count += len(group)
		sum, whole := clippedSquares(group)
		squares += sum
		unclipped += whole
	}
	if degrees == 0 {
		return math.NaN(), fmt.Errorf("clipped deviation: %w", ErrTooFew)
	}
	deviation := math.Sqrt(squares/float64(degrees)) * float64(count) / float64(unclipped)
	if !isFinite(deviation) {
		return math.NaN(), fmt.Errorf("clipped deviation: %w", ErrNotFinite)
	}
	return deviation, nil
}

// clippedSquares is the sum of the squared distances of the clipped values from their mean, and how many were not clipped.
func clippedSquares(values []float64) (sum float64, unclipped int) {
	center := medianOfSorted(slices.Sorted(slices.Values(values)))
	sizes := make([]float64, len(values))
	for i, v := range values {
		sizes[i] = math.Abs(v - center)
	}
	most := flipClip * medianOfSorted(slices.Sorted(slices.Values(sizes)))
	if most == 0 {
		most = math.Inf(1)
	}
	mean := 0.0
	for i, v := range values {
		sizes[i] = max(-most, min(v-center, most))
		mean += sizes[i] / float64(len(values))
		if math.Abs(v-center) <= most {
			unclipped++
		}
	}
	for _, distance := range sizes {
		sum += (distance - mean) * (distance - mean)
	}
	return sum, unclipped
}
