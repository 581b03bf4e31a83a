package bisect

import (
	"fmt"
	"math"
)

// Check is one question whether the measurements are such as the model believes. One that fails keeps a search from
// accusing anybody: a confidence is worth what its model is worth.
type Check struct {
	Name string `json:"name"` // pairs, noise, outliers, commits, drift
	OK   bool   `json:"ok"`
	Says string `json:"says"` // what was seen, and what was expected
}

// The levels at which checks fail. A search asks five questions, so that a sound one is refused in about one of 2000.
const (
	farFromZero  = 4.0 // standard deviations
	tooUnlikely  = 1e-4
	leastChecked = 20 // runs from which on a check can fail
)

// residuals are how far runs were from what the model expected of them just before, in its standard deviations.
type residuals struct {
	z      []float64
	filter *filter // after all runs
}

// residualsOf goes through all runs once more, under the likeliest noise of one group. Under a true model they are
// independent, and normal but for outliers.
func (s *Search) residualsOf(leader *group) residuals {
	best := 0
	for i, w := range leader.weights {
		if w > leader.weights[best] {
			best = i
		}
	}
	f := newFilter(leader.filters[best].cell, s.params.Effect)
	for range s.belief.binaries {
		f.grow()
	}
	r := residuals{filter: f}
	last := 0.0
	if len(s.runs) > 0 {
		last = s.runs[0].at
	}
	for _, one := range s.runs {
		binary := s.made[one.artifact].binary
		if binary < 0 {
			continue
		}
		f.wait((one.at - last) / s.belief.unit)
		last = one.at
		slow := leader.slow[s.belief.binaries[binary]]
		mean, variance := f.expect(slow, binary)
		y := one.y - s.belief.origin
		if variance < levelVariance/2 { // the first run only tells where the level is

			r.z = append(r.z, (y-mean)/math.Sqrt(variance+f.cell.variance))
		}
		f.observe(y, slow, binary, s.belief.scratch)
	}
	return r
}

// expect returns the mean and variance of the expected value of a run.
func (f *filter) expect(slow bool, binary int) (mean, variance float64) {
	n, b := len(f.mean), offsetAt+binary
	mean = f.mean[levelAt] + f.mean[b]
	variance = f.cov[levelAt] + 2*f.cov[b] + f.cov[b*n+b]
	if slow {
		mean += f.mean[effectAt]
		variance += 2*f.cov[effectAt] + f.cov[effectAt*n+effectAt] + 2*f.cov[effectAt*n+b]
	}
	return mean, variance
}

// checks asks all questions but that of the pairs.
func (s *Search) checks(leader *group) []Check {
	r := s.residualsOf(leader)
	return []Check{r.noise(), r.outliers(), s.commits(r), r.drift()}
}

// noise: runs vary as much as was believed, the grid included. Half of all standard normal values are beyond 0.6745, and
// twice the prior share of outliers beside them is a sound model too.
func (r residuals) noise() Check {
	const quartile, expected = 0.6745, 0.5 + 0.5*2*outlierShare
	var beyond float64
	for _, z := range r.z {
		if math.Abs(z) > quartile {
			beyond++
		}
	}
	n := max(1, float64(len(r.z)))
	limit := expected + farFromZero*0.5/math.Sqrt(n)
	return Check{Name: "noise", OK: n < leastChecked || beyond/n <= limit,
		Says: fmt.Sprintf("%.0f %% of the runs are beyond a quartile of the noise that is believed (50 %% expected, at most %.0f %%)", 100*beyond/n, 100*limit)}
}

// outliers: not many more of the runs are far off than the model holds for possible.
func (r residuals) outliers() Check {
	const far = 3.0
	var k int
	for _, z := range r.z {
		if math.Abs(z) > far {
			k++
		}
	}
	// Twice the prior share is still bounded well: the mixture was simulated with it.
	p := binomialTail(k, len(r.z), 2*outlierShare)
	return Check{Name: "outliers", OK: p >= tooUnlikely,
		Says: fmt.Sprintf("%d of %d runs are more than %.0f standard deviations off", k, len(r.z), far)}
}

// commits: no binary is further from its level than offsets go, nor are all of them together. Else there is another
// change in the range, or builds differ by more than is believed. The sum of squares is held against χ² by the cube root
// of Wilson and Hilferty (1931).
func (s *Search) commits(r residuals) Check {
	const farthest = farFromZero + 0.5 // the farthest of a dozen or two
	n := len(r.filter.mean)
	var worst, sum, count float64
	of := 0
	prior := r.filter.cell.offset * r.filter.cell.offset
	for binary := range s.belief.binaries {
		k := offsetAt + binary
		learnt := prior - r.filter.cov[k*n+k]
		if learnt < 0.01*prior {
			continue // hardly measured: nothing is known of its offset
		}
		t := r.filter.mean[k] / math.Sqrt(learnt)
		sum, count = sum+t*t, count+1
		if math.Abs(t) > math.Abs(worst) {
			worst, of = t, binary
		}
	}
	if count == 0 {
		return Check{Name: "commits", OK: true, Says: "no offset of a build is known"}
	}
	third := 2 / (9 * count)
	together := (math.Cbrt(sum/count) - (1 - third)) / math.Sqrt(third)
	return Check{Name: "commits", OK: math.Abs(worst) <= farthest && together <= farFromZero,
		Says: fmt.Sprintf("%s is %.1f standard deviations of an offset from where one change puts it (at most %.1f), all together %.1f (at most %.1f)",
			s.task.Commits[s.made[s.artifactOf(of)-1].commit].ID, worst, farthest, together, farFromZero)}
}

// drift: what one run is off says nothing of the next one. The sum of products of neighbours, clipped, has variance n.
func (r residuals) drift() Check {
	var sum, squares float64
	for i, z := range r.z {
		z = max(-3, min(3, z))
		squares += z * z
		if i > 0 {
			sum += z * max(-3, min(3, r.z[i-1]))
		}
	}
	n := float64(len(r.z))
	r1 := sum / max(squares, 1e-9)
	limit := farFromZero / math.Sqrt(max(1, n))
	return Check{Name: "drift", OK: n < leastChecked || math.Abs(r1) <= limit,
		Says: fmt.Sprintf("the correlation of each run with the next one is %.2f (at most %.2f)", r1, limit)}
}

// binomialTail is P(at least k of n), each with probability p.
func binomialTail(k, n int, p float64) float64 {
	var sum float64
	for i := k; i <= n; i++ {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(i + 1))
		c, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(a - b - c + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(1, sum)
}
