package stat

import (
	"fmt"
	"slices"
)

// Memo keeps the null distributions of samples without ties, which depend on their sizes alone: a decision over many metrics
// of the same runs counts each once. The zero value is empty; nil keeps nothing. It is not for use by several goroutines.
type Memo struct {
	ranks map[[2]int]rankCounts
	// flips is room for the sums of a sign-flip test. scores are those of the last test that counted with scores, which many have alike
	// since they depend on the number of values alone where no two are tied; ways belong to them.
	flips  flipRoom
	scores []int
	ways   []float64
}

// signs are countSigns, taken from memory where the scores are those of the last test.
func (m *Memo) signs(scores []int) []float64 {
	if m == nil {
		return countSigns(scores)
	}
	if m.ways == nil || !slices.Equal(scores, m.scores) {
		m.scores, m.ways = slices.Clone(scores), countSigns(scores)
	}
	return m.ways
}

// RankSum is the function RankSum with the memory of m.
func (m *Memo) RankSum(base, head []float64, alternative Alternative) (RankTest, error) {
	result, err := m.rankSum(base, head, alternative)
	if err != nil {
		return noRankTest(), fmt.Errorf("rank-sum test: %w", err)
	}
	return result, nil
}

// RatioChangeCensored returns by what ratio head differs from base: the shift of the natural logarithms, taken back with exp(x)-1. The
// ratio of two positive quantities does not depend on their unit, and noise that multiplies becomes a shift. Confidence is of
// the two-sided interval, in (0, 1).
//
// +Inf is a censored value, known to be at least limit (the time-out). Low is finite however many of head are censored, and High is
// +Inf when they leave it open. A limit of 0 or below tells nothing. Besides AbsoluteChange's errors it returns ErrNotPositive for a
// value at or below 0.
func (m *Memo) RatioChangeCensored(base, head []float64, limit, confidence float64) (Effect, error) {
	baseLogs, headLogs, err := bothLogs(base, head)
	if err != nil {
		return noRatio(), fmt.Errorf("ratio change: %w", err)
	}
	estimate, err := m.shift(baseLogs, headLogs, logLimit(limit), confidence)
	if err != nil {
		return noRatio(), fmt.Errorf("ratio change: %w", err)
	}
	return ratioEffect(estimate), nil
}

// AbsoluteChange returns by how much head lies above base, in the unit of the values, for values that may be 0 or below: the
// median of all n·m differences head - base (Hodges and Lehmann 1963), with the confidence interval that inverts the two-sided rank-sum
// test (Moses 1953; Lehmann 1975). Confidence is of the two-sided interval, in (0, 1): for one end at level alpha, ask for 1-2·alpha.
//
// The interval is distribution-free: it covers the shift with at least its confidence whatever the shape of the noise. It uses the critical
// values for values without ties, which makes it conservative when there are ties (closed ends; Noether 1967). It is exact while n·m is at most
// 4096, beyond it uses the normal approximation.
//
// +Inf is a censored value, taken to be at least as great as the greatest measured one of both sides. It returns ErrTooFew when a side is
// empty, ErrTooMany above four million pairs, ErrNotFinite for NaN or -Inf, ErrOutOfRange for another confidence, and ErrCensored when no
// difference is known.
func (m *Memo) AbsoluteChange(base, head []float64, confidence float64) (Effect, error) {
	estimate, err := m.shift(base, head, greatestMeasured(base, head), confidence)
	if err != nil {
		return noEstimate().effect(), fmt.Errorf("absolute change: %w", err)
	}
	return estimate.effect(), nil
}

// counts are countRanks, taken from memory where there are no ties.
func (m *Memo) counts(ties []int, heads, bases int) rankCounts {
	if m == nil || len(ties) < heads+bases {
		return countRanks(ties, heads, bases)
	}
	return m.untied(heads, bases)
}

// untied are countUntied, taken from memory.
func (m *Memo) untied(heads, bases int) rankCounts {
	if m == nil {
		return countUntied(heads, bases)
	}
	key := [2]int{heads, bases}
	counts, known := m.ranks[key]
	if !known {
		if m.ranks == nil {
			m.ranks = map[[2]int]rankCounts{}
		}
		counts = countUntied(heads, bases)
		m.ranks[key] = counts
	}
	return counts
}
