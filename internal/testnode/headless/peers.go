package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// peers is the table of outbound connections. Nothing is ever removed from it, and accepted connections are not in it.
type peers struct {
	link *link
	log  *rustLog

	mu     sync.RWMutex
	active map[string]*quic.Conn // by address and time of the connection
	known  map[string]bool       // addresses that answered
}

func newPeers(link *link, log *rustLog) *peers {
	return &peers{link: link, log: log, active: make(map[string]*quic.Conn), known: make(map[string]bool)}
}

// connect dials an address and waits for the outcome. One that does not answer is not tried again.
func (p *peers) connect(ctx context.Context, address string) {
	p.log.info("Connecting to bootstrap node", "addr", address)
	connection, err := p.link.dial(ctx, address)
	if err != nil {
		p.log.warn("Failed to connect to bootstrap node", "addr", address, "error", fmt.Sprintf("%q", err))
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active[fmt.Sprintf("%s_%d", address, time.Now().UnixNano())] = connection
	p.known[address] = true
	p.log.info("Connected to peer", "addr", address, "peers", len(p.active))
}

// count is the gauge: when the table is locked it is 0, as in the original.
func (p *peers) count() int {
	if !p.mu.TryRLock() {
		return 0
	}
	defer p.mu.RUnlock()
	return len(p.active)
}

// save writes the peer cache.
func (p *peers) save(storage string) error {
	p.mu.RLock()
	addresses := slices.AppendSeq([]string{}, maps.Keys(p.known))
	p.mu.RUnlock()
	slices.Sort(addresses)
	data, err := json.Marshal(struct {
		Peers []string `json:"peers"`
	}{addresses})
	if err != nil {
		return err
	}
	path := filepath.Join(storage, "peer_cache.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("save peer cache: %w", err)
	}
	p.log.info("Saved peer cache", "path", path, "peers", len(addresses))
	return nil
}
