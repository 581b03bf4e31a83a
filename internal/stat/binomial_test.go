package stat

import "fmt"

// BinomialTest tests whether the probability of success lies above (Greater) or
// below (Less) a share in [0, 1], and returns the exact one-sided p-value. It
// returns 1 beside an error: ErrTooFew without tries, ErrOutOfRange for another
// share, a negative count or an unknown alternative, ErrTooMany for a count above
// 10⁹.
func BinomialTest(trials Trials, share float64, alternative Alternative) (float64, error) {
	if err := trials.check(); err != nil {
		return 1, fmt.Errorf("binomial test: %w", err)
	}
	if !(share >= 0 && share <= 1) {
		return 1, fmt.Errorf("binomial test against %v: %w", share, ErrOutOfRange)
	}
	lower, upper := binomialTails(trials, share)
	p, err := alternative.of(lower, upper)
	if err != nil {
		return 1, fmt.Errorf("binomial test: %w", err)
	}
	return p, nil
}
