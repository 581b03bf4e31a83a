package calibration

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// logs draws many sides and returns the logarithms of what was asked of each.
func logs(w World, measure func(machine, *rand.Rand) []float64) [][]float64 {
	const draws = 4000
	m := newMachine(w)
	columns := [][]float64{}
	for i := range draws {
		for j, v := range measure(m, rand.New(rand.NewPCG(7, uint64(i)))) {
			if i == 0 {
				columns = append(columns, make([]float64, draws))
			}
			columns[j][i] = math.Log(v)
		}
	}
	return columns
}

func correlation(a, b []float64) float64 {
	meanA, deviationA := moments(a)
	meanB, deviationB := moments(b)
	sum := 0.0
	for i := range a {
		sum += (a[i] - meanA) * (b[i] - meanB)
	}
	return sum / float64(len(a)-1) / deviationA / deviationB
}

// about fails when a figure is further from what it should be than four of its standard errors in 4000 draws.
func about(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %.4f, want %.4f", what, got, want)
	}
}

func TestNoiseHasItsDeviationAndCorrelations(t *testing.T) {
	w := World{Metrics: 2, Shape: LogNormal, CV: 0.08, Pair: 0.5, Between: 0.8}
	columns := logs(w, func(m machine, random *rand.Rand) []float64 {
		s := m.pairs(random, 2)
		return []float64{s.Base[0][0], s.Head[0][0], s.Base[1][0], s.Head[0][1], s.Head[1][0]}
	})
	for _, column := range columns {
		mean, deviation := moments(column)
		about(t, "the mean", mean, 0, 0.005)
		about(t, "the deviation", deviation, 0.07987, 0.004)
	}
	about(t, "the correlation in a pair", correlation(columns[0], columns[1]), 0.5, 0.05)
	about(t, "the correlation of two metrics of a run", correlation(columns[0], columns[2]), 0.8, 0.03)
	about(t, "the correlation of two metrics in a pair", correlation(columns[0], columns[4]), 0.4, 0.055)
	about(t, "the correlation of two pairs", correlation(columns[0], columns[3]), 0, 0.065)
}

func TestRunsApartShareNothing(t *testing.T) {
	w := World{Metrics: 1, Shape: LogNormal, CV: 0.08, Pair: 0.9}
	columns := logs(w, func(m machine, random *rand.Rand) []float64 {
		s := m.apart(random, 2)
		return []float64{s.Base[0][0], s.Head[0][0], s.Base[0][1]}
	})
	about(t, "the correlation of base and head", correlation(columns[0], columns[1]), 0, 0.065)
	about(t, "the correlation of two runs of base", correlation(columns[0], columns[2]), 0, 0.065)
}

func TestSessionsDifferBetweenThemselvesAlone(t *testing.T) {
	w := World{Metrics: 2, Shape: LogNormal, CV: 0.0001, Sessions: 0.05}
	stored := logs(w, func(m machine, random *rand.Rand) []float64 {
		s := m.stored(random, 2)
		return []float64{s.Head[0][0] / s.Base[0][0], s.Base[0][1] / s.Base[0][0], s.Base[1][0] / s.Base[0][0]}
	})
	for i, want := range []float64{0.05 * math.Sqrt2, 0, 0.05 * math.Sqrt2} {
		_, deviation := moments(stored[i])
		about(t, "the deviation of a ratio", deviation, want, 0.004)
	}
	again := logs(w, func(m machine, random *rand.Rand) []float64 {
		pairs, apart := m.pairs(random, 1), m.apart(random, 1)
		return []float64{pairs.Head[0][0] / pairs.Base[0][0], apart.Head[0][0] / apart.Base[0][0]}
	})
	for _, column := range again {
		_, deviation := moments(column)
		about(t, "the deviation in one session", deviation, 0, 0.001)
	}
	history := logs(w, func(m machine, random *rand.Rand) []float64 {
		s := m.history(random, 2)
		return []float64{s.Base[0][1] / s.Base[0][0], s.Head[0][0] / s.Base[0][0]}
	})
	for _, column := range history {
		_, deviation := moments(column)
		about(t, "the deviation in history", deviation, 0.05*math.Sqrt2, 0.004)
	}
}

func TestDriftFavoursNeitherSideOfATrial(t *testing.T) {
	w := World{Metrics: 1, Shape: LogNormal, CV: 0.0001, Drift: 0.1}
	columns := logs(w, func(m machine, random *rand.Rand) []float64 {
		pairs, apart := m.pairs(random, 24), m.apart(random, 24)
		return []float64{
			pairs.Head[0][0] / pairs.Base[0][0], mean(pairs.Head[0]) / mean(pairs.Base[0]), mean(apart.Head[0]) / mean(apart.Base[0]),
			max(pairs.Head[0][23], pairs.Base[0][23]),
		}
	})
	step := math.Log(1.1) / 48
	center, deviation := moments(columns[0])
	about(t, "what a pair has of the drift on average", center, 0, step/8)
	about(t, "what a pair has of the drift", deviation, step, step/8)
	center, deviation = moments(columns[1])
	about(t, "what a trial has of the drift on average", center, 0, 0.00005)
	about(t, "what a trial has of the drift", deviation, 0, 0.0001)
	center, _ = moments(columns[2])
	about(t, "what sides one after the other have of the drift", center, 24*step, 0.001)
	center, _ = moments(columns[3])
	about(t, "the last run", center, 47*step, 0.001)
}

func mean(values []float64) float64 {
	m, _ := moments(values)
	return m
}

func TestWanderingLoadIsRememberedAndStrikesAllMetrics(t *testing.T) {
	w := World{Metrics: 2, Shape: LogNormal, CV: 0.0001, Wander: 0.05}
	columns := logs(w, func(m machine, random *rand.Rand) []float64 {
		s := m.apart(random, 12)
		return []float64{s.Base[0][0], s.Base[0][1], s.Base[1][0], s.Head[0][11]}
	})
	for _, column := range columns {
		_, deviation := moments(column)
		about(t, "the deviation", deviation, 0.05, 0.003)
	}
	about(t, "the correlation of neighbours", correlation(columns[0], columns[1]), 0.9, 0.02)
	about(t, "the correlation of metrics", correlation(columns[0], columns[2]), 1, 0.001)
	about(t, "the correlation 23 runs later", correlation(columns[0], columns[3]), math.Pow(0.9, 23), 0.065)
}

func TestOutliersDelayAShareOfTheRuns(t *testing.T) {
	w := World{Metrics: 2, Shape: LogNormal, CV: 0.0001, Outliers: 0.05}
	m, delayed, runs := newMachine(w), 0, 0
	for i := range 2000 {
		s := m.apart(rand.New(rand.NewPCG(3, uint64(i))), 10)
		for at := range 10 {
			late := s.Base[0][at] > 1+6*w.CV
			runs++
			delayed += one(late)
			if both := s.Base[1][at] > 1; late && !both {
				t.Errorf("an outlier delays one metric of its run and not the other: %v, %v", s.Base[0][at], s.Base[1][at])
			}
		}
	}
	// e^(-2) of the delays are longer than six deviations, and e^(1/18) times as many with the noise.
	about(t, "the share of late runs", float64(delayed)/float64(runs), 0.05*0.143, 0.0024)
}

func TestFewValuesAreTwelfths(t *testing.T) {
	p := &PullRequest{source: newMachine(World{Metrics: 1, Shape: FewValues, CV: 0.08}), random: rand.New(rand.NewPCG(1, 2)), change: Change{Size: 0.5}}
	sides := p.Pairs(200)
	different := map[float64]bool{}
	for _, v := range slices.Concat(sides.Base[0], sides.Head[0]) {
		different[v] = true
		if twelfths := 12 * v; math.Abs(twelfths-math.Round(twelfths)) > 1e-9 {
			t.Fatalf("%v is no number of twelfths", v)
		}
	}
	if n := len(different); n < 6 || n > 20 {
		t.Errorf("%d different values", n)
	}
}

func TestChangesStrikeHeadAlone(t *testing.T) {
	for _, c := range []struct {
		change Change
		want   []float64
	}{
		{Change{}, []float64{1, 1}},
		{Change{Size: 0.5}, []float64{1.5, 1}},
		{Change{Size: -0.5, All: true}, []float64{0.5, 0.5}},
	} {
		p := &PullRequest{source: newMachine(World{Metrics: 2, Shape: LogNormal, CV: 1e-9}), random: rand.New(rand.NewPCG(1, 2)), change: c.change}
		for i, sides := range []Sides{p.Pairs(1), p.Apart(1), p.Stored(1), p.History(1)} {
			for metric, want := range c.want {
				if base, head := sides.Base[metric][0], sides.Head[metric][0]; math.Abs(base-1) > 1e-6 || math.Abs(head-want) > 1e-6 {
					t.Errorf("%+v, design %d, metric %d: base %v, head %v; want 1 and %v", c.change, i, metric, base, head, want)
				}
			}
		}
	}
}
