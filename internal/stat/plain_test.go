package stat

import "fmt"

// What is asked of a Memo, or with a limit, asked without either.

// RatioChange returns by what ratio head differs from base: Shift of the natural
// logarithms, taken back with exp(x)-1. The ratio of two positive quantities does
// not depend on their unit, and noise that multiplies becomes a shift. Confidence
// is of the two-sided interval, in (0, 1).
//
// +Inf is a censored value, taken to be at least as great as the greatest measured
// one of both sides; RatioChangeCensored knows more. Besides Shift's errors it
// returns ErrNotPositive for a value at or below 0; AbsoluteChange takes those.
func RatioChange(base, head []float64, confidence float64) (Effect, error) {
	return RatioChangeCensored(base, head, greatestMeasured(base, head), confidence)
}

// RatioChangeCensored is RatioChange for values of which the censored ones, +Inf,
// are known to be at least limit (the time-out). Low is then finite however many
// of head are censored, and High is +Inf when they leave it open. A limit of 0 or
// below tells nothing.
func RatioChangeCensored(base, head []float64, limit, confidence float64) (Effect, error) {
	return (*Memo)(nil).RatioChangeCensored(base, head, limit, confidence)
}

// PairedRatioChange returns by what ratio head[i] differs from base[i], for runs
// measured side by side: the pseudo-median of log(head[i]/base[i]), taken back with
// exp(x)-1. What both of a pair share (a slow minute of the machine) cancels out,
// and for two like distributions the noise of the difference is symmetric, as the
// interval needs. Confidence is of the two-sided interval, in (0, 1).
//
// +Inf is a censored value, taken to be at least as great as the greatest measured
// one of both sides; PairedRatioChangeCensored knows more. Besides PseudoMedian's
// errors it returns ErrLengths, ErrNotPositive for a value at or below 0, and
// ErrCensored when no pair tells anything.
func PairedRatioChange(base, head []float64, confidence float64) (Effect, error) {
	return PairedRatioChangeCensored(base, head, greatestMeasured(base, head), confidence)
}

// AbsoluteChange returns by how much head lies above base, in the unit of the
// values: Shift as an Effect, for values that may be 0 or below. Errors are
// Shift's.
func AbsoluteChange(base, head []float64, confidence float64) (Effect, error) {
	return (*Memo)(nil).AbsoluteChange(base, head, confidence)
}

// Shift estimates by how much head lies above base, in the unit of the values:
// the median of all n·m differences head - base (Hodges and Lehmann 1963), with
// the confidence interval that inverts the two-sided rank-sum test (Moses 1953;
// Lehmann 1975). Confidence is of the two-sided interval, in (0, 1):
// for one end at level alpha, ask for 1-2·alpha.
//
// The interval is distribution-free: it covers the shift with at least its
// confidence whatever the shape of the noise. It uses the critical values for
// values without ties, which makes it conservative when there are ties (closed
// ends; Noether 1967). It is exact while n·m is at most 4096, beyond it uses the
// normal approximation.
//
// +Inf is a censored value, taken to be at least as great as the greatest measured
// one of both sides; ShiftCensored knows more. It returns ErrTooFew when a side is
// empty, ErrTooMany above four million pairs, ErrNotFinite for NaN or -Inf,
// ErrOutOfRange for another confidence, and ErrCensored when no difference is known.
func Shift(base, head []float64, confidence float64) (Estimate, error) {
	return ShiftCensored(base, head, greatestMeasured(base, head), confidence)
}

// ShiftCensored is Shift for values of which the censored ones, +Inf, are known
// to be at least limit (the time-out): a censored head counts as limit for the
// lower end and as +Inf for the upper end, a censored base the other way round. A
// limit of -Inf tells nothing. Besides Shift's errors it returns ErrOutOfRange for
// a limit of NaN or +Inf.
func ShiftCensored(base, head []float64, limit, confidence float64) (Estimate, error) {
	estimate, err := (*Memo)(nil).shift(base, head, limit, confidence)
	if err != nil {
		return noEstimate(), fmt.Errorf("shift: %w", err)
	}
	return estimate, nil
}
