package instrument

import (
	"fmt"
	"syscall"
	"time"
)

// goFirst gives the calling thread the highest priority of ordinary ones, which only root may.
func goFirst() error {
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, -20); err != nil { // of Linux it is the thread's
		return fmt.Errorf("go before others: %w", err)
	}
	return nil
}

// sleepAsThread has the thread itself sleep. time.Sleep would have another one wake it, which has to wait for its turn.
func sleepAsThread(d time.Duration) {
	if d > 0 {
		rest := syscall.NsecToTimespec(d.Nanoseconds())
		_ = syscall.Nanosleep(&rest, nil) // a signal ends it early, and the next period begins
	}
}
