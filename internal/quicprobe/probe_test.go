package quicprobe_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/quicprobe"
	"github.com/communitas/perfgate/internal/testnode"
)

func TestMain(m *testing.M) { os.Exit(testnode.CleanUpAfter(m).Run()) }

// patient gives a server on a busy machine time to answer.
var patient = quicprobe.Options{Wait: 5 * time.Second, Requests: 3}

const version1 = 0x00000001

// answered probes a real node and looks at what it says.
func answered(t *testing.T, address string) {
	t.Helper()
	for range 3 { // every time anew
		got, err := quicprobe.Probe(t.Context(), address, patient)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(got.Versions, version1) || got.Requests < 1 || !got.Received.After(got.Sent) {
			t.Errorf("got %+v", got)
		}
	}
}

func TestTheReferenceNodeAnswers(t *testing.T) {
	node := testnode.Launch(t, testnode.BuildRefnode(t), nil, "--listen", "127.0.0.1:0", "--storage", t.TempDir())
	answered(t, node.Field("node ready", "listen"))
}

const headlessConfig = `bootstrap_nodes = []
[storage]
base_dir = "unused"
cache_size_mb = 100
enable_fec = false
fec_k = 4
fec_m = 2
[network]
listen_addrs = ["127.0.0.1:0"]
enable_ipv6 = false
enable_webrtc = false
quic_idle_timeout_ms = 30000
quic_max_streams = 100
[update]
channel = "stable"
check_interval_secs = 86400
auto_update = false
jitter_secs = 0
`

func TestANodeWithoutAProbeAnswers(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(config, []byte(headlessConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	node := testnode.Launch(t, testnode.Build(t, testnode.Headless), []string{"RUST_LOG=info"},
		"--config", config, "--storage", filepath.Join(dir, "storage"), "--listen", "127.0.0.1:0")
	answered(t, node.Field("QUIC delta server listening", "addr"))
}

// server is a UDP port that does something with each datagram, numbered from 1.
func server(t *testing.T, each func(reply func([]byte), number int, datagram []byte)) string {
	t.Helper()
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 2000)
		for number := 1; ; number++ {
			n, from, err := socket.ReadFromUDP(buffer)
			if err != nil {
				return
			}
			each(func(b []byte) { _, _ = socket.WriteToUDP(b, from) }, number, slices.Clone(buffer[:n]))
		}
	}()
	t.Cleanup(func() { socket.Close(); <-done })
	return socket.LocalAddr().String()
}

// negotiate makes the answer to a request, with the ids as they are to be.
func negotiate(request []byte, versions ...uint32) []byte {
	destination, source := request[6:14], request[15:23]
	answer := append([]byte{0x80, 0, 0, 0, 0, 8}, source...)
	answer = append(append(answer, 8), destination...)
	for _, v := range versions {
		answer = binary.BigEndian.AppendUint32(answer, v)
	}
	return answer
}

func TestPortsThatSpeakNoQUIC(t *testing.T) {
	quick := quicprobe.Options{Wait: 50 * time.Millisecond, Requests: 20}
	closed := server(t, func(func([]byte), int, []byte) {})
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	unused := socket.LocalAddr().String()
	socket.Close()
	for _, tc := range []struct {
		name, address string
		want          error
	}{
		{"a silent port", closed, quicprobe.ErrSilent},
		{"a closed port", unused, quicprobe.ErrClosed},
		{"an echo", server(t, func(reply func([]byte), _ int, b []byte) { reply(b) }), quicprobe.ErrNoQUIC},
		{"an empty datagram", server(t, func(reply func([]byte), _ int, _ []byte) { reply(nil) }), quicprobe.ErrNoQUIC},
		{"a negotiation of another's", server(t, func(reply func([]byte), _ int, b []byte) {
			b[6] ^= 1
			reply(negotiate(b, version1))
		}), quicprobe.ErrNoQUIC},
		{"one that speaks every version", server(t, func(reply func([]byte), _ int, b []byte) {
			reply(negotiate(b, version1, binary.BigEndian.Uint32(b[1:])))
		}), quicprobe.ErrNoQUIC},
		{"no address", "127.0.0.1", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := quicprobe.Probe(t.Context(), tc.address, quick)
			if err == nil || tc.want != nil && !errors.Is(err, tc.want) || got.Versions != nil {
				t.Errorf("%+v, error %v, want %v", got, err, tc.want)
			}
		})
	}
}

func TestALostRequestIsRepeatedWithAnotherVersionAndOtherIDs(t *testing.T) {
	requests := make(chan []byte, 10)
	address := server(t, func(reply func([]byte), number int, b []byte) {
		requests <- b
		if number == 3 {
			reply(negotiate(b, version1))
		}
	})
	got, err := quicprobe.Probe(t.Context(), address, quicprobe.Options{Wait: 50 * time.Millisecond, Requests: 500})
	if err != nil || got.Requests < 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	first, second := <-requests, <-requests
	if len(first) != 1200 || slices.Equal(first[6:14], second[6:14]) || slices.Equal(first[15:23], second[15:23]) {
		t.Errorf("requests of %d bytes with the ids %x and %x", len(first), first[5:23], second[5:23])
	}
}

func TestALateAnswerCountsFromItsOwnRequest(t *testing.T) {
	const wait = 50 * time.Millisecond
	var first []byte
	address := server(t, func(reply func([]byte), number int, b []byte) {
		if number == 1 {
			first = b
			return
		}
		reply(negotiate(first, version1))
	})
	got, err := quicprobe.Probe(t.Context(), address, quicprobe.Options{Wait: wait, Requests: 500})
	if err != nil || got.Requests < 2 || got.Received.Sub(got.Sent) < wait {
		t.Errorf("%+v after %v, error %v", got, got.Received.Sub(got.Sent), err)
	}
}

func TestAProbeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := server(t, func(func([]byte), int, []byte) { cancel() })
	if got, err := quicprobe.Probe(ctx, address, quicprobe.Options{Wait: time.Hour}); !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", got, err)
	}
}
