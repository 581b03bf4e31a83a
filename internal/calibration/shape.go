package calibration

import "math"

// Shape is how the logarithm of one run's value is spread around its center. Every shape has mean 0 and standard deviation
// 1 before the noise scales it, so that a coefficient of variation means the same for all.
type Shape string

// The shapes.
const (
	// LogNormal is normal on the logarithmic scale: what many small independent delays make of a time.
	LogNormal Shape = "log-normal"
	// HeavyTailed is Student's t with 3 degrees of freedom on the logarithmic scale: most runs agree, some do not at all.
	HeavyTailed Shape = "t3"
	// TwoModes has 70 % of the runs around one value and 30 % around one that is four inner deviations higher: a path that
	// is taken or not.
	TwoModes Shape = "two modes"
	// FewValues is log-normal, rounded to twelfths of the center, which is about one standard deviation at a coefficient of
	// variation of 8 %: a coarse clock or a counter. Many runs tie.
	FewValues Shape = "few values"
)

// Shapes returns all shapes.
func Shapes() []Shape { return []Shape{LogNormal, HeavyTailed, TwoModes, FewValues} }

// steps is how many steps a center has for FewValues.
const steps = 12

// quantiles maps a standard normal deviate to the deviate of the same probability of another distribution. Correlation is
// made of normal deviates; a map of each keeps it (a Gaussian copula), whatever the shape.
type quantiles struct {
	from, step float64
	values     []float64 // nil maps a deviate to itself
}

// mapped is how far from 0 normal deviates are mapped, and of how many points the map is made. Beyond, with a probability of
// 10⁻⁹, the last value holds.
const (
	mapped = 6.0
	points = 2401
)

// quantilesOf makes the map of a shape.
func quantilesOf(s Shape) quantiles {
	switch s {
	case HeavyTailed:
		return tabulate(func(x float64) float64 { return t3CDF(x * math.Sqrt(3)) }) // the variance of t3 is 3
	case TwoModes:
		return tabulate(twoModesCDF)
	default:
		return quantiles{}
	}
}

func tabulate(cdf func(float64) float64) quantiles {
	q := quantiles{from: -mapped, step: 2 * mapped / (points - 1), values: make([]float64, points)}
	for i := range q.values {
		want := normalCDF(q.from + float64(i)*q.step)
		low, high := -2000.0, 2000.0
		for range 100 {
			if middle := (low + high) / 2; cdf(middle) < want {
				low = middle
			} else {
				high = middle
			}
		}
		q.values[i] = (low + high) / 2
	}
	return q
}

// of maps a deviate, with linear interpolation between the points.
func (q quantiles) of(z float64) float64 {
	if q.values == nil {
		return z
	}
	at := min(max((z-q.from)/q.step, 0), float64(len(q.values)-1))
	i := min(int(at), len(q.values)-2)
	part := at - float64(i)
	return q.values[i]*(1-part) + q.values[i+1]*part
}

func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// t3CDF is the distribution function of Student's t with 3 degrees of freedom (Student 1908), in closed form.
func t3CDF(t float64) float64 {
	u := t / math.Sqrt(3)
	return 0.5 + (math.Atan(u)+u/(1+u*u))/math.Pi
}

// twoModesCDF is 0.7 N(-0.3d, s²) + 0.3 N(0.7d, s²) with d = 4s and s such that the variance s² + 0.21d² is 1.
func twoModesCDF(x float64) float64 {
	s := 1 / math.Sqrt(1+0.21*16)
	d := 4 * s
	return 0.7*normalCDF((x+0.3*d)/s) + 0.3*normalCDF((x-0.7*d)/s)
}
