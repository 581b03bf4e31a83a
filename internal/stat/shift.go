package stat

import (
	"fmt"
	"math"
	"slices"
)

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

func (m *Memo) shift(base, head []float64, limit, confidence float64) (Estimate, error) {
	if err := checkCensored(base, limit); err != nil {
		return Estimate{}, fmt.Errorf("base: %w", err)
	}
	if err := checkCensored(head, limit); err != nil {
		return Estimate{}, fmt.Errorf("head: %w", err)
	}
	if err := checkShare(confidence); err != nil {
		return Estimate{}, fmt.Errorf("confidence %v: %w", confidence, err)
	}
	if len(head) > maxPairs/len(base) {
		return Estimate{}, ErrTooMany
	}
	all := orderedDifferences(base, head)
	pairs := pairwise{low: all, middle: all, high: all}
	if anyCensored(base) || anyCensored(head) {
		pairs.low = differences(base, censoredAs(head, limit))
		pairs.high = differences(censoredAs(base, limit), head)
	}
	k, below, exact := m.rankPoint(len(head), len(base), (1-confidence)/2)
	return pairs.estimate(k, below, exact)
}

// differences returns each head minus each base.
func differences(base, head []float64) []float64 {
	all := make([]float64, 0, len(head)*len(base))
	for _, h := range head {
		for _, b := range base {
			all = append(all, h-b)
		}
	}
	return all
}

// orderedDifferences are the differences in rising order, but for values that are censored, whose differences may be no
// numbers. For each head they fall as base rises, so that sorted bases give runs that only have to be merged: less than half the
// work of sorting what the pairs of 64 runs give.
func orderedDifferences(base, head []float64) []float64 {
	if anyCensored(base) || anyCensored(head) {
		return differences(base, head)
	}
	falling := slices.Sorted(slices.Values(base))
	slices.Reverse(falling)
	runs, merged := differences(falling, head), make([]float64, len(base)*len(head))
	for size := len(base); size < len(runs); size *= 2 {
		for from := 0; from < len(runs); from += 2 * size {
			middle, end := min(from+size, len(runs)), min(from+2*size, len(runs))
			mergeInto(merged[from:end], runs[from:middle], runs[middle:end])
		}
		runs, merged = merged, runs
	}
	return runs
}

// mergeInto merges two rising slices.
func mergeInto(to, some, others []float64) {
	i, j := 0, 0
	for k := range to {
		if j == len(others) || i < len(some) && some[i] <= others[j] {
			to[k] = some[i]
			i++
		} else {
			to[k] = others[j]
			j++
		}
	}
}

// rankPoint is lowerPoint of U for as many heads and bases without ties.
func (m *Memo) rankPoint(heads, bases int, tail float64) (k int, below float64, exact bool) {
	if heads*bases <= exactPairs {
		k, below = lowerPoint(m.untied(heads, bases).counts, tail)
		return k, below, true
	}
	k, below = rankNormalPoint(heads, bases, tail)
	return k, below, false
}

// rankNormalPoint is the normal approximation of rankPoint.
func rankNormalPoint(n, m int, tail float64) (k int, below float64) {
	pairs := float64(n) * float64(m)
	return normalLowerPoint(pairs/2, math.Sqrt(pairs*float64(n+m+1)/12), tail)
}
