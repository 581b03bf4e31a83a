package calibration

import (
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/stat"
)

// Pinpoint decides by p-values as Chromium's service of that name does: two neighbouring commits of those that were measured
// are different below 1 %, the same above a limit at which a difference of the expected size would have been missed in 1 %
// only, and unknown between: then both run more. Between different ones the middle is built. What was decided stays. It is
// made better than it is: it knows the noise and the direction of the change.
type Pinpoint struct{}

// The rule's numbers: runs of a commit at first and at most.
const (
	pinpointFirst, pinpointMost = 10, 160
	pinpointDifferent           = 0.01
)

// Name names it.
func (Pinpoint) Name() string { return "Pinpoint's rule" }

// Seek searches until every two neighbours that are different are neighbours in the range.
func (Pinpoint) Seek(h Hunt, w *bisect.World, _ uint64) Verdict {
	p := pinpointSearch{bench: newWorkbench(w), values: map[int][]float64{}, shift: math.Abs(math.Log1p(h.Guess)) / h.SD, worse: stat.Greater}
	if h.Guess < 0 {
		p.worse = stat.Less
	}
	var v Verdict
	p.measure(0)
	p.measure(h.Commits)
	line := []int{0, h.Commits}
	for i := 0; i+1 < len(line); {
		low, high := line[i], line[i+1]
		if !p.different(low, high) {
			i++
			continue
		}
		middle := p.middle(low, high)
		if middle < 0 {
			for c := low + 1; c <= high; c++ {
				v.Accused = append(v.Accused, c)
			}
			i++
			continue
		}
		line = slices.Insert(line, i+1, middle)
	}
	v.None = len(v.Accused) == 0
	v.Builds, v.Runs = p.bench.builds, p.bench.runs
	return v
}

type pinpointSearch struct {
	bench  *workbench
	values map[int][]float64
	broken map[int]bool
	shift  float64 // the expected difference in standard deviations
	worse  stat.Alternative
}

// measure builds a commit and runs it as often as at first; it tells whether it builds.
func (p *pinpointSearch) measure(commit int) bool {
	if !p.bench.build(commit) {
		return false
	}
	p.values[commit] = p.bench.sample(commit, pinpointFirst)
	return true
}

// middle measures a commit between two, the one nearest to the middle that builds, and returns it; -1 for none.
func (p *pinpointSearch) middle(low, high int) int {
	if p.broken == nil {
		p.broken = map[int]bool{}
	}
	for {
		next := nearest(low, high, p.broken)
		if next < 0 || p.measure(next) {
			return next
		}
		p.broken[next] = true
	}
}

// different decides two commits once and for all. What is unknown after the most runs counts as the same.
func (p *pinpointSearch) different(low, high int) bool {
	for {
		a, b := p.values[low], p.values[high]
		test, err := stat.RankSum(a, b, p.worse)
		n := min(len(a), len(b))
		switch {
		case err != nil || test.P > p.same(n):
			return false
		case test.P < pinpointDifferent:
			return true
		case n >= pinpointMost:
			return false
		}
		for _, c := range []int{low, high} {
			if missing := 2*n - len(p.values[c]); missing > 0 {
				p.values[c] = append(p.values[c], p.bench.sample(c, missing)...)
			}
		}
	}
}

// same is the p-value that a difference of the expected size exceeds in 1 % of the comparisons of n and n runs, by the normal
// approximation of the rank sum.
func (p *pinpointSearch) same(n int) float64 {
	const missed = 2.326 // deviations
	z := p.shift*math.Sqrt(float64(n)/2*3/math.Pi) - missed
	return max(1-normalCDF(z), pinpointDifferent)
}
