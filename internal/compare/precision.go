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
	// pairs tells that deviation is that of a pair, and base and head are the pairs.
	pairs bool
}

// power is the probability with which the printed MDE would have been seen.
const power = 0.8

// powerQuantile is how many standard deviations a normal value stays below with that probability.
const powerQuantile = 0.8416212335729143

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
			c.foreseeRuns(d.in.Options)
		}
	}
}

// foreseeRuns fills in how far runs vary, and which shift would be called a change.
func (c *candidate) foreseeRuns(o Options) {
	e, q := &c.evidence, c.question(o)
	e.foreseen = e.noise.deviation
	if q.known != nil && e.noise.center == 0 {
		runs := max(0, 2*(c.side.noise.Pairs-c.side.noise.Sessions))
		e.foreseen = withKnown(e.noise.deviation, e.noise.base+e.noise.head-2, spread{q.known.Within, runs})
	}
	e.leastShift = e.noise.towards(q.matters(), q.metric.Better)
}

// mde is the smallest relative change for the worse that is called one with 80 % power: that the test sees, and that is not too small
// to matter. It is +Inf when there is none, NaN when it is not defined.
func (e evidence) mde(better metric.Direction) float64 {
	n := e.noise
	switch {
	case n == nil:
		return math.NaN()
	case n.deviation == 0 && e.least <= e.share:
		return n.change(e.leastShift, better)
	case n.deviation == 0:
		return math.Inf(1)
	}
	shift := e.reach * e.spread()
	switch {
	case e.inPairs: // the race of pairs has the least shift
	case e.sessions != nil:
		shift = max(shift, e.sessionReach(e.share), e.leastShift+e.sessions.Boundary(1-power)*e.deviation)
	default:
		shift = max(shift, e.leastShift+e.uncertainty())
	}
	if math.IsInf(shift, 1) {
		return shift
	}
	return n.change(shift, better)
}

// roughFrom is by what factor an MDE has to exceed what counts as a change before it depends on the spread of the runs: a dozen runs know
// that to a fifth (docs/CALIBRATION.md).
const roughFrom = 1.2

// enoughDegrees of freedom know a deviation, of normal noise, to a fifth in nine of ten cases: the deviation of its logarithm is √(1/2·degrees).
const enoughDegrees = 34

// degrees are those of freedom that are known of how far the runs, or pairs, of a metric vary: here and now, and as calibrated.
func (c *candidate) degrees() int {
	pairs := 0
	if c.known() != nil {
		pairs = max(0, c.side.noise.Pairs-c.side.noise.Sessions)
	}
	if c.seq != nil {
		return c.seq.gone() - 1 + pairs
	}
	return len(c.base.values) + len(c.head.values) - 2 + 2*pairs // either side of a pair is a run
}

// roughly tells whether an MDE depends on how far the runs vary, and not on what counts as a change.
func roughly(mde float64, q question) bool { return finite(mde) && mde > roughFrom*q.matters() }

// spread is the standard deviation that what would have been seen is reckoned with.
func (e evidence) spread() float64 {
	if e.foreseen > 0 {
		return e.foreseen
	}
	return e.noise.deviation
}

// uncertainty is by how much a change must exceed what would be called one, to be estimated so with 80 % power: the variance of a
// Hodges-Lehmann shift is π/3 that of the difference of two means.
func (e evidence) uncertainty() float64 {
	runs := 1/float64(e.noise.base) + 1/float64(e.noise.head)
	return powerQuantile * e.spread() * math.Sqrt(math.Pi/3*runs)
}

// change is a shift for the worse as a relative change, positive.
func (n *noise) change(shift float64, better metric.Direction) float64 {
	if n.center != 0 {
		return shift / math.Abs(n.center)
	}
	return asChange(shift, better)
}

// towards is a relative change for the worse, positive, on the scale of the noise.
func (n *noise) towards(change float64, better metric.Direction) float64 {
	if n.center != 0 {
		return change * math.Abs(n.center)
	}
	return asShift(change, better)
}

// asShift is a relative change for the worse, positive, as one of logarithms: a fall by all there is has no bound.
func asShift(change float64, better metric.Direction) float64 {
	switch {
	case better != metric.Higher:
		return math.Log1p(change)
	case change >= 1:
		return math.Inf(1)
	default:
		return -math.Log1p(-change)
	}
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
// no number would, or when it cannot be told, as where some timed out: that is not in the noise, and leaves the interval open.
func (e evidence) moreRuns(q question) int {
	wanted := e.runsWanted(q)
	if wanted == 0 {
		return 0
	}
	return max(1, wanted-e.noise.head)
}

// runsWanted is moreRuns with those that there are; 0 when no number would do, or none can be told.
func (e evidence) runsWanted(q question) int {
	if e.noise == nil || e.noise.deviation == 0 || !finite(e.change) || q.base.timeouts+q.head.timeouts > 0 {
		return 0
	}
	sign := worse(1, q.metric.Better)
	effect := worse(e.change, q.metric.Better)
	wanted := math.Inf(1)
	switch {
	case e.sessions != nil:
		wanted = e.runsAcrossSessions(q, effect)
	case effect < q.allowed():
		shift := e.noise.towards(q.allowed(), q.metric.Better) - sign*e.noise.shift(0, e.change)
		wanted = min(wanted, e.noise.runs((1-q.confidence)/2, e.cleanReach, shift, q.oneSession))
	}
	if e.sessions == nil && effect >= q.matters() && q.oneSession {
		wanted = min(wanted, e.noise.runs(e.share, e.reach, sign*e.noise.shift(0, e.change), true))
	}
	if !(wanted <= mostRuns) {
		return 0
	}
	return max(1, int(math.Ceil(wanted)))
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

// runs is about how many runs, or pairs, head needs for the test at level alpha to see the shift; +Inf when none would do. reach
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
		design, shift := stat.Design{Alpha: alpha, Power: power, Spread: 1}, max(wanted, 0.5)
		runs, err := design.RankRuns(fixed, shift)
		if n.pairs {
			runs, err = design.PairedRuns(shift)
		}
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
