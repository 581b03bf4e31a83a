package measure

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
)

// say replaces what the listen port of a node says: milliseconds until each answer, 0 for none.
func (n *Network) say(node int, times ...int) {
	n.Nodes[node].QUIC = nil
	for i, took := range times {
		look := QUICLook{Sent: time.Duration(i+1) * s, Received: time.Duration(i+1)*s + time.Duration(took)*ms}
		if took == 0 {
			look.Err = "no answer"
		}
		n.Nodes[node].QUIC = append(n.Nodes[node].QUIC, look)
	}
}

func TestQUICIsWhatTheListenPortsSay(t *testing.T) {
	all := func(n *Network, times ...int) {
		for i := range n.Nodes {
			n.say(i, times...)
		}
	}
	const noSteady = "no listen port was asked for QUIC: the network did not form within 1m0s"
	for _, tc := range []struct {
		name            string
		change          func(*Network)
		reachable, time plain
	}{
		{"all answer", func(n *Network) { all(n, 1, 2, 9) }, exactly(1), exactly(0.002)},
		{"one is silent", func(n *Network) { all(n, 2, 2); n.say(1, 0, 0) }, exactly(0.75), exactly(0.002)},
		{"one has died half-way", func(n *Network) { all(n, 2, 2, 2); n.say(3, 2, 0, 0) }, exactly(0.75), exactly(0.002)},
		{"one look is lost", func(n *Network) { all(n, 2, 2, 2); n.say(3, 2, 0, 2) }, exactly(1), exactly(0.002)},
		{"half of the looks are lost", func(n *Network) { all(n, 2, 2); n.say(0, 0, 2) }, exactly(1), exactly(0.002)},
		{"one was not asked", func(n *Network) { all(n, 2); n.say(2) }, exactly(1), exactly(0.002)},
		{"none speaks QUIC", func(n *Network) { all(n, 0, 0, 0) },
			unmeasurable("no node's listen port speaks QUIC: no answer"), unmeasurable("no node's listen port speaks QUIC: no answer")},
		{"none was asked", func(n *Network) { all(n) },
			unmeasurable("no listen port was asked for QUIC: the steady window was too short"), unmeasurable("no listen port was asked for QUIC: the steady window was too short")},
		{"not formed", func(n *Network) { all(n); n.Formed, n.SteadyFrom, n.SteadyTo = false, 0, 0 }, unmeasurable(noSteady), unmeasurable(noSteady)},
		{"no {listen}", func(n *Network) { n.Node.Args = nil },
			unmeasurable("no argument tells the nodes where to listen: there is no {listen}"), unmeasurable("no argument tells the nodes where to listen: there is no {listen}")},
		{"only a process", func(n *Network) { all(n, 4); n.Level, n.Formed = metric.L0, false }, exactly(1), exactly(0.004)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := calm(4)
			tc.change(n)
			got := []plain{plainly(measured(t, n, "quic_reachable")), plainly(measured(t, n, "quic_response_time"))}
			if diff := cmp.Diff([]plain{tc.reachable, tc.time}, got, nearly); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
