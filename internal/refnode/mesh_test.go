package refnode

import (
	"fmt"
	"net"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/quic-go/quic-go"
)

func TestHasLeft(t *testing.T) {
	tests := []struct {
		name  string
		cause error
		want  bool
	}{
		{"stopped", &quic.ApplicationError{Remote: true}, true},
		{"stopped, wrapped", fmt.Errorf("closed: %w", &quic.ApplicationError{Remote: true}), true},
		{"refused by a node that stops", &quic.TransportError{Remote: true, ErrorCode: quic.ConnectionRefused}, true},
		{"closed with an error", &quic.ApplicationError{Remote: true, ErrorCode: 7}, false},
		{"closed by this end", &quic.ApplicationError{}, false},
		{"broken", &quic.TransportError{Remote: true, ErrorCode: quic.ProtocolViolation}, false},
		{"silent", &quic.IdleTimeoutError{}, false},
		{"reset by a new process", &quic.StatelessResetError{}, false},
		{"no reason", nil, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := hasLeft(test.cause); got != test.want {
				t.Errorf("hasLeft(%v) = %v, want %v", test.cause, got, test.want)
			}
		})
	}
}

// TestEndOfANodeIsNoFaultOfWhomItDials ends the life of a node while it dials somebody who never answers.
func TestEndOfANodeIsNoFaultOfWhomItDials(t *testing.T) {
	silent, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	key, err := loadIdentity("")
	if err != nil {
		t.Fatal(err)
	}
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	var log testLog
	options := testOptions()
	options.Log = log.logger()
	node := start(t, options)
	underWay := func() int {
		node.stack.gate.mu.Lock()
		defer node.stack.gate.mu.Unlock()
		return node.stack.gate.underWay[id]
	}
	node.mesh.adopt(contact{}, []contact{{ID: id, Addr: addrPortOf(silent.LocalAddr())}})
	await(t, "a dial under way", func() bool { return underWay() == 1 })
	node.cancel()
	await(t, "the end of the dial", func() bool { return underWay() == 0 })
	stop(t, node)
	if n := log.count("cannot be reached"); n != 0 {
		t.Errorf("%d warnings of a peer that cannot be reached", n)
	}
}
