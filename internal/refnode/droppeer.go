package refnode

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

// droppedCode ends a connection that is dropped on purpose: another code than that of a node which leaves.
const droppedCode network.ConnErrorCode = 0x64726f70 // "drop"

// dropPeers closes the connection to a peer in each period, until ctx ends. The mesh takes it for one that was lost.
func (m *mesh) dropPeers(ctx context.Context, every time.Duration) {
	for pause(ctx, every) == nil {
		id, ok := m.oneOfOurs()
		if !ok {
			continue
		}
		m.log.Warn("peer dropped on purpose", "peer", id)
		for _, conn := range m.stack.swarm.ConnsToPeer(id) {
			_ = conn.CloseWithError(droppedCode) // one that is closed already is what is wanted
		}
	}
}

// oneOfOurs is a connected peer that this node dials and will dial again.
func (m *mesh) oneOfOurs() (peer.ID, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, known := range m.members {
		if known.ours && !known.bootstrap && m.isConnected(id) {
			return id, true
		}
	}
	return "", false
}
