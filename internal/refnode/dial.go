package refnode

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

const (
	// dialTimeout bounds one dial with the handshake and the exchange of protocols after it.
	dialTimeout = 5 * time.Second
	// patience is for how long a peer that vanished is dialled before it is given up.
	patience = 60 * time.Second
	// Waits between dials of the same peer grow from backoffBase to backoffMost.
	backoffBase = 50 * time.Millisecond
	backoffMost = 2 * time.Second
)

// connect makes sure that there is a connection to a peer whose id and address are known.
func (s *stack) connect(ctx context.Context, id peer.ID, addr netip.AddrPort) error {
	target, err := quicMultiaddr(addr)
	if err != nil {
		return err
	}
	defer s.gate.dialling(id)()
	// libp2p keeps its own back-off of several seconds per peer; when to try again is decided here.
	s.swarm.Backoff().Clear(id)
	return s.host.Connect(ctx, peer.AddrInfo{ID: id, Addrs: []ma.Multiaddr{target}})
}

// backoff is the wait after so many failures in a row: it doubles up to backoffMost, of which a random part between
// a half and the whole is taken, so that nodes that failed together do not return together.
func backoff(failures int) time.Duration {
	most := min(backoffBase<<min(failures, 20), backoffMost)
	return most/2 + rand.N(most/2)
}

// dialQueue holds the peers to be dialled, each at most once.
type dialQueue struct {
	mu     sync.Mutex
	change sync.Cond
	queued []peer.ID
	closed bool
}

func newDialQueue() *dialQueue {
	q := &dialQueue{}
	q.change.L = &q.mu
	return q
}

// add queues a peer, unless it waits already or the queue is closed.
func (q *dialQueue) add(id peer.ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || slices.Contains(q.queued, id) {
		return
	}
	q.queued = append(q.queued, id)
	q.change.Signal()
}

// addAfter queues a peer when d has passed. After close that does nothing.
func (q *dialQueue) addAfter(d time.Duration, id peer.ID) {
	time.AfterFunc(d, func() { q.add(id) })
}

// next waits for a peer to dial. It is false when the queue is closed.
func (q *dialQueue) next() (peer.ID, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.queued) == 0 && !q.closed {
		q.change.Wait()
	}
	if q.closed {
		return "", false
	}
	id := q.queued[0]
	q.queued = slices.Delete(q.queued, 0, 1)
	return id, true
}

func (q *dialQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.change.Broadcast()
}
