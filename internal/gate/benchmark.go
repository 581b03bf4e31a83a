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

func (m *measurement) benchmark(ctx context.Context, b suite.Benchmark) error {
	all := &m.executed[len(m.executed)-1]
	useless, last := 0, ""
	for i := range b.Warmup + b.Runs {
		run := result.Run{Benchmark: b.Name, Run: i + 1, Warmup: i < b.Warmup}
		if !run.Warmup {
			run.Run -= b.Warmup
		}
		var values []bench.Value
		if useless == giveUpAfter {
			run.Failure = fmt.Sprintf("not tried: %d runs in a row gave nothing, the last because of this: %s", giveUpAfter, firstLine(last))
		} else {
			var err error
			if values, err = m.execute(ctx, b, &run); err != nil {
				return err
			}
			if useless++; run.Failure == "" {
				useless = 0
			}
			last = run.Failure
		}
		if !run.Warmup {
			run.Findings = append(run.Findings, all.add(run, values)...)
		}
		m.results.Runs = append(m.results.Runs, run)
		if err := m.save(); err != nil {
			return err
		}
	}
	return nil
}

// execute runs the command once and fills in the story of the run. The error is perfgate's own, or the context's; what the
// command did wrong is the failure of the run.
func (m *measurement) execute(ctx context.Context, b suite.Benchmark, run *result.Run) ([]bench.Value, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	run.Order = m.order() + 1
	progress := runner.Progress{Scenario: "benchmark " + b.Name, Run: run.Run, Runs: b.Runs, Warmup: run.Warmup, Phase: Executing}
	if run.Warmup {
		progress.Runs = b.Warmup
	}
	m.tell(Progress{Run: &progress})
	begun := time.Now()
	run.Started = begun.UTC()
	values, err := m.contained(ctx, b, run)
	run.ElapsedSeconds = time.Since(begun).Seconds()
	if failed := (*bench.Error)(nil); errors.As(err, &failed) {
		run.Failure = failed.Error()
	} else if err != nil {
		return nil, err
	}
	done := progress
	done.Phase, done.Note, done.Elapsed = runner.Done, firstLine(run.Failure), time.Since(begun)
	m.tell(Progress{Run: &done})
	return values, nil
}

// contained runs the command in a cell of its own, with a folder of its own, and takes both away.
func (m *measurement) contained(ctx context.Context, b suite.Benchmark, run *result.Run) (values []bench.Value, err error) {
	log, err := m.benchmarkLog(b, run)
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
	return bench.Run(ctx, bench.Plan{
		Benchmark: b, Dir: m.Project, Scratch: scratch, Cache: m.Cache, Log: log, Hold: cell.Hold,
	})
}

// benchmarkLog makes the file that keeps what an execution prints.
func (m *measurement) benchmarkLog(b suite.Benchmark, run *result.Run) (*os.File, error) {
	kind := "run"
	if run.Warmup {
		kind = "warmup"
	}
	folder := filepath.Join(m.Dir, "benchmark-"+b.Name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	return os.Create(filepath.Join(folder, fmt.Sprintf("%s-%02d.log", kind, run.Run)))
}

// order is the place of the last run in the invocation.
func (m *measurement) order() int {
	last := 0
	for _, run := range m.results.Runs {
		last = max(last, run.Order)
	}
	return last
}
