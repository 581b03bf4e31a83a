package stat

import "fmt"

// Memo keeps the null distributions of samples without ties, which depend on their sizes alone: a decision over many metrics
// of the same runs counts each once. The zero value is empty; nil keeps nothing. It is not for use by several goroutines.
type Memo struct {
	ranks map[[2]int]rankCounts
}

// RankSum is the function RankSum with the memory of m.
func (m *Memo) RankSum(base, head []float64, alternative Alternative) (RankTest, error) {
	result, err := m.rankSum(base, head, alternative)
	if err != nil {
		return noRankTest(), fmt.Errorf("rank-sum test: %w", err)
	}
	return result, nil
}

// RatioChangeCensored is the function RatioChangeCensored with the memory of m.
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

// AbsoluteChange is the function AbsoluteChange with the memory of m.
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
