//go:build !linux

package testnode

import "time"

// SleepUntil waits for an instant of the clock of MonotonicNS, and is never early.
func SleepUntil(at int64) { time.Sleep(time.Duration(at - MonotonicNS())) }
