package refnode

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/peer"
	basichost "github.com/libp2p/go-libp2p/p2p/host/basic"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/libp2p/go-libp2p/p2p/host/peerstore/pstoremem"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	libp2pquic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/quicreuse"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
	"github.com/quic-go/quic-go"
)

// stack is a libp2p host put together from its parts.
//
// Note: the root package of libp2p would do this in one call, and would link WebRTC, WebTransport and a dependency
// injection framework: a third more modules and bytes in the binary, for transports that this node never uses.
type stack struct {
	host   *basichost.BasicHost
	swarm  *swarm.Swarm
	quic   *quicreuse.ConnManager
	scope  scope
	gate   *gate
	wanted ma.Multiaddr
	bound  netip.AddrPort // valid after listen
	fresh  *freshListener // after listen
	wire   wire
}

// newStack makes a host that does not listen yet. ctx ends with the node.
func newStack(ctx context.Context, key crypto.PrivKey, opts Options) (_ *stack, err error) {
	wanted, err := quicMultiaddr(opts.Listen)
	if err != nil {
		return nil, err
	}
	s := &stack{scope: newScope(opts.Listen, opts.Bootstrap, opts.Config.Allow), wanted: wanted}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("make host: %w", err), s.close())
		}
	}()
	if s.quic, err = newQUIC(key, opts, &s.wire); err != nil {
		return nil, err
	}
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		return nil, err
	}
	peers, err := pstoremem.NewPeerstore()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(peers.AddPrivKey(id, key), peers.AddPubKey(id, key.GetPublic())); err != nil {
		return nil, errors.Join(err, peers.Close())
	}
	s.gate = &gate{
		scope: s.scope, fullMesh: opts.Config.MinPeers == 0,
		acceptDelay: opts.Config.Fault.acceptDelay(), closing: ctx.Done(), underWay: make(map[peer.ID]int),
	}
	bus := eventbus.NewBus()
	s.swarm, err = swarm.NewSwarm(id, peers, bus, swarm.WithConnectionGater(s.gate),
		// A network that is cut off on purpose is not a reason to stop dialling it for good.
		swarm.WithUDPBlackHoleSuccessCounter(nil), swarm.WithIPv6BlackHoleSuccessCounter(nil))
	if err != nil {
		return nil, errors.Join(err, peers.Close())
	}
	transport, err := libp2pquic.NewTransport(key, s.quic, nil, s.gate, nil)
	if err != nil {
		return nil, err
	}
	if err := s.swarm.AddTransport(transport); err != nil {
		return nil, err
	}
	s.host, err = basichost.NewHost(s.swarm, hostOptions(bus, s.scope))
	if err != nil {
		return nil, err
	}
	s.host.Start()
	return s, nil
}

// hostOptions name what the host may do. What is absent stays off: NAT mapping, relay, AutoNAT and hole punching.
func hostOptions(bus event.Bus, scope scope) *basichost.HostOpts {
	return &basichost.HostOpts{
		EventBus:                bus,
		AddrsFactory:            scope.filter,
		UserAgent:               "perfgate-refnode",
		DisableSignedPeerRecord: true,
	}
}

func newQUIC(key crypto.PrivKey, opts Options, wire *wire) (*quicreuse.ConnManager, error) {
	resetKey, tokenKey, err := quicKeys(key)
	if err != nil {
		return nil, err
	}
	connections, err := quicreuse.NewConnManager(resetKey, tokenKey, quicreuse.OverrideListenUDP(wire.listen),
		quicreuse.OverrideSourceIPSelector(
			func() (quicreuse.SourceIPSelector, error) { return listenIP(opts.Listen.Addr().AsSlice()), nil }))
	if err != nil {
		return nil, err
	}
	// The smaller one of both ends' time-outs holds, so the dialling end sets it for the connection.
	connections.ClientConfig().MaxIdleTimeout = opts.Config.idleTimeout()
	return connections, nil
}

// listen binds the QUIC listener: from here on peers get in. ctx ends with the node.
func (s *stack) listen(ctx context.Context, key crypto.PrivKey) error {
	if err := s.swarm.AddListenAddr(s.wanted); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for _, addr := range s.swarm.ListenAddresses() {
		if bound, err := manet.ToNetAddr(addr.Decapsulate(quicV1())); err == nil {
			s.bound = addrPortOf(bound)
		}
	}
	var err error
	if s.fresh, err = listenFresh(ctx, s.quic, key, s.bound); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return nil
}

// close tells every peer and releases the sockets.
func (s *stack) close() error {
	var errs []error
	if s.fresh != nil {
		errs = append(errs, s.fresh.close())
	}
	switch {
	case s.host != nil:
		errs = append(errs, s.host.Close())
	case s.swarm != nil:
		errs = append(errs, s.swarm.Close(), s.swarm.Peerstore().Close())
	}
	if s.quic != nil {
		errs = append(errs, s.quic.Close())
	}
	return errors.Join(errs...)
}

// listenIP makes every dial leave from the listening socket, so that peers see the address that they can dial back,
// and the kernel itself keeps a node that listens on loopback there. It saves reading the routing table, too.
type listenIP net.IP

func (ip listenIP) PreferredSourceIPForDestination(*net.UDPAddr) (net.IP, error) {
	return net.IP(ip), nil
}

var _ quicreuse.SourceIPSelector = listenIP(nil)

func quicV1() ma.Multiaddr { return ma.StringCast("/quic-v1") }

func quicMultiaddr(addr netip.AddrPort) (ma.Multiaddr, error) {
	return quicreuse.ToQuicMultiaddr(net.UDPAddrFromAddrPort(addr), quic.Version1)
}
