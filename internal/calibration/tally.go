package calibration

import (
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/stat"
)

// Tally counts what a rule made of many pull requests. All of it is whole numbers but the printed MDEs, which have the
// place of their pull request: so it does not matter in which order they were judged.
type Tally struct {
	// Requests is how many pull requests were judged.
	Requests int
	// False counts those where a metric without a change for the worse was called regressed.
	False int
	// Caught counts those where a metric with a change for the worse was called regressed.
	Caught int
	// CaughtAll counts those where every metric with a change for the worse was called regressed.
	CaughtAll int
	// Clean counts those of which every metric was proven to be within the tolerance, or better.
	Clean int
	// Undecided counts those where at least one metric was left open and none was called regressed.
	Undecided int
	// Wrong counts those where a metric was called changed in the direction that it did not take.
	Wrong int
	// Improved counts those where a metric without any change was called improved.
	Improved int
	// Runs is the sum of the runs of head, Squares that of their squares.
	Runs, Squares int
	// Certain is the sum of the runs after which verdicts were certain, CertainSquares that of their squares.
	Certain, CertainSquares int
	// Intervals counts those with an interval for the first metric, Covered the ones that held the truth. Early and
	// EarlyCovered are those settled before the last look.
	Intervals, Covered, Early, EarlyCovered int
	// MDEs are those printed for the first metric; NaN where there was none.
	MDEs []float64
}

// add counts one answer; last is how many runs a pull request takes that is never settled.
func (t *Tally) add(c Change, a Answer, last int) {
	t.Requests++
	t.Runs += a.Runs
	t.Squares += a.Runs * a.Runs
	t.Certain += a.Certain
	t.CertainSquares += a.Certain * a.Certain
	t.verdict(c, a.Said)
	if math.IsNaN(a.Low) || math.IsNaN(a.High) {
		return
	}
	covered := a.Low <= c.of(0)+1e-9 && c.of(0)-1e-9 <= a.High
	early := a.Settled > 0 && a.Settled < last
	t.Intervals++
	t.Covered += one(covered)
	t.Early += one(early)
	t.EarlyCovered += one(early && covered)
}

// verdict counts what was said of the metrics.
func (t *Tally) verdict(c Change, said []Said) {
	var n words
	for i, word := range said {
		n.add(word, c.of(i))
	}
	t.False += one(n.falsely > 0)
	t.Caught += one(n.caught > 0)
	t.CaughtAll += one(n.caught > 0 && n.missed == 0)
	t.Clean += one(n.clean == len(said))
	t.Undecided += one(n.open > 0 && n.falsely == 0 && n.caught == 0)
	t.Wrong += one(n.wrong > 0)
	t.Improved += one(n.improved > 0)
}

// words count the metrics of one pull request.
type words struct {
	falsely, improved, wrong int // called worse without being so, better without any change, the contrary of what it is
	caught, missed           int // of those that got worse
	clean, open              int
}

func (n *words) add(word Said, change float64) {
	switch word {
	case Worse:
		n.falsely += one(change <= 0)
		n.wrong += one(change < 0)
		n.caught += one(change > 0)
	case Better:
		n.improved += one(change == 0)
		n.wrong += one(change > 0)
		n.clean++
	case Clean:
		n.clean++
	case Undecided:
		n.open++
	case Silent:
	}
	n.missed += one(change > 0 && word != Worse)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// join adds the counts of another tally. The MDEs are not among them.
func (t *Tally) join(o Tally) {
	t.Requests += o.Requests
	t.False += o.False
	t.Caught += o.Caught
	t.CaughtAll += o.CaughtAll
	t.Clean += o.Clean
	t.Undecided += o.Undecided
	t.Wrong += o.Wrong
	t.Improved += o.Improved
	t.Runs += o.Runs
	t.Squares += o.Squares
	t.Certain += o.Certain
	t.CertainSquares += o.CertainSquares
	t.Intervals += o.Intervals
	t.Covered += o.Covered
	t.Early += o.Early
	t.EarlyCovered += o.EarlyCovered
}

// mean is a mean over all pull requests, from a sum and a sum of squares, with its interval of 95 % by the normal approximation:
// pull requests are many.
func (t Tally) mean(sum, squares int) Estimate {
	n := float64(t.Requests)
	mean := float64(sum) / n
	half := 1.96 * math.Sqrt(max(float64(squares)/n-mean*mean, 0)/n)
	return Estimate{Value: mean, Low: mean - half, High: mean + half}
}

// medianMDE is the median of the printed MDEs; NaN when none was printed.
func (t Tally) medianMDE() float64 {
	var printed []float64
	for _, mde := range t.MDEs {
		if !math.IsNaN(mde) {
			printed = append(printed, mde)
		}
	}
	if len(printed) == 0 {
		return math.NaN()
	}
	slices.Sort(printed)
	return printed[len(printed)/2] // an infinity is welcome here
}

// Share is a share of pull requests with its exact interval of 95 % (Clopper and Pearson 1934).
type Share struct {
	// Value is the share, 0 to 1; NaN when it is of nothing.
	Value float64
	// Low and High bound it.
	Low, High float64
	// Of is how many pull requests it is a share of.
	Of int
}

func shareOf(count, of int) Share { return shareWith(count, of, 0.95) }

func shareWith(count, of int, confidence float64) Share {
	e, err := stat.Proportion(stat.Trials{Successes: count, Failures: of - count}, confidence)
	if err != nil {
		return Share{Value: math.NaN(), Low: 0, High: 1}
	}
	return Share{Value: e.Value, Low: e.Low, High: e.High, Of: of}
}

// within counts how many of the printed MDEs lie within a fifth of the true one.
func (t Tally) within(truth float64) Share {
	near, of := 0, 0
	for _, mde := range t.MDEs {
		if math.IsNaN(mde) {
			continue
		}
		of++
		near += one(mde >= 0.8*truth && mde <= 1.2*truth)
	}
	return shareOf(near, of)
}
