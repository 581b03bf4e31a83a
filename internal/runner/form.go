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

// watchFormation looks at a node's peers on an absolute schedule until the steady window begins. Where the expectation is
// not about who knows whom, that is asked as often as in the steady window.
func (s *session) watchFormation(ctx context.Context, n *node) {
	var asked time.Time
	every(ctx, s.opened, n.process.Started(), formPeriod(s.scenario.Nodes), func() bool {
		if s.tracker.NeedsLinks() || s.network.Level >= 2 && time.Since(asked) >= sweepPeriod {
			asked = time.Now()
			known := s.askPeers(ctx, n)
			s.send(ctx, func(s *session) { s.keepKnown(n, known) })
		}
		s.lookAtGauge(ctx, n)
		return true
	})
}

// lookAtGauge is one look at a node's peer gauge.
func (s *session) lookAtGauge(ctx context.Context, n *node) {
	r := s.readSeries(ctx, n, s.Suite.Node.Metrics, s.Suite.Node.Peers)[0]
	s.send(ctx, func(s *session) { s.keepPeers(n, r) })
}

func (s *session) keepPeers(n *node, r measure.Reading) {
	seen := &s.network.Nodes[n.index]
	seen.Peers = append(seen.Peers, r)
	s.tracker.Observe(n.index, r)
}

// form waits until the expected graph holds.
func (s *session) form(ctx context.Context) bool {
	forming, cancel := context.WithDeadline(ctx, s.t0.Add(s.scenario.FormationTimeout))
	defer cancel()
	formed := s.await(forming, func() bool {
		low, high, ok := s.tracker.Formed()
		s.network.Formed, s.network.FormedLow, s.network.FormedHigh = ok, low, high
		if !ok {
			s.giveUpUnreadable(false)
		}
		return ok
	})
	if formed {
		s.readFormationCPU()
		return true
	}
	if ctx.Err() == nil {
		s.giveUpUnreadable(true)
	}
	return false
}

func (s *session) readFormationCPU() {
	for _, n := range s.nodes {
		cpu, err := proc.ReadCPU(n.process.PID())
		if err != nil {
			s.network.FormationCPUErr = fmt.Sprintf("node %d: %v", n.index, err)
		}
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
