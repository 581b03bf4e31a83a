package stat

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// binomialTails returns the probabilities of at most and of at least as many
// successes as there are, when each try succeeds with the given probability.
func binomialTails(trials Trials, share float64) (lower, upper float64) {
	tries := trials.Successes + trials.Failures
	if share == 0 || share == 1 {
		certain := int(share) * tries
		return indicator(certain <= trials.Successes), indicator(certain >= trials.Successes)
	}
	odds := share / (1 - share)
	mode := int(float64(tries+1) * share)
	return tailShares(0, tries, mode, trials.Successes, func(k int) float64 {
		return float64(tries-k) / float64(k+1) * odds
	})
}

func indicator(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// Proportion estimates the probability of success, in [0, 1]: the share of
// successes with the exact two-sided interval of Clopper and Pearson (1934), which
// covers with at least the given confidence, in (0, 1). Exact and Reached are
// always set. It returns ErrTooFew without tries, ErrOutOfRange for another
// confidence or a negative count, ErrTooMany for a count above 10⁹; Value is then
// NaN, and the interval [0, 1].
func Proportion(trials Trials, confidence float64) (Estimate, error) {
	nothing := Estimate{Value: math.NaN(), Low: 0, High: 1, Confidence: 1}
	if err := trials.check(); err != nil {
		return nothing, fmt.Errorf("proportion: %w", err)
	}
	if err := checkShare(confidence); err != nil {
		return nothing, fmt.Errorf("proportion: confidence %v: %w", confidence, err)
	}
	tail := (1 - confidence) / 2
	mirrored := Trials{Successes: trials.Failures, Failures: trials.Successes}
	return Estimate{
		Value:      float64(trials.Successes) / float64(trials.Successes+trials.Failures),
		Low:        clopperPearsonLow(trials, tail),
		High:       1 - clopperPearsonLow(mirrored, tail),
		Confidence: confidence,
		Reached:    true,
		Exact:      true,
	}, nil
}

// clopperPearsonLow is the share at which as many successes or more have the
// probability tail: a quantile of the beta distribution.
func clopperPearsonLow(trials Trials, tail float64) float64 {
	if trials.Successes == 0 {
		return 0
	}
	return mathext.InvRegIncBeta(float64(trials.Successes), float64(trials.Failures+1), tail)
}
