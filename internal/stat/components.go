package stat

import (
	"fmt"
	"math"
)

// Components returns the standard deviations within groups and between their centers, in the unit of the values: the
// moment estimates of a one-way layout with random effects, for groups of any size (Snedecor and Cochran 1967, chapter
// 10). Between is what the means of the groups vary by beyond what Within explains, and 0 where they vary by less. Empty
// groups add nothing. It returns ErrTooFew for fewer than two groups or no group of two values, and ErrNotFinite for NaN,
// an infinity or an overflow.
func Components(groups ...[]float64) (within, between float64, err error) {
	within, err = PooledDeviation(groups...)
	if err != nil {
		return math.NaN(), math.NaN(), fmt.Errorf("components: %w", err)
	}
	var count, sizes, squares, total float64
	means := make([]float64, 0, len(groups))
	weights := make([]float64, 0, len(groups))
	for _, group := range groups {
		if len(group) == 0 {
			continue
		}
		mean, err := Mean(group)
		if err != nil {
			return math.NaN(), math.NaN(), fmt.Errorf("components: %w", err)
		}
		n := float64(len(group))
		means, weights = append(means, mean), append(weights, n)
		count++
		sizes += n
		squares += n * n
		total += n * mean
	}
	if count < 2 {
		return math.NaN(), math.NaN(), fmt.Errorf("components: %w", ErrTooFew)
	}
	var spread float64 // the root of the sum of squares between groups
	for i, mean := range means {
		spread = math.Hypot(spread, math.Sqrt(weights[i])*(mean-total/sizes))
	}
	size := (sizes - squares/sizes) / (count - 1)
	excess := (spread*spread/(count-1) - within*within) / size
	if math.IsNaN(excess) || math.IsInf(excess, 0) {
		return math.NaN(), math.NaN(), fmt.Errorf("components: %w", ErrNotFinite)
	}
	return within, math.Sqrt(max(0, excess)), nil
}
