package gate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/communitas/perfgate/internal/bench"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
)

// Executing is the one phase of an execution of a benchmark, beside runner.Done.
const Executing runner.Phase = "running"

// giveUpAfter is the number of executions in a row that may give nothing before the rest of a benchmark is not tried.
const giveUpAfter = 3

// benchmarkCourse is the executions of a benchmark.
type benchmarkCourse struct {
	side      *side
	benchmark suite.Benchmark
	executed  executions
	// useless is how many executions in a row gave nothing, last why the last one did not, and extra how many attempts are left
	// beyond one for each run.
	useless, extra int
	last           string
}

func (s *side) benchmarkCourse(b suite.Benchmark) *benchmarkCourse {
	return &benchmarkCourse{side: s, benchmark: b, extra: runner.ExtraAttempts(b.Runs)}
}

func (c *benchmarkCourse) take(ctx context.Context, t turn) (again bool, err error) {
	s := c.side
	s.started(ctx)
	run := result.Run{Benchmark: c.benchmark.Name, Run: t.number, Warmup: t.warmup}
	if t.attempt > 1 {
		run.Attempt = t.attempt
	}
	var values []bench.Value
	if c.useless == giveUpAfter {
		run.Failure = fmt.Sprintf("not tried: %d runs in a row gave nothing, the last because of this: %s", giveUpAfter, firstLine(c.last))
	} else {
		if values, again, err = s.execute(ctx, c.benchmark, &run, c.extra > 0); err != nil {
			return false, err
		}
		if c.useless++; run.Failure == "" {
			c.useless = 0
		}
		c.last = run.Failure
	}
	if again {
		c.extra--
	} else if !run.Warmup {
		run.Findings = append(run.Findings, c.executed.add(run, values)...)
	}
	return again, s.keep(run, nil)
}

// execute runs the command once and fills in the story of the run; more says that it may be executed once more, and again that
// it is to be. The error is perfgate's own, or the context's; what the command did wrong is the failure of the run.
func (s *side) execute(ctx context.Context, b suite.Benchmark, run *result.Run, more bool) (values []bench.Value, again bool, err error) {
	progress := runner.Progress{Scenario: "benchmark " + b.Name, Run: run.Run, Runs: b.Runs, Warmup: run.Warmup, Phase: Executing}
	if run.Warmup {
		progress.Runs = b.Warmup
	}
	if err := s.awaitCalm(ctx, progress); err != nil {
		return nil, false, err
	}
	run.Order = s.inv.next()
	s.tell(Progress{Run: &progress})
	run.Controls = s.controls(ctx, s.Dir)
	begun := time.Now()
	run.Started = begun.UTC()
	values, err = s.contained(ctx, b, run)
	run.ElapsedSeconds = time.Since(begun).Seconds()
	if failed := (*bench.Error)(nil); errors.As(err, &failed) {
		run.Failure = failed.Error()
	} else if err != nil {
		return nil, false, err
	}
	done := progress
	done.Disturbed = s.judge(run)
	again = run.Invalid != "" && more && !run.Warmup
	if again {
		if err := s.setAside(run); err != nil {
			return nil, false, err
		}
	}
	done.Phase, done.Note, done.Elapsed = runner.Done, firstLine(run.Failure), time.Since(begun)
	done.Again, done.Invalid = again, run.Invalid != ""
	s.tell(Progress{Run: &done})
	return values, again, nil
}

// contained runs the command in a cell of its own, with a folder of its own, and takes both away.
func (s *side) contained(ctx context.Context, b suite.Benchmark, run *result.Run) (values []bench.Value, err error) {
	log, err := s.benchmarkLog(run)
	if err != nil {
		return nil, fmt.Errorf("keep the log of benchmark %s: %w", b.Name, err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	scratch, err := s.inv.container.Folder("benchmark")
	if err != nil {
		return nil, fmt.Errorf("benchmark %s: %w", b.Name, err)
	}
	defer func() {
		if err := s.inv.container.RemoveFolder(scratch); err != nil {
			s.Log.Warn("the folder of a benchmark is still there", "error", err)
		}
	}()
	cell, err := s.inv.container.Cell()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := cell.Close(context.WithoutCancel(ctx)); err != nil {
			run.Findings = append(run.Findings, result.Finding{
				Kind: result.FindingLeft, Node: -1, Text: fmt.Sprintf("what the benchmark has started is still there: %v", err),
			})
		}
	}()
	w := watch(cell)
	defer func() { run.Machine = w.machine() }() // before the cell goes, and its CPU time with it
	return bench.Run(ctx, bench.Plan{
		Benchmark: b, Dir: s.Project, Scratch: scratch, Cache: s.Cache, Log: log, Hold: cell.Hold,
	})
}

// benchmarkLog makes the file that keeps what an execution prints.
func (s *side) benchmarkLog(run *result.Run) (*os.File, error) {
	if err := os.MkdirAll(s.benchmarkFolder(run), 0o755); err != nil {
		return nil, err
	}
	return os.Create(filepath.Join(s.benchmarkFolder(run), logName(run)))
}

func (s *side) benchmarkFolder(run *result.Run) string {
	return filepath.Join(s.Dir, "benchmark-"+run.Benchmark)
}

func logName(run *result.Run) string {
	kind := "run"
	if run.Warmup {
		kind = "warmup"
	}
	return fmt.Sprintf("%s-%02d.log", kind, run.Run)
}
