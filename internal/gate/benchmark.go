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

// benchmarks executes the benchmarks of the suite, one after the other, and keeps each execution as soon as it has ended.
func (m *measurement) benchmarks(ctx context.Context) error {
	for _, b := range m.Suite.Benchmarks {
		m.executed = append(m.executed, executions{benchmark: b.Name})
		if err := m.benchmark(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// benchmark executes a benchmark as often as the suite says. What the machine disturbed is executed again behind all others.
func (m *measurement) benchmark(ctx context.Context, b suite.Benchmark) error {
	all := &m.executed[len(m.executed)-1]
	useless, last, extra := 0, "", runner.ExtraAttempts(b.Runs)
	for queue := firstExecutions(b); len(queue) > 0; queue = queue[1:] {
		run, again := queue[0], false
		var values []bench.Value
		if useless == giveUpAfter {
			run.Failure = fmt.Sprintf("not tried: %d runs in a row gave nothing, the last because of this: %s", giveUpAfter, firstLine(last))
		} else {
			var err error
			if values, again, err = m.execute(ctx, b, &run, extra > 0); err != nil {
				return err
			}
			if useless++; run.Failure == "" {
				useless = 0
			}
			last = run.Failure
		}
		if again {
			extra--
			queue = append(queue, result.Run{Benchmark: b.Name, Run: run.Run, Attempt: max(1, run.Attempt) + 1})
		} else if !run.Warmup {
			run.Findings = append(run.Findings, all.add(run, values)...)
		}
		m.results.Runs = append(m.results.Runs, run)
		if err := m.save(); err != nil {
			return err
		}
	}
	return nil
}

// firstExecutions are the first attempts at the runs of a benchmark, warm-up runs first.
func firstExecutions(b suite.Benchmark) []result.Run {
	var all []result.Run
	for i := range b.Warmup {
		all = append(all, result.Run{Benchmark: b.Name, Run: i + 1, Warmup: true})
	}
	for i := range b.Runs {
		all = append(all, result.Run{Benchmark: b.Name, Run: i + 1})
	}
	return all
}

// execute runs the command once and fills in the story of the run; more says that it may be executed once more, and again that
// it is to be. The error is perfgate's own, or the context's; what the command did wrong is the failure of the run.
func (m *measurement) execute(ctx context.Context, b suite.Benchmark, run *result.Run, more bool) (values []bench.Value, again bool, err error) {
	progress := runner.Progress{Scenario: "benchmark " + b.Name, Run: run.Run, Runs: b.Runs, Warmup: run.Warmup, Phase: Executing}
	if run.Warmup {
		progress.Runs = b.Warmup
	}
	if err := m.awaitCalm(ctx, progress); err != nil {
		return nil, false, err
	}
	run.Order = m.order() + 1
	m.tell(Progress{Run: &progress})
	begun := time.Now()
	run.Started = begun.UTC()
	values, err = m.contained(ctx, b, run)
	run.ElapsedSeconds = time.Since(begun).Seconds()
	if failed := (*bench.Error)(nil); errors.As(err, &failed) {
		run.Failure = failed.Error()
	} else if err != nil {
		return nil, false, err
	}
	done := progress
	done.Disturbed = m.judge(run)
	again = run.Invalid != "" && more && !run.Warmup
	if again {
		if err := m.setAside(run); err != nil {
			return nil, false, err
		}
	}
	done.Phase, done.Note, done.Elapsed = runner.Done, firstLine(run.Failure), time.Since(begun)
	done.Again, done.Invalid = again, run.Invalid != ""
	m.tell(Progress{Run: &done})
	return values, again, nil
}

// contained runs the command in a cell of its own, with a folder of its own, and takes both away.
func (m *measurement) contained(ctx context.Context, b suite.Benchmark, run *result.Run) (values []bench.Value, err error) {
	log, err := m.benchmarkLog(run)
	if err != nil {
		return nil, fmt.Errorf("keep the log of benchmark %s: %w", b.Name, err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	scratch, err := m.container.Folder("benchmark")
	if err != nil {
		return nil, fmt.Errorf("benchmark %s: %w", b.Name, err)
	}
	defer func() {
		if err := m.container.RemoveFolder(scratch); err != nil {
			m.Log.Warn("the folder of a benchmark is still there", "error", err)
		}
	}()
	cell, err := m.container.Cell()
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
		Benchmark: b, Dir: m.Project, Scratch: scratch, Cache: m.Cache, Log: log, Hold: cell.Hold,
	})
}

// benchmarkLog makes the file that keeps what an execution prints.
func (m *measurement) benchmarkLog(run *result.Run) (*os.File, error) {
	if err := os.MkdirAll(m.benchmarkFolder(run), 0o755); err != nil {
		return nil, err
	}
	return os.Create(filepath.Join(m.benchmarkFolder(run), logName(run)))
}

func (m *measurement) benchmarkFolder(run *result.Run) string {
	return filepath.Join(m.Dir, "benchmark-"+run.Benchmark)
}

func logName(run *result.Run) string {
	kind := "run"
	if run.Warmup {
		kind = "warmup"
	}
	return fmt.Sprintf("%s-%02d.log", kind, run.Run)
}

// order is the place of the last run in the invocation.
func (m *measurement) order() int {
	last := 0
	for _, run := range m.results.Runs {
		last = max(last, run.Order)
	}
	return last
}
