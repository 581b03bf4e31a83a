package calibration

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// World is a model of the noise on a machine. The logarithm of the value of one metric of one run is the sum of
//
//   - the shape's deviate times the deviation, drawn from normal deviates that correlate within a pair and between metrics
//   - what the session has for this metric
//   - the drift and the wandering load at the moment of the run, which all metrics share
//   - what an outlier adds, which all metrics of the run share
//
// and of the change, on the side of head. The center is 1.
type World struct {
	// Metrics is how many gated metrics a pull request has, from 1.
	Metrics int
	Shape   Shape
	// CV is the coefficient of variation of one run among runs of one moment, 0.08 for 8 %; above 0.
	CV float64
	// Pair is the correlation of the two runs of a pair in one metric, 0 to 1: the state of the machine that both meet.
	Pair float64
	// Between is the correlation of two metrics of one run, 0 to 1.
	Between float64
	// Drift is by how much a session of 48 runs gets slower from its beginning to its end, 0.1 for 10 %.
	Drift float64
	// Wander is the standard deviation, in logarithms, of a load that comes and goes: from run to run it keeps 0.9 of itself.
	Wander float64
	// Outliers is the share of the runs that something else delays, by three deviations on average (exponential).
	Outliers float64
	// Sessions is the standard deviation, in logarithms, of what one session differs from another in one metric.
	Sessions float64
}

// sessionRuns is how many runs the drift is told for.
const sessionRuns = 48

// persistence is how much of the wandering load is left one run later.
const persistence = 0.9

// String tells the world in words, without what is 0.
func (w World) String() string {
	var parts []string
	add := func(value float64, text string) {
		if value != 0 {
			parts = append(parts, fmt.Sprintf(text, value))
		}
	}
	parts = append(parts, string(w.Shape))
	add(100*w.CV, "CV %.0f %%")
	add(w.Pair, "pairs %.2g")
	add(w.Between, "metrics %.2g")
	add(100*w.Drift, "drift %.0f %%")
	add(100*w.Wander, "load %.0f %%")
	add(100*w.Outliers, "outliers %.0f %%")
	add(100*w.Sessions, "sessions %.0f %%")
	return strings.Join(parts, ", ")
}

// Sides are the values of both sides of a pull request: for each metric those of its runs, in the order of measurement.
type Sides struct{ Base, Head [][]float64 }

// source is where the values of a pull request come from: a World, or what was recorded.
type source interface {
	// size is how many metrics there are.
	size() int
	// pairs measures in n pairs of runs, in turns, in one session.
	pairs(random *rand.Rand, n int) Sides
	// apart measures n runs of base and then n runs of head in one session.
	apart(random *rand.Rand, n int) Sides
	// stored is apart with base from another session.
	stored(random *rand.Rand, n int) Sides
	// history measures one run in each of n sessions for base, and one in another for head.
	history(random *rand.Rand, n int) Sides
	// shown is what an instrument shows of a value.
	shown(value float64) float64
}

// machine is a World that is ready to be drawn from.
type machine struct {
	World
	deviation float64
	quantiles quantiles
}

func newMachine(w World) machine {
	return machine{World: w, deviation: math.Sqrt(math.Log1p(w.CV * w.CV)), quantiles: quantilesOf(w.Shape)}
}

func (m machine) size() int { return m.Metrics }

func (m machine) shown(value float64) float64 {
	if m.Shape == FewValues {
		return max(math.Round(value*steps), 1) / steps
	}
	return value
}

// session is one stay on the machine: what it adds to each metric, and what moves while it lasts.
type session struct {
	machine machine
	random  *rand.Rand
	offsets []float64
	runs    int
	load    float64
}

func (m machine) session(random *rand.Rand) *session {
	s := &session{machine: m, random: random, offsets: make([]float64, m.Metrics)}
	if m.Sessions > 0 {
		for i := range s.offsets {
			s.offsets[i] = m.Sessions * random.NormFloat64()
		}
	}
	if m.Wander > 0 {
		s.load = m.Wander * random.NormFloat64()
	}
	return s
}

// deviates draws one standard normal deviate for each metric, correlated between metrics.
func (s *session) deviates(into []float64) {
	common, own := 0.0, 1.0
	if between := s.machine.Between; between > 0 {
		common, own = math.Sqrt(between)*s.random.NormFloat64(), math.Sqrt(1-between)
	}
	for i := range into {
		into[i] = common + own*s.random.NormFloat64()
	}
}

// run measures once: values of all metrics into column at of rows. shared are the deviates of the pair, nil for a run by
// itself.
func (s *session) run(shared []float64, rows [][]float64, at int) {
	m := s.machine
	moment := s.moment()
	own := make([]float64, m.Metrics)
	s.deviates(own)
	for i, z := range own {
		if shared != nil {
			z = math.Sqrt(m.Pair)*shared[i] + math.Sqrt(1-m.Pair)*z
		}
		rows[i][at] = math.Exp(m.deviation*m.quantiles.of(z) + s.offsets[i] + moment)
	}
}

// moment is what the machine adds to all metrics of the next run, in logarithms.
func (s *session) moment() float64 {
	m := s.machine
	sum := math.Log1p(m.Drift) * float64(s.runs) / sessionRuns
	s.runs++
	if m.Wander > 0 {
		s.load = persistence*s.load + math.Sqrt(1-persistence*persistence)*m.Wander*s.random.NormFloat64()
		sum += s.load
	}
	if m.Outliers > 0 && s.random.Float64() < m.Outliers {
		sum += 3 * m.deviation * s.random.ExpFloat64()
	}
	return sum
}

// pairs takes the pairs in blocks of two, base-head-head-base or the other way round, by the throw of a coin.
func (m machine) pairs(random *rand.Rand, n int) Sides {
	sides := newSides(m.Metrics, n)
	s := m.session(random)
	shared := make([]float64, m.Metrics)
	headFirst := false
	for pair := range n {
		if pair%2 == 0 {
			headFirst = random.IntN(2) == 0
		} else {
			headFirst = !headFirst
		}
		if m.Pair > 0 {
			s.deviates(shared)
		}
		first, second := sides.Base, sides.Head
		if headFirst {
			first, second = second, first
		}
		s.run(shared, first, pair)
		s.run(shared, second, pair)
	}
	return sides
}

func (m machine) apart(random *rand.Rand, n int) Sides {
	sides := newSides(m.Metrics, n)
	s := m.session(random)
	for _, rows := range [][][]float64{sides.Base, sides.Head} {
		for at := range n {
			s.run(nil, rows, at)
		}
	}
	return sides
}

func (m machine) stored(random *rand.Rand, n int) Sides {
	sides := newSides(m.Metrics, n)
	for _, rows := range [][][]float64{sides.Base, sides.Head} {
		s := m.session(random)
		for at := range n {
			s.run(nil, rows, at)
		}
	}
	return sides
}

func (m machine) history(random *rand.Rand, n int) Sides {
	sides := Sides{Base: rowsOf(m.Metrics, n), Head: rowsOf(m.Metrics, 1)}
	for at := range n {
		m.session(random).run(nil, sides.Base, at)
	}
	m.session(random).run(nil, sides.Head, 0)
	return sides
}

func newSides(metrics, runs int) Sides {
	return Sides{Base: rowsOf(metrics, runs), Head: rowsOf(metrics, runs)}
}

func rowsOf(metrics, runs int) [][]float64 {
	all := make([]float64, metrics*runs)
	rows := make([][]float64, metrics)
	for i := range rows {
		rows[i] = all[i*runs : (i+1)*runs : (i+1)*runs]
	}
	return rows
}
