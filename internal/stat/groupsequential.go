package stat

import (
	"fmt"
	"math"
)

// A group-sequential test looks at a growing sample several times. Its statistic at the looks is taken as a
// Brownian motion with drift, seen at the information fractions t₁ < t₂ < …: the score S_k = Z_k·√t_k has
// independent increments, normal with mean drift·(t_k - t_(k-1)) and variance t_k - t_(k-1). What is wanted is
// the distribution of the look at which Z first leaves the region where the test goes on.
//
// It comes by recursion (Armitage, McPherson and Rowe 1969; Jennison and Turnbull 2000, chapter 19): the density
// of the score at a look, of those paths that are still on, is the density at the look before, restricted to
// the region and spread by one normal increment. The integrals are by Gauss and Legendre's rule on panels of twice
// the narrowest increment, right to about 10⁻¹³.

// GroupSequential is a test that goes on while Lower[k] < Z < Upper[k].
type GroupSequential struct {
	// Fractions are the information fractions of the looks, above 0 and rising.
	Fractions []float64
	// Lower and Upper bound the region of going on, one of each for each look, on the scale of Z; they may be
	// infinite. At the last look a path that is inside simply ends there.
	Lower, Upper []float64
}

// maxSequentialLooks bounds the looks of one test; each costs an integral over all paths.
const maxSequentialLooks = 100

// Exits returns the probability of leaving the region first at each look, downward and upward, when the drift is
// that of Z at fraction 1: 0 under the null hypothesis. It returns ErrLengths, ErrTooFew without looks, ErrTooMany
// above 100, ErrUnordered for fractions that do not rise, and ErrOutOfRange for others, for bounds that are no
// region, and for a drift that is not finite.
func (g GroupSequential) Exits(drift float64) (lower, upper []float64, err error) {
	if err := g.check(drift); err != nil {
		return nil, nil, fmt.Errorf("group-sequential test: %w", err)
	}
	lower, upper = make([]float64, len(g.Fractions)), make([]float64, len(g.Fractions))
	paths := startPaths()
	for k, t := range g.Fractions {
		root := math.Sqrt(t)
		step := paths.to(t, drift)
		lower[k], upper[k] = step.below(g.Lower[k]*root), step.above(g.Upper[k]*root)
		if k+1 < len(g.Fractions) {
			paths = step.within(g.Lower[k]*root, g.Upper[k]*root, narrowest(g.Fractions))
		}
	}
	return lower, upper, nil
}

func (g GroupSequential) check(drift float64) error {
	switch {
	case len(g.Lower) != len(g.Fractions) || len(g.Upper) != len(g.Fractions):
		return ErrLengths
	case !isFinite(drift):
		return fmt.Errorf("drift %v: %w", drift, ErrOutOfRange)
	}
	for k := range g.Fractions {
		if !(g.Lower[k] < g.Upper[k]) {
			return fmt.Errorf("region %v to %v: %w", g.Lower[k], g.Upper[k], ErrOutOfRange)
		}
	}
	return checkFractions(g.Fractions)
}

func checkFractions(fractions []float64) error {
	switch {
	case len(fractions) == 0:
		return ErrTooFew
	case len(fractions) > maxSequentialLooks:
		return ErrTooMany
	}
	before := 0.0
	for _, t := range fractions {
		if !(t > 0) || math.IsInf(t, 1) {
			return fmt.Errorf("fraction %v: %w", t, ErrOutOfRange)
		}
		if t <= before {
			return fmt.Errorf("fraction %v after %v: %w", t, before, ErrUnordered)
		}
		before = t
	}
	return nil
}

// narrowest is the smallest standard deviation of an increment.
func narrowest(fractions []float64) float64 {
	least, before := math.Inf(1), 0.0
	for _, t := range fractions {
		least, before = min(least, math.Sqrt(t-before)), t
	}
	return least
}

// upperBoundaries returns the upper boundaries, on the scale of Z, of a test that leaves upward under the null
// hypothesis by look k with probability spent[k], and never downward: where the error spent so far determines how
// far the boundary reaches. A look that may spend nothing has the boundary +Inf. It returns Exits' errors, and
// ErrOutOfRange for a spending that falls or leaves [0, 1).
func upperBoundaries(fractions, spent []float64) ([]float64, error) {
	if len(spent) != len(fractions) {
		return nil, ErrLengths
	}
	if err := checkFractions(fractions); err != nil {
		return nil, err
	}
	bounds := make([]float64, len(fractions))
	paths, before := startPaths(), 0.0
	for k, t := range fractions {
		if !(spent[k] >= before && spent[k] < 1) {
			return nil, fmt.Errorf("spending %v after %v: %w", spent[k], before, ErrOutOfRange)
		}
		root := math.Sqrt(t)
		step := paths.to(t, 0)
		bounds[k] = step.boundary(spent[k]-before, root)
		before = spent[k]
		if k+1 < len(fractions) {
			paths = step.within(math.Inf(-1), bounds[k]*root, narrowest(fractions))
		}
	}
	return bounds, nil
}

// paths are those that are still on: their scores at one look as points with weights, whose sum is the
// probability of being on.
type paths struct {
	fraction       float64
	scores, weight []float64
}

func startPaths() paths { return paths{scores: []float64{0}, weight: []float64{1}} }

// step is the way of paths to the next look.
type step struct {
	from                       paths
	fraction, shift, deviation float64
}

func (p paths) to(fraction, drift float64) step {
	length := fraction - p.fraction
	return step{from: p, fraction: fraction, shift: drift * length, deviation: math.Sqrt(length)}
}

// above is the probability of a score of at least bound at the next look.
func (s step) above(bound float64) float64 {
	total := 0.0
	for i, score := range s.from.scores {
		total += s.from.weight[i] * normalCDF((score+s.shift-bound)/s.deviation)
	}
	return total
}

// below is the probability of a score of at most bound.
func (s step) below(bound float64) float64 {
	total := 0.0
	for i, score := range s.from.scores {
		total += s.from.weight[i] * normalCDF((bound-score-s.shift)/s.deviation)
	}
	return total
}

// boundary finds the Z that is exceeded with the wanted probability, by Newton's method on its logarithm, which is nearly a parabola; where a
// step leaves what is known to hold the answer, that is halved. root is √t.
func (s step) boundary(wanted, root float64) float64 {
	low, high := -planReach, planReach
	if wanted <= 0 || s.above(high*root) > wanted {
		return math.Inf(1)
	}
	z := min(max(normalQuantile(1-min(wanted, 0.5)), low), high)
	for range 100 {
		p := s.above(z * root)
		if p > wanted {
			low = z
		} else {
			high = z
		}
		next := z + math.Log(p/wanted)*p/(s.density(z*root)*root)
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		if math.Abs(next-z) <= 1e-15*math.Abs(z) || high-low <= 1e-15*math.Abs(z) {
			return next
		}
		z = next
	}
	return z
}

// pathReach is how many standard deviations away from where it is likely a path is still followed: 3·10⁻¹⁴ of them go further.
const pathReach = 7.5

// panelWidth is how many standard deviations of the narrowest increment a panel of the integral is wide.
const panelWidth = 2

// within are the paths whose score at the next look lies between the bounds.
func (s step) within(low, high, width float64) paths {
	root := pathReach * math.Sqrt(s.fraction)
	first, last := s.from.scores[0], s.from.scores[len(s.from.scores)-1]
	low = max(low, min(first, last)+s.shift-pathReach*s.deviation, s.center()-root)
	high = min(high, max(first, last)+s.shift+pathReach*s.deviation, s.center()+root)
	next := paths{fraction: s.fraction}
	if !(high > low) {
		next.scores, next.weight = []float64{0}, []float64{0}
		return next
	}
	panels := int(math.Ceil((high - low) / (panelWidth * width)))
	size := (high - low) / float64(panels)
	nodes, weights := legendre()
	next.scores, next.weight = make([]float64, 0, panels*len(nodes)), make([]float64, 0, panels*len(nodes))
	for panel := range panels {
		middle := low + (float64(panel)+0.5)*size
		for i, node := range nodes {
			score := middle + node*size/2
			next.scores = append(next.scores, score)
			next.weight = append(next.weight, weights[i]*size/2*s.density(score))
		}
	}
	return next
}

// center is where the score is likely when nothing has stopped: the shift of all looks so far.
func (s step) center() float64 {
	if s.deviation == 0 {
		return 0
	}
	return s.shift / (s.deviation * s.deviation) * s.fraction
}

// density of the score at the next look.
func (s step) density(score float64) float64 {
	total := 0.0
	for i, from := range s.from.scores {
		z := (score - from - s.shift) / s.deviation
		total += s.from.weight[i] * math.Exp(-z*z/2)
	}
	return total / (s.deviation * math.Sqrt(2*math.Pi))
}

// legendre returns the nodes and weights of the Gauss-Legendre rule of twelve points on [-1, 1] (Abramowitz and
// Stegun 1964, table 25.4), which is exact for polynomials up to degree 23.
func legendre() (nodes, weights []float64) {
	half := [][2]float64{
		{0.125233408511469, 0.249147045813403},
		{0.367831498998180, 0.233492536538355},
		{0.587317954286617, 0.203167426723066},
		{0.769902674194305, 0.160078328543346},
		{0.904117256370475, 0.106939325995318},
		{0.981560634246719, 0.047175336386512},
	}
	for _, h := range half {
		nodes = append(nodes, -h[0], h[0])
		weights = append(weights, h[1], h[1])
	}
	return nodes, weights
}
