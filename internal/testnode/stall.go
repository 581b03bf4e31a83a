package testnode

import (
	"testing"
	"time"
)

const (
	// longStall is how long a test may be kept from running before what it measured meanwhile is measured again: what nodes do in
	// scripts is farther apart than that, and looks at them wait for longer.
	longStall = 300 * time.Millisecond
	// mostStalled bounds the attempts. The last one is judged whatever happened.
	mostStalled = 5
	// stallPeriod is the time between two moments at which a test looks whether it is late.
	stallPeriod = 10 * time.Millisecond
)

// Unstalled measures, and once more when this machine stood still meanwhile: nodes that do things at their times, and looks that
// have a time-out, then meet as no test has in mind. What was measured is judged after it, and measure begins anew each time.
func Unstalled(tb testing.TB, measure func()) {
	tb.Helper()
	for attempt := 1; ; attempt++ {
		end := watchStalls()
		measure()
		longest := end()
		if longest < longStall || attempt == mostStalled {
			return
		}
		tb.Logf("attempt %d: this machine stood still for %v", attempt, longest)
	}
}

// watchStalls begins to look how late this program is when it wants to do something at a moment, and returns what ends that and
// tells by how much it was at most.
func watchStalls() (end func() time.Duration) {
	stop, longest := make(chan struct{}), make(chan time.Duration)
	most, last := time.Duration(0), time.Now()
	go func() {
		tick := time.NewTicker(stallPeriod)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-stop:
				longest <- max(most, time.Since(last)-stallPeriod)
				return
			}
			now := time.Now()
			most, last = max(most, now.Sub(last)-stallPeriod), now
		}
	}()
	return func() time.Duration {
		close(stop)
		return <-longest
	}
}
