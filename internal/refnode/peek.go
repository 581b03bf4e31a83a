package refnode

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"

	"github.com/libp2p/go-libp2p/core/peer"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/quic-go/quic-go"
)

// errSeen ends a handshake that has shown what it was started for.
var errSeen = errors.New("certificate seen")

// peek learns which peer listens on addr: it starts a QUIC handshake, derives the id from the key in the server's
// certificate, and aborts. Nothing is trusted by that: the connection that follows proves the id.
//
// Note: completing the handshake and closing it again works as well, but the other node then sees a peer come, go and
// come again, and counts it; and both ends pay for one more client certificate.
func (s *stack) peek(ctx context.Context, addr netip.AddrPort) (peer.ID, error) {
	target, err := quicMultiaddr(addr)
	if err != nil {
		return "", err
	}
	seen := make(chan peer.ID, 1)
	config := &tls.Config{
		MinVersion:         tls.VersionTLS13,
		NextProtos:         []string{"libp2p"},
		InsecureSkipVerify: true, // libp2p certificates are self-signed; the key inside is what counts
		VerifyPeerCertificate: func(chain [][]byte, _ [][]*x509.Certificate) error {
			id, err := idOf(chain)
			if err != nil {
				return err
			}
			seen <- id
			return errSeen
		},
	}
	conn, err := s.quic.DialQUIC(ctx, target, config, func(*quic.Conn, uint64) bool { return false })
	select {
	case id := <-seen:
		return id, nil
	default:
	}
	if err == nil {
		return "", errors.Join(fmt.Errorf("peer at %s: no certificate", addr), conn.CloseWithError(0, ""))
	}
	return "", fmt.Errorf("identify peer at %s: %w", addr, err)
}

// idOf verifies that a certificate is one of libp2p and returns the peer id of the key that vouches for it.
func idOf(chain [][]byte) (peer.ID, error) {
	certificates := make([]*x509.Certificate, len(chain))
	for i, raw := range chain {
		certificate, err := x509.ParseCertificate(raw)
		if err != nil {
			return "", err
		}
		certificates[i] = certificate
	}
	key, err := libp2ptls.PubKeyFromCertChain(certificates)
	if err != nil {
		return "", err
	}
	return peer.IDFromPublicKey(key)
}
