package bisect

import (
	"math"
	"sync"
)

// What a look at one commit tells is the mutual information of a coin, "this commit is slow", which comes up with
// probability p, and of a normal value whose mean shifts by s standard deviations when it does (Shannon 1948). At p = ½
// and s = effect/noise it is the capacity of one run, for which Burnashev and Zigangirov (1974) give the number of runs
// that a search needs.

// The grid of the table: p from ½ down by equal steps of ln(p/(1-p)), s by equal steps.
const (
	oddsSteps, oddsStep   = 60, 0.25 // to odds of e^-15
	shiftSteps, shiftStep = 64, 0.125
)

// table holds the information in bits on the grid; between its points it is interpolated.
type table [oddsSteps + 1][shiftSteps + 1]float64

// tabled is the table, which is made when it is first asked for.
var tabled = sync.OnceValue(func() *table { //nolint:gochecknoglobals // a constant that takes 20 ms to work out
	var t table
	for i := range t {
		p := 1 / (1 + math.Exp(float64(i)*oddsStep))
		for j := range t[i] {
			t[i][j] = information(p, float64(j)*shiftStep)
		}
	}
	return &t
})

// at returns the information for any p and s; a shift beyond the table tells as much as its end.
func (t *table) at(p, s float64) float64 {
	p = min(p, 1-p)
	if p <= 0 || s <= 0 {
		return 0
	}
	i, u := place(math.Log((1-p)/p)/oddsStep, oddsSteps)
	j, v := place(s/shiftStep, shiftSteps)
	return (1-u)*((1-v)*t[i][j]+v*t[i][j+1]) + u*((1-v)*t[i+1][j]+v*t[i+1][j+1])
}

// place returns the cell of the grid, and how far into it.
func place(x float64, steps int) (cell int, fraction float64) {
	x = max(0, min(x, float64(steps)))
	cell = min(int(x), steps-1)
	return cell, x - float64(cell)
}

// information integrates by the trapezoidal rule, right to about 10⁻⁶ at this step.
func information(p, s float64) float64 {
	if p <= 0 || p >= 1 || s <= 0 {
		return 0
	}
	const step, reach = 0.25, 8.0
	lp, lq := math.Log(p), math.Log1p(-p)
	var bits float64
	for x := -reach; x <= s+reach; x += step {
		slow, fast := lp-(x-s)*(x-s)/2, lq-x*x/2
		whole := max(slow, fast) + math.Log1p(math.Exp(-math.Abs(slow-fast)))
		// the posterior of the coin given x, and how far it is from the prior
		a, b := slow-whole, fast-whole
		bits += math.Exp(whole) * (math.Exp(a)*(a-lp) + math.Exp(b)*(b-lq))
	}
	return max(0, bits*step/math.Sqrt(2*math.Pi)/math.Ln2)
}
