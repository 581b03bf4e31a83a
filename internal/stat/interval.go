package stat

import (
	"math"
	"slices"
)

// Estimate is a point estimate with its confidence interval. Beside an error,
// Value is NaN and the interval the whole line.
type Estimate struct {
	// Value is the estimate, in the unit of the function that made it. It is
	// infinite when more than half of what it is the median of is censored.
	Value float64
	// Low and High are the ends of the closed interval; an end is infinite when
	// the values can not bound it.
	Low, High float64
	// Confidence is the least coverage that the interval has, at least what was
	// asked for; more, because exact distributions have steps. 1 when nothing
	// but the whole line would do.
	Confidence float64
	// Reached is false when there are too few values for the wanted confidence:
	// the interval is then the whole line.
	Reached bool
	// Exact is false when the interval comes from a normal approximation, above
	// the size that its function documents.
	Exact bool
}

// noEstimate is what stands beside an error.
func noEstimate() Estimate {
	return Estimate{Value: math.NaN(), Low: math.Inf(-1), High: math.Inf(1), Confidence: 1}
}

// maxPairs limits how many pairwise values an estimate is made from: 32 MB.
const maxPairs = 1 << 22

// pairwise are the values (differences, or means) of all pairs, whose median is
// a Hodges–Lehmann estimate and whose order statistics bound it. Without censored
// values the three lists are one.
type pairwise struct {
	// low has each pair as low as it can be, high as high as it can be.
	low, high []float64
	// middle has a censored value as +Inf, and NaN for the pairs of two of them.
	// Such a pair may lie anywhere: it counts one half on each side of the median.
	middle []float64
}

// sorted puts the lists in rising order, in place, without the NaN in middle.
func (p pairwise) sorted() pairwise {
	slices.Sort(p.low)
	slices.Sort(p.middle) // NaN come first
	slices.Sort(p.high)
	for len(p.middle) > 0 && math.IsNaN(p.middle[0]) {
		p.middle = p.middle[1:]
	}
	return p
}

// estimate takes the k-th smallest and the k-th greatest pair, k from 1, as the
// ends; k = 0 is the whole line. below is the probability, under the null
// hypothesis, that the statistic which counts the pairs is at most k-1.
func (p pairwise) estimate(k int, below float64, exact bool) (Estimate, error) {
	p = p.sorted()
	value := medianOfSorted(p.middle)
	if math.IsNaN(value) {
		return Estimate{}, ErrCensored
	}
	estimate := Estimate{
		Value: value, Low: math.Inf(-1), High: math.Inf(1),
		Confidence: 1 - 2*below, Reached: k > 0, Exact: exact,
	}
	if k > 0 {
		estimate.Low, estimate.High = p.low[k-1], p.high[len(p.high)-k]
	}
	return estimate, nil
}

// medianOfSorted returns NaN when there is nothing, or when -Inf and +Inf meet
// in the middle.
func medianOfSorted(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return midpoint(sorted[(n-1)/2], sorted[n/2])
}

// lowerPoint returns the largest k for which P(S <= k-1) is at most tail, and
// that probability, for a statistic S with counts[s] equally likely ways to be
// s. k is 0 when even P(S = 0) is more.
func lowerPoint(counts []float64, tail float64) (k int, below float64) {
	var total float64
	for _, v := range counts {
		total += v
	}
	// A tail like (1-0.9)/2 comes out a rounding error below the 1/20 that it
	// is meant to admit.
	limit := tail * (1 + 1e-9)
	var sum float64
	for k < len(counts) && (sum+counts[k])/total <= limit {
		sum += counts[k]
		k++
	}
	return k, sum / total
}

// normalLowerPoint is lowerPoint of a statistic on the whole numbers that is
// near normal, with a continuity correction of one half.
func normalLowerPoint(mean, deviation, tail float64) (k int, below float64) {
	k = max(int(math.Floor(mean-0.5+deviation*normalQuantile(tail)))+1, 0)
	if k == 0 {
		return 0, 0
	}
	return k, normalCDF((float64(k) - 0.5 - mean) / deviation)
}

// midpoint returns the mean of two values: exactly a when they are equal, no
// overflow, NaN for -Inf with +Inf.
func midpoint(a, b float64) float64 {
	if a == b {
		return a
	}
	if sum := a + b; !math.IsInf(sum, 0) {
		return sum / 2
	}
	return a/2 + b/2
}
