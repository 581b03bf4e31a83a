package runner

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/scrape"
	"github.com/communitas/perfgate/internal/suite"
)

// session is one run while it goes on. Each node has one watcher, which looks at it from its launch to the end of the
// steady window and sends what it saw as events; one goroutine takes them in order, so nothing here needs a lock.
type session struct {
	*Runner
	scenario suite.Scenario
	record   *record
	trace    *trace
	client   *scrape.Client
	launcher *proc.Launcher
	pages    []wantedPage
	nodes    []*node
	network  *measure.Network
	tracker  *measure.Tracker
	findings []result.Finding
	progress Progress
	witness  *witness
	t0       time.Time
	events   chan event
	watchers sync.WaitGroup
	// unready and deciding count the nodes that are started and not yet ready, and those whose next look may be the one that
	// shows the network formed. The watchers keep them.
	unready, deciding atomic.Int64
	// opened is closed when the steady window begins; from and to, its bounds, are set by then.
	opened   chan struct{}
	from, to time.Time
	// offered is the level that the nodes say they offer, 0 when they were not asked; load is what came of the workloads.
	offered int
	load    *measure.Load
	// swept counts the watchers, one of each node and one of the sockets, that are done with the steady window.
	swept int
}

// event is what a watcher saw; it is applied by the session's goroutine.
type event func(*session)

// run takes the network through its stages and down. What went wrong with the nodes is kept in the network; the error is
// the context's when it ended before the stages did.
func (s *session) run(ctx context.Context) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	s.watchers.Go(func() { s.watchMachine(watching) })
	s.witness.look(result.MarkStart)
	s.stages(watching)
	s.witness.look(result.MarkEnd)
	interrupted := ctx.Err()
	stop()
	s.drain()
	if s.offered > 0 { // only now, since watchers go by the level that the configuration promises
		s.network.Level, s.network.Load = s.offered, s.load
	}
	s.teardown(context.WithoutCancel(ctx))
	return interrupted
}

// stages stops at the first stage after which the run can give nothing more.
func (s *session) stages(ctx context.Context) {
	s.report(Starting, 0)
	if !s.launch(ctx) {
		return
	}
	if s.network.Level >= 1 {
		s.report(Forming, s.scenario.FormationTimeout)
		if !s.form(ctx) {
			return
		}
	}
	s.witness.look(result.MarkSteady)
	s.report(Steady, s.scenario.Duration)
	s.steady(ctx)
}

// since is the time from t0.
func (s *session) since(t time.Time) time.Duration { return t.Sub(s.t0) }

// await applies events until done says so, the run has failed or the context ends. It tells whether done did.
func (s *session) await(ctx context.Context, done func() bool) bool {
	for !done() {
		if s.network.Failure != "" {
			return false
		}
		select {
		case e := <-s.events:
			e(s)
		case <-ctx.Done():
			return false
		}
	}
	return s.network.Failure == ""
}

// send hands an event over. What is seen after the context's end is dropped: a look that was cut short says nothing of the
// node.
func (s *session) send(ctx context.Context, e event) {
	if ctx.Err() != nil {
		return
	}
	select {
	case s.events <- e:
	case <-ctx.Done():
	}
}

// drain waits for the watchers to see that they are no longer wanted.
func (s *session) drain() {
	done := make(chan struct{})
	go func() { s.watchers.Wait(); close(done) }()
	for {
		select {
		case e := <-s.events:
			e(s)
		case <-done:
			return
		}
	}
}

// fail marks the run as useless; the first reason stays.
func (s *session) fail(kind string, node int, text string) {
	s.findings = append(s.findings, result.Finding{Kind: kind, Node: node, Text: text})
	if s.network.Failure == "" {
		s.network.Failure = fmt.Sprintf("node %d: %s", node, text)
	}
}

// allFindings are those of the stages and those of the network, of which only what a stage has not told of the same node.
func (s *session) allFindings() []result.Finding {
	all := s.findings
	for _, f := range s.network.Findings() {
		if !slices.ContainsFunc(s.findings, func(told result.Finding) bool { return told.Kind == f.Kind && told.Node == f.Node }) {
			all = append(all, f)
		}
	}
	return all
}

// noteMissedLooks logs how often a gauge could not be read, be it too seldom to be a finding.
func (s *session) noteMissedLooks() {
	for i, n := range s.network.Nodes {
		missed, last := 0, ""
		for _, r := range n.Peers {
			if r.Err != "" {
				missed, last = missed+1, r.Err
			}
		}
		if missed > 0 {
			s.Log.Debug("looks at a peer gauge failed", "node", i, "failed", missed, "looks", len(n.Peers), "last", last)
		}
	}
}

// crashes notes every process that has ended before it was asked to, the first one first.
func (s *session) crashes() {
	var ended []*node
	for _, n := range s.nodes {
		if n.ended() && !n.crashed {
			ended = append(ended, n)
		}
	}
	slices.SortStableFunc(ended, func(a, b *node) int { return a.process.Exit().At.Compare(b.process.Exit().At) })
	for _, n := range ended {
		n.crashed = true
		exit := n.process.Exit()
		text := fmt.Sprintf("%s, %.3fs after the first launch", exit, s.since(exit.At).Seconds())
		s.fail(result.FindingCrash, n.index, text+lastWords(n.logPath))
	}
}

func (s *session) report(phase Phase, length time.Duration) {
	s.progress.Phase, s.progress.Length = phase, length
	if s.Progress != nil {
		s.Progress(s.progress)
	}
}
