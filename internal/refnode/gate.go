package refnode

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// gate is asked by libp2p before every dial and about every connection, whoever wants it: the mesh, the DHT or
// gossipsub.
type gate struct {
	scope scope
	// fullMesh leaves all dialling to the mesh. Otherwise the DHT, when it opens a stream to a peer that was just
	// lost, dials it from the wrong end of the pair, and there are two connections for one.
	fullMesh    bool
	acceptDelay time.Duration
	closing     <-chan struct{}

	mu       sync.Mutex
	underWay map[peer.ID]int // dials of the mesh that are under way
}

var _ connmgr.ConnectionGater = (*gate)(nil)

// dialling lets dials of a peer through until the returned function is called.
func (g *gate) dialling(id peer.ID) (done func()) {
	g.count(id, 1)
	return func() { g.count(id, -1) }
}

func (g *gate) count(id peer.ID, change int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.underWay[id] += change; g.underWay[id] == 0 {
		delete(g.underWay, id)
	}
}

// InterceptPeerDial says whether a peer may be dialled at all.
func (g *gate) InterceptPeerDial(id peer.ID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.fullMesh || g.underWay[id] > 0
}

// InterceptAddrDial says whether an address may be dialled.
func (g *gate) InterceptAddrDial(_ peer.ID, addr ma.Multiaddr) bool {
	return g.scope.permitsMultiaddr(addr)
}

// InterceptAccept lets everybody in who can reach the listener.
func (g *gate) InterceptAccept(network.ConnMultiaddrs) bool { return true }

// InterceptSecured lets everybody in who has an identity.
func (g *gate) InterceptSecured(network.Direction, peer.ID, network.ConnMultiaddrs) bool { return true }

// InterceptUpgraded delays incoming connections when that fault is wanted. Each connection waits on its own.
func (g *gate) InterceptUpgraded(conn network.Conn) (bool, control.DisconnectReason) {
	if g.acceptDelay > 0 && conn.Stat().Direction == network.DirInbound {
		timer := time.NewTimer(g.acceptDelay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-g.closing:
		}
	}
	return true, 0
}
