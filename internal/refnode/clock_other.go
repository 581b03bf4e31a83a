//go:build !linux

package refnode

import "time"

// monotonicNS stands in for CLOCK_MONOTONIC, which is read on Linux alone: wall time in nanoseconds.
func monotonicNS() int64 { return time.Now().UnixNano() }
