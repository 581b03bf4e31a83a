package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/result"
)

// trace is all that a run leaves on the machine while it goes on, and the proof that it was erased.
type trace struct {
	runner    *Runner
	dir       string
	addresses []address
	cell      *contain.Cell
	proof     result.Cleanup
}

// trace begins the trace of a run whose files go to dir.
func (r *Runner) trace(ctx context.Context, dir string, addresses []address) (*trace, error) {
	if err := r.Contain.Run(dir); err != nil {
		return nil, fmt.Errorf("contain a run: %w", err)
	}
	cell, err := r.Contain.Cell()
	if err != nil {
		return nil, fmt.Errorf("contain a run: %w", errors.Join(err, r.Contain.RunEnded(dir)))
	}
	t := &trace{runner: r, dir: dir, addresses: addresses, cell: cell}
	method, _ := r.Contain.Method()
	t.proof.Method = string(method)
	if t.proof.Before, err = t.inventory(); err != nil {
		return nil, errors.Join(err, t.abandon(ctx))
	}
	t.proof.Before.Cgroups = 0 // the one just made
	return t, nil
}

// inventory counts what there is of the run.
func (t *trace) inventory() (result.Inventory, error) {
	processes, err := t.cell.Processes()
	if err != nil {
		return result.Inventory{}, fmt.Errorf("take inventory: %w", err)
	}
	files, err := contain.Leftovers(t.dir)
	if err != nil {
		return result.Inventory{}, fmt.Errorf("take inventory: %w", err)
	}
	return result.Inventory{
		Processes: len(processes), Cgroups: t.cell.Cgroups(), Ports: inUse(t.addresses), Directories: len(files),
	}, nil
}

// witness takes inventory while the nodes still run.
func (t *trace) witness() error {
	var err error
	t.proof.During, err = t.inventory()
	return err
}

// erase kills what nodes have started and left, removes their files, and takes inventory once more. It comes when every
// node has ended. The error names what is left, or may be.
func (t *trace) erase(ctx context.Context) error {
	killed, err := t.cell.Kill(ctx)
	t.proof.Killed = killed
	_, swept := contain.Sweep(t.dir)
	err = errors.Join(err, t.cell.Close(ctx), swept)
	after, counted := t.inventory()
	t.proof.After = after
	if !after.Empty() {
		counted = errors.Join(counted, fmt.Errorf("left on the machine: processes %d, cgroups %d, ports %d, files %d",
			after.Processes, after.Cgroups, after.Ports, after.Directories))
	}
	if err = errors.Join(err, counted); err != nil {
		return err
	}
	return t.runner.Contain.RunEnded(t.dir)
}

// abandon ends the trace of a run that never was.
func (t *trace) abandon(ctx context.Context) error {
	_, swept := contain.Sweep(t.dir)
	return errors.Join(t.cell.Close(context.WithoutCancel(ctx)), swept, t.runner.Contain.RunEnded(t.dir))
}
