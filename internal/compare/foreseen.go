package compare

import (
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/stat"
)

// What the looks of a trial could have seen. It is a race: a change has to be proven before the trial ends, and that ends when no
// metric is open. So the smallest change that is found depends on the spread of the pairs, and in its own unit on the
// tolerance too, since noise that is far below it has a trial end early.

// reaches are what the metrics of a trial have in common: frontiers of plans, and the shifts that races see with 80 % power.
type reaches struct {
	frontiers []plannedFrontier
	shifts    map[race]float64
}

// plannedFrontier is the frontier of a plan, nil where it has none.
type plannedFrontier struct {
	plan     stat.SequentialPlan
	frontier []float64
}

// race names one by its plans, as their places among the frontiers, and by what ends it.
type race struct {
	worse, clean, from int
	allowed, least     float64
}

func newReaches() *reaches { return &reaches{shifts: map[race]float64{}} }

// place is where the frontier of a plan is.
func (r *reaches) place(p stat.SequentialPlan) int {
	at := slices.IndexFunc(r.frontiers, func(known plannedFrontier) bool {
		return known.plan.Alpha == p.Alpha && known.plan.Exponent == p.Exponent &&
			slices.Equal(known.plan.Values, p.Values) && slices.Equal(known.plan.Fractions, p.Fractions)
	})
	if at >= 0 {
		return at
	}
	frontier, err := p.Frontier()
	if err != nil {
		frontier = nil
	}
	r.frontiers = append(r.frontiers, plannedFrontier{p, frontier})
	return len(r.frontiers) - 1
}

// reachSteps is how finely the tolerance is divided, in deviations: races that differ by less than a hundredth are one.
const reachSteps = 100

// of is the shift that plans see with 80 % power when a proof of clean ends the race from a look on, in standard deviations of a
// pair, as allowed and least are.
func (r *reaches) of(worse, clean stat.SequentialPlan, from int, allowed, least float64) float64 {
	key := race{r.place(worse), r.place(clean), from, rounded(allowed), rounded(least)}
	shift, known := r.shifts[key]
	if !known {
		race := stat.Race{
			Values: worse.Values, Worse: r.frontiers[key.worse].frontier, Clean: r.frontiers[key.clean].frontier,
			From: from, Allowed: key.allowed, Least: key.least,
		}
		var err error
		if shift, err = race.MDE(power); err != nil {
			shift = math.NaN()
		}
		r.shifts[key] = shift
	}
	return shift
}

// rounded is a number to a hundredth of itself.
func rounded(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 1) {
		return x
	}
	return math.Exp(math.Round(math.Log(x)*reachSteps) / reachSteps)
}

// foreseePairs fills in what the looks could have seen, of which the other metrics need those up to look end, from 0.
func (c *candidate) foreseePairs(known *reaches, end int) {
	e := &c.evidence
	switch {
	case e.noise == nil || c.seq.ranks == nil:
		return
	case known == nil:
		e.noise = nil
		return
	}
	worst := c.seq.whole(e.share, worseExponent)
	clean := c.seq.whole(cleanShare*(1-c.seq.q.confidence), cleanExponent)
	e.cleanReach = known.of(clean, clean, len(clean.Values), math.Inf(1), 0)
	q := c.seq.q
	q.base, q.head = c.seq.pairs.base, c.seq.pairs.head
	e.foreseen, e.leastShift = c.spreadOfPairs(), e.noise.towards(q.matters(), q.metric.Better)
	if allowed := e.noise.towards(q.allowed(), q.metric.Better); e.foreseen > 0 {
		e.reach = known.of(worst, clean, end, allowed/e.foreseen, e.leastShift/e.foreseen)
	}
	e.noise.base = worst.Values[len(worst.Values)-1]
	e.noise.head = e.noise.base
}

// spreadOfPairs is by how much the pairs vary, as far as that is known: of all that were measured, and not of those up to the look that
// decided, which may have come early since they agreed; and together with what was calibrated here, unless the two contradict each other.
func (c *candidate) spreadOfPairs() float64 {
	var all []float64
	for _, x := range c.seq.excess[:c.seq.gone()] {
		if finite(x) {
			all = append(all, x)
		}
	}
	spread, err := stat.ClippedDeviation(all)
	if err != nil {
		return c.evidence.noise.deviation
	}
	return withKnown(spread, len(all)-1, c.knownPairs())
}

// spread is a standard deviation with its degrees of freedom; those are 0 where nothing is known.
type spread struct {
	deviation float64
	degrees   int
}

// knownPairs is how far the pairs of a metric varied when the machine was calibrated.
func (c *candidate) knownPairs() spread {
	if c.calibrated.degrees > 0 {
		return c.calibrated
	}
	n, noise := c.known(), c.side.noise
	if n == nil || noise.Pairs <= noise.Sessions {
		return spread{}
	}
	return spread{n.Pair, noise.Pairs - noise.Sessions}
}

// contradiction is how many of its standard errors apart two spreads are no longer taken for one: a machine that has become
// calmer or busier is described by what it does now.
const contradiction = 3

// withKnown pools a spread with one that was known.
func withKnown(deviation float64, degrees int, known spread) float64 {
	if known.degrees < 1 || degrees < 1 || known.deviation == 0 || deviation == 0 {
		return deviation
	}
	// The logarithm of a standard deviation of normal noise has the variance 1/(2·degrees).
	apart := math.Log(deviation / known.deviation)
	if math.Abs(apart) > contradiction*math.Sqrt(0.5/float64(degrees)+0.5/float64(known.degrees)) {
		return deviation
	}
	sum := float64(degrees)*deviation*deviation + float64(known.degrees)*known.deviation*known.deviation
	return math.Sqrt(sum / float64(degrees+known.degrees))
}

// othersEnd is the look, from 0, at which the other gated metrics of the plan were decided: the trial goes to it whatever becomes of this one.
func (d *decider) othersEnd(c *candidate) int {
	o := d.in.Options
	end := 0
	for _, other := range d.candidates {
		if _, undecidable := other.hidden(o); undecidable {
			continue
		}
		if other == c || other.seq == nil || keyOf(other.plan) != keyOf(c.plan) || other.limits.Policy != metric.Block {
			continue
		}
		looks := other.seq.looks
		if other.open() {
			return len(looks)
		}
		for k, look := range looks {
			if look == other.entry.DecidedAt {
				end = max(end, k)
			}
		}
	}
	return end
}
