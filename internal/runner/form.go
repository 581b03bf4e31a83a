package runner

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
)

// unreadableFor is how long what tells of the formation may be unreadable from the start before the run is given up.
const unreadableFor = 10 * time.Second

// confirmWithin is how long after the timeout what was seen before it may still be confirmed.
const confirmWithin = 250 * time.Millisecond

// watchFormation looks at a node's peers until the steady window begins: as often as the schedule allows while the node is
// one that is waited for, and more seldom in a large network while it is not. What of a node does not decide is looked at
// afterwards, and as often as in the steady window.
func (s *session) watchFormation(ctx context.Context, n *node) {
	s.deciding.Add(1)
	deciding := true
	defer func() {
		if deciding {
			s.deciding.Add(-1)
		}
	}()
	period := func() time.Duration {
		if deciding {
			return waitingPeriod(s.deciding.Load())
		}
		return otherPeriod(s.scenario.Nodes)
	}
	links := s.tracker.NeedsLinks()
	var other time.Time // of the last look that does not decide
	every(ctx, schedule{start: n.process.Started(), period: period, stop: s.opened, hurry: n.hurry}, func() bool {
		if links {
			s.lookAtLinks(ctx, n)
		} else if decides := s.tracker.Decides(n.index, s.lookAtGauge(ctx, n)); decides != deciding {
			deciding = decides
			s.deciding.Add(map[bool]int64{true: 1, false: -1}[decides])
		}
		switch since := time.Since(other); {
		case links && since >= gaugePeriod(s.scenario.Nodes):
			other = time.Now()
			s.lookAtGauge(ctx, n)
		case !links && s.network.Level >= 2 && since >= sweepPeriod:
			other = time.Now()
			s.lookAtLinks(ctx, n)
		}
		return true
	})
}

// lookAtGauge is one look at a node's peer gauge.
func (s *session) lookAtGauge(ctx context.Context, n *node) measure.Reading {
	r := s.readSeries(ctx, n, s.Suite.Node.Metrics, s.Suite.Node.Peers)[0]
	s.send(ctx, func(s *session) { s.keepPeers(n, r) })
	return r
}

// lookAtLinks asks a node once whom it knows.
func (s *session) lookAtLinks(ctx context.Context, n *node) {
	known := s.askPeers(ctx, n)
	s.send(ctx, func(s *session) { s.keepKnown(n, known) })
}

func (s *session) keepPeers(n *node, r measure.Reading) {
	seen := &s.network.Nodes[n.index]
	seen.Peers = append(seen.Peers, r)
	s.tracker.Observe(n.index, r)
}

// form waits until the expected graph holds.
func (s *session) form(ctx context.Context) bool {
	forming, cancel := context.WithDeadline(ctx, s.t0.Add(s.scenario.FormationTimeout+confirmWithin))
	defer cancel()
	var seen time.Duration // the upper end of what was seen last
	formed := s.await(forming, func() bool {
		low, high, ok := s.tracker.Seen()
		if ok && high != seen {
			s.sawGraph()
		}
		if seen = high; !ok {
			s.giveUpUnreadable(false)
		}
		confirmed := s.tracker.Formed() || ok && s.since(time.Now()) > high+lookTimeout // a page that hangs denies nothing
		formed := confirmed && high <= s.scenario.FormationTimeout
		if formed {
			s.network.Formed, s.network.FormedLow, s.network.FormedHigh = true, low, high
		}
		return formed
	})
	if !formed && ctx.Err() == nil {
		s.giveUpUnreadable(true)
	}
	return formed
}

// sawGraph keeps the CPU time that the network took until the graph held, and has it confirmed.
func (s *session) sawGraph() {
	s.readFormationCPU()
	for _, n := range s.nodes {
		select {
		case n.hurry <- struct{}{}:
		default: // it hurries already
		}
	}
}

func (s *session) readFormationCPU() {
	s.network.FormationCPU, s.network.FormationCPUErr = 0, ""
	for _, n := range s.nodes {
		cpu, err := proc.ReadCPU(n.process.PID())
		if err != nil {
			s.network.FormationCPUErr = fmt.Sprintf("node %d: %v", n.index, err)
		}
		s.network.Nodes[n.index].FormationCPU = cpu
		s.network.FormationCPU += cpu
	}
}

// giveUpUnreadable fails the run when what tells of the formation could never be read at a node: for a while, or, when there
// is no more time, not at all.
func (s *session) giveUpUnreadable(noMoreTime bool) {
	now := s.since(time.Now())
	for i := range s.network.Nodes {
		n := &s.network.Nodes[i]
		waited := now - n.ReadyHigh
		if s.network.Failure != "" || waited < unreadableFor && !noMoreTime {
			continue
		}
		what, why := s.unreadable(n)
		if what == "" || why == "" && waited < lookTimeout/2 { // the first look may be on its way
			continue
		}
		s.fail(result.FindingUnreadable, i, fmt.Sprintf("the %s cannot be read: %s", what, cmp.Or(why, "no answer yet")))
	}
}

// unreadable names what tells of the formation and could never be read at a node, "" when all could, and the last error, ""
// when no look has ended.
func (s *session) unreadable(n *measure.Node) (what, why string) {
	if why, never := neverRead(n.Peers, func(r measure.Reading) string { return r.Err }); never {
		return "peer gauge", why
	}
	if why, never := neverRead(n.Known, func(k measure.Knowledge) string { return k.Err }); never && s.tracker.NeedsLinks() {
		return "probe", why
	}
	return "", ""
}

// neverRead tells whether none of the looks succeeded, and the last error.
func neverRead[L any](looks []L, fault func(L) string) (last string, never bool) {
	for _, look := range looks {
		if last = fault(look); last == "" {
			return "", false
		}
	}
	return last, true
}
