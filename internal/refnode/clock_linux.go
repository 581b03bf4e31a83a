package refnode

import "golang.org/x/sys/unix"

// monotonicNS is CLOCK_MONOTONIC in nanoseconds: the clock of the probe API, the same for all processes of a host.
func monotonicNS() int64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		panic(err) // the kernel refuses this clock to nobody
	}
	return now.Nano()
}
