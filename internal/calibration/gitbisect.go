package calibration

import (
	"fmt"
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/bisect"
)

// GitBisect is `git bisect run` with a script that measures a commit so many times and holds the median against a threshold.
// It is made better than it is: unless Measured, the threshold lies exactly between both levels, which nobody knows, and it
// is never wrong about the direction.
type GitBisect struct {
	// Runs of each commit.
	Runs int
	// Measured takes the threshold from as many runs of both ends.
	Measured bool
}

// Name names it.
func (g GitBisect) Name() string {
	if g.Measured {
		return fmt.Sprintf("git bisect, %d runs, threshold measured", g.Runs)
	}
	return fmt.Sprintf("git bisect, %d runs", g.Runs)
}

// Seek halves the range. What does not build is skipped, to the nearest that does.
func (g GitBisect) Seek(h Hunt, w *bisect.World, _ uint64) Verdict {
	b := newWorkbench(w)
	threshold, up := math.Log1p(h.Guess)/2, h.Guess > 0
	if g.Measured {
		b.build(0)
		b.build(h.Commits)
		low, high := middleOf(b.sample(0, g.Runs)), middleOf(b.sample(h.Commits, g.Runs))
		threshold, up = (low+high)/2, high > low
	}
	good, bad := 0, h.Commits
	skipped := map[int]bool{}
	for {
		next := nearest(good, bad, skipped)
		if next < 0 {
			break
		}
		if !b.build(next) {
			skipped[next] = true
			continue
		}
		if (middleOf(b.sample(next, g.Runs)) > threshold) == up {
			bad = next
		} else {
			good = next
		}
	}
	v := Verdict{Builds: b.builds, Runs: b.runs}
	for i := good + 1; i <= bad; i++ {
		v.Accused = append(v.Accused, i)
	}
	return v
}

// nearest is the commit nearest to the middle that was not skipped, -1 when there is none between.
func nearest(good, bad int, skipped map[int]bool) int {
	middle := (good + bad) / 2
	for off := 0; middle-off > good || middle+off < bad; off++ {
		for _, i := range []int{middle - off, middle + off} {
			if i > good && i < bad && !skipped[i] {
				return i
			}
		}
	}
	return -1
}

// middleOf is the median; the values are sorted.
func middleOf(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
