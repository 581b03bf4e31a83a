package bisect

import "math"

// The worth of an action is what its runs would tell about one commit being slow. Its predicted outcome is a pair: the
// mean of m runs of the commit, and the mean of m runs of a reference beside them, which takes the level out. Under slow
// and under not slow both are mixtures over hypotheses and noise; each is replaced by the normal distribution of its first
// two moments, whose means differ by Δ, with the covariance Σ + N/m. The shift for the table is s² = Δᵀ(Σ+N/m)⁻¹Δ.
//
// Offsets of very different size are not mixed into one Σ: what is told is told under each, and averaged. A large offset that
// is hardly likely would else make every repetition look worthless.
//
// Note: the predictive means count here, and not the estimated effect. What repeating one commit could still tell gets
// less as its own offset and the drift absorb it, and a choice that does not see it asks the same for ever.

// subject is what an action would run.
type subject struct {
	class  int
	binary int     // -1: one that has to be built
	until  float64 // drift until the runs begin, in units of a run
}

// moments are sums over one side of the coin.
type moments struct {
	weight         float64
	x, r           float64 // means of the commit's and the reference's runs
	xx, xr, rr     float64 // second moments
	noise          float64 // of one run
	driftPerRunSqr float64
}

func (m *moments) add(w, x, r, vx, cov, vr float64, c cell) {
	m.weight += w
	m.x += w * x
	m.r += w * r
	m.xx += w * (vx + x*x)
	m.xr += w * (cov + x*r)
	m.rr += w * (vr + r*r)
	m.noise += w * c.variance / (1 - outlierShare)
	m.driftPerRunSqr += w * c.drift * c.drift
}

// forecast is what an action's runs would tell: the coin's p, Δ, Σ and the noise of one run.
type forecast struct {
	weight     float64
	p          float64
	x, r       float64
	xx, xr, rr float64
	noise      float64
	drift      float64 // variance that the level gains in one run's time
}

// forecasts are what is predicted under each of the offsets.
type forecasts []forecast

// foresee predicts the runs of a subject and of the reference binary. part is the share of each group that it contains.
func (b *belief) foresee(of subject, part []float64, reference int) forecasts {
	var slow, fast [mostOffsets]moments
	for i, g := range b.groups {
		for j, f := range g.filters {
			w := g.weights[j]
			if part[i] > 0 {
				b.predict(&slow[f.cell.choice], f, of, reference, w*part[i], true)
			}
			if part[i] < 1 {
				b.predict(&fast[f.cell.choice], f, of, reference, w*(1-part[i]), false)
			}
		}
	}
	var all forecasts
	for k := range slow {
		if slow[k].weight > 0 && fast[k].weight > 0 {
			all = append(all, contrast(slow[k], fast[k]))
		}
	}
	return all
}

// contrast makes a forecast of both sides of the coin.
func contrast(slow, fast moments) forecast {
	s, f := slow.central(), fast.central()
	weight := slow.weight + fast.weight
	p := slow.weight / weight
	mix := func(a, b float64) float64 { return p*a + (1-p)*b }
	return forecast{weight: weight, p: p, x: s.x - f.x, r: s.r - f.r, xx: mix(s.xx, f.xx), xr: mix(s.xr, f.xr), rr: mix(s.rr, f.rr),
		noise: mix(s.noise, f.noise), drift: mix(s.driftPerRunSqr, f.driftPerRunSqr)}
}

func (b *belief) predict(m *moments, f *filter, of subject, reference int, w float64, slow bool) {
	n := len(f.mean)
	level := f.cov[levelAt] + f.cell.drift*f.cell.drift*of.until
	at := func(i, j int) float64 { return f.cov[i*n+j] }
	x, vx := f.mean[levelAt], level
	ref := offsetAt + reference
	r, vr := f.mean[levelAt]+f.mean[ref], level+2*at(levelAt, ref)+at(ref, ref)
	cov := level + at(levelAt, ref)
	if slow {
		x += f.mean[effectAt]
		vx += 2*at(levelAt, effectAt) + at(effectAt, effectAt)
		cov += at(levelAt, effectAt) + at(effectAt, ref)
	}
	if of.binary < 0 {
		vx += f.cell.offset * f.cell.offset
	} else {
		k := offsetAt + of.binary
		x += f.mean[k]
		vx += 2*at(levelAt, k) + at(k, k)
		cov += at(levelAt, k) + at(k, ref)
		if slow {
			vx += 2 * at(effectAt, k)
		}
	}
	m.add(w, x, r, vx, cov, vr, f.cell)
}

// central turns sums into means and central moments.
func (m moments) central() moments {
	w := m.weight
	c := moments{weight: w, x: m.x / w, r: m.r / w, noise: m.noise / w, driftPerRunSqr: m.driftPerRunSqr / w}
	c.xx, c.xr, c.rr = m.xx/w-c.x*c.x, m.xr/w-c.x*c.r, m.rr/w-c.r*c.r
	return c
}

// tells returns the bits that m runs tell, with or without as many of the reference.
func (all forecasts) tells(t *table, m int, referenced bool) float64 {
	var bits float64
	for _, f := range all {
		bits += f.weight * t.at(f.p, f.shift(m, referenced))
	}
	return bits
}

// shift is s for m runs, with or without as many of the reference.
func (f forecast) shift(m int, referenced bool) float64 {
	noise := f.noise / float64(m)
	wander := f.drift * float64(m) / 3 // of the mean of m steps of a random walk
	if !referenced {
		return math.Abs(f.x) / math.Sqrt(f.xx+noise+wander)
	}
	wander *= 2 // a pair takes twice the time; both means wander together
	a, c, d := f.xx+noise+wander, f.xr+wander, f.rr+noise+wander
	det := a*d - c*c
	if det <= 0 {
		return 0
	}
	return math.Sqrt(max(0, (f.x*f.x*d-2*f.x*f.r*c+f.r*f.r*a)/det))
}
