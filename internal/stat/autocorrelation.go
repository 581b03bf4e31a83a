package stat

import (
	"fmt"
	"math"

	"github.com/montanaflynn/stats"
)

// Autocorrelation returns the lag-1 autocorrelation of values in the order in
// which they were measured, in [-1, 1]: the sum of the products of neighbouring
// deviations from the mean over the sum of their squares (r₁ of Box and Jenkins
// 1970). Runs that do not influence each other give about -1/n. It returns
// ErrTooFew for fewer than three values, ErrNotFinite for NaN or an infinity, and
// ErrNoSpread for a constant series.
func Autocorrelation(values []float64) (float64, error) {
	if err := checkFinite(values, 3); err != nil {
		return math.NaN(), fmt.Errorf("autocorrelation: %w", err)
	}
	if allEqual(values) {
		return math.NaN(), fmt.Errorf("autocorrelation: %w", ErrNoSpread)
	}
	correlation, err := stats.AutoCorrelation(values, 1)
	if err != nil {
		return math.NaN(), fmt.Errorf("autocorrelation: %w", err)
	}
	return correlation, nil
}
