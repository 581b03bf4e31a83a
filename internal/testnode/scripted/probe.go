package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/communitas/perfgate/internal/testnode"
)

// peersAnswer is the body of /probe/peers.
type peersAnswer struct {
	ID    string   `json:"id"`
	Peers []string `json:"peers"`
}

func (n *node) servePeers(w http.ResponseWriter, r *http.Request) {
	var probe testnode.Probe
	if n.does.Probe != nil {
		probe = *n.does.Probe
	}
	if probe.Absent {
		http.NotFound(w, r)
		return
	}
	answer := peersAnswer{
		ID:    n.id(),
		Peers: append(append([]string{}, n.now().ids...), probe.Phantom...), // an empty list, never null
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // who asked may have hung up
}

// id is what the node calls itself.
func (n *node) id() string {
	if n.does.Probe != nil && n.does.Probe.ID != "" {
		return n.does.Probe.ID
	}
	return nodeID(n.options.index)
}

// list returns the ids of the peers after a change, given those before it.
func (n *node) list(before []string, change testnode.Peers) []string {
	ids := change.IDs
	if ids == nil {
		count, ok := change.Peers.Count()
		if !ok {
			return before
		}
		ids = neighbours(n.options.index, count, max(cmp.Or(n.options.script.Size, count+1), n.options.index+1))
	}
	if n.does.Probe == nil || !n.does.Probe.KeepStale {
		return ids
	}
	all := slices.Concat(before, ids)
	slices.Sort(all)
	return slices.Compact(all)
}

// neighbours returns the ids of count peers of node index among size nodes in a circle: the next on both sides, and the
// opposite one when the count is odd. This relation is symmetric if all have the same count and count times size is even (else
// no such graph exists). Peers above size-1 get the ids of nodes that do not exist.
func neighbours(index, count, size int) []string {
	var ids []string
	living := min(count, size-1)
	for step := 1; step <= living/2; step++ {
		ids = append(ids, nodeID((index+step)%size), nodeID((index-step+size)%size))
	}
	if living%2 == 1 {
		ids = append(ids, nodeID((index+size/2)%size))
	}
	for extra := range count - living {
		ids = append(ids, nodeID(size+extra))
	}
	return ids
}

func nodeID(index int) string { return fmt.Sprintf("node-%d", index) }
