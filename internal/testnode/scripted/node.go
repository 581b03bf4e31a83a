package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// defaultLifetime is a node's when its script has none.
const defaultLifetime = 10 * time.Minute

// node is one scripted node.
type node struct {
	options  options
	does     testnode.Node
	stderr   io.Writer
	truth    *truth
	timeline timeline
	together timeline // of the peers, when they count from the meeting

	// mu makes an event and its effect one: whoever reads the old state did so before the event's time.
	mu    sync.RWMutex
	state state

	socket  net.PacketConn // holds the port of --listen
	links   []net.Conn     // made by script, so that none is closed before its time
	ballast [][]byte       // memory held by script
}

// state is what the pages show.
type state struct {
	ready bool
	peers testnode.Value
	ids   []string
	mode  testnode.Mode
}

func newNode(o options, stderr io.Writer) (*node, error) {
	n := &node{
		options: o,
		does:    o.script.Node(o.index),
		stderr:  stderr,
		state:   state{peers: "0", mode: testnode.PageMetrics},
	}
	err := os.MkdirAll(o.storage, 0o755)
	if err != nil {
		return nil, fmt.Errorf("make storage: %w", err)
	}
	if n.truth, err = openTruth(o.truthFolder()); err != nil {
		return nil, err
	}
	n.truth.write(testnode.EventStart, "")
	n.timeline.start = time.Now()
	return n, nil
}

// met begins the times of the peers.
func (n *node) met() {
	n.truth.write(testnode.EventTogether, "")
	n.together.start = time.Now()
	go n.together.run()
}

// schedule puts all that the script says into the timeline. Of things at the same time the first listed here comes first.
func (n *node) schedule() {
	n.scheduleEnd()
	n.scheduleLoad()
	n.schedulePages()
	n.scheduleReady()
	n.scheduleChild()
	n.scheduleLinks()
}

// change applies a change to the state and writes down the event while nobody can read the state.
func (n *node) change(event, value string, apply func(*state)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	apply(&n.state)
	n.truth.write(event, value)
}

// now returns a copy of the state.
func (n *node) now() state {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.state
}
