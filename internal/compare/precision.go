package compare

import (
	"math"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// What a comparison could have seen, and how many more runs would settle it.

// noise is the spread within a side, and the scale that a shift is on.
type noise struct {
	// deviation is the standard deviation of a sample: of logarithms when center is 0, else in the unit of the metric.
	deviation float64
	// center turns a shift in the unit of the metric into a ratio; 0 stands for logarithms.
	center     float64
	base, head int
}

// power is the probability with which the printed MDE would have been seen.
const power = 0.8

// foresee fills in what each test could have seen. In standard deviations that depends on the numbers of samples and the
// level alone, which most metrics share.
func (d *decider) foresee() {
	type plan struct {
		alpha      float64
		base, head int
	}
	known := map[plan]float64{}
	reach := func(p plan) float64 {
		if shift, ok := known[p]; ok {
			return shift
		}
		shift, err := stat.Design{Alpha: p.alpha, Power: power, Spread: 1}.RankMDE(p.base, p.head)
		if err != nil {
			shift = math.NaN()
		}
		known[p] = shift
		return shift
	}
	end := (1 - d.in.Options.Confidence) / 2
	for _, c := range d.candidates {
		if e := &c.evidence; e.noise != nil {
			e.reach = reach(plan{e.share, e.noise.base, e.noise.head})
			e.cleanReach = reach(plan{end, e.noise.base, e.noise.head})
		}
	}
}

// mde is the smallest relative change for the worse that the test sees with 80 % power: +Inf when there is none, NaN
// when it is not defined.
func (e evidence) mde(better metric.Direction) float64 {
	n := e.noise
	switch {
	case e.sessions != nil:
		return asChange(e.sessionReach(e.share), better)
	case n == nil:
		return math.NaN()
	case n.deviation == 0 && e.least <= e.share:
		return 0
	case n.deviation == 0:
		return math.Inf(1)
	}
	shift := e.reach * n.deviation
	if n.center != 0 {
		return shift / math.Abs(n.center)
	}
	return asChange(shift, better)
}

// asChange is a shift of logarithms for the worse as a relative change, positive.
func asChange(shift float64, better metric.Direction) float64 {
	if better == metric.Higher {
		return -math.Expm1(-shift)
	}
	return math.Expm1(shift)
}

// moreRuns is about how many more runs a side would settle the metric, if the effect is what it looks like: as clean,
// when the effect is below the tolerance, or as worse, when it is at least half of it; whichever comes first. 0 when
// no number would, or when it cannot be told.
func (e evidence) moreRuns(q question) int {
	if e.noise == nil || e.noise.deviation == 0 || !finite(e.change) {
		return 0
	}
	sign := worse(1, q.metric.Better)
	effect := worse(e.change, q.metric.Better)
	wanted := math.Inf(1)
	switch {
	case e.sessions != nil:
		wanted = e.runsAcrossSessions(q, effect)
	case effect < q.tolerance:
		shift := sign * e.noise.shift(e.change, sign*q.tolerance)
		wanted = min(wanted, e.noise.runs((1-q.confidence)/2, e.cleanReach, shift, q.oneSession))
	}
	if e.sessions == nil && effect >= q.tolerance/2 && q.oneSession {
		wanted = min(wanted, e.noise.runs(e.share, e.reach, sign*e.noise.shift(0, e.change), true))
	}
	if wanted > mostRuns {
		return 0
	}
	return max(1, int(math.Ceil(wanted))-e.noise.head)
}

// mostRuns is how many runs are still worth a mention.
const mostRuns = 1000

// shift is the distance of two relative changes on the scale of the noise; positive when to lies above from.
func (n *noise) shift(from, to float64) float64 {
	if n.center != 0 {
		return (to - from) * math.Abs(n.center)
	}
	return math.Log1p(to) - math.Log1p(from)
}

// runs is about how many runs head needs for the test at level alpha to see the shift; +Inf when none would do. reach
// is what it sees with the runs that there are. The variance of a shift goes with 1/base + 1/head, so reach is scaled;
// where so few runs see nothing at all, the number is searched for. Base gets as many runs as head when both can be
// measured again, and keeps what it has otherwise.
func (n *noise) runs(alpha, reach, shift float64, both bool) float64 {
	fixed := n.base
	if both {
		fixed = 0
	}
	wanted := shift / n.deviation
	if math.IsInf(reach, 1) {
		runs, err := stat.Design{Alpha: alpha, Power: power, Spread: 1}.RankRuns(fixed, max(wanted, 0.5))
		if err != nil {
			return math.Inf(1)
		}
		return float64(runs)
	}
	inverse := (1/float64(n.base) + 1/float64(n.head)) * wanted * wanted / (reach * reach)
	if both {
		return 2 / inverse
	}
	if rest := inverse - 1/float64(n.base); rest > 0 {
		return 1 / rest
	}
	return math.Inf(1)
}
