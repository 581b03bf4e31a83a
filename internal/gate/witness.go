package gate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/host"
	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
)

// witness looks at the machine before and after an execution of a benchmark.
type witness struct {
	watch *host.Watch
	cell  *contain.Cell
	first result.MachineSample
	// children is the CPU time of perfgate's children by then, for where the cell does not tell.
	children time.Duration
}

// watch takes the first look; nothing runs in the cell yet.
func watch(cell *contain.Cell) *witness {
	w := &witness{watch: host.NewWatch(), cell: cell}
	w.children, _ = host.ChildrenCPU() // when it cannot be read, it cannot be read the second time either
	w.first = w.watch.Read()
	w.first.NodesCPUSeconds = new(0.0)
	return w
}

// machine takes the last look, and says what the machine did between both.
func (w *witness) machine() *result.Machine {
	last := w.watch.Read()
	m := &result.Machine{Missing: w.watch.Missing()}
	used, err := w.used()
	if err != nil {
		m.Missing = append(m.Missing, "the CPU time of the benchmark: "+err.Error())
	} else {
		last.NodesCPUSeconds = new(used.Seconds())
	}
	m.Running = measure.Between(w.first, last)
	return m
}

// used is the CPU time of all that ran in the cell, or, where only a cgroup could tell, of the command and of the children
// that were waited for.
func (w *witness) used() (time.Duration, error) {
	if used, known := w.cell.CPU(); known {
		return used, nil
	}
	children, err := host.ChildrenCPU()
	return children - w.children, err
}

// awaitCalm waits for a calm machine before an execution, unless its figures count all the same.
func (s *side) awaitCalm(ctx context.Context, progress runner.Progress) error {
	if s.inv.Disturbed == runner.Keep {
		return ctx.Err()
	}
	return runner.AwaitCalm(ctx, s.inv.calm, progress, func(p runner.Progress) { s.tell(Progress{Run: &p}) })
}

// judge says what disturbed the machine during an execution, "" for nothing, and what that means for its figures. A command that
// failed has failed on any machine.
func (s *side) judge(run *result.Run) string {
	if run.Machine == nil {
		return ""
	}
	reason := measure.Disturbed(*run.Machine)
	if reason == "" {
		return ""
	}
	run.Findings = append(run.Findings, result.Finding{Kind: result.FindingDisturbed, Node: -1, Text: reason})
	if s.inv.Disturbed != runner.Keep && run.Failure == "" {
		run.Invalid = result.FindingDisturbed + ": " + reason
	}
	return reason
}

// setAside gives the log of a disturbed execution another name, so that the next attempt has its own.
func (s *side) setAside(run *result.Run) error {
	log := filepath.Join(s.benchmarkFolder(run), logName(run))
	aside := fmt.Sprintf("%s-disturbed-%d.log", strings.TrimSuffix(log, ".log"), max(1, run.Attempt))
	if err := os.Rename(log, aside); err != nil {
		return fmt.Errorf("set the log of a disturbed execution aside: %w", err)
	}
	return nil
}
