package runner

import (
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
			s.giveUpUnreadable(unreadableFor)
		}
		return ok
	})
	if formed {
		s.readFormationCPU()
		return true
	}
	if ctx.Err() == nil {
		s.giveUpUnreadable(lookTimeout / 2)
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

// giveUpUnreadable fails the run when what tells of the formation could never be read at a node for so long.
func (s *session) giveUpUnreadable(patience time.Duration) {
	now := s.since(time.Now())
	for i, n := range s.network.Nodes {
		if s.network.Failure != "" || now-n.ReadyHigh < patience {
			continue
		}
		if why, never := neverRead(n.Peers, func(r measure.Reading) string { return r.Err }); never {
			s.fail(result.FindingUnreadable, i, "the peer gauge cannot be read: "+why)
			continue
		}
		if why, never := neverRead(n.Known, func(k measure.Knowledge) string { return k.Err }); never && s.tracker.NeedsLinks() {
			s.fail(result.FindingUnreadable, i, "the probe cannot be read: "+why)
		}
	}
}

// neverRead tells whether none of the looks succeeded, and the last error.
func neverRead[L any](looks []L, fault func(L) string) (last string, never bool) {
	last = "no answer yet"
	for _, look := range looks {
		if last = fault(look); last == "" {
			return "", false
		}
	}
	return last, true
}
