package calibration

import (
	"fmt"
	"math/rand/v2"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Recorded are real runs of one unchanged subject, from which pull requests without a change are drawn again (the bootstrap
// of Efron 1979): whole runs, so that what metrics have in common stays. Neighbours in time are pairs, which are drawn as
// pairs, with the sides changed by the throw of a coin. Noise that no model has is in them; what is rarer than one in as
// many runs as there are is not.
type Recorded struct {
	// Name says where they are from.
	Name string
	// Metrics are the names of the metrics.
	Metrics []string
	// runs has a row for each metric, with a value of each run, in their order. Less is better: where more was, the value is
	// 1 by what was measured.
	runs [][]float64
}

// leastRecorded is how few runs are worth to be drawn from.
const leastRecorded = 6

// FromResults takes the runs of each scenario and benchmark of a results directory. A plan with fewer than 6 complete runs is
// left out.
func FromResults(name string, r *result.Results) []*Recorded {
	var all []*Recorded
	for _, plan := range r.Scenarios {
		recorded := &Recorded{Name: fmt.Sprintf("%s, %s", name, plan.Name+plan.Benchmark)}
		for _, s := range r.SeriesOf(plan) {
			var values []float64
			for _, sample := range s.Usable() {
				if sample.Value != nil && !sample.Censored {
					values = append(values, *sample.Value)
				}
			}
			recorded.add(metric.Describe(s.Metric, s.Unit, s.Better), values, plan.Runs)
		}
		if recorded.fit() {
			all = append(all, recorded)
		}
	}
	return all
}

// FromTrial takes the pairs of a trial: the two sides' runs of one number become neighbours. A plan that only one of them
// has, or with fewer than 3 pairs, is left out.
func FromTrial(name string, base, head *result.Results) []*Recorded {
	heads := map[string]*Recorded{}
	for _, h := range FromResults(name, head) {
		heads[h.Name] = h
	}
	var all []*Recorded
	for _, b := range FromResults(name, base) {
		if h, ok := heads[b.Name]; ok {
			if woven := weave(b, h); woven.fit() {
				all = append(all, woven)
			}
		}
	}
	return all
}

// weave puts the runs of two sides in turns, for the metrics that both have.
func weave(base, head *Recorded) *Recorded {
	woven := &Recorded{Name: base.Name}
	for i, name := range base.Metrics {
		for j, other := range head.Metrics {
			if name != other || len(base.runs[i]) != len(head.runs[j]) {
				continue
			}
			var row []float64
			for k, v := range base.runs[i] {
				row = append(row, v, head.runs[j][k])
			}
			woven.Metrics, woven.runs = append(woven.Metrics, name), append(woven.runs, row)
		}
	}
	return woven
}

// FromBaselines takes what was recorded in a baselines.toml.
func FromBaselines(name string, file *baseline.File) []*Recorded {
	var all []*Recorded
	for _, recording := range file.Recordings() {
		recorded := &Recorded{Name: fmt.Sprintf("%s, %s, %.8s", name, recording.Scenario+recording.Benchmark, recording.Environment)}
		longest := 0
		for _, s := range recording.Series {
			longest = max(longest, len(s.Samples))
		}
		for _, s := range recording.Series {
			if len(s.Censored) == 0 {
				recorded.add(metric.Describe(s.Metric, s.Unit, s.Better), s.Samples, longest)
			}
		}
		if recorded.fit() {
			all = append(all, recorded)
		}
	}
	return all
}

// add takes a noisy metric that gates by default and that every run has.
func (r *Recorded) add(m metric.Metric, values []float64, runs int) {
	if m.Kind != metric.Continuous || m.Policy != metric.Block || len(values) != runs {
		return
	}
	row := make([]float64, runs)
	varies := false
	for i, v := range values {
		if v <= 0 {
			return
		}
		varies = varies || v != values[0]
		row[i] = v
		if m.Better == metric.Higher {
			row[i] = 1 / v
		}
	}
	if varies {
		r.Metrics, r.runs = append(r.Metrics, m.Name), append(r.runs, row)
	}
}

func (r *Recorded) fit() bool { return len(r.runs) > 0 && len(r.runs[0]) >= leastRecorded }

// Runs is how many runs there are to draw from.
func (r *Recorded) Runs() int { return len(r.runs[0]) }

func (r *Recorded) size() int { return len(r.runs) }

func (r *Recorded) shown(value float64) float64 { return value }

func (r *Recorded) pairs(random *rand.Rand, n int) Sides {
	sides := newSides(r.size(), n)
	for at := range n {
		first := 2 * random.IntN(r.Runs()/2)
		second := first + 1
		if random.IntN(2) == 0 {
			first, second = second, first
		}
		r.copy(sides.Base, at, first)
		r.copy(sides.Head, at, second)
	}
	return sides
}

func (r *Recorded) apart(random *rand.Rand, n int) Sides {
	return Sides{Base: r.draw(random, n), Head: r.draw(random, n)}
}

func (r *Recorded) stored(random *rand.Rand, n int) Sides { return r.apart(random, n) }

func (r *Recorded) history(random *rand.Rand, n int) Sides {
	return Sides{Base: r.draw(random, n), Head: r.draw(random, 1)}
}

func (r *Recorded) draw(random *rand.Rand, n int) [][]float64 {
	rows := rowsOf(r.size(), n)
	for at := range n {
		r.copy(rows, at, random.IntN(r.Runs()))
	}
	return rows
}

func (r *Recorded) copy(rows [][]float64, at, run int) {
	for i, values := range r.runs {
		rows[i][at] = values[run]
	}
}
