package testnode

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// SleepUntil waits for an instant of CLOCK_MONOTONIC in nanoseconds, and is never early. It waits for a timer of the kernel's,
// since Go's own are up to a millisecond late in a process that does nothing else.
func SleepUntil(at int64) {
	if at <= MonotonicNS() {
		return
	}
	if fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err == nil {
		timer := os.NewFile(uintptr(fd), "timer")
		when := unix.ItimerSpec{Value: unix.NsecToTimespec(at)}
		if unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME, &when, nil) == nil {
			var expirations [8]byte
			_, _ = timer.Read(expirations[:]) // what is then left to wait for is waited for below
		}
		_ = timer.Close()
	}
	time.Sleep(time.Duration(at - MonotonicNS()))
}
