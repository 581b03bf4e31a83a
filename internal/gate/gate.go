// Package gate drives a measurement: it builds the subject, runs the suite, and keeps what was measured in a results
// directory after every run, so that whatever ends it, nothing that was measured is lost.
package gate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/communitas/perfgate/internal/build"
	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/host"
	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
	"github.com/communitas/perfgate/internal/store"
	"github.com/communitas/perfgate/internal/suite"
)

// ResultsFile is the name of the results in their directory.
const ResultsFile = "results.json"

// Plan says what to measure and where to keep it.
type Plan struct {
	// Suite is what was selected, with the overrides that are named in Overrides.
	Suite     *suite.Suite
	Overrides []string
	// Project is the folder of perfgate.toml: commands run there, paths are relative to it.
	Project string
	// Subject is a binary that is already built, "" to build it.
	Subject string
	// Dir is the results directory; it exists and belongs to this invocation.
	Dir string
	// Cache is a folder for the caches of builds.
	Cache string
	// State is the folder of everything that perfgate keeps, Cleanup the method by which processes are held; "" is the best.
	State   string
	Cleanup contain.Method
	// BasePort and BaseMetricsPort fix the nodes' ports; 0 chooses.
	BasePort        int
	BaseMetricsPort int
	// Disturbed says what becomes of runs during which the machine was busy with something else; "" measures them again.
	Disturbed runner.Disturbed
	Tool      result.Tool
	Log       *slog.Logger
	// Progress is told what happens; nil for nobody.
	Progress func(Progress)
}

// Progress is a moment of a measurement: of a build, of a run, or of an execution of a benchmark, which is told like a run.
type Progress struct {
	// Building is the command that begins, Built what it gave; both empty while runs are measured.
	Building string
	Built    *build.Built
	Run      *runner.Progress
}

// Measure carries out the plan and returns the results, which also lie in Dir. With an error the results are what was
// measured so far, or nil when no node was launched.
func Measure(ctx context.Context, plan Plan) (*result.Results, error) {
	if err := proc.Supported(); err != nil {
		return nil, err
	}
	container, err := contain.Open(ctx, contain.Options{State: plan.State, Results: plan.Dir, Method: plan.Cleanup})
	if err != nil {
		return nil, err
	}
	m := &measurement{Plan: plan, container: container}
	m.tellOfContainer()
	err = m.carryOut(ctx)
	return m.results, errors.Join(err, container.Close())
}

// carryOut builds, measures and keeps what was measured.
func (m *measurement) carryOut(ctx context.Context) error {
	if m.builds() {
		if err := m.build(ctx); err != nil {
			return err
		}
	} else {
		m.start(ctx)
	}
	if len(m.Suite.Scenarios) > 0 {
		if err := m.measure(ctx); err != nil {
			return err
		}
	}
	if err := m.benchmarks(ctx); err != nil {
		return m.interrupted(err)
	}
	return m.save()
}

// builds tells whether there is anything to build or examine: always for a network, and for benchmarks alone where the suite
// says how, since they may measure what the build leaves.
func (m *measurement) builds() bool {
	return len(m.Suite.Scenarios) > 0 || m.Subject != "" || len(m.Suite.Subject.Build) > 0
}

func (m *measurement) tellOfContainer() {
	if cleaned := m.container.Cleaned(); !cleaned.Nothing() {
		m.Log.Info("removed what invocations that were killed had left", "found", cleaned.String())
	}
	if method, why := m.container.Method(); why != "" {
		m.Log.Debug("processes are held by "+string(method)+", not by "+string(contain.ByCgroup), "because", why)
	}
}

// measurement is a plan while it is carried out.
type measurement struct {
	Plan
	container *contain.Container
	results   *result.Results
	assembler result.Assembler
	binary    build.Built
	// executed is what the executions of each benchmark gave, in the order of the suite.
	executed []executions
	// calm bounds the wait for a calm machine before an execution; 0 is the usual bound.
	calm time.Duration
}

// start makes empty results, with everything that is known before the first sample.
func (m *measurement) start(ctx context.Context) {
	head, err := gitrepo.ReadHead(ctx, m.Project)
	if err != nil {
		m.Log.Warn("the commit of the subject is unknown", "error", err)
	}
	m.results = &result.Results{
		Schema: result.Schema, Tool: m.Tool, Created: time.Now().UTC().Truncate(time.Second),
		Subject: result.Subject{
			Name: m.Suite.Subject.Name, Commit: head.Commit, Dirty: head.Dirty, BinarySHA256: m.binary.SHA256,
		},
		Environment: host.Describe(ctx, m.Suite.Subject.Build),
		Overrides:   m.Overrides,
		Runs:        []result.Run{},
	}
	if m.builds() {
		m.results.Scenarios = append(m.results.Scenarios, result.Scenario{Runs: m.Suite.Subject.BuildRuns, Configuration: m.Suite.Configuration("")})
	}
	for _, s := range m.Suite.Scenarios {
		m.results.Scenarios = append(m.results.Scenarios, result.Scenario{
			Name: s.Name, Nodes: s.Nodes, Runs: s.Runs, Configuration: m.Suite.Configuration(s.Name),
			DurationSeconds: s.Duration.Seconds(), Expect: s.Expect.String(),
		})
	}
	for _, b := range m.Suite.Benchmarks {
		m.results.Scenarios = append(m.results.Scenarios, result.Scenario{Benchmark: b.Name, Runs: b.Runs, Configuration: b.Configuration()})
	}
}

// measure runs the scenarios with a copy of the binary, so that a build beside it changes nothing.
func (m *measurement) measure(ctx context.Context) error {
	binary, err := m.private()
	if err != nil {
		return err
	}
	defer func() {
		if err := m.container.RemoveFolder(filepath.Dir(binary)); err != nil {
			m.Log.Warn("the copy of the subject is still there", "error", err)
		}
	}()
	ports, err := runner.NewPorts(m.BasePort, m.BaseMetricsPort)
	if err != nil {
		return err
	}
	defer ports.Close()
	r := &runner.Runner{Suite: m.Suite, Binary: binary, Project: m.Project, Dir: m.Dir, Ports: ports, Contain: m.container, Log: m.Log, Disturbed: m.Disturbed}
	if m.Progress != nil {
		r.Progress = func(p runner.Progress) { m.Progress(Progress{Run: &p}) }
	}
	m.results.Level = r.Level()
	err = r.Measure(ctx, m.keep)
	if err == nil {
		return nil
	}
	return m.interrupted(err)
}

// interrupted keeps what was measured before an error, with the reason why there is no more.
func (m *measurement) interrupted(err error) error {
	m.results.Interrupted = err.Error()
	if errors.Is(err, context.Canceled) {
		m.results.Interrupted = "by a signal"
	}
	if len(m.results.Runs) == 0 && !errors.Is(err, context.Canceled) {
		return err
	}
	return errors.Join(err, m.save())
}

// keep takes a run into the results and saves them. An attempt that another one follows gives no sample.
func (m *measurement) keep(scenario suite.Scenario, run runner.Run) error {
	m.results.Runs = append(m.results.Runs, run.Run)
	if run.Formed {
		m.results.Level = measure.LevelName(run.Level)
	}
	if !run.Warmup && !run.Again {
		m.assembler.Add(scenario.Name, run.Run.Run, run.Order, run.Measurements)
	}
	return m.save()
}

func (m *measurement) save() error {
	m.results.Series = m.assembler.Series()
	for _, e := range m.executed {
		m.results.Series = append(m.results.Series, e.series()...)
	}
	return store.WriteFile(filepath.Join(m.Dir, ResultsFile), func(w io.Writer) error {
		return result.Write(w, m.results)
	})
}

// private copies the binary into a folder of its own in the results directory and syncs it: pages that are still to be
// written to the disk would count as private memory of the nodes.
func (m *measurement) private() (string, error) {
	folder, err := m.container.Folder("subject")
	if err != nil {
		return "", fmt.Errorf("copy the subject: %w", err)
	}
	target := filepath.Join(folder, filepath.Base(m.binary.Path))
	if err := copyFile(m.binary.Path, target); err != nil {
		return "", fmt.Errorf("copy the subject: %w", errors.Join(err, m.container.RemoveFolder(folder)))
	}
	return target, nil
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}
