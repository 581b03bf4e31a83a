package bisect

import (
	"math"
	"slices"
)

// belief is the posterior over all suspects and "none", the effect and the noise. Suspects that no measured commit tells
// apart share one group, and a group has one filter for each choice of the noise that is still likely. On a chain K
// measured commits make at most K+1 groups; when a commit between is measured, the group around it is split, and both
// halves take a copy of the filters along, which is exact: until then their likelihoods were the same.
type belief struct {
	suspects *suspects
	none     float64 // prior probability of no change
	effect   Effect
	groups   []*group // the first is "none"
	slots    []int    // of each class: its place in the groups' slow, -1 while it is not measured
	classes  []int    // of each slot
	binaries []int    // the slot of each binary
	ran      []int    // runs of each binary
	unit     float64  // seconds of one run
	origin   float64  // first value; the filters see differences to it
	last     float64  // seconds, moment of the last run
	started  bool
	scratch  []float64
}

// group is the suspects that no measured commit tells apart, or "none".
type group struct {
	members []int  // rising; empty for "none"
	slow    []bool // of each slot: does it contain the members?
	prior   float64
	weight  float64   // posterior of the whole group
	filters []*filter // empty when forgotten
	weights []float64 // posterior of each filter
}

func newBelief(s *suspects, p Parameters, unit float64) *belief {
	b := &belief{suspects: s, none: p.NoChange, effect: p.Effect, unit: unit, slots: make([]int, len(s.members))}
	for i := range b.slots {
		b.slots[i] = -1
	}
	if len(s.listed) == 0 {
		b.none = 1
	}
	nothing, change := &group{prior: b.none}, &group{members: s.listed, prior: 1 - b.none}
	b.groups = []*group{nothing}
	if len(s.listed) > 0 {
		b.groups = append(b.groups, change)
	}
	for _, c := range cells(p.OffsetSD) {
		for _, g := range b.groups {
			g.filters = append(g.filters, newFilter(c, p.Effect))
		}
	}
	b.normalise()
	return b
}

// addBinary makes room for a binary of a class, and returns its number.
func (b *belief) addBinary(class int) int {
	if b.slots[class] < 0 {
		b.slots[class] = len(b.classes)
		b.classes = append(b.classes, class)
		b.split(b.suspects.contained(class))
	}
	b.binaries, b.ran = append(b.binaries, b.slots[class]), append(b.ran, 0)
	for _, g := range b.groups {
		for _, f := range g.filters {
			f.grow()
		}
	}
	b.scratch = make([]float64, offsetAt+len(b.binaries))
	return len(b.binaries) - 1
}

// split tells every group whether the newest slot contains it, and parts those of which it contains some.
func (b *belief) split(contained set) {
	groups := b.groups[:0:0]
	for _, g := range b.groups {
		part := share(g.members, contained)
		if part == 0 || part == 1 {
			g.slow = append(g.slow, part == 1)
			groups = append(groups, g)
			continue
		}
		rest := &group{slow: append(slices.Clone(g.slow), false), prior: g.prior * (1 - part), weight: g.weight * (1 - part)}
		for i, f := range g.filters {
			rest.filters = append(rest.filters, f.clone())
			rest.weights = append(rest.weights, g.weights[i]*(1-part))
			g.weights[i] *= part
		}
		var in []int
		in, rest.members = parted(g.members, contained)
		g.members, g.slow, g.prior, g.weight = in, append(g.slow, true), g.prior*part, g.weight*part
		groups = append(groups, rest, g)
	}
	b.groups = groups
}

// observe takes a run of a binary in: the logarithm of its value, and its moment in seconds.
func (b *belief) observe(binary int, y, at float64) {
	if !b.started {
		b.started, b.origin, b.last = true, y, at
	}
	waited := max(0, at-b.last) / b.unit
	b.last = max(at, b.last)
	slot := b.binaries[binary]
	b.ran[binary]++
	for _, g := range b.groups {
		for _, f := range g.filters {
			f.wait(waited)
			f.observe(y-b.origin, g.slow[slot], binary, b.scratch)
		}
	}
	b.normalise()
}

// normalise makes posteriors of the likelihoods, and forgets what is too unlikely to come back.
func (b *belief) normalise() {
	best := math.Inf(-1)
	for _, g := range b.groups {
		for _, f := range g.filters {
			best = max(best, f.log+math.Log(g.prior))
		}
	}
	var total float64
	for _, g := range b.groups {
		prior := math.Log(g.prior)
		g.filters = slices.DeleteFunc(g.filters, func(f *filter) bool { return f.log+prior < best-forgotten })
		g.weight, g.weights = 0, g.weights[:0]
		for _, f := range g.filters {
			w := math.Exp(f.log + prior - best)
			g.weights = append(g.weights, w)
			total += w
		}
	}
	for _, g := range b.groups {
		for i, f := range g.filters {
			g.weights[i] /= total
			g.weight += g.weights[i]
			f.log -= best
		}
	}
}

// each calls visit for every filter with its posterior.
func (b *belief) each(visit func(g *group, f *filter, weight float64)) {
	for _, g := range b.groups {
		for i, f := range g.filters {
			visit(g, f, g.weights[i])
		}
	}
}

// leader returns the most likely group of suspects, the first of equals, nil when there is none.
func (b *belief) leader() *group {
	var best *group
	for _, g := range b.groups {
		if len(g.members) > 0 && (best == nil || g.weight > best.weight) {
			best = g
		}
	}
	return best
}

// small returns the posterior that there is no change, or a smaller one than least.
func (b *belief) small(least float64) float64 {
	var p float64
	b.each(func(g *group, f *filter, weight float64) {
		if len(g.members) == 0 {
			p += weight
			return
		}
		m, sd := f.mean[effectAt], f.effectSD()
		p += weight * (normalCDF((least-m)/sd) - normalCDF((-least-m)/sd))
	})
	return min(1, p)
}

// effectSD is the standard deviation of the effect.
func (f *filter) effectSD() float64 {
	return math.Sqrt(max(1e-18, f.cov[effectAt*len(f.mean)+effectAt]))
}

func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// slowAt returns the posterior that the commits of a measured slot are slow.
func (b *belief) slowAt(slot int) float64 {
	var p float64
	for _, g := range b.groups {
		if g.slow[slot] {
			p += g.weight
		}
	}
	return p
}

// slowBy returns the posterior that a commit is slow which contains a part of each group.
func (b *belief) slowBy(part []float64) float64 {
	var p float64
	for i, g := range b.groups {
		p += g.weight * part[i]
	}
	return min(1, p)
}

// noise returns posterior means: of the variance of a run, of that of an offset, and of the drift in one run's time.
func (b *belief) noise() (run, offset, drift float64) {
	b.each(func(_ *group, f *filter, weight float64) {
		run += weight * f.cell.variance
		offset += weight * f.cell.offset * f.cell.offset
		drift += weight * f.cell.drift
	})
	return run, offset, drift
}

// meanEffect is the mean of what is believed of the effect, no change counted as 0.
func (b *belief) meanEffect() float64 {
	var mean float64
	b.each(func(g *group, f *filter, weight float64) {
		if len(g.members) > 0 {
			mean += weight * f.mean[effectAt]
		}
	})
	return mean
}

// effects returns the mean and the central interval of what is believed of the effect; of one group, or of all with
// none counted as 0 when only is nil.
func (b *belief) effects(only *group, confidence float64) (mean, low, high float64) {
	var parts []normal
	var total float64
	b.each(func(g *group, f *filter, weight float64) {
		switch {
		case only != nil && g != only:
			return
		case len(g.members) == 0:
			parts = append(parts, normal{weight: weight, sd: 1e-9})
		default:
			parts = append(parts, normal{weight: weight, mean: f.mean[effectAt], sd: f.effectSD()})
		}
		total += weight
	})
	for i := range parts {
		parts[i].weight /= total
		mean += parts[i].weight * parts[i].mean
	}
	tail := (1 - confidence) / 2
	return mean, quantile(parts, tail), quantile(parts, 1-tail)
}

// normal is one part of a mixture.
type normal struct{ weight, mean, sd float64 }

// quantile halves the interval that holds a quantile of a mixture of normal distributions until it is narrow.
func quantile(parts []normal, p float64) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, n := range parts {
		low, high = min(low, n.mean-10*n.sd), max(high, n.mean+10*n.sd)
	}
	for range 60 {
		middle := (low + high) / 2
		var below float64
		for _, n := range parts {
			below += n.weight * normalCDF((middle-n.mean)/n.sd)
		}
		if below < p {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}
