package stat

import (
	"fmt"
	"math"
)

// OBrienFlemingSpending returns how much of a one-sided error alpha, in (0, 1], may be spent by the
// information fraction t, from 0: 2 - 2Φ(Φ⁻¹(1-alpha/2)/√t), which is 0 at t = 0 and alpha from t = 1 on. It
// is the spending function of Lan and DeMets (1983) that comes near to the boundaries of O'Brien and
// Fleming (1979): next to nothing for the first looks, almost all for the last. It rises with t and with
// alpha. It returns 0 and ErrOutOfRange for another alpha or fraction.
func OBrienFlemingSpending(alpha, fraction float64) (float64, error) {
	if !(alpha > 0 && alpha <= 1) {
		return 0, fmt.Errorf("spending: alpha %v: %w", alpha, ErrOutOfRange)
	}
	if !(fraction >= 0) {
		return 0, fmt.Errorf("spending: fraction %v: %w", fraction, ErrOutOfRange)
	}
	switch {
	case fraction == 0:
		return 0, nil
	case fraction >= 1:
		return alpha, nil
	default:
		return 2 * normalCDF(normalQuantile(alpha/2)/math.Sqrt(fraction)), nil
	}
}
