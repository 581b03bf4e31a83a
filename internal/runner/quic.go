package runner

import (
	"context"
	"errors"
	"time"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/quicprobe"
)

// quicLooks is how often each node's listen port is asked for QUIC in the steady window.
const quicLooks = 5

// watchQUIC asks the listen ports whether they speak QUIC: one node after the other, so that no answer waits for another's,
// at moments spread over the steady window. It ends with the window, however many ports are silent.
func (s *session) watchQUIC(ctx context.Context) {
	if !s.Suite.Node.Listens(s.scenario) {
		return
	}
	for k := range quicLooks {
		if !until(ctx, s.from.Add(quicMoment(s.scenario.Duration, k))) {
			return
		}
		for _, n := range s.nodes {
			if time.Now().After(s.to) {
				return
			}
			look := s.lookAtQUIC(ctx, n)
			s.send(ctx, func(s *session) {
				node := &s.network.Nodes[n.index]
				node.QUIC = append(node.QUIC, look)
			})
		}
	}
}

// quicMoment is when the listen ports are asked for the k-th time, from 0, counted from the window's beginning. Gauges and
// sweeps have whole tenths of a second: the middle between two of them is the quietest.
func quicMoment(window time.Duration, k int) time.Duration {
	const step = 100 * time.Millisecond
	moment := window * time.Duration(2*k+1) / (2 * quicLooks)
	if window < 2*quicLooks*step {
		return moment
	}
	return moment.Truncate(step) + step/2
}

func (s *session) lookAtQUIC(ctx context.Context, n *node) measure.QUICLook {
	answer, err := quicprobe.Probe(ctx, n.listen, quicprobe.Options{})
	if err != nil {
		now := s.since(time.Now())
		return measure.QUICLook{Sent: now, Received: now, Err: quicReason(err)}
	}
	return measure.QUICLook{Sent: s.since(answer.Sent), Received: s.since(answer.Received)}
}

// quicReason says why there was no answer, without the port, which is another one in each run.
func quicReason(err error) string {
	for _, known := range []error{quicprobe.ErrSilent, quicprobe.ErrClosed, quicprobe.ErrNoQUIC} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return err.Error()
}
