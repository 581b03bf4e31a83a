package measure

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/suite"
)

func TestConvergence(t *testing.T) {
	const never = "no quiet period of 5s within the steady window of 10s"
	for name, test := range map[string]struct {
		change func(*Network)
		want   plain
	}{
		"formation was the last change": {func(*Network) {}, event(seconds(0.091, 0.099))},
		"a link came and went": {
			func(n *Network) { n.show(1, 1*s, 1350*ms, toValue(3)) },
			event(seconds(1.3, 1.401)),
		},
		"a link was lost for good": {
			func(n *Network) { n.show(1, 1*s, 20*s, toValue(3)); n.show(2, 1*s, 20*s, toValue(3)) },
			failed(never),
		},
		"changes until there is no more time to be quiet": {
			func(n *Network) { n.show(3, 5050*ms, 5150*ms, toValue(3)) },
			failed(never),
		},
		"a later change does not undo a quiet period": {
			func(n *Network) { n.show(3, 9*s, 20*s, toValue(3)) },
			event(seconds(0.091, 0.099)),
		},
		"a change before the window is over by its start": {
			func(n *Network) { n.show(3, 5150*ms, 20*s, toValue(3)) },
			event(seconds(0.091, 0.099)),
		},
		"quiet for as long as the window": {
			func(n *Network) { n.Scenario.Quiet = 10 * s },
			event(seconds(0.091, 0.099)),
		},
		"quiet is longer than the window": {
			func(n *Network) { n.Scenario.Quiet = 10*s + 1 },
			unmeasurable("the steady window of 10s is shorter than the quiet period of 10.000000001s"),
		},
		"not formed": {func(n *Network) { n.Formed = false }, failed("the network did not form within 1m0s")},
		"nobody looked for long enough": {
			func(n *Network) { n.show(0, 4*s, 20*s, toError("no answer in time")) },
			failed(never),
		},
		"a look that failed is no change": {
			func(n *Network) { n.show(0, 4*s, 4150*ms, toError("no answer in time")) },
			event(seconds(0.091, 0.099)),
		},
		"more than enough peers may come and go, and are changes": {
			func(n *Network) {
				n.Scenario.Expect = suite.Expectation{Graph: suite.MinPeers, Min: 3}
				n.show(2, 2*s, 20*s, toValue(3))
			},
			event(seconds(1.9, 2.001)),
		},
		"more than enough peers come and go too often": {
			func(n *Network) {
				n.Scenario.Expect = suite.Expectation{Graph: suite.MinPeers, Min: 3}
				n.show(2, 2*s, 6*s, toValue(3))
			},
			failed(never),
		},
		"only what is quiet within the window counts": {
			func(n *Network) {
				n.Scenario.Expect = suite.Expectation{Graph: suite.MinPeers, Min: 3}
				n.SteadyFrom = 3 * s
				n.show(2, 5450*ms, 20*s, toValue(3))
			},
			failed(never),
		},
		"the links are not known in the quiet period": {
			func(n *Network) {
				n.Scenario.Expect = suite.Expectation{Graph: suite.Connected}
				n.Nodes[3].Known = n.Nodes[3].Known[:2]
				n.show(1, 2*s, 20*s, toValue(3))
			},
			failed(never),
		},
		"other peers are no change while the links join all": {
			func(n *Network) {
				n.Scenario.Expect = suite.Expectation{Graph: suite.Connected}
				n.knows(4, 0, 3, "id-0")
			},
			event(seconds(0.091, 0.099)),
		},
		"the links are known some time after the counts": {
			func(n *Network) {
				n.Scenario.Expect = suite.Expectation{Graph: suite.Connected}
				n.show(1, 1*s, 1350*ms, toValue(3))
			},
			event(seconds(1.3, 1.401)),
		},
		"two halves of the network are not quiet": {
			func(n *Network) { n.fallApart(3, 4) },
			event(seconds(0.091, 0.099)),
		},
		"two halves of the network for too long": {
			func(n *Network) { n.fallApart(3, 6) },
			failed(never),
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := calm(5)
			test.change(n)
			if diff := cmp.Diff(test.want, plainly(measured(t, n, "topology_convergence_time")), nearly); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestConvergenceOfSlowLooks has looks that end in another order than they began.
func TestConvergenceOfSlowLooks(t *testing.T) {
	n := calm(2)
	n.Level = metric.L1
	n.Nodes[0].Peers = []Reading{at(80*ms, 0), {Sent: 90 * ms, Received: 98 * ms, Value: 1}, at(7*time.Second, 1)}
	n.Nodes[1].Peers = []Reading{at(85*ms, 0), at(91*ms, 1), at(7*time.Second, 1)}
	if diff := cmp.Diff(event(seconds(0.085, 0.098)), plainly(measured(t, n, "topology_convergence_time")), nearly); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// knows lets a node know these in the answers from one to another, which is not included.
func (n *Network) knows(node, from, to int, peers ...string) {
	for k := from; k < to; k++ {
		n.Nodes[node].Known[k].Peers = peers
	}
}

// fallApart lets the first three nodes and the last two know nobody else in some answers.
func (n *Network) fallApart(from, to int) {
	n.Scenario.Expect = suite.Expectation{Graph: suite.Connected}
	n.knows(0, from, to, "id-1", "id-2")
	n.knows(1, from, to)
	n.knows(2, from, to)
	n.knows(3, from, to, "id-4")
	n.knows(4, from, to)
}
