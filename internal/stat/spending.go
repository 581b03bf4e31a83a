package stat

import (
	"fmt"
	"math"
)

// PowerSpending returns how much of a one-sided error alpha, in (0, 1], may be spent by the information fraction
// t, from 0: alpha·t^exponent, and alpha from t = 1 on: the family of Kim and DeMets (1987). An exponent of 3
// comes near to the boundaries of O'Brien and Fleming, a greater one keeps even more for the last look. It returns
// 0 and ErrOutOfRange for another alpha or fraction, and for an exponent that is not above 0.
func PowerSpending(alpha, exponent, fraction float64) (float64, error) {
	switch {
	case !(alpha > 0 && alpha <= 1):
		return 0, fmt.Errorf("spending: alpha %v: %w", alpha, ErrOutOfRange)
	case !(exponent > 0) || math.IsInf(exponent, 1):
		return 0, fmt.Errorf("spending: exponent %v: %w", exponent, ErrOutOfRange)
	case !(fraction >= 0):
		return 0, fmt.Errorf("spending: fraction %v: %w", fraction, ErrOutOfRange)
	default:
		return alpha * math.Pow(min(fraction, 1), exponent), nil
	}
}
