package stat

import (
	"cmp"
	"fmt"
	"slices"
)

// Holm returns the p-values adjusted for being one of a family, in the order of
// the input (Holm 1979): rejecting those at or below alpha keeps the probability
// of any false rejection in the whole family at or below alpha, whatever the
// dependence between them. With m p-values in rising order, the i-th becomes the
// greatest of (m-j+1)·p_j over j <= i, and at most 1.
//
// No p-values give none. It returns nil and ErrOutOfRange for a value outside
// [0, 1] or NaN: a test that could not be made must be counted as 1 or not at all,
// and only the caller knows which.
func Holm(pvalues []float64) ([]float64, error) {
	for i, p := range pvalues {
		if !(p >= 0 && p <= 1) {
			return nil, fmt.Errorf("holm: p-value %d is %v: %w", i, p, ErrOutOfRange)
		}
	}
	order := make([]int, len(pvalues))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(pvalues[a], pvalues[b]) })
	adjusted := make([]float64, len(pvalues))
	var highest float64
	for rank, i := range order {
		highest = max(highest, float64(len(pvalues)-rank)*pvalues[i])
		adjusted[i] = min(highest, 1)
	}
	return adjusted, nil
}
