package stat

import "fmt"

// maxCount limits the counts of the tests of counts: beyond it their products
// leave the whole numbers.
const maxCount = 1_000_000_000

// Trials is how often something was tried on one side, and how often it
// succeeded or failed.
type Trials struct {
	// Successes and Failures are counts from 0 to 10⁹.
	Successes, Failures int
}

// FisherExact tests whether head succeeds more often (Greater) or less often
// (Less) than base, and returns the one-sided p-value: the exact test of Fisher
// (1935), which is hypergeometric given how many tries and successes there are in
// all. It returns 1 beside an error: ErrTooFew when a side has no tries,
// ErrOutOfRange for a negative count or an unknown alternative, ErrTooMany for a
// count above 10⁹.
func FisherExact(base, head Trials, alternative Alternative) (float64, error) {
	for _, side := range []Trials{base, head} {
		if err := side.check(); err != nil {
			return 1, fmt.Errorf("fisher's exact test: %w", err)
		}
	}
	var (
		successes = base.Successes + head.Successes
		tries     = head.Successes + head.Failures
		failures  = base.Failures + head.Failures
		all       = successes + failures
		lowest    = max(0, tries-failures)
		highest   = min(tries, successes)
	)
	// The most likely number of successes of head.
	mode := int(float64(tries+1) * (float64(successes+1) / float64(all+2)))
	// P(k+1)/P(k) of the hypergeometric distribution.
	ratio := func(k int) float64 {
		return float64(successes-k) / float64(k+1) * float64(tries-k) / float64(failures-tries+k+1)
	}
	lower, upper := tailShares(lowest, highest, mode, head.Successes, ratio)
	p, err := alternative.of(lower, upper)
	if err != nil {
		return 1, fmt.Errorf("fisher's exact test: %w", err)
	}
	return p, nil
}

func (t Trials) check() error {
	if t.Successes < 0 || t.Failures < 0 {
		return ErrOutOfRange
	}
	if t.Successes > maxCount || t.Failures > maxCount {
		return ErrTooMany
	}
	if t.Successes+t.Failures == 0 {
		return ErrTooFew
	}
	return nil
}

// tailShares returns P(X <= x) and P(X >= x) of a distribution on lowest to
// highest with one peak, near mode, of which only the ratio P(k+1)/P(k) is needed.
// It sums outward from the peak until the terms vanish, so every sum is of
// positive terms and no factorial is ever taken. A tail that lies further out is 0.
func tailShares(lowest, highest, mode, x int, ratio func(k int) float64) (lower, upper float64) {
	// Relative to the peak. Below the normal range of a float64 a term that is
	// multiplied by 0.999 can stay what it is, for ever.
	const vanished = 1e-300
	mode = min(max(mode, lowest), highest)
	var total float64
	add := func(k int, weight float64) {
		total += weight
		if k <= x {
			lower += weight
		}
		if k >= x {
			upper += weight
		}
	}
	add(mode, 1)
	weight := 1.0
	for k := mode; k < highest && weight > vanished; k++ {
		weight *= ratio(k)
		add(k+1, weight)
	}
	weight = 1
	for k := mode; k > lowest && weight > vanished; k-- {
		weight /= ratio(k - 1)
		add(k-1, weight)
	}
	return lower / total, upper / total
}
