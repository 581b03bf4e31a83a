package gate

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
)

// invocation is what all sides of one measurement share.
type invocation struct {
	Plan
	container *contain.Container
	// ports are taken before the first launch.
	ports *runner.Ports
	sides []*side
	// order is the place of the last run of any side.
	order int
	// calm bounds the wait for a calm machine before an execution; 0 is the usual bound.
	calm time.Duration
	// launched says that what was built is being measured: from then on results are kept, whatever happens.
	launched bool
}

// begin makes an invocation; whoever began it ends it. Of the plan it takes what is not a side's own.
func begin(ctx context.Context, plan Plan) (*invocation, error) {
	if err := proc.Supported(); err != nil {
		return nil, err
	}
	container, err := contain.Open(ctx, contain.Options{State: plan.State, Results: plan.Dir, Method: plan.Cleanup})
	if err != nil {
		return nil, err
	}
	inv := &invocation{Plan: plan, container: container}
	inv.tellOfContainer()
	return inv, nil
}

// end gives back everything that the invocation has had; results stay.
func (inv *invocation) end() error {
	for _, s := range inv.sides {
		s.removeCopy()
	}
	if inv.ports != nil {
		inv.ports.Close()
	}
	return inv.container.Close()
}

func (inv *invocation) tellOfContainer() {
	if cleaned := inv.container.Cleaned(); !cleaned.Nothing() {
		inv.Log.Info("removed what invocations that were killed had left", "found", cleaned.String())
	}
	if method, why := inv.container.Method(); why != "" {
		inv.Log.Debug("processes are held by "+string(method)+", not by "+string(contain.ByCgroup), "because", why)
	}
}

// step is what comes next: a side takes its turn of a course.
type step struct {
	side *side
	// unit is the index of the course.
	unit int
	turn turn
}

// turn is the place of one run of a course.
type turn struct {
	// number is that of the run, from 1, warm-up runs for themselves; attempt is that at this run, from 1; block is that of the
	// block in a trial, else 0.
	number, attempt, block int
	warmup                 bool
	// last says that no further run of this course comes.
	last bool
}

// carryOut takes the steps of a schedule until they end or one fails, and keeps what was measured.
func (inv *invocation) carryOut(ctx context.Context, steps iter.Seq[step]) error {
	for s := range steps {
		if err := inv.take(ctx, s); err != nil {
			return inv.interrupted(err)
		}
	}
	return inv.save()
}

func (inv *invocation) take(ctx context.Context, s step) error {
	if !inv.launched && !s.side.units[s.unit].builds() {
		inv.launched = true
		if err := inv.saveTrial(); err != nil {
			return err
		}
	}
	s.side.block = s.turn.block
	again, err := s.side.courses[s.unit].take(ctx, s.turn)
	s.side.again = again
	return err
}

// interrupted keeps what was measured before an error, with the reason why there is no more.
func (inv *invocation) interrupted(err error) error {
	runs := 0
	for _, s := range inv.sides {
		if s.results == nil {
			continue
		}
		runs += len(s.results.Runs)
		s.results.Interrupted = err.Error()
		if errors.Is(err, context.Canceled) {
			s.results.Interrupted = "by a signal"
		}
	}
	if !inv.launched || runs == 0 && !errors.Is(err, context.Canceled) {
		return err
	}
	return errors.Join(err, inv.save())
}

// saveTrial keeps the results of both sides before the first run, so that neither is ever without the other.
func (inv *invocation) saveTrial() error {
	if len(inv.sides) == 1 {
		return nil
	}
	return inv.save()
}

// save keeps the results of all sides.
func (inv *invocation) save() error {
	var errs []error
	for _, s := range inv.sides {
		if s.results != nil {
			errs = append(errs, s.save())
		}
	}
	return errors.Join(errs...)
}

// next is the place of a run that is about to begin, from 1.
func (inv *invocation) next() int {
	inv.order++
	return inv.order
}

func (inv *invocation) tell(p Progress) {
	if inv.Progress != nil {
		inv.Progress(p)
	}
}

// takePorts returns the ports of the nodes, which all sides share.
func (inv *invocation) takePorts() (*runner.Ports, error) {
	if inv.ports != nil {
		return inv.ports, nil
	}
	ports, err := runner.NewPorts(inv.BasePort, inv.BaseMetricsPort)
	if err != nil {
		return nil, err
	}
	inv.ports = ports
	return ports, nil
}

// named puts the name of a side before what went wrong with it; a measurement by itself has none.
func (s *side) named(err error) error {
	if err == nil || s.trial == nil {
		return err
	}
	return &SideError{Side: s.trial.Side, Commit: s.commit, Err: err}
}

// SideError is what went wrong on one side of a trial.
type SideError struct {
	// Side is result.SideBase or result.SideHead, Commit what a person calls it, "" when it has no name.
	Side, Commit string
	Err          error
}

func (e *SideError) Error() string {
	if e.Commit == "" {
		return e.Side + ": " + e.Err.Error()
	}
	return e.Side + ", " + e.Commit + ": " + e.Err.Error()
}

func (e *SideError) Unwrap() error { return e.Err }

// sideOf is the name of the side in a trial, "" outside of one.
func sideOf(trial *result.Trial) string {
	if trial == nil {
		return ""
	}
	return trial.Side
}
