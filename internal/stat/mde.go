package stat

import (
	"fmt"
	"math"
)

// Design is a comparison that is planned, or one that was made and is asked what
// it could have seen.
type Design struct {
	// Alpha is the one-sided level that the p-value must not exceed, in (0, 1):
	// the part of the error budget that this test has.
	Alpha float64
	// Power is the probability with which an effect is to be seen, in [0.5, 1).
	Power float64
	// Spread is the standard deviation of the noise, above 0, on the scale of the
	// shift: for two samples that within a group (PooledLogDeviation for ratio
	// changes), for pairs and for one sample that of the (log) differences.
	Spread float64
}

const (
	// planPairs is the largest n·m for which a plan counts the critical value;
	// beyond, the normal approximation of it is right to a step of U.
	planPairs = 32 * 32
	// planRuns is the most runs that a plan proposes.
	planRuns = 1000
	// planReach is how many spreads away an effect is still looked for.
	planReach = 40.0
)

// RankMDE returns the minimum detectable effect of RankSum: the smallest shift of
// head against base, in the unit of Spread, that is found significant at Alpha with
// probability Power when the noise is normal. With the spread of logarithms,
// exp(x)-1 is the smallest rise as a ratio; 1-exp(-x) is the smallest fall.
//
// The power is that of the normal approximation with the exact mean and variance
// of U under the shift (Shieh, Jan and Randles 2006; Lehmann 1975),
// against the exact critical value, with a continuity correction; where only
// complete separation is significant it is exact. It is at most 7 % too high for 4
// to 64 runs a side (docs/MATH.md has the figures). It is +Inf when so few runs can
// not reach Alpha. It returns ErrTooFew when a side has no runs, ErrTooMany above
// a million runs a side, and ErrOutOfRange or ErrNoSpread for a bad Design.
func (d Design) RankMDE(base, head int) (float64, error) {
	if err := d.check(base, head); err != nil {
		return math.NaN(), fmt.Errorf("minimum detectable effect: %w", err)
	}
	critical := criticalU(base, head, d.Alpha)
	return d.Spread * smallestShift(d.Power, func(shift float64) float64 {
		return rankPower(base, head, critical, shift)
	}), nil
}

// RankRuns returns how many runs each side needs for a minimum detectable effect
// of at most shift, above 0 and in the unit of Spread: for a ratio change x,
// |log(1+x)|. base fixes the number of runs of base when it is above 0 (a stored
// baseline); else both sides get as many. It returns RankMDE's errors,
// ErrOutOfRange for another shift, and ErrUnreachable when 1000 runs are not enough,
// as happens with a short baseline however many runs head has.
func (d Design) RankRuns(base int, shift float64) (int, error) {
	if err := d.check(max(base, 1), 1); err != nil {
		return 0, fmt.Errorf("runs needed: %w", err)
	}
	if !(shift > 0) || math.IsInf(shift, 1) {
		return 0, fmt.Errorf("runs needed for shift %v: %w", shift, ErrOutOfRange)
	}
	for head := 1; head <= planRuns; head++ {
		bases := base
		if base <= 0 {
			bases = head
		}
		if rankPower(bases, head, criticalU(bases, head, d.Alpha), shift/d.Spread) >= d.Power {
			return head, nil
		}
	}
	return 0, fmt.Errorf("runs needed: %w", ErrUnreachable)
}

func (d Design) check(base, head int) error {
	const most = 1_000_000
	switch {
	case base < 1 || head < 1:
		return ErrTooFew
	case base > most || head > most:
		return ErrTooMany
	case checkShare(d.Alpha) != nil:
		return fmt.Errorf("alpha %v: %w", d.Alpha, ErrOutOfRange)
	case !(d.Power >= 0.5 && d.Power < 1):
		return fmt.Errorf("power %v: %w", d.Power, ErrOutOfRange)
	case d.Spread == 0:
		return ErrNoSpread
	case !(d.Spread > 0) || math.IsInf(d.Spread, 1):
		return fmt.Errorf("spread %v: %w", d.Spread, ErrOutOfRange)
	}
	return nil
}

// criticalU returns the smallest U of head whose one-sided p-value is at most
// alpha, without ties; n·m+1 when there is none.
func criticalU(base, head int, alpha float64) float64 {
	pairs := float64(base) * float64(head)
	var k int
	if base*head <= planPairs {
		k, _ = lowerPoint(countUntied(head, base).counts, alpha)
	} else {
		k, _ = rankNormalPoint(head, base, alpha)
	}
	// P(U <= k-1) is at most alpha, and so is P(U >= n·m-k+1).
	return pairs - float64(k) + 1
}

// rankPower is the probability that U is at least critical when head is standard
// normal plus shift and base is standard normal.
func rankPower(base, head int, critical, shift float64) float64 {
	n, m := float64(head), float64(base)
	if critical > n*m {
		return 0
	}
	if critical == n*m {
		return separationPower(n, m, shift)
	}
	mean, variance := rankMoments(n, m, shift)
	return exceeds(critical, mean, variance)
}

// rankMoments returns the exact mean and variance of U of n heads, standard normal
// plus shift, against m bases, standard normal.
func rankMoments(n, m, shift float64) (mean, variance float64) {
	// P(head > base), and P(two heads > one base), which is by symmetry also
	// P(one head > two bases).
	one := normalCDF(shift / math.Sqrt2)
	two := normalMean(func(z float64) float64 { p := normalCDF(z + shift); return p * p })
	return n * m * one, n * m * (one*(1-one) + (n+m-2)*max(two-one*one, 0))
}

// exceeds is the probability that a statistic on the whole numbers is at least
// critical, from its mean and variance, with a continuity correction of one half.
func exceeds(critical, mean, variance float64) float64 {
	distance := critical - 0.5 - mean
	if variance <= 0 {
		return indicator(distance < 0)
	}
	return normalCDF(-distance / math.Sqrt(variance))
}

// separationPower is the exact probability that every head is greater than every
// base: the mean, over the greatest base, of the probability that all heads are.
func separationPower(n, m, shift float64) float64 {
	power := m * normalMean(func(z float64) float64 {
		return math.Pow(normalCDF(z), m-1) * math.Pow(normalCDF(shift-z), n)
	})
	return min(power, 1)
}

// smallestShift finds by bisection the shift, in spreads, at which the rising
// function power reaches the wanted one; +Inf when it does not within planReach.
func smallestShift(wanted float64, power func(shift float64) float64) float64 {
	low, high := 0.0, planReach
	if power(high) < wanted {
		return math.Inf(1)
	}
	for range 60 {
		middle := (low + high) / 2
		if power(middle) < wanted {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}
