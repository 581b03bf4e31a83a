package stat

import (
	"fmt"
	"math"
)

// Effect is how much head differs from base, with its confidence interval.
// Beside an error, Change is NaN and the interval all that is possible.
type Effect struct {
	// Change is head against base: from the functions of a ratio change a ratio
	// (0.1 is +10 %, -0.5 is half, at least -1), from AbsoluteChange in the unit
	// of the values. It is infinite when more than half of the pairs that it is
	// the median of have a censored head; -1 or -Inf, a censored base.
	Change float64
	// Low and High are the ends of the closed interval, on the scale of Change.
	// An end that the values can not bound is +Inf above, and below -1 for a
	// ratio and -Inf for an absolute change.
	Low, High float64
	// Confidence is the least coverage that the interval has, at least what was
	// asked for; 1 when Reached is false.
	Confidence float64
	// Reached is false when there are too few values for the wanted confidence:
	// the interval then excludes nothing.
	Reached bool
	// Exact is false when the interval comes from a normal approximation.
	Exact bool
}

// PairedRatioChangeCensored returns by what ratio head[i] differs from base[i], for runs
// measured side by side: the pseudo-median of log(head[i]/base[i]), taken back with
// exp(x)-1. What both of a pair share (a slow minute of the machine) cancels out,
// and for two like distributions the noise of the difference is symmetric, as the
// interval needs. Confidence is of the two-sided interval, in (0, 1).
//
// +Inf is a censored value, known to be at least limit (the time-out); a limit of 0 or
// below tells nothing. Besides PseudoMedian's errors it returns ErrLengths,
// ErrNotPositive for a value at or below 0, and ErrCensored when no pair tells anything.
func PairedRatioChangeCensored(base, head []float64, limit, confidence float64) (Effect, error) {
	estimate, err := pairedShift(base, head, limit, confidence)
	if err != nil {
		return noRatio(), fmt.Errorf("paired ratio change: %w", err)
	}
	return ratioEffect(estimate), nil
}

func pairedShift(base, head []float64, limit, confidence float64) (Estimate, error) {
	if len(base) != len(head) {
		return Estimate{}, fmt.Errorf("%d and %d: %w", len(base), len(head), ErrLengths)
	}
	baseLogs, headLogs, err := bothLogs(base, head)
	if err != nil {
		return Estimate{}, err
	}
	limit = logLimit(limit)
	if err := checkCensored(headLogs, limit); err != nil {
		return Estimate{}, err
	}
	return centerOf(
		pairDifferences(baseLogs, headLogs),
		pairDifferences(baseLogs, censoredAs(headLogs, limit)),
		pairDifferences(censoredAs(baseLogs, limit), headLogs),
		confidence,
	)
}

// pairDifferences returns head[i] - base[i], NaN where both are censored.
func pairDifferences(base, head []float64) []float64 {
	result := make([]float64, len(base))
	for i := range base {
		result[i] = head[i] - base[i]
	}
	return result
}

func bothLogs(base, head []float64) (baseLogs, headLogs []float64, err error) {
	if baseLogs, err = logs(base); err != nil {
		return nil, nil, fmt.Errorf("base: %w", err)
	}
	if headLogs, err = logs(head); err != nil {
		return nil, nil, fmt.Errorf("head: %w", err)
	}
	return baseLogs, headLogs, nil
}

// logLimit is the logarithm of a limit, -Inf of one that tells nothing.
func logLimit(limit float64) float64 {
	if limit <= 0 {
		return math.Inf(-1)
	}
	return math.Log(limit)
}

// effect renames the fields.
func (e Estimate) effect() Effect {
	return Effect{
		Change: e.Value, Low: e.Low, High: e.High,
		Confidence: e.Confidence, Reached: e.Reached, Exact: e.Exact,
	}
}

// ratioEffect takes a shift of logarithms back to a ratio.
func ratioEffect(e Estimate) Effect {
	e.Value, e.Low, e.High = math.Expm1(e.Value), math.Expm1(e.Low), math.Expm1(e.High)
	return e.effect()
}

// noRatio is what stands beside an error.
func noRatio() Effect {
	return ratioEffect(noEstimate())
}
