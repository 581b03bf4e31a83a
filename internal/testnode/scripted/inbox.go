package main

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/communitas/perfgate/internal/testnode"
)

// arrival is a message as it comes to a node, and as the node lists it.
type arrival struct {
	Seq        int    `json:"seq"`
	ID         string `json:"id"`
	From       string `json:"from"`
	Bytes      int    `json:"bytes"`
	ReceivedNS int64  `json:"received_ns"` // the truth
}

// inbox lists messages from the instants on at which they are received, and does to them what the script says.
type inbox struct {
	work testnode.Work

	mu      sync.Mutex
	came    int       // messages that have come to the node
	pending []arrival // not received yet
	listed  []arrival
	held    []arrival // to be listed after the next one
}

// take has a message received at its instant, which may lie ahead. It is false when the script loses it.
func (b *inbox) take(message arrival) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.came++
	if nth(b.came, b.work.LoseEvery) {
		return false
	}
	b.pending = append(b.pending, message)
	if nth(b.came, b.work.TwiceEvery) {
		b.pending = append(b.pending, message)
	}
	if nth(b.came, b.work.ForeignEvery) {
		message.ID = fmt.Sprintf("foreign-%d", b.came)
		b.pending = append(b.pending, message)
	}
	return true
}

// list returns up to limit messages from number since on that were received by now, and the number after the last.
func (b *inbox) list(now int64, since, limit int) ([]arrival, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.SortStableFunc(b.pending, func(x, y arrival) int { return cmp.Compare(x.ReceivedNS, y.ReceivedNS) })
	for len(b.pending) > 0 && b.pending[0].ReceivedNS <= now {
		b.append(b.pending[0])
		b.pending = b.pending[1:]
	}
	first := min(since, len(b.listed))
	last := min(first+limit, len(b.listed))
	return b.listed[first:last:last], last
}

func (b *inbox) append(message arrival) {
	if len(b.held) == 0 && nth(len(b.listed)+1, b.work.SwapEvery) {
		b.held = append(b.held, message)
		return
	}
	for _, m := range append([]arrival{message}, b.held...) {
		m.Seq = len(b.listed)
		b.listed = append(b.listed, m)
	}
	b.held = nil
}

// nth tells whether every every-th is meant and this is one; 0 means none.
func nth(count, every int) bool { return every > 0 && count%every == 0 }
