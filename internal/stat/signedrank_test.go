package stat

// The signed-rank test is what the interval of PseudoMedian inverts; only tests ask for it by itself.

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// SignedRankTest is the outcome of a one-sided one-sample signed-rank test.
type SignedRankTest struct {
	// P is the p-value, to 1; 0 only where it is too small for a float64, 1 beside
	// an error.
	P float64
	// T is the sum of the ranks of the values above the constant (Wilcoxon's T⁺).
	T float64
	// Nonzero is how many values differ from the constant. P can not fall below
	// 2^-Nonzero, whatever they are.
	Nonzero int
	// Exact tells that P was counted, ties and zeros included. False means the
	// normal approximation, used above 128 values only.
	Exact bool
}

// SignedRank tests whether values lie above (Greater) or below (Less) a constant
// mu, given that they lie symmetrically around their center: the signed-rank test
// of Wilcoxon (1945). Differences of zero are ranked and then set aside, as Pratt
// (1959) has it, so that a value more in favour can never raise the p-value; ties
// get midranks. Up to 128 values the p-value is exact: the share of the 2^n ways to
// give the ranks a sign. Beyond, it is the normal approximation with the variance
// of the actual ranks and a continuity correction of one half.
//
// Infinities are allowed and rank as the most extreme values, tied with each
// other. It returns ErrTooFew without values, ErrNotFinite for NaN or a mu that
// is not finite, and ErrOutOfRange for an unknown alternative.
func SignedRank(values []float64, mu float64, alternative Alternative) (SignedRankTest, error) {
	result, err := signedRank(values, mu, alternative)
	if err != nil {
		return SignedRankTest{P: 1, T: math.NaN()}, fmt.Errorf("signed-rank test: %w", err)
	}
	return result, nil
}

func signedRank(values []float64, mu float64, alternative Alternative) (SignedRankTest, error) {
	if err := checkNumbers(values); err != nil {
		return SignedRankTest{}, err
	}
	if !isFinite(mu) {
		return SignedRankTest{}, fmt.Errorf("constant %v: %w", mu, ErrNotFinite)
	}
	ranks, doubled := signedMidranks(values, mu)
	exact := len(ranks) <= exactSigns
	var lower, upper float64
	if exact {
		counts := countSigns(ranks)
		lower, upper = share(counts, 0, doubled), share(counts, doubled, len(counts)-1)
	} else {
		lower, upper = approximateSigns(ranks, doubled)
	}
	p, err := alternative.of(lower, upper)
	if err != nil {
		return SignedRankTest{}, err
	}
	return SignedRankTest{P: p, T: float64(doubled) / 2, Nonzero: len(ranks), Exact: exact}, nil
}

// signedMidranks returns the doubled midranks, among all |value - mu|, of the
// values that differ from mu, and the sum of those of the values above it.
func signedMidranks(values []float64, mu float64) (ranks []int, positive int) {
	differences := make([]float64, len(values))
	for i, v := range values {
		differences[i] = v - mu
	}
	slices.SortFunc(differences, func(a, b float64) int {
		return cmp.Compare(math.Abs(a), math.Abs(b))
	})
	for i := 0; i < len(differences); {
		j := i
		for j < len(differences) && math.Abs(differences[j]) == math.Abs(differences[i]) {
			j++
		}
		rank := i + 1 + j // the mean of i+1 ... j, doubled
		for _, d := range differences[i:j] {
			if d != 0 {
				ranks = append(ranks, rank)
			}
			if d > 0 {
				positive += rank
			}
		}
		i = j
	}
	return ranks, positive
}

// approximateSigns is the normal approximation of P(T <= t) and P(T >= t).
func approximateSigns(ranks []int, doubled int) (lower, upper float64) {
	var mean, variance float64
	for _, rank := range ranks {
		r := float64(rank) / 2
		mean += r / 2
		variance += r * r / 4
	}
	deviation := math.Sqrt(variance)
	distance := float64(doubled)/2 - mean
	return normalCDF((distance + 0.5) / deviation), normalCDF(-(distance - 0.5) / deviation)
}
