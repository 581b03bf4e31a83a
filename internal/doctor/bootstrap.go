package doctor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/suite"
)

// noBootstrap is what it costs when the first node does not run as it should.
const noBootstrap = "no network can form: the first node of each is its bootstrap"

// checkBootstrap starts one node, as a run starts the first, and says whether it became ready and shows its gauge.
func (e *Examination) checkBootstrap(ctx context.Context) outcome {
	const unknown = "whether a node starts here is unknown"
	if !e.Launch {
		return lacking("not tried, as was asked", unknown, "perfgate doctor --launch")
	}
	if info, err := os.Stat(e.Binary); err != nil || !executable(info) {
		return lacking("not tried: there is no binary yet", unknown, "build it and ask again, or name one with --subject")
	}
	if err := ctx.Err(); err != nil {
		return doubtful("not tried: interrupted", unknown, "")
	}
	run, err := e.launch(ctx)
	if err != nil {
		return broken(err.Error(), noBootstrap, "mend it, or leave it out with --launch=false")
	}
	return judgeBootstrap(run)
}

// window is how long a node is watched once it is ready.
const window = 500 * time.Millisecond

// alone is the scenario of one node without any other, started as in the first scenario of the suite.
func (e *Examination) alone() suite.Scenario {
	longest := time.Duration(0)
	for _, s := range e.Suite.Scenarios {
		longest = max(longest, s.FormationTimeout)
	}
	return suite.Scenario{
		Name: "doctor", Nodes: 1, Duration: window, Runs: 1, Quiet: window / 2,
		Expect: suite.Expectation{Graph: suite.Connected}, FormationTimeout: min(longest, e.LaunchTimeout),
		Args: e.Suite.Scenarios[0].Args,
	}
}

// launch is a run of one node, in a folder that goes with it.
func (e *Examination) launch(ctx context.Context) (run runner.Run, err error) {
	container, err := contain.Open(ctx, contain.Options{State: e.State, Results: os.TempDir()})
	if err != nil {
		return runner.Run{}, err
	}
	defer func() { err = errors.Join(container.Close(), err) }() // the folder goes with it
	dir, err := container.Folder(fmt.Sprintf("doctor-%d", os.Getpid()))
	if err != nil {
		return runner.Run{}, fmt.Errorf("make a folder for a node: %w", err)
	}
	ports, err := runner.NewPorts(e.BasePort, e.BaseMetricsPort)
	if err != nil {
		return runner.Run{}, err
	}
	defer ports.Close()
	alone := *e.Suite
	alone.Scenarios, alone.Benchmarks = []suite.Scenario{e.alone()}, nil
	r := &runner.Runner{
		Suite: &alone, Binary: e.Binary, Project: e.Project, Dir: dir, Ports: ports, Contain: container, Log: slog.New(slog.DiscardHandler),
		Disturbed: runner.Keep, // that the machine is busy is a line of its own
	}
	err = r.Measure(ctx, func(_ suite.Scenario, one runner.Run) error { run = one; return nil })
	return run, err
}

// judgeBootstrap says what a run of one node means.
func judgeBootstrap(run runner.Run) outcome {
	const mend = "start it by hand with the arguments of [node] args, and look at what it prints"
	if run.Failure != "" {
		fault := strings.TrimPrefix(run.Failure, "node 0: ")
		if strings.HasPrefix(fault, "not ready") {
			return broken("the first node is "+fault, noBootstrap, mend+"; wait longer for it with --launch-timeout")
		}
		return broken("the first node: "+fault, noBootstrap, mend)
	}
	faults, notes := faultsOf(run)
	if len(faults) > 0 {
		return broken("the first node is ready, but "+strings.Join(faults, "; "), "what it does not show cannot be measured",
			"look at its pages, and at the names in [node]")
	}
	text := "a node is ready" + figure(run, " in ", "startup_time") + ", its pages can be read" + figure(run, ", and takes ", "memory_per_node")
	if len(notes) > 0 {
		return doubtful(text+"; it "+strings.Join(notes, "; it "), "each run ends later than it has to",
			"mend how it stops, or raise stop_timeout")
	}
	return fine(text)
}

// faultsOf are what a node that ran did not show, and what is to be noted of its end.
func faultsOf(run runner.Run) (faults, notes []string) {
	for _, f := range run.Findings {
		switch f.Kind {
		case result.FindingDisturbed: // the machine's, not the node's
		case result.FindingStop:
			notes = append(notes, f.Text)
		default:
			faults = append(faults, f.Text)
		}
	}
	for _, m := range run.Measurements {
		if m.Status == result.Failed && len(faults) == 0 {
			faults = append(faults, m.Metric.Name+": "+m.Reason)
		}
	}
	return faults, notes
}

// figure is a measured value behind a word, "" when it was not measured.
func figure(run runner.Run, word, name string) string {
	for _, m := range run.Measurements {
		if m.Metric.Name == name && m.Status == result.Measured {
			return word + metric.Format(m.Value, m.Metric.Unit)
		}
	}
	return ""
}
