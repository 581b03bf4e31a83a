package refnode

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/quic-go/quic-go"
)

// mesh knows the members of the network that this node has heard of, and which of them it dials.
//
// Only connections that this node dialled are its own to repair. A peer that closes in order has left and is
// forgotten; one that vanishes is dialled again until patience runs out.
type mesh struct {
	stack  *stack
	log    *slog.Logger
	wanted int // own dials to keep, bootstraps included

	queue    *dialQueue
	failures atomic.Uint64
	closing  atomic.Bool

	mu      sync.Mutex
	members map[peer.ID]*member
	waiting map[peer.ID][]chan struct{} // closed when the peer's last connection ends
}

// member is a node of the network.
type member struct {
	addr      netip.AddrPort
	ours      bool      // we dial it
	bootstrap bool      // keepJoined looks after it
	attempts  int       // failed in a row
	since     time.Time // of the first of them
}

func newMesh(s *stack, config Config, log *slog.Logger) *mesh {
	m := &mesh{
		stack: s, log: log, wanted: config.MinPeers, queue: newDialQueue(),
		members: make(map[peer.ID]*member), waiting: make(map[peer.ID][]chan struct{}),
	}
	if m.wanted == 0 {
		m.wanted = math.MaxInt
	}
	s.host.SetStreamHandler(joinProtocol, m.serveJoin)
	s.swarm.Notify(&network.NotifyBundle{ConnectedF: m.connected, DisconnectedF: m.disconnected})
	return m
}

// close stops dialling, and takes the ends of connections that follow for what they are: our own.
func (m *mesh) close() {
	m.closing.Store(true)
	m.queue.close()
}

// register notes a newcomer and returns the members that were there before it. The two are one step, so that of two
// newcomers exactly the later one is told of the other.
func (m *mesh) register(id peer.ID, addr netip.AddrPort) []contact {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := make([]contact, 0, len(m.members))
	for other, known := range m.members {
		if other != id && m.isConnected(other) {
			before = append(before, contact{ID: other, Addr: known.addr})
		}
	}
	if known, ok := m.members[id]; ok {
		known.addr = addr
	} else if m.isConnected(id) { // else it left meanwhile, and disconnected has been here already
		m.members[id] = &member{addr: addr}
	}
	return before
}

// adopt notes a bootstrap that this node has joined, and dials those of its contacts that are wanted.
func (m *mesh) adopt(bootstrap contact, contacts []contact) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isConnected(bootstrap.ID) {
		m.members[bootstrap.ID] = &member{addr: bootstrap.Addr, ours: true, bootstrap: true}
	}
	for _, c := range contacts {
		_, known := m.members[c.ID]
		switch {
		case known || c.ID == m.stack.host.ID():
		case !m.stack.scope.permits(c.Addr.Addr()):
			m.log.Warn("peer is outside the networks that this node may dial; add its network to allow in the configuration",
				"peer", c.ID, "addr", c.Addr)
		default:
			m.members[c.ID] = &member{addr: c.Addr}
		}
	}
	m.fill()
}

// fill queues dials until as many members as wanted are ours. The order is random, so that newcomers do not all
// dial the same node first. Callers hold mu.
func (m *mesh) fill() {
	ours := 0
	var candidates []peer.ID
	for id, known := range m.members {
		if known.ours {
			ours++
		} else if !m.isConnected(id) {
			candidates = append(candidates, id)
		}
	}
	rand.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
	for _, id := range candidates[:min(len(candidates), max(m.wanted-ours, 0))] {
		m.members[id].ours = true
		m.queue.add(id)
	}
}

// dialLoop dials queued members until ctx ends or the mesh closes.
func (m *mesh) dialLoop(ctx context.Context) {
	for {
		id, ok := m.queue.next()
		if !ok || ctx.Err() != nil {
			return
		}
		m.dial(ctx, id)
	}
}

// dial dials a member once. What fails because this node is ending says nothing of the member.
func (m *mesh) dial(life context.Context, id peer.ID) {
	m.mu.Lock()
	known, ok := m.members[id]
	if !ok {
		m.mu.Unlock()
		return
	}
	addr := known.addr
	m.mu.Unlock()
	ctx, cancel := context.WithTimeout(life, dialTimeout)
	defer cancel()
	err := m.stack.connect(ctx, id, addr)
	if m.closing.Load() || life.Err() != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		known.attempts = 0
		return
	}
	m.failures.Add(1)
	if m.members[id] == known { // else it left while it was dialled
		m.retry(id, known, err)
	}
}

// retry queues a member again after a while, or forgets it when it has been failing for too long. Callers hold mu.
func (m *mesh) retry(id peer.ID, known *member, cause error) {
	if known.attempts == 0 {
		known.since = time.Now()
		m.log.Warn("peer cannot be reached, trying again", "peer", id, "addr", known.addr, "err", cause)
	}
	known.attempts++
	if time.Since(known.since) > patience {
		m.log.Warn("peer given up", "peer", id, "addr", known.addr, "attempts", known.attempts)
		m.forget(id)
		return
	}
	m.queue.addAfter(backoff(known.attempts), id)
}

// forget drops a member and looks for another one in its place. Callers hold mu.
func (m *mesh) forget(id peer.ID) {
	delete(m.members, id)
	m.fill()
}

// lost returns a channel that is closed when the peer has no connection to this node.
func (m *mesh) lost(id peer.ID) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	gone := make(chan struct{})
	if m.isConnected(id) {
		m.waiting[id] = append(m.waiting[id], gone)
	} else {
		close(gone)
	}
	return gone
}

// connected is told by libp2p of every new connection.
func (m *mesh) connected(_ network.Network, conn network.Conn) {
	if len(m.stack.swarm.ConnsToPeer(conn.RemotePeer())) == 1 {
		m.log.Info("peer connected", "peer", conn.RemotePeer(), "direction", conn.Stat().Direction.String())
	}
}

// disconnected is told by libp2p of every connection that ended.
func (m *mesh) disconnected(_ network.Network, conn network.Conn) {
	id := conn.RemotePeer()
	if m.closing.Load() || m.isConnected(id) {
		return
	}
	cause := closedBy(conn)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, gone := range m.waiting[id] {
		close(gone)
	}
	delete(m.waiting, id)
	left := hasLeft(cause)
	if left {
		m.log.Info("peer left", "peer", id)
	} else {
		m.log.Warn("peer lost", "peer", id, "err", cause)
	}
	known, ok := m.members[id]
	switch {
	case !ok:
	case left || known.bootstrap || !known.ours:
		m.forget(id)
	default:
		known.attempts, known.since = 1, time.Now()
		m.queue.addAfter(backoff(0), id)
	}
}

func (m *mesh) isConnected(id peer.ID) bool {
	return m.stack.swarm.Connectedness(id) == network.Connected
}

// closedBy is the reason for which a connection ended, nil if it has none.
func closedBy(conn network.Conn) error {
	var quicConn *quic.Conn
	if !conn.As(&quicConn) {
		return nil
	}
	return context.Cause(quicConn.Context())
}

// hasLeft says whether the other end closed the connection in order: with code 0, as a node does that stops, or by
// refusing it because its listener is closed already.
func hasLeft(cause error) bool {
	if closed, ok := errors.AsType[*quic.ApplicationError](cause); ok {
		return closed.Remote && closed.ErrorCode == 0
	}
	refused, ok := errors.AsType[*quic.TransportError](cause)
	return ok && refused.Remote && refused.ErrorCode == quic.ConnectionRefused
}
