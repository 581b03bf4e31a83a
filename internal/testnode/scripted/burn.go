package main

import (
	"math"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
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
	got := make([]atomic.Int64, int(math.Ceil(cpu.Cores))) // nanoseconds of CPU time, by thread
	var threads sync.WaitGroup
	for i := range got {
		threads.Go(func() { burnThread(min(cpu.Cores-float64(i), 1), duration, &got[i]) })
	}
	ended := make(chan struct{})
	go func() { threads.Wait(); close(ended) }()
	n.tellBurned(got, ended)
	n.truth.write(testnode.EventBurnEnd, cores)
}

// tellBurned writes down what the threads have got, until they have ended.
func (n *node) tellBurned(got []atomic.Int64, ended <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
		}
		var sum int64
		for i := range got {
			sum += got[i].Load()
		}
		n.truth.write(testnode.EventBurned, strconv.FormatInt(sum, 10))
	}
}

// burnThread uses share of one core for the duration. It compares the CPU time it got with what it is due, so that the share
// is right in the mean although the machine is busy with others, as long as that leaves it enough. It tells how much it got.
func burnThread(share float64, duration time.Duration, got *atomic.Int64) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const turn = 40 * time.Millisecond // to wake a thread takes CPU time too, in other threads
	begin, beginCPU := time.Now(), threadCPU()
	for end := min(turn, duration); ; end = min(end+turn, duration) {
		for due := time.Duration(share * float64(end)); threadCPU()-beginCPU < due && time.Since(begin) < duration; {
			spin(100 * time.Microsecond)
		}
		got.Store(int64(threadCPU() - beginCPU))
		time.Sleep(time.Until(begin.Add(end)))
		if end == duration {
			return
		}
	}
}

// spin keeps a core busy for the duration.
func spin(duration time.Duration) {
	for begin := time.Now(); time.Since(begin) < duration; {
	}
}
