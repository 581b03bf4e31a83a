package stat

import (
	"fmt"
	"math"
	"slices"
)

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
