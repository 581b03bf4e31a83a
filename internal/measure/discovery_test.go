package measure

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/suite"
)

func TestDiscovery(t *testing.T) {
	const proxy = "by peer counts: the nodes do not show who knows whom"
	byCounts := func(value float64) plain { p := exactly(value); p.Proxy = proxy; return p }
	for name, test := range map[string]struct {
		change func(*Network)
		want   plain
	}{
		"all pairs": {func(*Network) {}, exactly(1)},
		"one node never knows another": {
			func(n *Network) {
				for k := range n.Nodes[2].Known {
					n.Nodes[2].Known[k].Peers = []string{"id-0", "id-1", "id-3"}
				}
			},
			exactly(19. / 20),
		},
		"known for a moment is known": {
			func(n *Network) {
				for k := range n.Nodes[2].Known[1:] {
					n.Nodes[2].Known[1+k].Peers = nil
				}
			},
			exactly(1),
		},
		"too late": {
			func(n *Network) { n.Nodes[2].Known = shifted(n.Nodes[2].Known, 0, 60) },
			exactly(16. / 20),
		},
		"asked too late": {
			func(n *Network) { n.Nodes[2].Known = shifted(n.Nodes[2].Known, 60, 60) },
			failed("node 2 did not tell in time whether it knows node 0"),
		},
		"strangers are nobody": {
			func(n *Network) { n.Nodes[0].Known[0].Peers = append(n.Nodes[0].Known[0].Peers, "id-9", "id-10") },
			exactly(1),
		},
		"an answer that failed says nothing": {
			func(n *Network) { n.Nodes[2].Known[0] = Knowledge{Err: "reset", Peers: []string{"id-0"}} },
			exactly(1),
		},
		"a node never answered": {
			func(n *Network) {
				for k := range n.Nodes[3].Known {
					n.Nodes[3].Known[k] = Knowledge{Err: "HTTP status 404 Not Found"}
				}
			},
			failed("node 3 never told whom it knows: HTTP status 404 Not Found"),
		},
		"a node was never asked": {
			func(n *Network) { n.Nodes[3].Known = nil },
			failed("node 3 never told whom it knows"),
		},
		"two nodes of one id": {
			func(n *Network) {
				for k := range n.Nodes[3].Known {
					n.Nodes[3].Known[k].ID = "id-1"
				}
			},
			failed("nodes 1 and 3 give the same id"),
		},
		"not formed": {func(n *Network) { n.Formed = false }, exactly(1)},
		"L1":         {func(n *Network) { n.Level = metric.L1 }, byCounts(1)},
		"L1, one node has three of four": {
			func(n *Network) { n.Level = metric.L1; n.show(1, 0, 20*s, toValue(3)) },
			byCounts(0.95),
		},
		"L1, too late": {
			func(n *Network) {
				n.Level = metric.L1
				n.show(1, 90*ms, 20*s, func(r *Reading) { r.Received += 60 * s })
				n.Nodes[1].Peers[0].Received = 92 * ms // it had none
			},
			byCounts(0.8),
		},
		"L1, never read": {
			func(n *Network) { n.Level = metric.L1; n.show(1, 0, 20*s, toError("not on the page")) },
			failed("node 1: its gauge could not be read in time: not on the page"),
		},
		"outbound": {func(n *Network) { n.Node.PeersCount = suite.PeersOutbound }, unmeasurable("the gauge counts outbound connections only")},
	} {
		t.Run(name, func(t *testing.T) {
			n := calm(5)
			test.change(n)
			if diff := cmp.Diff(test.want, plainly(measured(t, n, "discovery_success_rate")), nearly); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// shifted knows nobody in the first answer, which comes after so many seconds, and everybody in those after it, which come
// after so many more.
func shifted(known []Knowledge, first, rest int) []Knowledge {
	known[0].Peers = nil
	for k := range known {
		by := first
		if k > 0 {
			by = rest
		}
		known[k].Sent += s * time.Duration(by)
		known[k].Received += s * time.Duration(by)
	}
	return known
}

func TestDiscoveryOfOneNode(t *testing.T) {
	want := unmeasurable("a network of one node has nobody to discover")
	if diff := cmp.Diff(want, plainly(measured(t, calm(1), "discovery_success_rate"))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestDiscoveryOfAGaugeThatIsNoNumber(t *testing.T) {
	n := calm(3)
	n.Level = metric.L1
	n.show(1, 0, 20*s, toValue(math.NaN()))
	got := measured(t, n, "discovery_success_rate")
	want := failed("gauge_invalid: node 1: the gauge shows NaN, which is no count")
	if diff := cmp.Diff(want, plainly(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
