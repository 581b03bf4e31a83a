package stat

import (
	"fmt"
	"math"
)

// PseudoMedian estimates the center of values, in their unit: the median of the
// n(n+1)/2 means of all pairs, each value with itself included (Hodges and
// Lehmann 1963), with the confidence interval that inverts the two-sided
// signed-rank test (Tukey 1949; Lehmann 1975). Confidence is of the
// two-sided interval, in (0, 1): for one end at level alpha, ask for 1-2·alpha.
//
// For symmetric values the pseudo-median is the median and the mean; take the
// logarithms of values that are skewed to the right. With ties the interval is
// conservative (Noether 1967). A constant series gives [c, c], once it is long
// enough for the confidence. The interval is exact up to 128 values, beyond it
// uses the normal approximation.
//
// +Inf is a censored value, taken to be at least as great as the greatest measured
// one; PseudoMedianCensored knows more. It returns ErrTooFew without values,
// ErrTooMany above 2895, ErrNotFinite for NaN or -Inf, and ErrOutOfRange for
// another confidence.
func PseudoMedian(values []float64, confidence float64) (Estimate, error) {
	return PseudoMedianCensored(values, greatestMeasured(values), confidence)
}

// PseudoMedianCensored is PseudoMedian for values of which the censored ones,
// +Inf, are known to be at least limit (the time-out): the lower end counts them
// as limit, the upper end as +Inf. A limit of -Inf tells nothing. Besides
// PseudoMedian's errors it returns ErrOutOfRange for a limit of NaN or +Inf.
func PseudoMedianCensored(values []float64, limit, confidence float64) (Estimate, error) {
	if err := checkCensored(values, limit); err != nil {
		return noEstimate(), fmt.Errorf("pseudo-median: %w", err)
	}
	estimate, err := centerOf(values, censoredAs(values, limit), values, confidence)
	if err != nil {
		return noEstimate(), fmt.Errorf("pseudo-median: %w", err)
	}
	return estimate, nil
}

// centerOf is the pseudo-median of middle, where NaN is a value of which nothing
// is known, with the lower end from low and the upper end from high.
func centerOf(middle, low, high []float64, confidence float64) (Estimate, error) {
	if err := checkShare(confidence); err != nil {
		return Estimate{}, fmt.Errorf("confidence %v: %w", confidence, err)
	}
	n := len(middle)
	if n*(n+1)/2 > maxPairs {
		return Estimate{}, ErrTooMany
	}
	all := pairMeans(middle)
	pairs := pairwise{low: all, middle: all, high: all}
	if checkFinite(middle, 0) != nil {
		pairs.low, pairs.high = pairMeans(low), pairMeans(high)
	}
	k, below, exact := signPoint(n, (1-confidence)/2)
	return pairs.estimate(k, below, exact)
}

// pairMeans returns the means of all pairs of values, each with itself included.
func pairMeans(values []float64) []float64 {
	means := make([]float64, 0, len(values)*(len(values)+1)/2)
	for i, a := range values {
		for _, b := range values[i:] {
			means = append(means, midpoint(a, b))
		}
	}
	return means
}

// signPoint is lowerPoint of Wilcoxon's T for n values without ties and zeros.
func signPoint(n int, tail float64) (k int, below float64, exact bool) {
	if n <= exactSigns {
		ranks := make([]int, n)
		for i := range ranks {
			ranks[i] = i + 1
		}
		k, below = lowerPoint(countSigns(ranks), tail)
		return k, below, true
	}
	k, below = signNormalPoint(n, tail)
	return k, below, false
}

// signNormalPoint is the normal approximation of signPoint.
func signNormalPoint(n int, tail float64) (k int, below float64) {
	nf := float64(n)
	return normalLowerPoint(nf*(nf+1)/4, math.Sqrt(nf*(nf+1)*(2*nf+1)/24), tail)
}
