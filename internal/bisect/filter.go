package bisect

import "math"

// filter is what is believed under one hypothesis and one choice of the noise: a normal distribution over the level of
// the machine, the effect, and the offset of every binary. Given those choices the model is linear and Gaussian but for
// outliers, so that a Kalman filter (Kalman 1960) is exact but for them; an outlier is a wider normal distribution, and
// the mixture of having and not having met one is replaced by the normal distribution of its first two moments.
type filter struct {
	cell cell
	log  float64   // ln(prior of the cell · likelihood of all runs), up to a constant shared by all filters
	mean []float64 // level, effect, offsets of binaries 0, 1, …
	cov  []float64 // row by row, symmetric
}

// The places of a filter's quantities.
const (
	levelAt  = 0
	effectAt = 1
	offsetAt = 2 // and one for each binary
)

// newFilter knows nothing yet; the level is told as a difference to the first value that is measured.
func newFilter(c cell, effect Effect) *filter {
	return &filter{cell: c, log: c.log,
		mean: []float64{0, effect.Mean},
		cov:  []float64{levelVariance, 0, 0, effect.SD * effect.SD},
	}
}

func (f *filter) clone() *filter {
	c := *f
	c.mean = append([]float64(nil), f.mean...)
	c.cov = append([]float64(nil), f.cov...)
	return &c
}

// grow adds the offset of one more binary.
func (f *filter) grow() {
	n := len(f.mean)
	cov := make([]float64, (n+1)*(n+1))
	for i := range n {
		copy(cov[i*(n+1):], f.cov[i*n:(i+1)*n])
	}
	cov[len(cov)-1] = f.cell.offset * f.cell.offset
	f.mean, f.cov = append(f.mean, 0), cov
}

// wait lets the level drift for a time, in units of a run's length.
func (f *filter) wait(time float64) { f.cov[levelAt] += f.cell.drift * f.cell.drift * time }

// observe takes the logarithm of a run's value in. scratch has at least the length of the mean.
func (f *filter) observe(y float64, slow bool, binary int, scratch []float64) {
	n, b := len(f.mean), offsetAt+binary
	ph := scratch[:n] // the covariance of every quantity with the run's expected value
	expected := f.mean[levelAt] + f.mean[b]
	for i := range ph {
		row := f.cov[i*n : (i+1)*n]
		ph[i] = row[levelAt] + row[b]
		if slow {
			ph[i] += row[effectAt]
		}
	}
	variance := ph[levelAt] + ph[b]
	if slow {
		expected += f.mean[effectAt]
		variance += ph[effectAt]
	}
	v := y - expected
	weight, evidence := f.cell.mixture(v, variance)
	f.log += evidence
	inlier, outlier := variance+f.cell.variance, variance+f.cell.outlier
	gain := weight/inlier + (1-weight)/outlier
	shrink := gain - v*v*(weight/(inlier*inlier)+(1-weight)/(outlier*outlier)-gain*gain)
	for i, p := range ph {
		f.mean[i] += p * gain * v
		row, c := f.cov[i*n:(i+1)*n], shrink*p
		for j, q := range ph {
			row[j] -= c * q
		}
	}
}

// cell is one choice of the noise.
type cell struct {
	sd       float64 // of a run, of logarithms
	drift    float64 // standard deviation that the level gains in the time of one run
	offset   float64 // standard deviation of a binary's offset
	choice   int     // which of the offsets that is
	log      float64 // ln of its prior weight
	variance float64 // of a run that is no outlier
	outlier  float64 // of one that is
}

// mixture returns how likely it is that a run which is v from its expectation is no outlier, and ln of its density.
func (c cell) mixture(v, variance float64) (weight, evidence float64) {
	inlier, outlier := variance+c.variance, variance+c.outlier
	in := math.Log((1-outlierShare)/math.Sqrt(2*math.Pi*inlier)) - v*v/(2*inlier)
	out := math.Log(outlierShare/math.Sqrt(2*math.Pi*outlier)) - v*v/(2*outlier)
	if in >= out {
		weight = 1 / (1 + math.Exp(out-in))
		return weight, in - math.Log(weight)
	}
	odds := math.Exp(in - out)
	return odds / (1 + odds), out + math.Log1p(odds)
}

// cells returns the grid of the noise: fourteen standard deviations of a run, three drifts, and the offsets.
func cells(offset float64) []cell {
	offsets, offsetWeights := likelyOffsets(offset)
	drifts, driftWeights := []float64{0, 0.05, 0.15}, []float64{0.5, 0.25, 0.25}
	grid := make([]cell, 0, noiseSteps*len(drifts)*len(offsets))
	sd := leastNoise
	for range noiseSteps {
		for i, d := range drifts {
			for j, o := range offsets {
				grid = append(grid, cell{sd: sd, drift: d * sd, offset: o, choice: j,
					log:      math.Log(driftWeights[i] * offsetWeights[j] / noiseSteps),
					variance: sd * sd, outlier: sd*sd + max(0.25*0.25, 25*sd*sd)})
			}
		}
		sd *= noiseRatio
	}
	return grid
}
