package measure

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

// examination changes a calm network and says what is then found.
type examination struct {
	nodes  int // 0: 3
	change func(*Network)
	want   []result.Finding
}

func examine(t *testing.T, examinations map[string]examination) {
	t.Helper()
	for name, test := range examinations {
		t.Run(name, func(t *testing.T) {
			n := calm(max(test.nodes, 1))
			if test.nodes == 0 {
				n = calm(3)
			}
			test.change(n)
			if diff := cmp.Diff(test.want, n.Findings()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func found(kind string, node int, text string) []result.Finding {
	return []result.Finding{{Kind: kind, Node: node, Text: text}}
}

// lists changes the answers of a node from one on; the gauge follows.
func (n *Network) lists(node, from int, peers ...string) {
	known := n.Nodes[node].Known
	for k := from; k < len(known); k++ {
		known[k].Peers = peers
	}
	n.show(node, known[from].Sent-99*ms, 20*s, toValue(float64(len(peers))))
}

// tells changes some answers of a node, and not its gauge.
func (n *Network) tells(node, from, to int, peers ...string) {
	for k := from; k < to; k++ {
		n.Nodes[node].Known[k].Peers = peers
	}
}

func TestContradictedClaims(t *testing.T) {
	quiet := func(change func(*Network)) func(*Network) { // without gauges, which have examinations of their own
		return func(n *Network) {
			n.Node.PeersCount = suite.PeersOutbound
			for i := range n.Nodes {
				n.show(i, 0, 20*s, toValue(0))
			}
			change(n)
		}
	}
	examine(t, map[string]examination{
		"none": {change: quiet(func(*Network) {})},
		"one node alone": {nodes: 1, change: func(n *Network) {
			n.lists(0, 0, "ghost")
			n.show(0, 0, 20*s, toValue(0))
		}},
		"a peer that has dropped it": {
			change: quiet(func(n *Network) { n.tells(2, 4, 11, "id-0") }),
			want:   found(result.FindingStale, 1, "keeps node 2 as a peer, which dropped it, from 4.101s to 10.100s"),
		},
		"a peer that never claimed it": {
			change: quiet(func(n *Network) { n.tells(2, 0, 11, "id-0") }),
			want:   found(result.FindingAsymmetric, 1, "claims node 2 as a peer, which does not claim it, from 0.101s to 10.100s"),
		},
		"dropped for a while, and then no longer": {
			change: quiet(func(n *Network) { n.tells(2, 4, 7, "id-0") }),
			want:   found(result.FindingStale, 1, "keeps node 2 as a peer, which dropped it, from 4.101s to 6.100s"),
		},
		"a link that was just lost":    {change: quiet(func(n *Network) { n.tells(2, 10, 11, "id-0") })},
		"one answer without the link":  {change: quiet(func(n *Network) { n.tells(2, 5, 6, "id-0") })},
		"a link that comes and goes":   {change: quiet(func(n *Network) { n.tells(2, 3, 4, "id-0"); n.tells(2, 5, 6, "id-0"); n.tells(2, 7, 8, "id-0") })},
		"both have dropped it":         {change: quiet(func(n *Network) { n.tells(2, 4, 11, "id-0"); n.tells(1, 4, 11, "id-0") })},
		"one notices a look later":     {change: quiet(func(n *Network) { n.tells(2, 4, 11, "id-0"); n.tells(1, 5, 11, "id-0") })},
		"a node that answers too late": {change: quiet(func(n *Network) { n.misses(2, 5, 8); n.tells(2, 4, 6, "id-0") })},
		"denied for a moment only": {change: quiet(func(n *Network) {
			n.Nodes[2].Known[10].Sent, n.Nodes[2].Known[10].Received = 9300*ms, 9301*ms
			n.tells(2, 9, 11, "id-0")
		})},
		"a node that was asked once":    {change: quiet(func(n *Network) { n.Nodes[2].Known = n.Nodes[2].Known[:1] })},
		"before the window all is open": {change: quiet(func(n *Network) { n.SteadyFrom = 3 * s; n.tells(2, 0, 3, "id-0") })},
		"a network that did not form": {
			change: quiet(func(n *Network) {
				n.Formed, n.SteadyFrom, n.SteadyTo, n.Failure = false, 0, 0, "something"
				n.tells(2, 0, 11, "id-0")
			}),
			want: found(result.FindingAsymmetric, 1, "claims node 2 as a peer, which does not claim it, from 0.101s to 10.100s"),
		},
		"answers that failed in between": {
			change: quiet(func(n *Network) {
				n.tells(2, 4, 11, "id-0")
				n.Nodes[2].Known[5] = Knowledge{Sent: 5100 * ms, Received: 5101 * ms, Err: "reset"}
			}),
			want: found(result.FindingStale, 1, "keeps node 2 as a peer, which dropped it, from 4.101s to 10.100s"),
		},
		"a peer of nobody's": {
			change: quiet(func(n *Network) { n.tells(2, 9, 11, "id-0", "id-1", "ghost") }),
			want:   found(result.FindingPhantom, 2, "claims the peer ghost, which is none of this network, from 9.101s to 10.100s"),
		},
		"a peer of nobody's that just came":        {change: quiet(func(n *Network) { n.tells(2, 10, 11, "id-0", "id-1", "ghost") })},
		"nobody's while one has not told its name": {change: quiet(func(n *Network) { n.tells(2, 9, 11, "id-1", "id-0", "ghost"); n.mute(0) }), want: found(result.FindingUnreadable, 0, "probe: 11 of 11 looks failed, the last with: refused")},
		"a long name": {
			change: quiet(func(n *Network) { n.tells(2, 9, 11, "id-0", "id-1", fmt.Sprintf("%0100d", 0)) }),
			want:   found(result.FindingPhantom, 2, fmt.Sprintf("claims the peer %064d…, which is none of this network, from 9.101s to 10.100s", 0)),
		},
		"L1 has no claims": {change: quiet(func(n *Network) { n.Level = metric.L1; n.tells(2, 0, 11, "ghost") })},
	})
}

// misses takes answers of a node away.
func (n *Network) misses(node, from, to int) {
	n.Nodes[node].Known = slices.Delete(n.Nodes[node].Known, from, to)
}

// mute lets all answers of a node fail.
func (n *Network) mute(node int) {
	for k := range n.Nodes[node].Known {
		n.Nodes[node].Known[k] = Knowledge{Err: "refused"}
	}
}

func TestListsAgainstGauges(t *testing.T) {
	examine(t, map[string]examination{
		"both change together": {change: func(n *Network) {
			for i, peers := range [][]string{{"id-1"}, {"id-0"}, {}} {
				n.lists(i, 4, peers...)
			}
		}},
		"the gauge stays": {
			change: func(n *Network) { n.tells(1, 4, 11, "id-0"); n.tells(2, 4, 11, "id-0") },
			want: []result.Finding{
				{Kind: result.FindingGaugeDisagrees, Node: 1, Text: "shows 2 peers in its gauge and lists 1, from 4.101s to 5.100s (6 of 9 times)"},
				{Kind: result.FindingGaugeDisagrees, Node: 2, Text: "shows 2 peers in its gauge and lists 1, from 4.101s to 5.100s (6 of 9 times)"},
			},
		},
		"the gauge is late by less than two answers": {change: func(n *Network) {
			n.tells(1, 4, 11, "id-0")
			n.tells(2, 4, 11, "id-0")
			n.show(1, 4900*ms, 20*s, toValue(1))
			n.show(2, 4900*ms, 20*s, toValue(1))
		}},
		"the gauge flaps": {change: func(n *Network) {
			for at := 2 * s; at < 10*s; at += s {
				n.show(1, at, at+200*ms, toValue(0))
			}
		}},
		"the list flaps": {change: func(n *Network) {
			for k := 1; k < 10; k += 2 {
				n.tells(1, k, k+1, "id-0")
			}
		}},
		"answers too far apart": {change: func(n *Network) {
			n.tells(1, 4, 9, "id-0")
			n.tells(2, 4, 9, "id-0")
			n.misses(1, 5, 8)
			n.misses(2, 5, 8)
		}},
		"a gauge that nobody could read before": {change: func(n *Network) {
			n.tells(1, 0, 2, "id-0")
			n.tells(2, 0, 2, "id-0")
			n.show(1, 0, 150*ms, toError("reset"))
			n.show(2, 0, 150*ms, toError("reset"))
		}},
		"outbound: fewer than listed": {change: func(n *Network) {
			n.Node.PeersCount = suite.PeersOutbound
			n.show(1, 0, 20*s, toValue(1))
		}},
		"outbound: more than listed": {
			change: func(n *Network) {
				n.Node.PeersCount = suite.PeersOutbound
				n.tells(1, 0, 11, "id-0")
				n.tells(2, 0, 11, "id-0")
				n.show(2, 0, 20*s, toValue(1))
			},
			want: found(result.FindingGaugeDisagrees, 1, "shows 2 peers in its gauge and lists 1, from 0.101s to 1.100s (10 of 10 times)"),
		},
	})
}

// TestFindingsOfManyNodesAreFolded has every node but one keep a peer that dropped it.
func TestFindingsOfManyNodesAreFolded(t *testing.T) {
	n := calm(100)
	n.Node.PeersCount = suite.PeersOutbound
	for i := range n.Nodes {
		n.show(i, 0, 20*s, toValue(0))
	}
	n.tells(0, 4, 11)
	want := found(result.FindingStale, -1, "99 like this: node 1 keeps node 0 as a peer, which dropped it, from 4.101s to 10.100s; "+
		"node 2 keeps node 0 as a peer, which dropped it, from 4.101s to 10.100s; "+
		"node 3 keeps node 0 as a peer, which dropped it, from 4.101s to 10.100s; and 96 more")
	if diff := cmp.Diff(want, n.Findings()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// BenchmarkFindings examines a calm network of two hundred nodes, each of which lists all others.
func BenchmarkFindings(b *testing.B) {
	n := calm(200)
	for b.Loop() {
		if found := n.Findings(); found != nil {
			b.Fatal(found)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/run")
}
