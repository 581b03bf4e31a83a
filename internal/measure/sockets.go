package measure

import (
	"fmt"
	"time"

	"github.com/communitas/perfgate/internal/result"
)

// Sockets is one reading of what the kernel shows of the nodes' sockets, made between Sent and Received.
type Sockets struct {
	Sent     time.Duration
	Received time.Duration
	// Nodes has an entry for each node.
	Nodes []NodeSockets
}

// NodeSockets is what the kernel shows of one node: its process and those that it has started. Sockets of the control
// address, the listener and the connections to it, are left out. When Err is not "", it could not be read.
type NodeSockets struct {
	// Own counts the node's sockets.
	Own int
	// Linked are the other nodes with whose processes there is an established TCP connection, each once.
	Linked []int
	// Further counts the connections that may each carry one more peer: of TCP to somebody who is none of the nodes, and
	// of UDP to any, which says that the node has chosen whom to send to, and not that anybody answers.
	Further int
	// Open says that there are sockets which may carry any number of peers, such as one of UDP that is not connected, over
	// which QUIC speaks with all. The kernel cannot tell then how many there are at most.
	Open bool
	Err  string
}

// most is how many peers the sockets can carry; false when that is not known.
func (s NodeSockets) most() (int, bool) { return len(s.Linked) + s.Further, !s.Open }

// gaugesAgainstSockets compares the gauges with what the kernel shows, where it tells and the gauge stood still around that
// moment. A gauge is too high when there are fewer connections to carry its peers and no other socket that could. It is too
// low when there are more nodes at the other ends of established connections; of a gauge that counts outbound connections
// only this cannot be said, since the kernel does not show who dialled.
func (n *Network) gaugesAgainstSockets() []result.Finding {
	var all []result.Finding
	for i, node := range n.Nodes {
		var said tally
		counts := n.counts(node)
		for _, reading := range n.Sockets {
			if i >= len(reading.Nodes) || reading.Nodes[i].Err != "" {
				continue
			}
			gauge, until, ok := stood(counts, reading.Sent-standing, reading.Received)
			if ok && until >= reading.Received {
				said.add(n.contradicts(gauge, reading.Nodes[i]), ", at "+moment(reading.Received))
			}
		}
		all = append(all, said.findings(i)...)
	}
	return all
}

// contradicts says how a gauge and the kernel contradict each other, "" when they do not.
func (n *Network) contradicts(gauge float64, sockets NodeSockets) string {
	most, known := sockets.most()
	shown := "shows " + peersInWords(gauge) + " in its gauge, and the kernel "
	switch {
	case known && gauge > 0 && sockets.Own == 0:
		return shown + "no socket but those of the control address"
	case known && gauge > float64(most):
		return shown + fmt.Sprintf("connections for %d at most and no socket that could carry more", most)
	case !n.outbound() && gauge < float64(len(sockets.Linked)):
		return shown + fmt.Sprintf("established connections with %d nodes", len(sockets.Linked))
	}
	return ""
}
