//go:build !linux

package main

import "time"

// threadCPU runs at half the speed of time: a thread's CPU time is read on Linux alone, and this keeps the burning thread at
// no more than half a core.
func threadCPU() time.Duration {
	return time.Duration(time.Now().UnixNano() / 2)
}
