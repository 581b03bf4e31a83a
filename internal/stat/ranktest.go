package stat

import (
	"math"
	"slices"
)

// RankTest is the outcome of a one-sided two-sample rank-sum test.
type RankTest struct {
	// P is the p-value, to 1; 0 only where it is too small for a float64, 1 beside
	// an error.
	P float64
	// U is the number of (head, base) pairs in which head is greater, ties
	// counted one half (Mann and Whitney's U of head): 0 to n·m.
	U float64
	// LeastP is the smallest p-value that these very values could have given
	// under any labelling as head and base. Above the level of the test, the
	// values could not have shown anything: 1 when all are equal.
	LeastP float64
	// Exact tells that P was counted, ties included. False means the normal
	// approximation, used above n·m = 4096 only.
	Exact bool
}

// RankSum tests whether head tends to lie above (Greater) or below (Less) base:
// the rank-sum test of Wilcoxon (1945) and Mann and Whitney (1947), as a
// permutation test given the ties (midranks; Lehmann 1975). While
// n·m is at most 4096 (64 runs against 64) the p-value is exact whatever the
// ties; beyond, it is the normal approximation with the variance corrected for
// ties and a continuity correction of one half.
//
// Only the order of the values counts: +Inf is a censored value, and censored
// values tie with each other; -Inf likewise. It returns ErrTooFew when a side is
// empty, ErrNotFinite for NaN and ErrOutOfRange for an unknown alternative.
func RankSum(base, head []float64, alternative Alternative) (RankTest, error) {
	return (*Memo)(nil).RankSum(base, head, alternative)
}

// noRankTest is what stands beside an error.
func noRankTest() RankTest { return RankTest{P: 1, LeastP: 1, U: math.NaN()} }

func (memo *Memo) rankSum(base, head []float64, alternative Alternative) (RankTest, error) {
	if err := checkNumbers(base); err != nil {
		return RankTest{}, err
	}
	if err := checkNumbers(head); err != nil {
		return RankTest{}, err
	}
	n, m := len(head), len(base)
	ties, doubled := tieGroups(base, head)
	exact := n*m <= exactPairs
	var lower, upper, lowest, highest float64
	if exact {
		counts := memo.counts(ties, n, m)
		lower, upper = counts.tails(doubled)
		lowest, highest = counts.extremes()
	} else {
		lower, upper = approximateTails(ties, n, m, float64(doubled)/2)
		lowest, _ = approximateTails(ties, n, m, 0)
		_, highest = approximateTails(ties, n, m, float64(n)*float64(m))
	}
	p, err := alternative.of(lower, upper)
	if err != nil {
		return RankTest{}, err
	}
	least, err := alternative.of(lowest, highest)
	if err != nil {
		return RankTest{}, err
	}
	return RankTest{P: p, U: float64(doubled) / 2, LeastP: least, Exact: exact}, nil
}

// tieGroups returns the sizes of the groups of equal values of both samples in
// rising order, and head's doubled U.
func tieGroups(base, head []float64) (ties []int, doubled int) {
	bases, heads := slices.Sorted(slices.Values(base)), slices.Sorted(slices.Values(head))
	ties = make([]int, 0, len(bases)+len(heads))
	i, j := 0, 0
	for i < len(bases) || j < len(heads) {
		value := math.Inf(1)
		if i < len(bases) {
			value = bases[i]
		}
		if j < len(heads) {
			value = min(value, heads[j])
		}
		b, h := countEqual(bases[i:], value), countEqual(heads[j:], value)
		doubled += h * (2*i + b)
		ties = append(ties, b+h)
		i, j = i+b, j+h
	}
	return ties, doubled
}

// countEqual returns how many of the sorted values equal value at their start.
func countEqual(sorted []float64, value float64) int {
	count := 0
	for count < len(sorted) && sorted[count] == value {
		count++
	}
	return count
}

// approximateTails is the normal approximation of P(U <= u) and P(U >= u)
// (Lehmann 1975, with a continuity correction).
func approximateTails(ties []int, n, m int, u float64) (lower, upper float64) {
	nf, mf := float64(n), float64(m)
	all := nf + mf
	var correction float64
	for _, t := range ties {
		tf := float64(t)
		correction += tf * (tf - 1) * (tf + 1)
	}
	variance := nf * mf / 12 * (all + 1 - correction/(all*(all-1)))
	if variance <= 0 {
		return 1, 1
	}
	deviation := math.Sqrt(variance)
	distance := u - nf*mf/2
	return normalCDF((distance + 0.5) / deviation), normalCDF(-(distance - 0.5) / deviation)
}
