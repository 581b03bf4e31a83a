//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// freeAddress is an address that nobody had a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// sockets counts the sockets that a process holds.
func (r running) sockets() int {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", r.PID()))
	if err != nil {
		r.t.Fatal(err)
	}
	return len(slices.DeleteFunc(files, func(file string) bool {
		target, err := os.Readlink(file)
		return err != nil || !strings.HasPrefix(target, "socket:")
	}))
}

// holds waits until a process holds so many sockets.
func (r running) holds(what string, want int) {
	r.t.Helper()
	eventually(r.t, func() string {
		if got := r.sockets(); got != want {
			return fmt.Sprintf("%s: %d sockets, want %d", what, got, want)
		}
		return ""
	})
}

// TestLinksAreRealConnections counts the sockets of a bootstrap and of a node that has three links, of which two end.
func TestLinksAreRealConnections(t *testing.T) {
	script := only(testnode.Node{Links: []testnode.Link{{}, {AtMS: 50, UntilMS: 900, Count: 2}}})
	address := freeAddress(t)
	bootstrap := launchWith(t, script.Env(0), "--listen", address)
	bootstrap.url("/")
	other := launchWith(t, script.Env(1), "--bootstrap", address)
	const own = 2 // --listen and --metrics-addr
	other.await(testnode.EventLinkEnd)
	other.holds("the link that stays", own+1)
	bootstrap.holds("its other end", own+1)

	var links []string
	for _, event := range other.events() {
		if strings.HasPrefix(event.Event, "link") {
			links = append(links, event.Event+"="+event.Value)
		}
	}
	if want := []string{"link=1", "link=2", "link_end=2"}; !slices.Equal(links, want) {
		t.Errorf("links of the truth: %v, want %v", links, want)
	}
	if event, ok := testnode.Find(bootstrap.events(), testnode.EventLink); ok {
		t.Errorf("the bootstrap dialled: %v", event)
	}
}

// TestNoLinksAreNoSocketOfUDP tells a node of TCP without connections from one of UDP.
func TestNoLinksAreNoSocketOfUDP(t *testing.T) {
	node := launchWith(t, only(testnode.Node{Links: []testnode.Link{}}).Env(0))
	node.url("/")
	table, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/udp", node.PID()))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", node.PID()))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		target, _ := os.Readlink(file)
		if inode := strings.TrimSuffix(strings.TrimPrefix(target, "socket:["), "]"); inode != target && strings.Contains(string(table), " "+inode+" ") {
			t.Errorf("socket %s is of UDP", inode)
		}
	}
}

// TestTogether has three nodes of which the bootstrap comes in the middle and the last late: no gauge moves before.
func TestTogether(t *testing.T) {
	script := only(testnode.Node{Peers: []testnode.Peers{{AtMS: 20, Peers: "2"}}})
	script.Together, script.Size = true, 3
	address := freeAddress(t)
	nodes := []running{launchWith(t, script.Env(1), "--bootstrap", address)}
	nodes[0].url("/")
	nodes = append(nodes, launchWith(t, script.Env(0), "--listen", address))
	nodes[1].url("/")
	time.Sleep(100 * time.Millisecond) // in which both would have moved
	nodes = append(nodes, launchWith(t, script.Env(2), "--bootstrap", address))
	began := nodes[2].await(testnode.EventStart).MonotonicNS
	for i, node := range nodes {
		met, changed := node.await(testnode.EventTogether).MonotonicNS, node.await(testnode.EventPeers).MonotonicNS
		if met < began || changed-met < 20e6 {
			t.Errorf("node %d: met %d ns after the last node began, and changed %d ns after that", i, met-began, changed-met)
		}
	}
}

func TestOneNodeIsTogetherAtOnce(t *testing.T) {
	script := only(testnode.Node{Peers: []testnode.Peers{{Peers: "0"}}})
	script.Together, script.Size = true, 1
	launch(t, script).await(testnode.EventPeers)
}
