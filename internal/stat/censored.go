package stat

import (
	"fmt"
	"math"
)

// A censored value is one that was not seen to its end: a time-out after 60 s
// says that the time is 60 s or more. It is +Inf here. For ranks that is all one
// needs, since it lies above every measured value. For intervals it is not: to
// take 60 s or more for infinity would push the lower end up, above what is known.
// So the lower end counts a censored head as the limit at which it was cut off,
// and the upper end as infinite; a censored base the other way round.

// greatestMeasured returns the greatest finite value of all the groups, the least
// that is known of a value censored at a common limit; -Inf when there is none.
func greatestMeasured(groups ...[]float64) float64 {
	greatest := math.Inf(-1)
	for _, group := range groups {
		for _, v := range group {
			if isFinite(v) {
				greatest = max(greatest, v)
			}
		}
	}
	return greatest
}

// censoredAs returns values with every +Inf replaced by limit; values itself
// when there is none.
func censoredAs(values []float64, limit float64) []float64 {
	if !anyCensored(values) {
		return values
	}
	replaced := make([]float64, len(values))
	for i, v := range values {
		if math.IsInf(v, 1) {
			v = limit
		}
		replaced[i] = v
	}
	return replaced
}

func anyCensored(values []float64) bool {
	for _, v := range values {
		if math.IsInf(v, 1) {
			return true
		}
	}
	return false
}

// checkCensored wants at least one value, every one finite or +Inf, and a limit
// that is finite or -Inf.
func checkCensored(values []float64, limit float64) error {
	if len(values) == 0 {
		return ErrTooFew
	}
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, -1) {
			return ErrNotFinite
		}
	}
	if math.IsNaN(limit) || math.IsInf(limit, 1) {
		return fmt.Errorf("limit %v: %w", limit, ErrOutOfRange)
	}
	return nil
}
