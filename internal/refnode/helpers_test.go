package refnode

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/libp2p/go-libp2p/core/peer"
)

// testLog collects what nodes log.
type testLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *testLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *testLog) count(message string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), message)
}

func (l *testLog) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func loopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

// testOptions are those of a node on a free loopback port, without HTTP, that joins at the given nodes.
func testOptions(bootstrap ...*Node) Options {
	options := Options{Listen: loopback(0), Config: DefaultConfig(), Version: "test"}
	for _, node := range bootstrap {
		options.Bootstrap = append(options.Bootstrap, node.ListenAddr())
	}
	return options
}

// start starts a node that the test closes at its end.
func start(t testing.TB, options Options) *Node {
	t.Helper()
	node, err := Start(t.Context(), options)
	if err != nil {
		t.Fatalf("start node: %v", err)
	}
	t.Cleanup(func() { stop(t, node) })
	return node
}

func stop(t testing.TB, node *Node) {
	t.Helper()
	if err := node.Close(); err != nil {
		t.Errorf("close node: %v", err)
	}
}

// startMesh starts a bootstrap and, all at the same time, the nodes that join at it.
func startMesh(t testing.TB, size int, change func(*Options)) []*Node {
	t.Helper()
	options := testOptions()
	change(&options)
	nodes := make([]*Node, size)
	nodes[0] = start(t, options)
	var starting sync.WaitGroup
	for i := 1; i < size; i++ {
		starting.Go(func() {
			options := testOptions(nodes[0])
			change(&options)
			nodes[i] = start(t, options)
		})
	}
	starting.Wait()
	return nodes
}

// await waits until done reports true; done is asked again and again until the test's patience ends.
func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// awaitFullMesh waits until every node has exactly all others as peers.
func awaitFullMesh(t testing.TB, nodes []*Node) {
	t.Helper()
	await(t, fmt.Sprintf("full mesh of %d", len(nodes)), func() bool {
		return cmp.Equal(peersOf(nodes), fullMesh(nodes))
	})
}

func peersOf(nodes []*Node) map[string][]string {
	peers := make(map[string][]string)
	for _, node := range nodes {
		peers[node.ID()] = node.Peers()
	}
	return peers
}

func fullMesh(nodes []*Node) map[string][]string {
	peers := make(map[string][]string)
	for _, node := range nodes {
		others := []string{}
		for _, other := range nodes {
			if other != node {
				others = append(others, other.ID())
			}
		}
		slices.Sort(others)
		peers[node.ID()] = others
	}
	return peers
}

func unchanged(*Options) {}

// snapshot copies what the mesh knows.
func (m *mesh) snapshot() map[peer.ID]member {
	m.mu.Lock()
	defer m.mu.Unlock()
	members := make(map[peer.ID]member)
	for id, known := range m.members {
		members[id] = *known
	}
	return members
}

// nodeGoroutines are the stacks of all goroutines but those of the tests and of the runtime.
func nodeGoroutines() []string {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return slices.DeleteFunc(strings.Split(string(stacks), "\n\n"), func(stack string) bool {
		return strings.Contains(stack, "testing.") || !strings.Contains(stack, "libp2p") &&
			!strings.Contains(stack, "quic-go") && !strings.Contains(stack, "internal/refnode")
	})
}
