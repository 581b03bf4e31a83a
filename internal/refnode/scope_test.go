package refnode

import (
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/core/test"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	ma "github.com/multiformats/go-multiaddr"
)

func TestScope(t *testing.T) {
	tests := []struct {
		name             string
		listen           string
		bootstrap        []string
		allow            []string
		permits, forbids []string
	}{
		{
			name: "loopback stays on loopback", listen: "127.0.0.1:9000", bootstrap: []string{"127.0.0.1:9001"},
			permits: []string{"127.0.0.1", "127.9.9.9", "::ffff:127.0.0.1"}, forbids: []string{"10.0.0.1", "8.8.8.8", "::1", "0.0.0.0"},
		},
		{
			name: "the networks of the listen address and of the bootstrap", listen: "10.0.1.7:9000", bootstrap: []string{"10.0.2.1:9000"},
			permits: []string{"10.0.1.1", "10.0.2.255"}, forbids: []string{"10.0.3.1", "127.0.0.1", "192.168.0.1"},
		},
		{
			name: "every interface means loopback and the bootstrap", listen: "0.0.0.0:9000", bootstrap: []string{"192.168.5.1:1"},
			permits: []string{"127.0.0.1", "192.168.5.77"}, forbids: []string{"192.168.6.1", "1.1.1.1"},
		},
		{
			name: "IPv6", listen: "[fd00:1::7]:9000", bootstrap: []string{"[fd00:2::1]:9000"},
			permits: []string{"fd00:1::1", "fd00:2::ffff"}, forbids: []string{"fd00:3::1", "2001:db8::1", "127.0.0.1"},
		},
		{
			name: "IPv6 loopback", listen: "[::1]:9000",
			permits: []string{"::1"}, forbids: []string{"::2", "127.0.0.1"},
		},
		{
			name: "what the configuration allows", listen: "127.0.0.1:9000", allow: []string{"10.7.7.7/8"},
			permits: []string{"10.200.0.1"}, forbids: []string{"11.0.0.1"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var bootstrap []netip.AddrPort
			for _, text := range test.bootstrap {
				bootstrap = append(bootstrap, netip.MustParseAddrPort(text))
			}
			var allow []netip.Prefix
			for _, text := range test.allow {
				allow = append(allow, netip.MustParsePrefix(text))
			}
			s := newScope(netip.MustParseAddrPort(test.listen), bootstrap, allow)
			for _, text := range test.permits {
				if !s.permits(netip.MustParseAddr(text)) {
					t.Errorf("%s is forbidden", text)
				}
			}
			for _, text := range test.forbids {
				if s.permits(netip.MustParseAddr(text)) {
					t.Errorf("%s is permitted", text)
				}
			}
		})
	}
}

func TestScopeOfMultiaddrs(t *testing.T) {
	s := newScope(loopback(9000), nil, nil)
	given := []string{
		"/ip4/127.0.0.1/udp/9001/quic-v1",
		"/ip4/127.0.0.1/udp/9001/quic-v1/p2p/12D3KooWJQFyHQXFCG5SWSs8AAbn5xKFKJWVnLvygZNmNoD9i3kT",
		"/ip4/127.0.0.1/udp/9001/quic-v1/p2p/12D3KooWJQFyHQXFCG5SWSs8AAbn5xKFKJWVnLvygZNmNoD9i3kT/p2p-circuit",
		"/ip4/10.0.0.1/udp/9001/quic-v1",
		"/ip4/127.0.0.1/tcp/9001",
		"/dns4/localhost/udp/9001/quic-v1",
		"/dnsaddr/bootstrap.example",
	}
	var addrs []ma.Multiaddr
	for _, text := range given {
		addrs = append(addrs, ma.StringCast(text))
	}
	var kept []string
	for _, addr := range s.filter(addrs) {
		kept = append(kept, addr.String())
	}
	if diff := cmp.Diff(given[:2], kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

// Whatever a part of libp2p might want to dial, the gate of the running node refuses what is outside.
func TestNodeDialsNothingOutside(t *testing.T) {
	node := start(t, testOptions())
	for _, outside := range []string{"192.0.2.1:4001", "10.0.0.1:4001"} {
		err := node.stack.connect(t.Context(), test.RandPeerIDFatal(t), netip.MustParseAddrPort(outside))
		if !errors.Is(err, swarm.ErrGaterDisallowedConnection) {
			t.Errorf("dial %s: %v, want %v", outside, err, swarm.ErrGaterDisallowedConnection)
		}
	}
}

func TestOnlyTheMeshDialsInAFullMesh(t *testing.T) {
	for _, fullMesh := range []bool{true, false} {
		options := testOptions()
		if !fullMesh {
			options.Config.MinPeers = 1
		}
		node, other := start(t, options), start(t, testOptions())
		target, err := quicMultiaddr(other.ListenAddr())
		if err != nil {
			t.Fatal(err)
		}
		err = node.stack.host.Connect(t.Context(), peer.AddrInfo{ID: other.stack.host.ID(), Addrs: []ma.Multiaddr{target}})
		if refused := errors.Is(err, swarm.ErrGaterDisallowedConnection); refused != fullMesh {
			t.Errorf("full mesh %v: dial by another part of the host: %v", fullMesh, err)
		}
	}
}

func TestPeerOutsideIsNotAdopted(t *testing.T) {
	var log testLog
	options := testOptions()
	options.Log = log.logger()
	node := start(t, options)
	inside, outside := test.RandPeerIDFatal(t), test.RandPeerIDFatal(t)
	node.mesh.adopt(contact{ID: test.RandPeerIDFatal(t), Addr: loopback(1)}, []contact{
		{ID: inside, Addr: loopback(9)}, {ID: outside, Addr: netip.MustParseAddrPort("192.0.2.1:9")},
	})
	if _, known := node.mesh.snapshot()[inside]; !known {
		t.Error("the peer on loopback was not adopted")
	}
	if _, known := node.mesh.snapshot()[outside]; known || log.count("add its network to allow") != 1 {
		t.Error("the peer outside was adopted, or refused without a word")
	}
}

// The protocols that a node serves are the whole of what it can be asked to do: there is no relay, AutoNAT, hole
// punching or mDNS among them.
func TestServedProtocols(t *testing.T) {
	node := start(t, testOptions())
	want := []protocol.ID{
		"/floodsub/1.0.0", "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0",
		"/meshsub/1.0.0", "/meshsub/1.1.0", "/meshsub/1.2.0", "/meshsub/1.3.0",
		"/perfgate-refnode/join/1", "/perfgate-refnode/kad/1.0.0", transferProtocol,
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(node.stack.host.Mux().Protocols()))); diff != "" {
		t.Errorf("protocols (-want +got):\n%s", diff)
	}
	var listens []string
	for _, addr := range node.stack.swarm.ListenAddresses() {
		listens = append(listens, addr.String())
	}
	bound, err := quicMultiaddr(node.ListenAddr())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{bound.String()}, listens); diff != "" {
		t.Errorf("listen addresses (-want +got):\n%s", diff)
	}
}
