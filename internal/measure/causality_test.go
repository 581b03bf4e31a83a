package measure

import (
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

// TestPeersThatWereNotLaunched has three nodes that are launched at 0, 60 and 70 ms.
func TestPeersThatWereNotLaunched(t *testing.T) {
	launched := func(change func(*Network)) func(*Network) {
		return func(n *Network) {
			n.Nodes[1].Launched, n.Nodes[2].Launched = 60*ms, 70*ms
			change(n)
		}
	}
	first := func(n *Network, node int, sent time.Duration, value float64) {
		n.Nodes[node].Peers = append([]Reading{at(sent, value)}, n.Nodes[node].Peers...)
	}
	examine(t, map[string]examination{
		"counts that grow with the launches": {change: launched(func(n *Network) { first(n, 0, 30*ms, 0) })},
		"frozen at N-1 from the first look on": {
			change: launched(func(n *Network) { first(n, 0, 40*ms, 2) }),
			want: found(result.FindingGaugeInvalid, -1,
				"gauge_invalid: node 0: the gauge shows 2 peers 0.041s after the first launch, when 1 of 3 nodes were launched"),
		},
		"between two launches": {
			change: launched(func(n *Network) { first(n, 1, 65*ms, 2) }),
			want: found(result.FindingGaugeInvalid, -1,
				"gauge_invalid: node 1: the gauge shows 2 peers 0.066s after the first launch, when 2 of 3 nodes were launched"),
		},
		"a slow answer, whose value may be of its end": {change: launched(func(n *Network) {
			n.Nodes[0].Peers = append([]Reading{{Sent: 40 * ms, Received: 70 * ms, Value: 2}}, n.Nodes[0].Peers...)
		})},
		"a look that failed": {change: launched(func(n *Network) {
			n.Nodes[0].Peers = append([]Reading{missing(40*ms, "refused")}, n.Nodes[0].Peers...)
		})},
		"outbound connections need somebody too": {
			change: launched(func(n *Network) {
				n.Node.PeersCount = suite.PeersOutbound
				first(n, 0, 40*ms, 1)
			}),
			want: found(result.FindingGaugeInvalid, -1,
				"gauge_invalid: node 0: the gauge shows 1 peer 0.041s after the first launch, when 1 of 3 nodes were launched"),
		},
	})
}

// TestNothingRestsOnAGaugeThatWasTooEarly checks that a run with such a gauge gives no valid sample that rests on it.
func TestNothingRestsOnAGaugeThatWasTooEarly(t *testing.T) {
	n := calm(3)
	n.Nodes[2].Launched = 60 * ms
	n.Nodes[0].Peers = append([]Reading{at(40*ms, 2)}, n.Nodes[0].Peers...)
	for _, m := range n.Metrics() {
		doubted := strings.HasPrefix(m.Invalid+m.Reason, "gauge_invalid: node 0: ")
		if rests := m.Metric.Level == metric.L1 && m.Metric.Name != "records"; doubted != rests {
			t.Errorf("%s: invalid %q", m.Metric.Name, m.Invalid)
		}
	}
	if left := len(n.Nodes[0].Peers) - len(n.counts(n.Nodes[0])); left != 1 {
		t.Errorf("%d looks are left out, want 1", left)
	}
}
