package stat

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Sessions is what several sessions of unchanged work have shown of noise: the components of Components, and how many sessions
// and runs they are from. It says how far the centers of two further sessions may lie apart.
type Sessions struct {
	// Within and Between are standard deviations, of a run inside of its session and of the centers of sessions beyond what
	// Within explains; finite, at least 0.
	Within, Between float64
	// Count is how many sessions there were, at least 2; Runs how many runs one of them had, above 0.
	Count int
	Runs  float64
}

// inefficiency is the variance of a Hodges-Lehmann estimate over that of the mean, for normal noise (Hodges and Lehmann 1963).
const inefficiency = math.Pi / 3

func (s Sessions) check() error {
	for _, v := range []float64{s.Within, s.Between} {
		if !(v >= 0) || math.IsInf(v, 1) {
			return ErrNotFinite
		}
	}
	if s.Count < 2 || !(s.Runs > 0) || math.IsInf(s.Runs, 1) {
		return ErrTooFew
	}
	return nil
}

// Deviation returns the standard deviation of the shift between the centers of base and head runs of two further sessions.
// Within is that of the runs at hand; the greater of both counts.
//
// Between and Within together are the mean square of the sessions' means, Between² + Within²/Runs, which has Count-1 degrees of
// freedom; a Between of 0 is more than that mean square asks for, and never less. Twice that is the part of the sessions; the runs at
// hand come on top.
func (s Sessions) Deviation(base, head int, within float64) (float64, error) {
	if err := s.check(); err != nil {
		return math.NaN(), fmt.Errorf("deviation of sessions: %w", err)
	}
	if base < 1 || head < 1 {
		return math.NaN(), fmt.Errorf("deviation of sessions: %w", ErrTooFew)
	}
	within = max(s.Within, within)
	means := s.Between*s.Between + s.Within*s.Within/s.Runs
	return math.Sqrt(2*means + inefficiency*within*within*(1/float64(base)+1/float64(head))), nil
}

// Tail returns the probability of a shift of at least so many deviations, one-sided and without a change. With any part of the
// variance known better than that of the sessions, the truth lies between Student's distributions of Count-1 degrees of
// freedom and of more (Mickey and Brown 1966): this is the greater end.
func (s Sessions) Tail(deviations float64) float64 {
	degrees, half := float64(s.Count-1), 0.0
	if !math.IsInf(deviations, 0) {
		half = 0.5 * mathext.RegIncBeta(degrees/2, 0.5, degrees/(degrees+deviations*deviations))
	}
	if deviations < 0 {
		return 1 - half
	}
	return half
}

// Boundary returns the deviations that Tail gives p for, p in (0, 0.5].
func (s Sessions) Boundary(p float64) float64 { return studentBoundary(p, float64(s.Count-1)) }

// HeadRuns returns how many runs of head, beside so many of base, bring Deviation down to the wanted one: +Inf where no number
// does, since sessions differ by more or base has too few runs.
func (s Sessions) HeadRuns(deviation float64, base int, within float64) float64 {
	least, err := s.Deviation(base, math.MaxInt, within)
	if err != nil || !(deviation > least) {
		return math.Inf(1)
	}
	within = max(s.Within, within)
	return inefficiency * within * within / (deviation*deviation - least*least)
}
