package measure

import (
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

func TestGaugesAgainstSockets(t *testing.T) {
	// two readings that show the same, of which the first is too early to say that the gauge stood still
	shows := func(gauge float64, sockets NodeSockets) func(*Network) {
		return func(n *Network) {
			n.Level = metric.L1
			n.Scenario.Quiet = 20 * s // other examinations are quiet
			n.show(1, 0, 20*s, toValue(gauge))
			for _, at := range []int{550, 9600} {
				reading := Sockets{Sent: ms * time.Duration(at), Received: ms * time.Duration(at+3), Nodes: []NodeSockets{{Open: true}, sockets, {Err: "ended"}}}
				n.Sockets = append(n.Sockets, reading)
			}
		}
	}
	disagrees := func(text string) []result.Finding { return found(result.FindingGaugeDisagrees, 1, text) }
	outbound := func(change func(*Network)) func(*Network) {
		return func(n *Network) { change(n); n.Node.PeersCount = suite.PeersOutbound }
	}
	examine(t, map[string]examination{
		"as many as linked":                     {change: shows(2, NodeSockets{Own: 3, Linked: []int{0, 2}})},
		"none, and no socket":                   {change: shows(0, NodeSockets{})},
		"one socket that carries any":           {change: shows(2, NodeSockets{Own: 1, Open: true})},
		"others may be peers too":               {change: shows(2, NodeSockets{Own: 3, Linked: []int{0}, Further: 1})},
		"linked, and a socket that carries any": {change: shows(2, NodeSockets{Own: 3, Linked: []int{0}, Open: true})},
		"peers without a socket": {
			change: shows(2, NodeSockets{}),
			want:   disagrees("shows 2 peers in its gauge, and the kernel no socket but those of the control address, at 9.603s (1 of 1 times)"),
		},
		"peers of a socket that only listens": {
			change: shows(2, NodeSockets{Own: 1}),
			want:   disagrees("shows 2 peers in its gauge, and the kernel connections for 0 at most and no socket that could carry more, at 9.603s (1 of 1 times)"),
		},
		"more than connections": {
			change: shows(2, NodeSockets{Own: 2, Linked: []int{0}}),
			want:   disagrees("shows 2 peers in its gauge, and the kernel connections for 1 at most and no socket that could carry more, at 9.603s (1 of 1 times)"),
		},
		"fewer than linked": {
			change: shows(1, NodeSockets{Own: 3, Linked: []int{0, 2}, Open: true}),
			want:   disagrees("shows 1 peer in its gauge, and the kernel established connections with 2 nodes, at 9.603s (1 of 1 times)"),
		},
		"both times": {
			change: func(n *Network) {
				shows(1, NodeSockets{Own: 3, Linked: []int{0, 2}})(n)
				n.Sockets[0].Sent, n.Sockets[0].Received = 2*s, 2010*ms
			},
			want: disagrees("shows 1 peer in its gauge, and the kernel established connections with 2 nodes, at 2.010s (2 of 2 times)"),
		},
		"a gauge that moved just before": {change: func(n *Network) {
			shows(1, NodeSockets{Own: 3, Linked: []int{0, 2}})(n)
			n.show(1, 9300*ms, 9400*ms, toValue(0))
		}},
		"a gauge that moved just after": {change: func(n *Network) {
			shows(1, NodeSockets{Own: 3, Linked: []int{0, 2}})(n)
			n.show(1, 9600*ms, 9800*ms, toValue(0))
		}},
		"a gauge that was not looked at after": {change: func(n *Network) {
			shows(1, NodeSockets{Own: 3, Linked: []int{0, 2}})(n)
			n.show(1, 9500*ms, 20*s, toError("reset"))
		}},
		"that could not be read":      {change: shows(1, NodeSockets{Err: "permission denied"})},
		"outbound: fewer than linked": {change: outbound(shows(1, NodeSockets{Own: 3, Linked: []int{0, 2}}))},
		"outbound: more than connections": {
			change: outbound(shows(2, NodeSockets{Own: 2, Linked: []int{0}})),
			want:   disagrees("shows 2 peers in its gauge, and the kernel connections for 1 at most and no socket that could carry more, at 9.603s (1 of 1 times)"),
		},
		"L0 has no gauge": {change: func(n *Network) { shows(2, NodeSockets{})(n); n.Level = metric.L0 }},
	})
}
