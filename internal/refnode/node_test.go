package refnode

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/libp2p/go-libp2p/core/network"
)

func TestFiveNodesFormAFullMesh(t *testing.T) {
	nodes := startMesh(t, 5, unchanged)
	awaitFullMesh(t, nodes)
	await(t, "one connection for each pair, counted at both ends", func() bool { // one that was lost meanwhile is dialled again
		connections := 0
		for _, node := range nodes {
			connections += len(node.stack.swarm.Conns())
		}
		return connections == 5*4
	})
	for _, node := range nodes {
		await(t, "every peer in the DHT routing table", func() bool { return node.table.size() == 4 })
	}
}

func TestRegistrationTellsTheLaterOfTwo(t *testing.T) {
	nodes := startMesh(t, 6, unchanged)
	awaitFullMesh(t, nodes)
	dialled := 0
	for _, node := range nodes {
		for _, known := range node.mesh.snapshot() {
			if known.ours {
				dialled++
			}
		}
	}
	if dialled != 6*5/2 {
		t.Errorf("peers that some node holds for its own to dial: %d, want 15, one end of each pair", dialled)
	}
}

func TestEveryNodeHasAtLeastMinPeers(t *testing.T) {
	const size, least = 9, 3
	nodes := startMesh(t, size, func(o *Options) { o.Config.MinPeers = least })
	await(t, "three peers everywhere", func() bool {
		return !slices.ContainsFunc(nodes, func(n *Node) bool { return len(n.Peers()) < least })
	})
	for _, node := range nodes[1:] {
		ours := 0
		for _, known := range node.mesh.snapshot() {
			if known.ours {
				ours++
			}
		}
		if ours > least {
			t.Errorf("node dials %d peers, want at most %d", ours, least)
		}
	}
}

func TestSeveralBootstraps(t *testing.T) {
	first := start(t, testOptions())
	second := start(t, testOptions(first))
	nodes := []*Node{first, second}
	for range 3 {
		nodes = append(nodes, start(t, testOptions(first, second)))
	}
	awaitFullMesh(t, nodes)

	t.Run("the first one dies and a newcomer joins at the other", func(t *testing.T) {
		stop(t, first)
		nodes = append(nodes[1:], start(t, testOptions(first, second)))
		awaitFullMesh(t, nodes)
	})
}

func TestLeavingNodeIsForgottenByAll(t *testing.T) {
	nodes := startMesh(t, 5, unchanged)
	awaitFullMesh(t, nodes)
	stop(t, nodes[4])
	awaitFullMesh(t, nodes[:4])
	for _, node := range nodes[:4] {
		await(t, "the peer that left to be forgotten, not dialled again", func() bool {
			_, known := node.mesh.snapshot()[nodes[4].stack.host.ID()]
			return !known
		})
	}
}

func TestBootstrapThatIsNotUpYet(t *testing.T) {
	t.Parallel()
	reserved := start(t, testOptions())
	address := reserved.ListenAddr()
	stop(t, reserved)

	var log testLog
	early := testOptions()
	early.Bootstrap, early.Log = []netip.AddrPort{address}, log.logger()
	joiner := start(t, early)
	await(t, "a failed attempt to join", func() bool { return log.count("bootstrap not reached") > 0 })

	late := testOptions()
	late.Listen = address
	awaitFullMesh(t, []*Node{joiner, start(t, late)})
}

func TestBootstrapThatStartsAgain(t *testing.T) {
	t.Parallel()
	nodes := startMesh(t, 3, unchanged)
	awaitFullMesh(t, nodes)
	stop(t, nodes[0])
	awaitFullMesh(t, nodes[1:])

	again := testOptions()
	again.Listen = nodes[0].ListenAddr()
	nodes[0] = start(t, again)
	awaitFullMesh(t, nodes)
	nodes = append(nodes, start(t, testOptions(nodes[0])))
	awaitFullMesh(t, nodes)
}

func TestLostConnectionIsDialledAgain(t *testing.T) {
	t.Parallel()
	nodes := startMesh(t, 3, unchanged)
	awaitFullMesh(t, nodes)
	one, other := nodes[1], nodes[2] // neither is a bootstrap
	if !one.mesh.snapshot()[other.stack.host.ID()].ours {
		one, other = other, one
	}
	connections := func(from, to *Node) []network.Conn {
		return from.stack.swarm.ConnsToPeer(to.stack.host.ID())
	}
	before := connections(one, other)
	if err := connections(other, one)[0].CloseWithError(7); err != nil {
		t.Fatal(err)
	}
	await(t, "a new connection, dialled by the same end", func() bool {
		after := connections(one, other)
		return len(after) == 1 && after[0] != before[0] && after[0].Stat().Direction == network.DirOutbound
	})
	awaitFullMesh(t, nodes)
}

func TestBootstrapThatIsTheNodeItself(t *testing.T) {
	t.Parallel()
	var log testLog
	reserved := start(t, testOptions())
	options := testOptions()
	options.Listen, options.Log = reserved.ListenAddr(), log.logger()
	options.Bootstrap = []netip.AddrPort{reserved.ListenAddr()}
	stop(t, reserved)
	node := start(t, options)
	await(t, "the bootstrap ignored", func() bool { return log.count("bootstrap ignored") == 1 })
	if diff := cmp.Diff([]string{}, node.Peers()); diff != "" {
		t.Errorf("peers (-want +got):\n%s", diff)
	}
}

func TestMeshOverIPv6(t *testing.T) {
	listen := netip.AddrPortFrom(netip.IPv6Loopback(), 0)
	if socket, err := net.ListenPacket("udp6", listen.String()); err != nil {
		t.Skipf("no IPv6 here: %v", err)
	} else if err := socket.Close(); err != nil {
		t.Fatal(err)
	}
	awaitFullMesh(t, startMesh(t, 3, func(o *Options) { o.Listen = listen }))
}

func TestStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	options := testOptions()
	options.Config.Fault.StartupDelayMS = 60_000
	options.Control = loopback(0)
	time.AfterFunc(10*time.Millisecond, cancel)
	if node, err := Start(ctx, options); node != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v; want no node and %v", node, err, context.Canceled)
	}
	await(t, "what was begun to end", func() bool { return len(nodeGoroutines()) == 0 })
}

func TestNothingIsLeftRunning(t *testing.T) {
	nodes := startMesh(t, 4, func(o *Options) { o.Control, o.Config.Fault.CPUBurnRatio = loopback(0), 0.01 })
	awaitFullMesh(t, nodes)
	if len(nodeGoroutines()) == 0 {
		t.Fatal("the goroutines of running nodes are not recognised")
	}
	for _, node := range nodes {
		stop(t, node)
	}
	await(t, "the goroutines of the nodes to end", func() bool { return len(nodeGoroutines()) == 0 })
}

func BenchmarkFormation(b *testing.B) {
	for _, size := range []int{2, 5, 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				nodes := startMesh(b, size, unchanged)
				awaitFullMesh(b, nodes)
				b.StopTimer()
				for _, node := range nodes {
					stop(b, node)
				}
				b.StartTimer()
			}
		})
	}
}
