package bisect

import "math"

// A change is a ratio, so a search is one of logarithms. A count, such as of errors or of successes, may be 0, and has none: then it
// is one of log(value+1), a change from 0 to 3 being one of +300 % of 1 more than the count.
//
// The model's noise is normal, and that of one rare event or of one success is not: a run with an error, among nine without, looks
// like an outlier. So a value is the sum over several runs. Sums vary by more than times do, by their root when events are
// independent, so that their logarithms are made a fifth: then their noise lies within the model's grid.

// countScale is what logarithms of counts are multiplied by.
const countScale = 0.2

// scale is what logarithms are multiplied by.
func (p Parameters) scale() float64 {
	if p.Counts > 0 {
		return countScale
	}
	return 1
}

// scaled are the parameters in the search's own logarithms.
func (p Parameters) scaled() Parameters {
	by := p.scale()
	p.Effect.Mean, p.Effect.SD = by*p.Effect.Mean, by*p.Effect.SD
	p.LeastChange, p.OffsetSD = by*p.LeastChange, by*p.OffsetSD
	return p
}

// logarithm is what is searched of a value.
func (p Parameters) logarithm(value float64) float64 {
	if p.Counts > 0 {
		return countScale * math.Log1p(value)
	}
	return math.Log(value)
}

// value has this logarithm.
func (p Parameters) value(logarithm float64) float64 {
	if p.Counts > 0 {
		return max(0, math.Expm1(logarithm/countScale))
	}
	return math.Exp(logarithm)
}

// ratio is the change of a value, or of 1 more than a count, whose logarithm changes by so much.
func (p Parameters) ratio(logarithm float64) float64 { return math.Expm1(logarithm / p.scale()) }
