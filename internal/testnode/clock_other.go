//go:build !linux

package testnode

import "time"

// MonotonicNS stands in for CLOCK_MONOTONIC, which is read on Linux alone: wall time in nanoseconds.
func MonotonicNS() int64 {
	return time.Now().UnixNano()
}
