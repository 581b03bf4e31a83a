package runner

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/communitas/perfgate/internal/result"
)

// launch starts the bootstrap, waits until it is ready, starts the others, and waits until all are.
func (s *session) launch(ctx context.Context) bool {
	s.t0 = time.Now() // until the first process gives the exact instant
	launching, cancel := context.WithDeadline(ctx, s.t0.Add(s.scenario.FormationTimeout))
	defer cancel()
	ready := 0
	allReady := func() bool {
		for ready < len(s.nodes) && s.network.Nodes[ready].Ready {
			ready++
		}
		return ready == len(s.nodes)
	}
	launched := s.start(ctx, s.nodes[0]) && s.await(launching, func() bool { return s.network.Nodes[0].Ready })
	for _, n := range s.nodes[1:] {
		launched = launched && ctx.Err() == nil && s.start(ctx, n)
	}
	if launched && s.await(launching, allReady) {
		return true
	}
	s.notReady(ctx)
	return false
}

// notReady names the first node that is not ready, unless the run has failed otherwise or was interrupted.
func (s *session) notReady(ctx context.Context) {
	for i, n := range s.network.Nodes {
		if s.network.Failure == "" && ctx.Err() == nil && !n.Ready {
			why := cmp.Or(s.nodes[i].unready, "no answer from "+s.Suite.Node.Ready)
			s.fail(result.FindingUnreadable, i, fmt.Sprintf("not ready within %v: %s", s.scenario.FormationTimeout, why))
		}
	}
}

// start launches one process with its watchers.
func (s *session) start(ctx context.Context, n *node) bool {
	process, err := s.launcher.Start(n.command)
	n.log.Close() // the process has its own
	if err != nil {
		s.fail(result.FindingCrash, n.index, err.Error())
		return false
	}
	n.process = process
	if n.index == 0 {
		s.t0 = process.Started()
	}
	s.network.Nodes[n.index].Launched = s.since(process.Started())
	s.tracker.Started(s.network.Nodes[n.index].Launched)
	s.watchers.Go(func() {
		select {
		case <-process.Done():
			s.send(ctx, (*session).crashes)
		case <-ctx.Done():
		}
	})
	s.watchers.Go(func() { s.watch(ctx, n) })
	return true
}

// watch looks at one node from its launch to the end of the steady window, one look after the other, so that what it
// sends is in order.
func (s *session) watch(ctx context.Context, n *node) {
	s.watchReady(ctx, n)
	if s.network.Level >= 1 {
		s.watchFormation(ctx, n)
	}
	select {
	case <-s.opened:
		s.watchSteady(ctx, n)
	case <-ctx.Done():
	}
}

// watchReady looks at a node's readiness until it is ready. A node without such a page is ready when it runs.
func (s *session) watchReady(ctx context.Context, n *node) {
	low := n.process.Started()
	s.unready.Add(1)
	defer s.unready.Add(-1)
	if s.Suite.Node.Ready == "" {
		s.send(ctx, isReady(n.index, low, time.Now()))
		return
	}
	period := func() time.Duration { return waitingPeriod(s.unready.Load()) }
	every(ctx, schedule{start: low, period: period}, func() bool {
		sent := time.Now()
		page, err := s.get(ctx, n, s.Suite.Node.Ready)
		if err != nil {
			low = sent
			s.send(ctx, func(*session) { n.unready = text(err) })
			return true
		}
		s.send(ctx, isReady(n.index, low, page.Received))
		return false
	})
}

func isReady(index int, low, high time.Time) event {
	return func(s *session) {
		n := &s.network.Nodes[index]
		n.Ready, n.ReadyLow, n.ReadyHigh = true, s.since(low), s.since(high)
	}
}
