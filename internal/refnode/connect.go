package refnode

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/libp2p/go-libp2p/p2p/transport/quicreuse"
	manet "github.com/multiformats/go-multiaddr/net"
	"github.com/quic-go/quic-go"
)

const (
	// freshProtocol is the TLS application protocol of connections that are made to be timed. They do the handshake of
	// all others, with certificates of both ends, and never reach libp2p: no peer comes or goes by them.
	freshProtocol = "perfgate-connect/1"
	freshTimeout  = 10 * time.Second
	// maxFresh is how many of them a node holds at the same time.
	maxFresh = 64
)

// connectRequest is the body of POST /probe/connect.
type connectRequest struct {
	To string `json:"to"` // a node that this one knows
	schedule
}

// connectFresh makes a new QUIC connection to a node, from a new socket and under a new identity, so that nothing is
// resumed or reused. Done is when the handshake is confirmed: the other end has checked this one's certificate, and this
// one knows.
func (n *Node) connectFresh(ctx context.Context, request connectRequest) (outcome, error) {
	if request.To == "" {
		return outcome{}, errors.New("to: missing")
	}
	dial, err := n.prepareFresh(request.To)
	if err != nil {
		return finish(monotonicNS(), err), nil
	}
	defer dial.close()
	err = request.await(ctx)
	ctx, cancel := context.WithTimeout(ctx, freshTimeout)
	defer cancel()
	started := monotonicNS()
	if err == nil {
		err = dial.handshake(ctx)
	}
	return finish(started, err), nil // dial hangs up afterwards
}

// freshDial is a connection about to be made: what costs time and is no part of it has been done.
type freshDial struct {
	to        *net.UDPAddr
	tls       *tls.Config
	quic      *quic.Config
	socket    net.PacketConn
	transport *quic.Transport
	conn      *quic.Conn // after the handshake
}

func (n *Node) prepareFresh(to string) (*freshDial, error) {
	id, err := peer.Decode(to)
	if err != nil || id == n.stack.host.ID() {
		return nil, errors.New("to: not the id of another node")
	}
	addr, ok := n.mesh.addressOf(id)
	if !ok {
		return nil, errors.New("to: no address of that node is known")
	}
	if !n.stack.scope.permits(addr.Addr()) {
		return nil, fmt.Errorf("to: %s is outside the networks that this node may dial", addr)
	}
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return nil, err
	}
	identity, err := libp2ptls.NewIdentity(key)
	if err != nil {
		return nil, err
	}
	d := &freshDial{to: net.UDPAddrFromAddrPort(addr), quic: n.stack.quic.ClientConfig().Clone()}
	d.quic.HandshakeIdleTimeout = freshTimeout
	d.tls, _ = identity.ConfigForPeer(id)
	d.tls.NextProtos = []string{freshProtocol}
	// The new socket has the listener's IP address: what is bound to loopback stays there.
	from := net.UDPAddrFromAddrPort(netip.AddrPortFrom(n.stack.bound.Addr(), 0))
	if d.socket, err = n.stack.wire.listen("udp", from); err != nil {
		return nil, err
	}
	d.transport = &quic.Transport{Conn: d.socket}
	return d, nil
}

// handshake connects, and waits for the other end's word that it is through as well.
func (d *freshDial) handshake(ctx context.Context) (err error) {
	if d.conn, err = d.transport.Dial(ctx, d.to, d.tls, d.quic); err != nil {
		return err
	}
	stream, err := d.conn.AcceptUniStream(ctx)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { stream.CancelRead(0) })()
	var word [1]byte
	_, err = io.ReadFull(stream, word[:])
	return err
}

// close hangs up. What was to be timed is over, so an error here says nothing.
func (d *freshDial) close() {
	if d.conn != nil {
		_ = d.conn.CloseWithError(0, "")
	}
	_ = d.transport.Close()
	_ = d.socket.Close()
}

// addressOf is where a node listens that is a member or a peer.
func (m *mesh) addressOf(id peer.ID) (netip.AddrPort, bool) {
	m.mu.Lock()
	known, ok := m.members[id]
	m.mu.Unlock()
	if ok {
		return known.addr, true
	}
	for _, conn := range m.stack.swarm.ConnsToPeer(id) {
		// Nodes dial from the socket that they listen on.
		if addr, err := manet.ToNetAddr(conn.RemoteMultiaddr().Decapsulate(quicV1())); err == nil {
			return addrPortOf(addr), true
		}
	}
	return netip.AddrPort{}, false
}

// freshListener is the other end of timed connections, on the node's own QUIC listener.
type freshListener struct {
	listener quicreuse.Listener
	cancel   context.CancelFunc
	running  sync.WaitGroup
	slots    chan struct{}
}

func listenFresh(ctx context.Context, connections *quicreuse.ConnManager, key crypto.PrivKey, bound netip.AddrPort) (*freshListener, error) {
	addr, err := quicMultiaddr(bound)
	if err != nil {
		return nil, err
	}
	identity, err := libp2ptls.NewIdentity(key)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{freshProtocol},
		// A configuration serves one handshake: it holds what was learnt of the other end.
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			one, _ := identity.ConfigForPeer("")
			one.NextProtos = []string{freshProtocol}
			return one, nil
		},
	}
	listener, err := connections.ListenQUIC(addr, config, func(*quic.Conn, uint64) bool { return false })
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	f := &freshListener{listener: listener, cancel: cancel, slots: make(chan struct{}, maxFresh)}
	f.running.Go(func() { f.accept(ctx) })
	return f, nil
}

func (f *freshListener) accept(ctx context.Context) {
	for {
		conn, err := f.listener.Accept(ctx)
		if err != nil {
			return
		}
		select {
		case f.slots <- struct{}{}:
			f.running.Go(func() {
				defer func() { <-f.slots }()
				confirm(ctx, conn)
			})
		default:
			_ = conn.CloseWithError(1, "too many connections") // the dialling end is told
		}
	}
}

// confirm tells the dialling end that the handshake is over, and waits until it hangs up.
func confirm(ctx context.Context, conn *quic.Conn) {
	ctx, cancel := context.WithTimeout(ctx, freshTimeout)
	defer cancel()
	if stream, err := conn.OpenUniStream(); err == nil {
		_, _ = stream.Write([]byte{1}) // a connection that is gone cannot be told
		_ = stream.Close()
	}
	select {
	case <-conn.Context().Done():
	case <-ctx.Done():
	}
	_ = conn.CloseWithError(0, "")
}

func (f *freshListener) close() error {
	f.cancel()
	err := f.listener.Close()
	f.running.Wait()
	return err
}
