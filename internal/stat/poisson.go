package stat

import (
	"fmt"
	"math"
)

// Events is how often something happened over an exposure.
type Events struct {
	// Count is from 0 to 10⁹.
	Count int
	// Exposure is the time (or the number of runs, or messages) over which the
	// events were counted, above 0, in the same unit on both sides.
	Exposure float64
}

// PoissonTest tests whether events are more frequent (Greater) or less frequent
// (Less) on head than on base, and returns the exact one-sided p-value. Given the
// total, head's count is binomial with head's share of the exposure (Przyborowski
// and Wilenski 1940), whatever the common rate. Without any events it is 1. It
// returns 1 beside an error: ErrOutOfRange for a negative count or an unknown
// alternative, ErrTooMany for a count above 10⁹, ErrNotPositive for an exposure at
// or below 0, ErrNotFinite for one that is not finite.
func PoissonTest(base, head Events, alternative Alternative) (float64, error) {
	if err := checkEvents(base, head); err != nil {
		return 1, fmt.Errorf("poisson test: %w", err)
	}
	share := 1 / (1 + base.Exposure/head.Exposure)
	lower, upper := binomialTails(Trials{Successes: head.Count, Failures: base.Count}, share)
	p, err := alternative.of(lower, upper)
	if err != nil {
		return 1, fmt.Errorf("poisson test: %w", err)
	}
	return p, nil
}

// RateRatio estimates head's rate over base's, from 0 to +Inf: the ratio of
// count per exposure, with the exact two-sided interval for the given confidence,
// in (0, 1), from that of Clopper and Pearson for head's share of the events.
// Value is +Inf when only base has no events, and NaN without any on both sides,
// where the interval is [0, +Inf]. It returns PoissonTest's errors, and
// ErrOutOfRange for another confidence.
func RateRatio(base, head Events, confidence float64) (Estimate, error) {
	nothing := Estimate{Value: math.NaN(), Low: 0, High: math.Inf(1), Confidence: 1}
	if err := checkEvents(base, head); err != nil {
		return nothing, fmt.Errorf("rate ratio: %w", err)
	}
	if err := checkShare(confidence); err != nil {
		return nothing, fmt.Errorf("rate ratio: confidence %v: %w", confidence, err)
	}
	tail := (1 - confidence) / 2
	exposures := base.Exposure / head.Exposure
	// Odds of head's share at the two ends; at the upper end base's share is the
	// one that is known without cancellation.
	lowShare := clopperPearsonLow(Trials{Successes: head.Count, Failures: base.Count}, tail)
	baseShare := clopperPearsonLow(Trials{Successes: base.Count, Failures: head.Count}, tail)
	return Estimate{
		Value:      float64(head.Count) / float64(base.Count) * exposures,
		Low:        lowShare / (1 - lowShare) * exposures,
		High:       (1 - baseShare) / baseShare * exposures,
		Confidence: confidence,
		Reached:    true,
		Exact:      true,
	}, nil
}

// checkEvents also wants the exposures within reach of each other, so that
// their ratio neither vanishes nor overflows.
func checkEvents(base, head Events) error {
	for _, side := range []Events{base, head} {
		switch {
		case side.Count < 0:
			return ErrOutOfRange
		case side.Count > maxCount:
			return ErrTooMany
		case math.IsNaN(side.Exposure) || math.IsInf(side.Exposure, 1):
			return ErrNotFinite
		case side.Exposure <= 0:
			return ErrNotPositive
		}
	}
	if ratio := base.Exposure / head.Exposure; ratio < 1e-12 || ratio > 1e12 {
		return ErrOutOfRange
	}
	return nil
}
