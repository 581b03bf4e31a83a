//go:build !linux

package refnode

import (
	"context"
	"time"
)

// sleepUntil waits for an instant of this system's stand-in for CLOCK_MONOTONIC. The error is the context's.
func sleepUntil(ctx context.Context, at int64) error {
	return pause(ctx, time.Duration(at-monotonicNS()))
}
