package refnode

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// sleepUntil waits for an instant of CLOCK_MONOTONIC, and is never early. The error is the context's.
//
// Note: Go's own timers may be a whole millisecond late in a process that does nothing else, since its poller sleeps for
// whole milliseconds. A timer of the kernel's, which the poller waits for like for a socket, is right to some tens of
// microseconds, and keeps no thread.
func sleepUntil(ctx context.Context, at int64) error {
	timer, err := timerAt(at)
	if err == nil {
		defer timer.Close()
		defer context.AfterFunc(ctx, func() { _ = timer.Close() })() // which ends the read
		var expirations [8]byte
		_, err = timer.Read(expirations[:])
	}
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return pause(ctx, time.Duration(at-monotonicNS())) // late is better than early
}

// timerAt makes a timer that can be read from an instant of CLOCK_MONOTONIC on.
func timerAt(at int64) (*os.File, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	timer := os.NewFile(uintptr(fd), "timer") // waited for by the poller, since it does not block
	when := unix.ItimerSpec{Value: unix.NsecToTimespec(at)}
	if err := unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME, &when, nil); err != nil {
		_ = timer.Close()
		return nil, err
	}
	return timer, nil
}
