package measure

import (
	"math"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/suite"
)

// picture is the network as the last looks at its nodes show it.
type picture struct {
	expect   suite.Expectation
	outbound bool
	links    bool // the expectation is about who knows whom, not about counts
	nodes    []look
}

// look is the last look at one node; the zero look is none.
type look struct {
	seen     bool
	sent     time.Duration
	received time.Duration
	peers    float64
	id       string
	known    []string
}

func newPicture(scenario suite.Scenario, node suite.Node, level int) picture {
	return picture{
		expect: scenario.Expect, outbound: node.PeersCount == suite.PeersOutbound,
		links: scenario.Expect.Graph == suite.Connected && node.PeersCount != suite.PeersOutbound && level >= metric.L2,
		nodes: make([]look, scenario.Nodes),
	}
}

func lookAtGauge(r Reading) look {
	return look{seen: true, sent: r.Sent, received: r.Received, peers: r.Value}
}

func lookAtLinks(k Knowledge) look {
	return look{seen: true, sent: k.Sent, received: k.Received, peers: float64(len(k.Peers)), id: k.ID, known: k.Peers}
}

// put replaces the last look at a node and tells whether the new one shows something else.
func (p *picture) put(node int, l look) (changed bool) {
	last := p.nodes[node]
	p.nodes[node] = l
	return !last.seen || last.peers != l.peers || last.id != l.id || !slices.Equal(last.known, l.known)
}

// oldest is when the oldest of the last looks was sent, 0 while a node was not yet looked at.
func (p *picture) oldest() time.Duration {
	oldest := time.Duration(math.MaxInt64)
	for _, n := range p.nodes {
		oldest = min(oldest, n.sent)
	}
	return oldest
}

// newest is when the newest of the last looks was received.
func (p *picture) newest() time.Duration {
	var newest time.Duration
	for _, n := range p.nodes {
		newest = max(newest, n.received)
	}
	return newest
}

// single tells whether the expectation can be asked of each node by itself.
func (p *picture) single() bool { return !p.outbound && p.expect.Graph != suite.Connected }

// meets tells whether one node by itself has as many peers as the expectation asks of it.
func (p *picture) meets(node int) bool { return p.enough(node, p.nodes[node]) }

// enough tells whether a look shows as many peers as the expectation asks of the node by itself.
func (p *picture) enough(node int, l look) bool {
	return l.seen && Impossible(l.peers, len(p.nodes)) == "" && l.peers >= p.least(node)
}

// least is how many peers a node needs at least.
func (p *picture) least(node int) float64 {
	switch {
	case p.outbound && node == 0, len(p.nodes) == 1:
		return 0 // the bootstrap dials nobody, and one alone has nobody
	case p.outbound, p.expect.Graph == suite.Connected:
		return 1
	case p.expect.Graph == suite.MinPeers:
		return float64(p.expect.Min)
	}
	return float64(len(p.nodes) - 1)
}

// holds tells whether the expected graph is there.
func (p *picture) holds() bool {
	sum := 0.0
	for i, n := range p.nodes {
		if !n.seen || !p.links && !p.meets(i) {
			return false
		}
		sum += n.peers
	}
	links := float64(len(p.nodes) - 1)
	switch {
	case p.outbound:
		return sum >= links
	case p.links:
		return p.oneComponent()
	case p.expect.Graph == suite.Connected:
		return sum >= 2*links // each link is counted at both ends
	}
	return true
}

// oneComponent tells whether the links that either end claims join all nodes.
func (p *picture) oneComponent() bool {
	index := map[string]int{}
	for i, n := range p.nodes {
		index[n.id] = i
	}
	neighbours := make([][]int, len(p.nodes))
	for i, n := range p.nodes {
		for _, peer := range n.known {
			if j, ours := index[peer]; ours {
				neighbours[i] = append(neighbours[i], j)
				neighbours[j] = append(neighbours[j], i)
			}
		}
	}
	reached := map[int]bool{0: true}
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		for _, j := range neighbours[queue[0]] {
			if !reached[j] {
				reached[j] = true
				queue = append(queue, j)
			}
		}
	}
	return len(reached) == len(p.nodes) && len(index) == len(p.nodes)
}
