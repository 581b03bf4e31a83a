package runner

import (
	"cmp"
	"context"
	"time"

	"github.com/communitas/perfgate/internal/host"
	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/result"
)

const (
	// calmFor is how long the machine is looked at before a launch: ten ticks of the kernel on each core.
	calmFor = 100 * time.Millisecond
	// calmWithin bounds the wait for a calm machine before a launch or an execution.
	calmWithin = 10 * time.Second
)

// awaitCalm waits for a calm machine before a run, unless its figures count all the same.
func (r *Runner) awaitCalm(ctx context.Context, progress Progress) error {
	if r.Disturbed == Keep || r.calm < 0 {
		return ctx.Err()
	}
	return AwaitCalm(ctx, r.calm, progress, r.Progress)
}

// AwaitCalm waits until the machine has nothing else to do, for a bounded time, 0 being the usual one, and tells the progress once
// when it has to wait; tell may be nil. On a machine that does not become calm nothing is said: what is measured then has its
// witness, which will say what came of it. The error is the context's.
func AwaitCalm(ctx context.Context, within time.Duration, progress Progress, tell func(Progress)) error {
	within = cmp.Or(within, calmWithin)
	watch, told := host.NewWatch(), false
	last := emptyLook(watch)
	for begin := time.Now(); time.Since(begin) < within; {
		if !until(ctx, time.Now().Add(calmFor)) {
			return ctx.Err()
		}
		now := emptyLook(watch)
		restless := measure.Restless(measure.Between(last, now))
		if restless == "" {
			return nil
		}
		last = now
		if !told && tell != nil {
			told = true
			progress.Phase, progress.Length, progress.Note = Waiting, within, restless
			tell(progress)
		}
	}
	return nil
}

// emptyLook is a sample of a machine on which no node runs.
func emptyLook(watch *host.Watch) result.MachineSample {
	sample, none := watch.Read(), 0.0
	sample.NodesCPUSeconds = &none
	return sample
}
