package calibration

import (
	"math"

	"github.com/communitas/perfgate/internal/bisect"
)

// PassFail is the Bayesian search of tests that fail at times: each run is a failure when its value is on the far side of a
// threshold, the commit nearest to the posterior's median runs next, and it ends at 95 %. It is made better than it is: it
// knows the threshold that lies between both levels, and how often runs are on the wrong side of it.
type PassFail struct{}

// The rule's numbers: the posterior at which it ends, and the runs after which it gives up.
const passFailSure, passFailMost = 0.95, 4000

// Name names it.
func (PassFail) Name() string { return "pass/fail, Bayes" }

// Seek runs one commit at a time.
func (PassFail) Seek(h Hunt, w *bisect.World, _ uint64) Verdict {
	b := newWorkbench(w)
	effect := math.Log1p(h.Guess)
	wrong := max(1-normalCDF(math.Abs(effect)/2/h.SD), 1e-6)
	posterior := make([]float64, h.Commits+1)
	for i := 1; i < len(posterior); i++ {
		posterior[i] = 1 / float64(h.Commits)
	}
	var v Verdict
	broken := map[int]bool{}
	for b.runs < passFailMost {
		best, most := nearestToMedian(posterior, broken)
		if posterior[most] >= passFailSure || best < 0 {
			v.Accused, v.Sure = []int{most}, posterior[most]
			break
		}
		if !b.build(best) {
			broken[best] = true
			continue
		}
		failed := (b.run(best) > effect/2) == (effect > 0)
		var sum float64
		for i := range posterior {
			if (i <= best) == failed { // the culprit is contained, and the run says so; or neither
				posterior[i] *= 1 - wrong
			} else {
				posterior[i] *= wrong
			}
			sum += posterior[i]
		}
		for i := range posterior {
			posterior[i] /= sum
		}
	}
	v.Builds, v.Runs = b.builds, b.runs
	return v
}

// nearestToMedian is the commit that parts the posterior most evenly and is not known to be broken, -1 when none parts it, and
// the likeliest one.
func nearestToMedian(posterior []float64, broken map[int]bool) (best, most int) {
	best = -1
	var sum, value float64
	for i := 1; i < len(posterior); i++ {
		sum += posterior[i]
		if posterior[i] > posterior[most] {
			most = i
		}
		if even := sum * (1 - sum); even > value && i < len(posterior)-1 && !broken[i] {
			best, value = i, even
		}
	}
	return best, most
}
