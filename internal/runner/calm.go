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
	// calmWithin bounds the wait for a calm machine before a launch.
	calmWithin = 10 * time.Second
)

// awaitCalm waits until the machine has nothing else to do, for a bounded time. On a machine that does not become calm the
// run is made all the same: its witness will say what came of it. The error is the context's.
func (r *Runner) awaitCalm(ctx context.Context, progress Progress) error {
	within := cmp.Or(r.calm, calmWithin)
	if r.Disturbed == Keep || within < 0 {
		return ctx.Err()
	}
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
		if !told && r.Progress != nil {
			told = true
			progress.Phase, progress.Length, progress.Note = Waiting, within, restless
			r.Progress(progress)
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
