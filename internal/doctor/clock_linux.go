package doctor

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

func readClock() clockState {
	var resolution unix.Timespec
	if err := unix.ClockGetres(unix.CLOCK_MONOTONIC, &resolution); err != nil {
		return clockState{err: fmt.Errorf("ask for the clock's resolution: %w", err)}
	}
	var state unix.Timex // Modes 0: only asks
	status, err := unix.Adjtimex(&state)
	if err != nil {
		return clockState{err: fmt.Errorf("ask for the clock's state: %w", err)}
	}
	return clockState{
		resolution:   time.Duration(resolution.Nano()),
		synchronised: status != unix.TIME_ERROR && state.Status&unix.STA_UNSYNC == 0,
		maxError:     time.Duration(state.Maxerror) * time.Microsecond,
	}
}
