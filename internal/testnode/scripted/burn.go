package main

import (
	"math"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// burn uses as many cores as the script says. Each whole core is a thread that never rests, a rest of a core one that does.
func (n *node) burn(cpu testnode.CPU) {
	duration := time.Duration(math.MaxInt64)
	if cpu.UntilMS > 0 {
		duration = time.Duration(cpu.UntilMS-cpu.FromMS) * time.Millisecond
	}
	cores := strconv.FormatFloat(cpu.Cores, 'g', -1, 64)
	n.truth.write(testnode.EventBurn, cores)
	var threads sync.WaitGroup
	for rest := cpu.Cores; rest > 0; rest-- {
		threads.Go(func() { burnThread(min(rest, 1), duration) })
	}
	threads.Wait()
	n.truth.write(testnode.EventBurnEnd, cores)
}

// burnThread uses share of one core for the duration. It compares the CPU time it got with what it is due, so that the share
// is right in the mean although the machine is busy with others, as long as that leaves it enough.
func burnThread(share float64, duration time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const slice = time.Millisecond
	begin, beginCPU := time.Now(), threadCPU()
	for elapsed := time.Duration(0); elapsed < duration; elapsed = time.Since(begin) {
		due := time.Duration(share * float64(elapsed))
		if threadCPU()-beginCPU < due {
			spin(slice)
		} else {
			time.Sleep(slice)
		}
	}
}

// spin keeps a core busy for the duration.
func spin(duration time.Duration) {
	for begin := time.Now(); time.Since(begin) < duration; {
	}
}
