package measure

import (
	"fmt"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// DiscoveryWindow is how long after a node's readiness the others may take to know it.
const DiscoveryWindow = 60 * time.Second

func (n *Network) discovery(m metric.Metric) result.Measurement {
	switch {
	case n.outbound():
		return result.Unmeasurable(m, outboundReason)
	case len(n.Nodes) == 1:
		return result.Unmeasurable(m, "a network of one node has nobody to discover")
	case n.Level >= metric.L2:
		return n.discoveredPairs(m)
	}
	return n.discoveredCounts(m)
}

// discoveredCounts stands in for the pairs: how many peers each node had at most, in time.
func (n *Network) discoveredCounts(m metric.Metric) result.Measurement {
	var ready time.Duration
	for _, node := range n.Nodes {
		ready = max(ready, node.ReadyHigh)
	}
	sum := 0.0
	for i, node := range n.Nodes {
		most := -1.0
		for _, r := range n.counts(node) {
			if r.Received <= ready+DiscoveryWindow {
				most = max(most, r.Value)
			}
		}
		if most < 0 {
			return result.Failure(m, fmt.Sprintf("node %d: its gauge could not be read in time%s", i, lastError(node.Peers, readingError)))
		}
		sum += most / float64(len(n.Nodes)-1)
	}
	measured := result.Value(m, sum/float64(len(n.Nodes)))
	measured.Proxy = "by peer counts: the nodes do not show who knows whom"
	return measured
}

// discoveredPairs counts the ordered pairs in which one node was seen to know the other in time.
func (n *Network) discoveredPairs(m metric.Metric) result.Measurement {
	index := map[string]int{}
	for i, node := range n.Nodes {
		id := node.id()
		if id == "" {
			return result.Failure(m, fmt.Sprintf("node %d never told whom it knows%s", i, lastError(node.Known, knowledgeError)))
		}
		if j, doubled := index[id]; doubled {
			return result.Failure(m, fmt.Sprintf("nodes %d and %d give the same id", j, i))
		}
		index[id] = i
	}
	pairs := 0
	for i := range n.Nodes {
		known, first := n.discoveredBy(i, index)
		for j := range n.Nodes {
			if j != i && first > n.discoverBy(j) {
				return result.Failure(m, fmt.Sprintf("node %d did not tell in time whether it knows node %d", i, j))
			}
		}
		pairs += known
	}
	return result.Value(m, float64(pairs)/float64(len(n.Nodes)*(len(n.Nodes)-1)))
}

// discoveredBy counts the nodes of the index that a node told in time that it knows. First is when its first answer came.
func (n *Network) discoveredBy(node int, index map[string]int) (known int, first time.Duration) {
	first = -1
	found := map[int]bool{}
	for _, answer := range n.Nodes[node].Known {
		if answer.Err != "" {
			continue
		}
		if first < 0 {
			first = answer.Received
		}
		for _, peer := range answer.Peers {
			if j, ours := index[peer]; ours && j != node && answer.Received <= n.discoverBy(j) {
				found[j] = true
			}
		}
	}
	return len(found), first
}

// discoverBy is when a node has to be known.
func (n *Network) discoverBy(node int) time.Duration {
	return n.Nodes[node].ReadyHigh + DiscoveryWindow
}

// id is what the node calls itself, "" when it never said.
func (n Node) id() string {
	for _, answer := range n.Known {
		if answer.Err == "" {
			return answer.ID
		}
	}
	return ""
}

func readingError(r Reading) string     { return r.Err }
func knowledgeError(k Knowledge) string { return k.Err }

// lastError is ": " and the last error among looks, "" when there is none.
func lastError[L any](looks []L, err func(L) string) string {
	for _, look := range slices.Backward(looks) {
		if text := err(look); text != "" {
			return ": " + text
		}
	}
	return ""
}
