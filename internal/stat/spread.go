package stat

import (
	"fmt"
	"math"

	"github.com/montanaflynn/stats"
)

// madToSigma scales a median absolute deviation to the standard deviation of a
// normal distribution: 1/Φ⁻¹(3/4), rounded as is usual (Hampel 1974).
const madToSigma = 1.4826

// Mean returns the arithmetic mean, in the unit of values. It returns ErrTooFew
// for an empty slice and ErrNotFinite for NaN or an infinity.
func Mean(values []float64) (float64, error) {
	if err := checkFinite(values, 1); err != nil {
		return math.NaN(), fmt.Errorf("mean: %w", err)
	}
	mean, err := stats.Mean(values)
	if err != nil {
		return math.NaN(), fmt.Errorf("mean: %w", err)
	}
	return mean, nil
}

// StandardDeviation returns the sample's standard deviation (divisor n-1), in
// the unit of values; exactly 0 for a constant series. It returns ErrTooFew for
// fewer than two values, and ErrNotFinite for NaN, an infinity or an overflow.
//
// Note: stats.StandardDeviation is the population's (divisor n), 11 % too small
// at n = 5.
func StandardDeviation(values []float64) (float64, error) {
	if err := checkFinite(values, 2); err != nil {
		return math.NaN(), fmt.Errorf("standard deviation: %w", err)
	}
	if allEqual(values) {
		return 0, nil
	}
	deviation, err := stats.StandardDeviationSample(values)
	if err != nil {
		return math.NaN(), fmt.Errorf("standard deviation: %w", err)
	}
	if !isFinite(deviation) {
		return math.NaN(), fmt.Errorf("standard deviation: %w", ErrNotFinite)
	}
	return deviation, nil
}

// CV returns the coefficient of variation, StandardDeviation over |Mean|, as a
// ratio (0.08 is 8 %). Besides their errors it returns ErrZeroCenter when the
// mean is 0.
func CV(values []float64) (float64, error) {
	deviation, err := StandardDeviation(values)
	if err != nil {
		return math.NaN(), fmt.Errorf("coefficient of variation: %w", err)
	}
	mean, err := Mean(values)
	if err != nil {
		return math.NaN(), fmt.Errorf("coefficient of variation: %w", err)
	}
	return relative("coefficient of variation", deviation, mean)
}

// MAD returns the median absolute deviation from the median, not scaled, in the
// unit of values. Infinities are allowed as long as fewer than half of the
// values are infinite; else it returns ErrNotFinite, as for NaN. It returns
// ErrTooFew for an empty slice.
func MAD(values []float64) (float64, error) {
	center, err := Median(values)
	if err != nil {
		return math.NaN(), fmt.Errorf("median absolute deviation: %w", err)
	}
	if !isFinite(center) {
		return math.NaN(), fmt.Errorf("median absolute deviation: %w", ErrNotFinite)
	}
	// Every argument of the library is fine by now; it takes the distances from
	// the same median, and the median of them.
	mad, err := stats.MedianAbsoluteDeviation(values)
	if err != nil {
		return math.NaN(), fmt.Errorf("median absolute deviation: %w", err)
	}
	if !isFinite(mad) {
		return math.NaN(), fmt.Errorf("median absolute deviation: %w", ErrNotFinite)
	}
	return mad, nil
}

// RobustCV returns 1.4826·MAD/|median| as a ratio: for normal values the same
// as CV, and not moved by a few outliers. Besides MAD's errors it returns
// ErrZeroCenter when the median is 0.
func RobustCV(values []float64) (float64, error) {
	mad, err := MAD(values)
	if err != nil {
		return math.NaN(), fmt.Errorf("robust coefficient of variation: %w", err)
	}
	center, err := Median(values)
	if err != nil {
		return math.NaN(), fmt.Errorf("robust coefficient of variation: %w", err)
	}
	return relative("robust coefficient of variation", madToSigma*mad, center)
}

// PooledDeviation returns the standard deviation within groups, in the unit of
// the values: the root of the mean of the groups' sample variances, each
// weighted by its degrees of freedom. Groups of one value add nothing. It
// returns ErrTooFew when no group has two values, and ErrNotFinite for NaN or an
// infinity.
func PooledDeviation(groups ...[]float64) (float64, error) {
	var degrees int
	for _, group := range groups {
		if err := checkFinite(group, 0); err != nil {
			return math.NaN(), fmt.Errorf("pooled deviation: %w", err)
		}
		degrees += max(len(group)-1, 0)
	}
	if degrees == 0 {
		return math.NaN(), fmt.Errorf("pooled deviation: %w", ErrTooFew)
	}
	var pooled float64
	for _, group := range groups {
		if len(group) < 2 {
			continue
		}
		deviation, err := StandardDeviation(group)
		if err != nil {
			return math.NaN(), fmt.Errorf("pooled deviation: %w", err)
		}
		// Hypot adds the squares without overflow.
		pooled = math.Hypot(pooled, deviation*math.Sqrt(float64(len(group)-1)/float64(degrees)))
	}
	return pooled, nil
}

// PooledLogDeviation is PooledDeviation of the natural logarithms: the spread
// within groups as a ratio, near the coefficient of variation when that is
// small. Besides PooledDeviation's errors it returns ErrNotPositive for a value
// at or below 0.
func PooledLogDeviation(groups ...[]float64) (float64, error) {
	logged := make([][]float64, len(groups))
	for i, group := range groups {
		var err error
		if logged[i], err = logs(group); err != nil {
			return math.NaN(), fmt.Errorf("pooled log deviation: %w", err)
		}
	}
	return PooledDeviation(logged...)
}

// relative divides a spread by the size of the center that it belongs to.
func relative(operation string, spread, center float64) (float64, error) {
	if center == 0 {
		return math.NaN(), fmt.Errorf("%s: %w", operation, ErrZeroCenter)
	}
	ratio := spread / math.Abs(center)
	if !isFinite(ratio) {
		return math.NaN(), fmt.Errorf("%s: %w", operation, ErrNotFinite)
	}
	return ratio, nil
}

// logs returns the natural logarithms; that of a censored value is +Inf.
func logs(values []float64) ([]float64, error) {
	logged := make([]float64, len(values))
	for i, v := range values {
		if math.IsNaN(v) {
			return nil, ErrNotFinite
		}
		if v <= 0 {
			return nil, ErrNotPositive
		}
		logged[i] = math.Log(v)
	}
	return logged, nil
}
