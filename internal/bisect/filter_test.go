package bisect

import (
	"math"
	"math/rand/v2"
	"testing"
)

// exact is the posterior of the effect and the evidence, by the normal distribution of all values at once and by every
// assignment of outliers: what the filter approximates in one pass.
func exact(c cell, effect Effect, slow []bool, binary []int, at, y []float64) (mean, variance, evidence float64) {
	n := len(y)
	cov := make([][]float64, n)
	cross := make([]float64, n) // covariance of each value with the effect
	centered := make([]float64, n)
	for i := range n {
		cov[i] = make([]float64, n)
		centered[i] = y[i]
		if slow[i] {
			cross[i] = effect.SD * effect.SD
			centered[i] -= effect.Mean
		}
		for j := range n {
			cov[i][j] = levelVariance + c.drift*c.drift*min(at[i], at[j])
			if slow[i] && slow[j] {
				cov[i][j] += effect.SD * effect.SD
			}
			if binary[i] == binary[j] {
				cov[i][j] += c.offset * c.offset
			}
		}
	}
	var total, first, second float64
	for assignment := range 1 << n {
		weight := 1.0
		with := make([][]float64, n)
		for i := range n {
			with[i] = append([]float64(nil), cov[i]...)
			if assignment>>i&1 == 1 {
				weight *= outlierShare
				with[i][i] += c.outlier
			} else {
				weight *= 1 - outlierShare
				with[i][i] += c.variance
			}
		}
		lower := cholesky(with)
		a, b := solveLower(lower, centered), solveLower(lower, cross)
		logDensity := -float64(n) / 2 * math.Log(2*math.Pi)
		m, v := effect.Mean, effect.SD*effect.SD
		for i := range n {
			logDensity -= math.Log(lower[i][i]) + a[i]*a[i]/2
			m += a[i] * b[i]
			v -= b[i] * b[i]
		}
		w := weight * math.Exp(logDensity)
		total, first, second = total+w, first+w*m, second+w*(v+m*m)
	}
	mean = first / total
	return mean, second/total - mean*mean, math.Log(total)
}

func cholesky(m [][]float64) [][]float64 {
	lower := make([][]float64, len(m))
	for i := range m {
		lower[i] = make([]float64, len(m))
		for j := 0; j <= i; j++ {
			sum := m[i][j]
			for k := range j {
				sum -= lower[i][k] * lower[j][k]
			}
			if i == j {
				lower[i][i] = math.Sqrt(sum)
			} else {
				lower[i][j] = sum / lower[j][j]
			}
		}
	}
	return lower
}

func solveLower(lower [][]float64, v []float64) []float64 {
	x := make([]float64, len(v))
	for i := range v {
		x[i] = v[i]
		for k := range i {
			x[i] -= lower[i][k] * x[k]
		}
		x[i] /= lower[i][i]
	}
	return x
}

func TestTheFilterIsThePosterior(t *testing.T) {
	for name, outliers := range map[string]int{"no outlier": 0, "one outlier": 1, "two outliers": 2} {
		t.Run(name, func(t *testing.T) {
			const n = 10
			rng := rand.New(rand.NewPCG(5, 6))
			c := cells(0.004)[9*6+3*1] // a noise of 3.8 %, and drift
			effect := Effect{Mean: 0.05, SD: 0.04}
			f := newFilter(c, effect)
			f.grow()
			f.grow()
			f.grow()
			var slow []bool
			var binary []int
			var at, y []float64
			scratch := make([]float64, 5)
			for i := range n {
				slow, binary = append(slow, i%2 == 1), append(binary, i%2*(1+i/2%2))
				at, y = append(at, float64(2*i)), append(y, c.sd*rng.NormFloat64()+0.01*float64(i))
				if i%2 == 1 {
					y[i] += 0.09
				}
				if i >= 6 && i < 6+outliers {
					y[i] += 0.6
				}
				if i > 0 {
					f.wait(at[i] - at[i-1])
				}
				f.observe(y[i], slow[i], binary[i], scratch)
			}
			mean, variance, evidence := exact(c, effect, slow, binary, at, y)
			nothing := newFilter(c, effect)
			nothing.grow()
			nothing.grow()
			nothing.grow()
			for i := range y {
				if i > 0 {
					nothing.wait(at[i] - at[i-1])
				}
				nothing.observe(y[i], false, binary[i], scratch)
			}
			_, _, without := exact(c, effect, make([]bool, n), binary, at, y)
			if math.Abs(f.mean[effectAt]-mean) > 0.05*math.Sqrt(variance) {
				t.Errorf("effect %v, exactly %v ± %v", f.mean[effectAt], mean, math.Sqrt(variance))
			}
			if r := f.effectSD() / math.Sqrt(variance); r < 0.97 || r > 1.05 {
				t.Errorf("standard deviation %v, exactly %v", f.effectSD(), math.Sqrt(variance))
			}
			// One pass can not know of the first runs what later ones tell, and is the more timid for it.
			if got, want := f.log-nothing.log, evidence-without; got > want || got < want-0.4 {
				t.Errorf("log odds of a change %v, exactly %v", got, want)
			}
		})
	}
}

func TestOneRunMovesTheOddsByLittle(t *testing.T) {
	const most = 6.5 // ln((1-ε)/ε · outlier/inlier), about
	for _, c := range cells(0.002) {
		for _, v := range []float64{-3, -0.5, 0.1, 0.4, 2} {
			_, here := c.mixture(v, 1e-4)
			_, there := c.mixture(v-0.05, 1e-4)
			if math.Abs(here-there) > most {
				t.Errorf("noise %v: a run at %v moves the odds by e^%v", c.sd, v, here-there)
			}
		}
	}
}
