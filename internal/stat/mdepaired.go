package stat

import (
	"fmt"
	"math"
)

// PairedRuns returns how many pairs, or values against a constant, are needed for
// a minimum detectable effect of at most shift, above 0 and in the unit of Spread.
// It returns RankMDE's errors, ErrOutOfRange for another shift, and
// ErrUnreachable when 1000 are not enough.
func (d Design) PairedRuns(shift float64) (int, error) {
	if err := d.check(1, 1); err != nil {
		return 0, fmt.Errorf("pairs needed: %w", err)
	}
	if !(shift > 0) || math.IsInf(shift, 1) {
		return 0, fmt.Errorf("pairs needed for shift %v: %w", shift, ErrOutOfRange)
	}
	for n := 1; n <= planRuns; n++ {
		if signedPower(n, criticalT(n, d.Alpha), shift/d.Spread) >= d.Power {
			return n, nil
		}
	}
	return 0, fmt.Errorf("pairs needed: %w", ErrUnreachable)
}

// criticalT returns the smallest T of Wilcoxon whose one-sided p-value is at most
// alpha, without ties and zeros; the greatest T plus 1 when there is none.
func criticalT(n int, alpha float64) float64 {
	k, _, _ := signPoint(n, alpha)
	return float64(n)*float64(n+1)/2 - float64(k) + 1
}

// signedPower is the probability that T is at least critical when the values are
// standard normal plus shift.
func signedPower(n int, critical, shift float64) float64 {
	nf := float64(n)
	greatest := nf * (nf + 1) / 2
	if critical > greatest {
		return 0
	}
	if critical == greatest { // all values above 0
		return math.Pow(normalCDF(shift), nf)
	}
	mean, variance := signedMoments(nf, shift)
	return exceeds(critical, mean, variance)
}

// signedMoments returns the exact mean and variance of T of n values that are
// standard normal plus shift.
func signedMoments(n, shift float64) (mean, variance float64) {
	// P(X > 0), P(X + Y > 0) and P(X + Y > 0 and X + Z > 0).
	one := normalCDF(shift)
	two := normalCDF(shift * math.Sqrt2)
	three := normalMean(func(z float64) float64 { p := normalCDF(z + 2*shift); return p * p })
	mean = n*one + n*(n-1)/2*two
	variance = n*one*(1-one) +
		n*(n-1)/2*(2*(one-two)*(one-two)+3*two*(1-two)) +
		n*(n-1)*(n-2)*max(three-two*two, 0)
	return mean, variance
}
