package compare

import (
	"slices"

	"github.com/communitas/perfgate/internal/metric"
)

// family is the error budget of a trial: Holm's sequentially rejective procedure over its gated metrics, at every look with
// what was proven so far.
//
// With r of the tests not yet rejected, one more is rejected when its looks prove a change with the error alpha/r. The error
// of the looks of one metric is divided among them, whatever the number of looks; the errors of the metrics add up to alpha
// for every set of metrics without a change. So alpha is the chance of any false alarm in the whole trial, whatever the metrics
// have in common, and wherever it stops.
//
// A sequence of exact tests may, by its steps, reject with a smaller error and not with a greater one. Holm's shortcut needs the
// opposite, so a test counts as rejected with an error only when it is with every greater one as well; and so that these are few,
// the errors are those of a ladder: alpha/2, alpha/4 and so on, and the smallest, alpha by the number of tests.
type family struct {
	alpha    float64
	tests    int
	ladder   []float64 // falling from alpha
	rejected [2]map[*candidate]bool
	// steps are those of Holm's procedure, in their order, for an explanation.
	steps []familyStep
}

// familyStep is one step of Holm's procedure: with left metrics not yet rejected, these were at alpha/left.
type familyStep struct {
	look     int // from 0
	way      direction
	left     int
	rejected []*candidate
}

func newFamily(alpha float64, tests int) *family {
	f := &family{alpha: alpha, tests: max(1, tests), rejected: [2]map[*candidate]bool{{}, {}}}
	parts := 1
	for ; parts < f.tests; parts *= 2 {
		f.ladder = append(f.ladder, alpha/float64(parts))
	}
	f.ladder = append(f.ladder, alpha/float64(f.tests))
	return f
}

// reject takes in what look k proves, in both directions.
func (f *family) reject(all []*candidate, k int) {
	for _, way := range []direction{forWorse, forBetter} {
		for f.rejectMore(all, way, k) {
		}
	}
}

func (f *family) rejectMore(all []*candidate, way direction, k int) bool {
	left := float64(f.tests - len(f.rejected[way]))
	var more []*candidate
	for _, c := range all {
		if !f.rejected[way][c] && f.proves(c, way, f.alpha/left, k) {
			more = append(more, c)
		}
	}
	for _, c := range more {
		f.rejected[way][c] = true
	}
	f.steps = append(f.steps, familyStep{k, way, int(left), more})
	return len(more) > 0
}

// changed tells whether the looks up to k prove any change of a metric.
func (f *family) changed(c *candidate, k int) bool {
	for _, way := range []direction{forWorse, forBetter} {
		if f.rejected[way][c] || c.limits.Policy != metric.Block && c.proves(way, f.alpha, k) {
			return true
		}
	}
	return false
}

// step is where in the ladder an error of at most most is: the greatest step that is not above it.
func (f *family) step(most float64) int {
	at := len(f.ladder) - 1
	for at > 0 && f.ladder[at-1] <= most*(1+1e-12) {
		at--
	}
	return at
}

// proves tells whether a metric has proven a change with an error of at most most, and with all greater ones of the ladder.
func (f *family) proves(c *candidate, way direction, most float64, k int) bool {
	for _, alpha := range slices.Backward(f.ladder[:f.step(most)+1]) { // the smallest first: most metrics fail there
		if !c.proves(way, alpha, k) {
			return false
		}
	}
	return true
}

// proves tells whether the metric has proven a change with the given error. What was measured without pairs has one look.
func (c *candidate) proves(way direction, alpha float64, k int) bool {
	if c.seq != nil {
		return !c.seq.settled && c.seq.crosses(way, alpha, k)
	}
	return c.evidence.tested && c.repeated(way) <= alpha
}

// repeated is the p-value over all looks so far; what was measured without pairs has one.
func (c *candidate) repeated(way direction) float64 {
	switch {
	case c.seq != nil:
		return c.seq.repeated(way)
	case way == forWorse:
		return c.evidence.pWorse
	default:
		return c.evidence.pBetter
	}
}
