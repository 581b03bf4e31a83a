package refnode

import (
	"fmt"
	"testing"

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
