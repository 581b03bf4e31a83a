package measure

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

func TestPeersOverTheSteadyWindow(t *testing.T) {
	const window = 10.002 // seconds
	invalid := func(value float64, why string) plain {
		return plain{Status: result.Measured, Value: value, Invalid: why}
	}
	for name, test := range map[string]struct {
		change         func(*Network)
		average, drops plain
	}{
		"calm": {func(*Network) {}, exactly(4), exactly(0)},
		"one link lost for one second": {
			func(n *Network) { n.show(1, 2*s, 3*s, toValue(3)); n.show(3, 2*s, 3*s, toValue(3)) },
			exactly(4 - 2*1/window/5), exactly(2),
		},
		"a node that flaps": {
			func(n *Network) {
				for k := range 5 {
					n.show(0, s*time.Duration(2*k+1), s*time.Duration(2*k+2), toValue(1))
				}
			},
			exactly(4 - 5*3/window/5), exactly(15),
		},
		"lost between formation and the first look of the window": {
			func(n *Network) { n.show(2, 100*ms, 20*s, toValue(2)) },
			exactly(4 - 2*(window-0.001)/window/5), exactly(2),
		},
		"lost before the window is no loss of the window": {
			func(n *Network) { n.Nodes[2].Peers[0].Value = 4; n.Nodes[2].Peers[1].Value = 3 },
			exactly(4 - 1*0.001/window/5), exactly(0),
		},
		"two looks failed": {
			func(n *Network) { n.show(2, 4*s, 4150*ms, toError("no answer in time")) },
			exactly(4), exactly(0),
		},
		"what was lost while nobody could look is seen afterwards": {
			func(n *Network) {
				n.show(2, 4*s, 4450*ms, toError("no answer in time"))
				n.show(2, 4450*ms, 20*s, toValue(3))
			},
			exactly(4 - 1*(window+0.1-4.501)/window/5), exactly(1),
		},
		"one hung look hides more than a tenth of the window": {
			func(n *Network) {
				n.show(2, 4*s, 5150*ms, toError("no answer in time"))
				n.Nodes[2].Peers = thin(n.Nodes[2].Peers)
			},
			invalid(4, "node 2: its gauge could not be read in 13% of the steady window: no answer in time"),
			invalid(0, "node 2: its gauge could not be read in 13% of the steady window: no answer in time"),
		},
		"never read again": {
			func(n *Network) { n.show(2, 4*s, 20*s, toError("reset")) },
			invalid(4, "node 2: its gauge could not be read in 62% of the steady window: reset"),
			invalid(0, "node 2: its gauge could not be read in 62% of the steady window: reset"),
		},
		"not read in the window at all": {
			func(n *Network) { n.show(2, 100*ms, 20*s, toError("reset")) },
			failed("node 2: its gauge could not be read in the steady window: reset"),
			failed("node 2: its gauge could not be read in the steady window: reset"),
		},
		"not looked at in the window at all": {
			func(n *Network) { n.Nodes[4].Peers = n.Nodes[4].Peers[:2] },
			failed("node 4: its gauge could not be read in the steady window"),
			failed("node 4: its gauge could not be read in the steady window"),
		},
		"outbound": {
			func(n *Network) { n.Node.PeersCount = suite.PeersOutbound },
			unmeasurable("the gauge counts outbound connections only"),
			unmeasurable("the gauge counts outbound connections only and never falls"),
		},
		"not formed": {
			func(n *Network) { n.Formed, n.SteadyTo = false, 0 },
			failed("the network did not form within 1m0s"), failed("the network did not form within 1m0s"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := calm(5)
			test.change(n)
			if diff := cmp.Diff(test.average, plainly(measured(t, n, "average_peers")), nearly); diff != "" {
				t.Errorf("average_peers: -want +got\n%s", diff)
			}
			if diff := cmp.Diff(test.drops, plainly(measured(t, n, "disconnections")), nearly); diff != "" {
				t.Errorf("disconnections: -want +got\n%s", diff)
			}
		})
	}
}

func TestBlindTimeIsOfTheWindow(t *testing.T) {
	n := calm(2)
	n.show(1, 98*ms, 5*s, toError("reset"))
	if diff := cmp.Diff((5.001-0.1)/10.002, n.blind(n.Nodes[1]), nearly); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// thin keeps one of several looks in a row that failed.
func thin(looks []Reading) []Reading {
	var all []Reading
	for _, r := range looks {
		if r.Err == "" || len(all) == 0 || all[len(all)-1].Err == "" {
			all = append(all, r)
		}
	}
	return all
}

func TestPeersOfOneNode(t *testing.T) {
	n := calm(1)
	for _, name := range []string{"average_peers", "disconnections"} {
		if diff := cmp.Diff(exactly(0), plainly(measured(t, n, name))); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// TestFlaw13AverageIsOfTimeThenOfNodes: a node that was looked at more often than the others weighs no more, nor does a time
// in which there were more looks; nothing is rounded, and what one node had by itself is not lost.
func TestFlaw13AverageIsOfTimeThenOfNodes(t *testing.T) {
	n := calm(3)
	n.SteadyFrom, n.SteadyTo = 0, 10*s
	look := func(at time.Duration, value float64) Reading { return Reading{Sent: at, Received: at, Value: value} }
	n.Nodes[0].Peers = []Reading{look(0, 2), look(10*s, 2)}
	n.Nodes[1].Peers = []Reading{look(0, 2), look(10*s, 2)}
	n.Nodes[2].Peers = nil
	for k := range 50 { // fifty looks in the second in which it has one peer
		n.Nodes[2].Peers = append(n.Nodes[2].Peers, look(time.Duration(k)*20*ms, 1))
	}
	n.Nodes[2].Peers = append(n.Nodes[2].Peers, look(s, 2), look(10*s, 2))

	if diff := cmp.Diff(exactly((2+2+1.9)/3), plainly(measured(t, n, "average_peers")), nearly); diff != "" {
		t.Errorf("average_peers: -want +got\n%s", diff)
	}
	var own []float64
	for _, share := range n.Shares() {
		own = append(own, share["average_peers"])
	}
	if diff := cmp.Diff([]float64{2, 2, 1.9}, own, nearly); diff != "" {
		t.Errorf("of each node: -want +got\n%s", diff)
	}
}
