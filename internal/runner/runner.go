// Package runner launches networks of real nodes, watches them form and live, and tears them down: one run after the
// other, each a fresh network that gives one sample of every metric.
package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/scrape"
	"github.com/communitas/perfgate/internal/suite"
)

// giveUpAfter is the number of runs in a row that may give nothing before the rest of a scenario is not tried.
const giveUpAfter = 3

// Runner measures the scenarios of a suite with one binary.
type Runner struct {
	Suite *suite.Suite
	// Binary is the absolute path of the subject.
	Binary string
	// Project is the working folder of the nodes, to which relative paths in their arguments refer; "" gives each node its
	// own folder.
	Project string
	// Dir is the results directory; each run gets SCENARIO/run-NN in it.
	Dir string
	// Ports hands out the ports of the nodes.
	Ports *Ports
	// Contain holds the nodes, so that nothing of them outlives their run.
	Contain *contain.Container
	// Log takes what is worth a note and changes nothing.
	Log *slog.Logger
	// Progress is told what happens; nil for nobody. It must return quickly.
	Progress func(Progress)
	// Disturbed says what becomes of runs during which the machine was busy with something else; the zero value is Retry.
	Disturbed Disturbed
	// ReadAgain has a run attempted again of which a page could not be read, and that has no other fault: for trials, where what the run
	// is to be held against has been measured beside it.
	ReadAgain bool
	// Next gives the place of an attempt in the invocation, from 1; nil counts those of this runner.
	Next func() int
	// Controls takes the time of work that the subject has no part in, in the folder of a run, just before its launch; nil for
	// nobody.
	Controls func(ctx context.Context, dir string) *result.Controls
	// mostLog is how many bytes a node may write to its log in one run: 0 is mostLogged.
	mostLog int64
	// order is the place of the last attempt where nobody else counts.
	order int
	// calm bounds the wait for a calm machine before a launch: 0 is calmWithin, below 0 there is none.
	calm time.Duration
}

// Progress is a moment of a measurement.
type Progress struct {
	Scenario string
	// Run counts from 1 to Runs, warm-up runs first; Warmup says that this one is such.
	Run, Runs int
	Warmup    bool
	Phase     Phase
	// Nodes is the size of the network.
	Nodes int
	// Length is how long the phase takes where that is known, Elapsed how long the whole run took once it is Done.
	Length  time.Duration
	Elapsed time.Duration
	// Note is what a person should read, "" for nothing.
	Note string
	// Disturbed says what disturbed the machine during a run that is Done, "" for nothing; Again that the run is measured
	// once more, for that or for what Note says, and Invalid that no figure of it counts.
	Disturbed string
	Again     bool
	Invalid   bool
}

// Phase is a stage of a run.
type Phase string

// The phases of a run, in their order.
const (
	Waiting  Phase = "waiting" // for a calm machine; only where it is not
	Starting Phase = "starting"
	Forming  Phase = "forming"
	Steady   Phase = "steady"
	Stopping Phase = "stopping"
	Done     Phase = "done"
)

// Run is what one run gave.
type Run struct {
	result.Run
	Measurements []result.Measurement
	// Level is the contract level that the nodes turned out to offer.
	Level int
	// Again says that the machine was disturbed, or a page could not be read, and that another attempt at this run follows: its
	// measurements are no samples.
	Again bool
}

// Measure runs all scenarios in their order, warm-up runs first, and hands each run to keep as soon as it has ended; what the
// machine disturbed comes again behind all other runs of its scenario. See Course.Run for what ends it early and for runs that
// are not tried.
func (r *Runner) Measure(ctx context.Context, keep func(suite.Scenario, Run) error) error {
	if err := proc.Supported(); err != nil {
		return err
	}
	for _, scenario := range r.Suite.Scenarios {
		course := r.Course(scenario)
		for turns := firstTurns(scenario); len(turns) > 0; turns = turns[1:] {
			t := turns[0]
			again, err := course.Run(ctx, t, func(run Run) error { return keep(scenario, run) })
			if err != nil {
				return err
			}
			if again {
				t.Attempt++
				turns = append(turns, t)
			}
		}
	}
	return nil
}

// useless counts the runs in a row that gave nothing, up to this one.
func (r *Runner) useless(run Run, before int) int {
	if run.Failure == "" && (run.Formed || r.level() == 0) {
		return 0
	}
	return before + 1
}

// skipped is a run that was given up before it began, because of the last that was tried.
func (r *Runner) skipped(scenario suite.Scenario, t Turn, last Run) Run {
	network := r.network(scenario)
	why := cmp.Or(last.Failure, fmt.Sprintf("the network did not form within %v", scenario.FormationTimeout))
	network.Failure = fmt.Sprintf("not tried: %d runs in a row gave nothing, the last because of this: %s", giveUpAfter, why)
	skipped := Run{
		Run:          result.Run{Scenario: scenario.Name, Run: t.Number, Attempt: t.recorded(), Warmup: t.Warmup, Failure: network.Failure},
		Measurements: network.Metrics(),
	}
	if last.Failure == "" {
		skipped.Findings = []result.Finding{{Kind: result.FindingNotFormed, Node: -1, Text: network.Failure}}
	}
	return skipped
}

// one launches a network, measures it, and leaves nothing of it but its files.
func (r *Runner) one(ctx context.Context, scenario suite.Scenario, t turn) (Run, error) {
	progress := firstProgress(scenario, t)
	if err := r.awaitCalm(ctx, progress); err != nil {
		return Run{}, err
	}
	addresses, err := r.Ports.take(scenario.Nodes)
	if err != nil {
		return Run{}, err
	}
	dir, err := r.folder(scenario, t.Number, t.Warmup)
	if err != nil {
		return Run{}, fmt.Errorf("make the folder of a run: %w", err)
	}
	trace, err := r.trace(ctx, dir, addresses)
	if err != nil {
		return Run{}, err
	}
	record, err := newRecord(dir)
	if err != nil {
		return Run{}, errors.Join(err, trace.abandon(ctx))
	}
	started := time.Now()
	s := r.session(scenario, record, trace)
	defer s.client.Close()
	defer s.launcher.Close()
	s.progress = progress
	if err := s.setup(dir, addresses); err != nil {
		return Run{}, errors.Join(err, record.abandon(), trace.abandon(ctx))
	}
	controls := r.controls(ctx, dir)
	interrupted := s.run(ctx)
	run := Run{Run: result.Run{
		Scenario: scenario.Name, Run: t.Number, Warmup: t.Warmup, Order: t.order, Started: started.UTC(),
		ElapsedSeconds: time.Since(started).Seconds(), Formed: s.network.Formed, Failure: s.network.Failure,
		Findings: s.allFindings(), Cleanup: &trace.proof, T0MonotonicNS: proc.MonotonicNS(s.t0), Nodes: s.network.Shares(), Controls: controls,
	}, Measurements: s.network.Metrics(), Level: s.network.Level}
	r.judgeMachine(&run, s.witness.machine(), t)
	r.judgeReading(&run, t)
	if err := errors.Join(interrupted, record.finish(s.network, run), s.witness.write(dir)); err != nil {
		return Run{}, err
	}
	s.noteMissedLooks()
	s.progress.Note, s.progress.Elapsed = run.Failure, time.Since(started)
	s.progress.Disturbed, s.progress.Again, s.progress.Invalid = run.disturbance(), run.Again, run.Invalid != ""
	s.report(Done, 0)
	return run, nil
}

// folder makes the folder of a run and returns its absolute path: nodes have another working folder than perfgate.
func (r *Runner) folder(scenario suite.Scenario, number int, warmup bool) (string, error) {
	dir, err := r.runDir(scenario, number, warmup)
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}

func (r *Runner) runDir(scenario suite.Scenario, number int, warmup bool) (string, error) {
	return filepath.Abs(filepath.Join(r.Dir, scenario.Name, runName(number, warmup)))
}

func (r *Runner) session(scenario suite.Scenario, record *record, trace *trace) *session {
	s := &session{
		Runner: r, scenario: scenario, record: record, trace: trace, client: scrape.New(), launcher: proc.NewLauncher(),
		pages: r.wantedPages(), network: r.network(scenario), tracker: measure.NewTracker(scenario, r.Suite.Node, r.level()),
		events: make(chan event, 4*scenario.Nodes), opened: make(chan struct{}),
	}
	s.witness = newWitness(s)
	return s
}

func runName(number int, warmup bool) string {
	if warmup {
		return fmt.Sprintf("warmup-%02d", number)
	}
	return fmt.Sprintf("run-%02d", number)
}

// level is the contract level that the configuration promises.
func (r *Runner) level() int {
	node := r.Suite.Node
	switch {
	case node.Metrics == "" || node.Peers == "":
		return 0
	case node.Probe == "":
		return 1
	}
	return 2
}

// Level is the contract level of the nodes that the configuration promises, "L0" to "L2": what they offer beyond that, they
// say themselves.
func (r *Runner) Level() string { return measure.LevelName(r.level()) }

func (r *Runner) network(scenario suite.Scenario) *measure.Network {
	network := &measure.Network{
		Scenario: scenario, Node: r.Suite.Node, Level: r.level(), Nodes: make([]measure.Node, scenario.Nodes),
		Volatile: proc.Volatile(r.Dir),
	}
	for i := range network.Nodes {
		network.Nodes[i].Custom = map[string][]measure.Reading{}
	}
	return network
}
