package refnode

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/test"
)

func TestReadJoinRequest(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"its own address", `{"listen":"10.0.0.7:9000"}`, "10.0.0.7:9000"},
		{"every interface means where it comes from", `{"listen":"0.0.0.0:9000"}`, "192.168.1.5:9000"},
		{"every IPv6 interface", `{"listen":"[::]:9000"}`, "192.168.1.5:9000"},
		{"IPv4 in IPv6", `{"listen":"[::ffff:10.0.0.7]:9000"}`, "10.0.0.7:9000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readJoinRequest(strings.NewReader(test.text), netip.MustParseAddr("192.168.1.5"))
			if err != nil || got.String() != test.want {
				t.Errorf("got %v, %v; want %s", got, err, test.want)
			}
		})
	}
	for _, text := range []string{
		``, `{}`, `{"listen":""}`, `{"listen":"10.0.0.7:0"}`, `{"listen":"localhost:9000"}`,
		`{"listen":"10.0.0.7:9000"` + strings.Repeat(" ", maxJoinRequest) + `}`,
	} {
		if got, err := readJoinRequest(strings.NewReader(text), netip.MustParseAddr("192.168.1.5")); err == nil {
			t.Errorf("%.40q was read as %v", text, got)
		}
	}
}

func FuzzReadJoinRequest(f *testing.F) {
	f.Add(`{"listen":"127.0.0.1:9000"}`)
	f.Add(`{"listen":"[fe80::1%eth0]:1"}`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := readJoinRequest(strings.NewReader(text), netip.MustParseAddr("127.0.0.1"))
		if err != nil {
			if got.IsValid() {
				t.Errorf("%v beside the error %v", got, err)
			}
			return
		}
		if !got.IsValid() || got.Port() == 0 || got.Addr().IsUnspecified() {
			t.Errorf("%v cannot be dialled", got)
		}
	})
}

func FuzzReadJoinReply(f *testing.F) {
	const id = "12D3KooWJQFyHQXFCG5SWSs8AAbn5xKFKJWVnLvygZNmNoD9i3kT"
	f.Add(`{"members":[{"id":"` + id + `","addr":"127.0.0.1:9000"}]}`)
	f.Add(`{"members":[{"id":"` + id + `","addr":"127.0.0.1:0"}]}`)
	f.Add(`{"members":[{"id":"","addr":"127.0.0.1:1"}]}`)
	f.Add(`{"members":[{}]}`)
	f.Add(`{"members":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		members, err := readJoinReply(strings.NewReader(text))
		if err != nil {
			if members != nil {
				t.Errorf("%v beside the error %v", members, err)
			}
			return
		}
		for _, member := range members {
			if member.ID == "" || member.Addr.Port() == 0 || member.Addr.Addr().IsUnspecified() {
				t.Errorf("%v cannot be dialled", member)
			}
		}
		var printed bytes.Buffer
		if err := json.NewEncoder(&printed).Encode(joinReply{Members: members}); err != nil {
			t.Fatal(err)
		}
		again, err := readJoinReply(&printed)
		if diff := cmp.Diff(members, again, cmpopts.EquateComparable(contact{})); err != nil || diff != "" {
			t.Errorf("read again: %v (-first +second):\n%s", err, diff)
		}
	})
}

func TestRegisterReturnsThoseBefore(t *testing.T) {
	hub := start(t, testOptions())
	var peers []*Node
	for range 3 {
		peers = append(peers, start(t, testOptions(hub)))
	}
	awaitFullMesh(t, append([]*Node{hub}, peers...))
	ids := func(contacts []contact) (ids []peer.ID) {
		for _, c := range contacts {
			ids = append(ids, c.ID)
		}
		slices.Sort(ids)
		return ids
	}
	first, second, third := peers[0].stack.host.ID(), peers[1].stack.host.ID(), peers[2].stack.host.ID()
	got := hub.mesh.register(first, peers[0].ListenAddr())
	if diff := cmp.Diff(slices.Sorted(slices.Values([]peer.ID{second, third})), ids(got)); diff != "" {
		t.Errorf("told to a node that registers again (-want +got):\n%s", diff)
	}
	stop(t, peers[2])
	await(t, "the hub to forget the node that left", func() bool { return len(hub.Peers()) == 2 })
	got = hub.mesh.register(first, peers[0].ListenAddr())
	if diff := cmp.Diff([]peer.ID{second}, ids(got)); diff != "" {
		t.Errorf("told when one had left (-want +got):\n%s", diff)
	}
	unproven := contact{ID: test.RandPeerIDFatal(t), Addr: loopback(9)}
	hub.mesh.adopt(contact{ID: third, Addr: peers[2].ListenAddr()}, []contact{unproven})
	got = hub.mesh.register(first, peers[0].ListenAddr())
	if diff := cmp.Diff([]peer.ID{second}, ids(got)); diff != "" {
		t.Errorf("told while a contact is not connected (-want +got):\n%s", diff)
	}
	hub.mesh.register(third, peers[2].ListenAddr())
	if _, known := hub.mesh.snapshot()[third]; known {
		t.Error("a node that is not connected was registered")
	}
}
