// Package refnode is the reference node of perfgate: a small, real peer-to-peer node on libp2p (QUIC, Kademlia DHT,
// gossipsub) that speaks the command line and HTTP contract of the programs that perfgate measures. It is the only
// package that imports libp2p.
//
// # Joining
//
// A node is given bootstrap addresses as IP:PORT and nothing else. It learns the identity behind such an address from
// the certificate of an aborted QUIC handshake (peek.go), connects, and registers (registry.go). The bootstrap
// answers under a lock with everybody who registered before, and the newcomer dials those: in each pair the later one
// dials, so the mesh is complete without any timer. That holds for every pair of nodes that share a bootstrap, and
// for a bootstrap and its own nodes; a network with several bootstraps gives all of them to every node, and the first
// of them to the second.
//
// # Never beyond the given addresses
//
// There is no NAT port mapping, mDNS, AutoNAT, relay, hole punching or public bootstrap list in this node, and it
// dials only into the networks of the addresses that it was given (scope.go).
package refnode

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// Options say what a node is: the command line in types.
type Options struct {
	// Listen is the UDP address of the QUIC listener. Port 0 takes a free port.
	Listen netip.AddrPort
	// Bootstrap are the addresses to join at. Empty: this node waits to be joined.
	Bootstrap []netip.AddrPort
	// Storage is the directory that keeps the identity; it is created if absent. Empty: the identity is forgotten.
	Storage string
	// Control is the TCP address of the HTTP server. The zero value means none.
	Control netip.AddrPort
	// Version is what /health and /metrics report.
	Version string
	// Config holds everything that the command line does not.
	Config Config
	// Log receives one line per event. Nil discards.
	Log *slog.Logger
}

// Node is a running node. Start makes it, Close ends it.
type Node struct {
	opts    Options
	log     *slog.Logger
	started time.Time
	ready   atomic.Bool

	stack   *stack
	mesh    *mesh
	table   *table
	gossip  *gossip
	control *controlServer
	ballast []byte

	inbox   inbox
	payload payload
	calls   atomic.Int64 // of the probe API, under way
	drops   share        // a fault

	life      context.Context // ends with the node
	cancel    context.CancelFunc
	running   sync.WaitGroup
	starting  sync.Mutex
	ending    bool // nothing is added to running any more; guarded by starting
	closeOnce sync.Once
	closeErr  error
}

// Start makes a node and begins to join. When it returns without an error, the QUIC listener accepts connections, the
// node is subscribed and serves the DHT, and every bootstrap is being contacted in the background; /health says so.
// ctx bounds the start alone: the node lives until Close. On an error nothing is left running.
func Start(ctx context.Context, opts Options) (*Node, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	n := &Node{opts: opts, log: opts.Log, started: time.Now()}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	n.life, n.cancel = life, cancel
	if err := n.start(ctx, life); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Node) start(ctx, life context.Context) error {
	if n.opts.Control.IsValid() {
		control, err := serveControl(n)
		if err != nil {
			return err
		}
		n.control = control
	}
	fault := n.opts.Config.Fault
	if err := pause(ctx, fault.startupDelay()); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	n.ballast = fault.ballast()
	key, err := loadIdentity(n.opts.Storage)
	if err != nil {
		return err
	}
	if n.stack, err = newStack(life, key, n.opts); err != nil {
		return err
	}
	n.mesh = newMesh(n.stack, n.opts.Config, n.log)
	if n.table, err = newTable(n.stack, fault.dhtDelay()); err != nil {
		return err
	}
	if n.gossip, err = joinGossip(life, n.stack.host, n.opts.Config.Topic); err != nil {
		return err
	}
	if err := n.stack.listen(life, key); err != nil {
		return err
	}
	n.stack.host.SetStreamHandler(transferProtocol, n.serveTransfer)
	n.run(life)
	n.ready.Store(true)
	n.log.Info("node ready", "id", n.ID(), "listen", n.ListenAddr(), "control", n.ControlAddr(), "version", n.opts.Version)
	return nil
}

// run starts everything that lives until ctx ends.
func (n *Node) run(ctx context.Context) {
	n.running.Go(func() { n.gossip.drain(ctx, n.received) })
	for range n.opts.Config.ParallelDials {
		n.running.Go(func() { n.mesh.dialLoop(ctx) })
	}
	for _, addr := range n.opts.Bootstrap {
		n.running.Go(func() { n.keepJoined(ctx, addr) })
	}
	if ratio := n.opts.Config.Fault.CPUBurnRatio; ratio > 0 {
		n.running.Go(func() { burn(ctx, ratio) })
	}
	if perSecond := n.opts.Config.Fault.LeakBytesPerSecond; perSecond > 0 {
		n.running.Go(func() { leak(ctx, perSecond) })
	}
	if every := n.opts.Config.Fault.DropPeerEveryMS; every > 0 {
		n.running.Go(func() { n.mesh.dropPeers(ctx, time.Duration(every)*time.Millisecond) })
	}
	if n.opts.Config.Fault != (Fault{}) {
		n.log.Warn("faults are injected on purpose", "fault", n.opts.Config.Fault)
	}
}

// Close ends the node: peers are told at once, and everything that Start began has ended when it returns. Further
// calls return the result of the first.
func (n *Node) Close() error {
	n.closeOnce.Do(func() { n.closeErr = n.close() })
	return n.closeErr
}

func (n *Node) close() error {
	n.ready.Store(false)
	n.starting.Lock()
	n.ending = true
	n.starting.Unlock()
	n.cancel()
	var errs []error
	if n.control != nil {
		errs = append(errs, n.control.close())
	}
	if n.mesh != nil {
		n.mesh.close()
	}
	if n.table != nil {
		errs = append(errs, n.table.close())
	}
	if n.stack != nil {
		errs = append(errs, n.stack.close())
	}
	n.running.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close node: %w", err)
	}
	return nil
}

// ID is the node's peer id, derived from its key.
func (n *Node) ID() string { return n.stack.host.ID().String() }

// ListenAddr is the address of the QUIC listener, with the port that was really bound.
func (n *Node) ListenAddr() netip.AddrPort { return n.stack.bound }

// ControlAddr is the address of the HTTP server, with the port that was really bound. Zero when there is none.
func (n *Node) ControlAddr() netip.AddrPort {
	if n.control == nil {
		return netip.AddrPort{}
	}
	return n.control.addr
}

// Peers are the ids of the peers that are connected right now, in either direction, each once, sorted.
func (n *Node) Peers() []string {
	ids := n.peers()
	peers := make([]string, len(ids))
	for i, id := range ids {
		peers[i] = id.String()
	}
	slices.Sort(peers)
	return peers
}

func (n *Node) peers() []peer.ID { return n.stack.host.Network().Peers() }

// Validate refuses options that cannot work whatever the machine: those are mistakes of the user. Start asks it, too.
func (o Options) Validate() error {
	if !o.Listen.IsValid() {
		return errors.New("listen address missing")
	}
	for _, addr := range o.Bootstrap {
		if addr.Port() == 0 || addr.Addr().IsUnspecified() {
			return fmt.Errorf("bootstrap %s: not an address that can be dialled", addr)
		}
		if addr.Addr().Unmap().Is4() != o.Listen.Addr().Unmap().Is4() {
			return fmt.Errorf("bootstrap %s: not of the same IP version as the listen address %s", addr, o.Listen)
		}
	}
	return o.Config.validate()
}

// pause waits for d, or returns the reason why ctx ended first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// addrPortOf reads the address of a UDP or TCP socket, with IPv4 addresses in their own form.
func addrPortOf(addr net.Addr) netip.AddrPort {
	withPort, ok := addr.(interface{ AddrPort() netip.AddrPort })
	if !ok {
		return netip.AddrPort{}
	}
	ap := withPort.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
