package refnode

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"net/netip"
	"time"
)

// errSelf means that a bootstrap address leads to the node itself.
var errSelf = errors.New("bootstrap is this node itself")

// keepJoined joins at a bootstrap and stays joined until ctx ends: a bootstrap that is not up yet is tried again with
// growing waits (bounded, see backoff), and so is one that went away, because whoever starts again on that address
// must learn of this node. The rest of the mesh does not depend on it meanwhile.
func (n *Node) keepJoined(ctx context.Context, addr netip.AddrPort) {
	for failures := 0; ctx.Err() == nil; {
		bootstrap, err := n.join(ctx, addr, peekTimeout(failures))
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, errSelf):
			n.log.Warn("bootstrap ignored", "addr", addr, "err", err)
			return
		case err != nil:
			failures++
			// Failures 1, 2, 4, 8, ... are told; a bootstrap that never comes fills no log.
			if bits.OnesCount(uint(failures)) == 1 {
				n.log.Warn("bootstrap not reached, trying again", "addr", addr, "failures", failures, "err", err)
			}
		default:
			failures = 0
			select {
			case <-n.mesh.lost(bootstrap.ID):
			case <-ctx.Done():
				return
			}
		}
		if pause(ctx, backoff(failures)) != nil {
			return
		}
	}
}

// join connects to whoever listens on addr, registers, and hands the members it is told of to the mesh.
func (n *Node) join(ctx context.Context, addr netip.AddrPort, answerWithin time.Duration) (contact, error) {
	peekCtx, cancel := context.WithTimeout(ctx, answerWithin)
	id, err := n.stack.peek(peekCtx, addr)
	cancel()
	if err != nil {
		return contact{}, err
	}
	if id == n.stack.host.ID() {
		return contact{}, errSelf
	}
	ctx, cancel = context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	bootstrap := contact{ID: id, Addr: addr}
	if err := n.stack.connect(ctx, id, addr); err != nil {
		return contact{}, fmt.Errorf("connect to bootstrap %s: %w", addr, err)
	}
	members, err := n.stack.askToJoin(ctx, id)
	if err != nil {
		return contact{}, fmt.Errorf("register with bootstrap %s: %w", addr, err)
	}
	n.mesh.adopt(bootstrap, members)
	n.log.Info("joined", "bootstrap", addr, "peer", id, "members", len(members))
	return bootstrap, nil
}

// peekTimeout is how long to wait for a first answer: short at first, since QUIC repeats the first packet of a
// handshake ever more slowly and a bootstrap that comes up in between is found sooner by a new attempt; longer later,
// for a bootstrap that is there and busy.
func peekTimeout(failures int) time.Duration {
	return min(time.Second<<min(failures, 3), dialTimeout)
}
