package stat

import (
	"fmt"
	"math"

	"github.com/montanaflynn/stats"
)

// Median returns the middle value, or the mean of the two middle values, in the
// unit of values. Infinities are allowed and count by their rank: the median of
// 1, 2, +Inf is 2. It returns ErrTooFew for an empty slice, and ErrNotFinite for
// NaN or when the two middle values are -Inf and +Inf.
func Median(values []float64) (float64, error) {
	if err := checkNumbers(values); err != nil {
		return math.NaN(), fmt.Errorf("median: %w", err)
	}
	median, err := stats.Median(values)
	if err != nil {
		return math.NaN(), fmt.Errorf("median: %w", err)
	}
	if math.IsNaN(median) {
		return math.NaN(), fmt.Errorf("median: %w", ErrNotFinite)
	}
	return median, nil
}

// Quantile returns the value below which the share p of the values lies, for p
// in [0, 1], by linear interpolation between the order statistics around
// (n-1)p+1: type 7 of Hyndman and Fan (1996). p = 0 is the minimum, 0.5 the
// median, 1 the maximum. Infinities are allowed and count by their rank; any
// share of a step to +Inf is +Inf. It returns ErrTooFew for an empty slice,
// ErrOutOfRange for another p, and ErrNotFinite for NaN or when a step from -Inf
// to +Inf would have to be divided.
func Quantile(values []float64, p float64) (float64, error) {
	if err := checkNumbers(values); err != nil {
		return math.NaN(), fmt.Errorf("quantile: %w", err)
	}
	if !(p >= 0 && p <= 1) {
		return math.NaN(), fmt.Errorf("quantile at %v: %w", p, ErrOutOfRange)
	}
	quantile, err := typeSeven(values, p)
	if err != nil {
		return math.NaN(), fmt.Errorf("quantile: %w", err)
	}
	if math.IsNaN(quantile) {
		return math.NaN(), fmt.Errorf("quantile: %w", ErrNotFinite)
	}
	return quantile, nil
}

// typeSeven leaves the interpolation to stats.Percentile, which refuses p = 0.
func typeSeven(values []float64, p float64) (float64, error) {
	if p == 0 {
		return stats.Min(values)
	}
	return stats.Percentile(values, p*100)
}
