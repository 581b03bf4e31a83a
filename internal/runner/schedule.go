package runner

import (
	"context"
	"time"

	"github.com/communitas/perfgate/internal/suite"
)

// schedule is when something is done over and over: at start + k*period for k = 0, 1, 2, … Moments that have passed while
// it was busy are left out, so that a slow answer never shifts the schedule; a start that has passed is now.
type schedule struct {
	start time.Time
	// period is asked for after each time, since it may change.
	period func() time.Duration
	// stop ends it when it is closed; nil for never.
	stop <-chan struct{}
	// hurry asks for one more time at once, beside the schedule; nil for never.
	hurry <-chan struct{}
}

// every keeps to the schedule until f returns false, it is stopped or the context ends.
func every(ctx context.Context, s schedule, f func() bool) {
	moment := s.start
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.stop:
			return
		case <-s.hurry:
		case <-timer.C:
		}
		if !f() {
			return
		}
		if period := s.period(); !moment.After(time.Now()) {
			moment = moment.Add(time.Since(moment).Truncate(period) + period)
		}
		timer.Reset(time.Until(moment))
	}
}

// turnOf is how long after the first node a node is looked at in the steady window. A few nodes are looked at together, so that
// what they show belongs to one moment. Among many that would be a burst, in which every core is busy with being looked at, and
// what a network does at that moment would take several times as long: they are spread over the time between two sweeps, or
// over a tenth of a window so short that it has few of them.
func turnOf(node int, s suite.Scenario) time.Duration {
	if s.Nodes <= fewNodes {
		return 0
	}
	return min(sweepPeriod, s.Duration/10) * time.Duration(node) / time.Duration(s.Nodes)
}

// always is a period that never changes.
func always(period time.Duration) func() time.Duration { return func() time.Duration { return period } }

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

// Looking must not become the load: so many looks a second all nodes of a large network get together, those that are waited
// for while it comes up and forms, and all of them at other times.
const (
	waitingLooksPerSecond = 1250
	looksPerSecond        = 1000
)

// fewNodes are looked at as often as is ever useful.
const fewNodes = 20

// waitingPeriod is the time between two looks at a node that is waited for, one of so many: what is waited for is then known
// to 20 ms in networks up to 20 nodes, or of so many stragglers, and to 100 ms among a hundred.
func waitingPeriod(waiting int64) time.Duration {
	if waiting <= fewNodes {
		return 8 * time.Millisecond
	}
	return time.Duration(waiting) * time.Second / waitingLooksPerSecond
}

// otherPeriod is the time between two looks at a node of a forming network that is not waited for. In a small one it is as
// short: between two looks a node may lose a peer and find it again, and what is unseen of that cannot be told.
func otherPeriod(nodes int) time.Duration {
	if nodes <= fewNodes {
		return waitingPeriod(int64(nodes))
	}
	return gaugePeriod(nodes)
}

// gaugePeriod is the time between two looks at a peer gauge that nobody waits for, so that a lost connection is seen.
func gaugePeriod(nodes int) time.Duration {
	return max(100*time.Millisecond, time.Duration(nodes)*time.Second/looksPerSecond)
}
