package stat

import (
	"fmt"
	"math"
	"slices"
)

// theilSenPoints is how many points TheilSen uses at most: half a million pairs.
const theilSenPoints = 1024

// TheilSen returns the slope of values over times, in the unit of values per unit
// of times: the median of the slopes of all pairs of points (Theil 1950; Sen 1968
// for pairs with equal times, which are left out). Up to 29 % of the points may be
// arbitrarily wrong. Of more than 1024 points only 1024 are used, evenly spaced by
// index with the first and the last among them, so that the cost stays at half a
// million pairs. It returns ErrLengths, ErrTooFew without two different times
// among the points used, and ErrNotFinite for NaN, an infinity or an overflow.
func TheilSen(times, values []float64) (float64, error) {
	slope, err := theilSen(times, values)
	if err != nil {
		return math.NaN(), fmt.Errorf("theil-sen slope: %w", err)
	}
	return slope, nil
}

func theilSen(times, values []float64) (float64, error) {
	if len(times) != len(values) {
		return 0, fmt.Errorf("%d times and %d values: %w", len(times), len(values), ErrLengths)
	}
	if err := checkFinite(times, 2); err != nil {
		return 0, fmt.Errorf("times: %w", err)
	}
	if err := checkFinite(values, 2); err != nil {
		return 0, err
	}
	points := spacedIndices(len(times), theilSenPoints)
	slopes := make([]float64, 0, len(points)*(len(points)-1)/2)
	for i, a := range points {
		for _, b := range points[i+1:] {
			if times[a] != times[b] {
				slopes = append(slopes, (values[b]-values[a])/(times[b]-times[a]))
			}
		}
	}
	if len(slopes) == 0 {
		return 0, ErrTooFew
	}
	slices.Sort(slopes)
	slope := medianOfSorted(slopes)
	if !isFinite(slope) {
		return 0, ErrNotFinite
	}
	return slope, nil
}

// spacedIndices returns most indices of n, or all when there are no more, evenly
// spaced from 0 to n-1.
func spacedIndices(n, most int) []int {
	count := min(n, most)
	indices := make([]int, count)
	for i := range indices {
		indices[i] = i
		if n > most {
			indices[i] = i * (n - 1) / (most - 1)
		}
	}
	return indices
}
