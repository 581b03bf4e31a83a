package runner

import (
	"context"
	"time"
)

// every calls f at start + k*period for k = 0, 1, 2, … until f returns false, stop is closed (nil: never) or the context
// ends. Moments that have passed while f was busy are left out, so that a slow answer never shifts the schedule; a start
// that has passed is now.
func every(ctx context.Context, stop <-chan struct{}, start time.Time, period time.Duration, f func() bool) {
	timer := time.NewTimer(time.Until(start))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-stop:
			return
		case <-timer.C:
		}
		if !f() {
			return
		}
		timer.Reset(time.Until(start.Add(time.Since(start).Truncate(period) + period)))
	}
}

// until waits for a moment; false when the context ended first.
func until(ctx context.Context, moment time.Time) bool {
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// lookTimeout bounds one look at one page.
const lookTimeout = 2 * time.Second

// sweepPeriod is the time between two sweeps of the steady window, in which everything that a node shows is looked at.
const sweepPeriod = time.Second

// looksPerSecond is how many looks at gauges all nodes of a large network get together: looking must not become the load.
const looksPerSecond = 500

// formPeriod is the time between two looks at a node while the network forms: short enough for an interval of 20 ms in
// networks up to 20 nodes, longer in larger ones, where looking itself would slow the nodes down.
func formPeriod(nodes int) time.Duration {
	if nodes <= 20 {
		return 8 * time.Millisecond
	}
	return time.Duration(nodes) * time.Second / looksPerSecond
}

// gaugePeriod is the time between two looks at the peer gauge in the steady window, so that a lost connection is seen.
func gaugePeriod(nodes int) time.Duration {
	return max(100*time.Millisecond, time.Duration(nodes)*time.Second/looksPerSecond)
}
