package stat

import (
	"fmt"
	"math"
)

// SequentialPlan is a test of n values against 0 that is made at several looks at a growing n.
type SequentialPlan struct {
	// Alpha is the one-sided error of all looks together, in (0, 1).
	Alpha float64
	// Exponent is that of PowerSpending, above 0.
	Exponent float64
	// Fractions say when the looks were planned, as parts of the last one, rising to 1: the error that may be spent
	// by a look follows them. Only the looks that were reached need be given.
	Fractions []float64
	// Values are how many values each look really has. A look without a new one is none.
	Values []int
}

// Levels returns for each look the level that its p-value must not exceed.
//
// The level is that of the group-sequential boundary: the error spent by the look, less what paths spend that have
// crossed before. An exact test of n signs has no p-value below 2⁻ⁿ; a look that may not spend even that spends
// nothing, its level is 0, and what it would have had goes to the next. That a p-value of steps is below its level
// with a smaller probability than the level says leaves a margin that is not spent elsewhere.
//
// It returns ErrLengths, the errors of Exits for the fractions, those of PowerSpending, and ErrOutOfRange for numbers of values that fall.
func (p SequentialPlan) Levels() ([]float64, error) {
	active, bounds, err := p.boundaries()
	if err != nil {
		return nil, fmt.Errorf("levels of looks: %w", err)
	}
	levels := make([]float64, len(p.Fractions))
	for i, look := range active {
		levels[look] = normalCDF(-bounds[i])
	}
	return levels, nil
}

// boundaries returns the looks that may spend something, and their boundaries on the scale of Z.
func (p SequentialPlan) boundaries() (active []int, bounds []float64, err error) {
	if len(p.Values) != len(p.Fractions) {
		return nil, nil, ErrLengths
	}
	var information, spent []float64
	before, used := 0, 0.0
	for look, n := range p.Values {
		if n < before {
			return nil, nil, fmt.Errorf("%d values after %d: %w", n, before, ErrOutOfRange)
		}
		sum, err := PowerSpending(p.Alpha, p.Exponent, p.Fractions[look])
		if err != nil {
			return nil, nil, err
		}
		if n == before || sum-used < math.Exp2(-float64(n)) {
			continue
		}
		active, information, spent = append(active, look), append(information, float64(n)), append(spent, sum)
		before, used = n, sum
	}
	if len(active) == 0 {
		return nil, nil, nil
	}
	for i := range information {
		information[i] /= float64(before)
	}
	bounds, err = upperBoundaries(information, spent)
	return active, bounds, err
}
