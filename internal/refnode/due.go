package refnode

import (
	"context"
	"fmt"
	"time"
)

// maxAhead is how long before its instant a call may come that has one.
const maxAhead = time.Minute

// schedule is the part of a request that says when the work is due: CLOCK_MONOTONIC in nanoseconds, 0 for at once.
type schedule struct {
	AtNS int64 `json:"at_ns"`
}

// check refuses what is no instant, or one that lies too far ahead.
func (s schedule) check() error {
	if s.AtNS == 0 {
		return nil
	}
	if ahead := time.Duration(s.AtNS - monotonicNS()); s.AtNS < 0 || ahead > maxAhead {
		return fmt.Errorf("at_ns = %d: must be CLOCK_MONOTONIC in nanoseconds, at most %v ahead", s.AtNS, maxAhead)
	}
	return nil
}

// await returns when the work is due, at once when it was due before. The error is the context's that ended meanwhile.
func (s schedule) await(ctx context.Context) error {
	if s.AtNS <= monotonicNS() {
		return ctx.Err()
	}
	return sleepUntil(ctx, s.AtNS)
}
