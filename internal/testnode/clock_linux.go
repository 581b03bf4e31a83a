package testnode

import "golang.org/x/sys/unix"

// MonotonicNS returns CLOCK_MONOTONIC in nanoseconds: the clock of the truth file, the same for all processes of a host.
func MonotonicNS() int64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		panic(err) // the kernel refuses this clock to nobody
	}
	return now.Nano()
}
