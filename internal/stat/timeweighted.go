package stat

import (
	"fmt"
	"math"
	"sort"
)

// TimeWeightedMean returns the mean over the window [from, to] of a quantity that
// was sampled at times and is taken to keep each value until the next sample, in
// the unit of values. Samples before the window say what holds at its start.
// Before the first sample of all, the quantity is unknown: that part of the window
// is left out, and covered, in (0, 1], is the share of the window that was known.
// The last value is taken to hold to the end of the window. Of samples at one time
// the last counts.
//
// times and from, to are in one unit. It returns ErrLengths; ErrTooFew when no
// sample lies before the end of the window; ErrNotFinite for NaN or an infinity
// and for a window or times further apart than a float64 can tell; ErrUnordered
// when times go backwards; ErrOutOfRange unless from < to. Beside an error the
// mean is NaN and covered 0.
func TimeWeightedMean(times, values []float64, from, to float64) (mean, covered float64, err error) {
	if err := checkStep(times, values, from, to); err != nil {
		return math.NaN(), 0, fmt.Errorf("time-weighted mean: %w", err)
	}
	start := max(from, times[0])
	known := to - start
	// Summed as deviations from the value that holds at first, so that a quantity that never changes in the window has
	// exactly itself as its mean: a target of four peers is not missed by rounding.
	first := values[max(0, sort.SearchFloat64s(times, math.Nextafter(start, math.Inf(1)))-1)]
	mean = first
	for i, value := range values {
		begin, end := max(times[i], from), to
		if i+1 < len(times) {
			end = min(max(times[i+1], from), to)
		}
		if begin < end {
			mean += (value - first) * ((end - begin) / known)
		}
	}
	if !isFinite(mean) {
		return math.NaN(), 0, fmt.Errorf("time-weighted mean: %w", ErrNotFinite)
	}
	return mean, known / (to - from), nil
}

func checkStep(times, values []float64, from, to float64) error {
	if len(times) != len(values) {
		return fmt.Errorf("%d times and %d values: %w", len(times), len(values), ErrLengths)
	}
	if err := checkFinite([]float64{from, to, to - from}, 3); err != nil {
		return fmt.Errorf("window: %w", err)
	}
	if from >= to {
		return fmt.Errorf("window from %v to %v: %w", from, to, ErrOutOfRange)
	}
	if err := checkFinite(times, 1); err != nil {
		return fmt.Errorf("times: %w", err)
	}
	if err := checkFinite(values, 1); err != nil {
		return err
	}
	for i := 1; i < len(times); i++ {
		if times[i] < times[i-1] {
			return fmt.Errorf("sample %d: %w", i, ErrUnordered)
		}
	}
	if times[0] >= to {
		return fmt.Errorf("first sample at %v, window to %v: %w", times[0], to, ErrTooFew)
	}
	return nil
}
