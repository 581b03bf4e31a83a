package stat

import (
	"fmt"
	"math"
)

// Frontier returns for each look how many standard errors the mean of its values must lie above 0 to cross, for normal noise of which the
// spread is estimated from the values: the quantile of Student's distribution at the level of the look; +Inf where a look
// may spend nothing. Errors are those of Levels.
func (p SequentialPlan) Frontier() ([]float64, error) {
	levels, err := p.Levels()
	if err != nil {
		return nil, fmt.Errorf("frontier of looks: %w", err)
	}
	for look, level := range levels {
		n := float64(p.Values[look])
		switch {
		case level == 0 || n < 2:
			levels[look] = math.Inf(1)
		default:
			levels[look] = studentBoundary(min(level, 0.5), n-1)
		}
	}
	return levels, nil
}

// Race is a test for a shift, and one that the shift stays below an allowed one, at the same looks: whichever is proven first
// ends it. Shifts are in standard deviations of a value.
type Race struct {
	// Values are how many values each look has, rising.
	Values []int
	// Worse and Clean are the frontiers of both tests, one of each for each look.
	Worse, Clean []float64
	// From is the first look at which a proof of clean ends the race, from 0; the number of looks or more says that none does.
	From int
	// Allowed is the shift that Clean has to exclude, Least the smallest estimate that counts as one, both at least 0. An estimate of Least or
	// more is not taken for clean before the last look.
	Allowed, Least float64
}

// Found is the probability that a shift is proven before it is excluded, for normal noise whose spread is estimated from the values: over
// the estimate, which is about normal with the variance 1/(2(n-1)), the mean is taken by Gauss and Hermite's rule with three points. What
// is proven at a look before From and not at From is left out, which makes it up to 2 points too low.
func (r Race) Found(shift float64) (float64, error) {
	if len(r.Values) == 0 {
		return 0, nil
	}
	first := min(max(r.From, 0), len(r.Values)-1)
	uncertainty := math.Sqrt(1.5 / max(1, float64(r.Values[first]-1)))
	total := 0.0
	for _, node := range []struct{ estimate, weight float64 }{{max(0, 1-uncertainty), 1. / 6}, {1, 2. / 3}, {1 + uncertainty, 1. / 6}} {
		g, last := r.region(first, node.estimate)
		if len(g.Fractions) == 0 {
			return 0, nil
		}
		_, upper, err := g.Exits(shift * math.Sqrt(float64(last)))
		if err != nil {
			return 0, fmt.Errorf("race: %w", err)
		}
		for _, p := range upper {
			total += node.weight * p
		}
	}
	return total, nil
}

// region is where the race goes on from a look on when the spread is estimated as so many of what it is, and how many values the last
// look has.
func (r Race) region(from int, estimate float64) (GroupSequential, int) {
	var g GroupSequential
	looks := len(r.Values)
	last := r.Values[looks-1]
	for k := from; k < looks; k++ {
		if k > 0 && r.Values[k] <= r.Values[k-1] || r.Values[k] < 1 {
			continue
		}
		root := math.Sqrt(float64(r.Values[k]))
		upper := max(estimated(r.Worse[k], estimate), r.Least*root)
		g.Fractions = append(g.Fractions, float64(r.Values[k])/float64(last))
		g.Upper = append(g.Upper, upper)
		g.Lower = append(g.Lower, min(r.excludes(k, estimate)*root, r.leastAt(k)*root, math.Nextafter(min(upper, math.MaxFloat64), math.Inf(-1))))
	}
	return g, last
}

// estimated is a frontier where the spread is estimated as so many of what it is. One that nothing crosses stays that, even where the spread
// of two or three values may be estimated as nothing.
func estimated(frontier, estimate float64) float64 {
	if math.IsInf(frontier, 1) {
		return frontier
	}
	return frontier * estimate
}

// excludes is the estimate below which a look excludes the allowed shift; -Inf at one that proves nothing clean.
func (r Race) excludes(k int, estimate float64) float64 {
	reach := estimated(r.Clean[k], estimate) / math.Sqrt(float64(r.Values[k]))
	if math.IsInf(reach, 1) {
		return math.Inf(-1)
	}
	return r.Allowed - reach
}

// leastAt is the estimate from which on nothing is clean at a look: Least, and at the last look none, or where nothing is too small.
func (r Race) leastAt(k int) float64 {
	if r.Least == 0 || k+1 == len(r.Values) {
		return math.Inf(1)
	}
	return r.Least
}

// MDE returns the smallest shift that is found with the given power, in [0.5, 1): +Inf when none below 100 standard deviations, or four times Least, is. It returns
// ErrOutOfRange for another power, and ErrLengths when frontiers and looks differ in number.
func (r Race) MDE(power float64) (float64, error) {
	if !(power >= 0.5 && power < 1) {
		return math.NaN(), fmt.Errorf("minimum detectable effect: power %v: %w", power, ErrOutOfRange)
	}
	if len(r.Worse) != len(r.Values) || len(r.Clean) != len(r.Values) {
		return math.NaN(), fmt.Errorf("minimum detectable effect: %w", ErrLengths)
	}
	low, high := 0.0, 0.25
	for found := 0.0; found < power; high *= 2 {
		if high > 100+4*r.Least {
			return math.Inf(1), nil
		}
		var err error
		if found, err = r.Found(high); err != nil {
			return math.NaN(), fmt.Errorf("minimum detectable effect: %w", err)
		}
		if found >= power {
			break
		}
		low = high
	}
	for high-low > 1e-3*high {
		middle := (low + high) / 2
		found, err := r.Found(middle)
		if err != nil {
			return math.NaN(), fmt.Errorf("minimum detectable effect: %w", err)
		}
		if found < power {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2, nil
}
