package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"time"

	"github.com/quic-go/quic-go"
)

const (
	// protocol is the ALPN name by which two of these programs know each other.
	protocol = "communitas-delta"
	// requestTimeout bounds the one request of a connection.
	requestTimeout = 10 * time.Second
)

// link makes and takes QUIC connections.
type link struct {
	tls  *tls.Config
	quic *quic.Config
}

// deltaRequest asks for the operations after a root.
type deltaRequest struct {
	FromRootHex    string `json:"from_root_hex"`
	WantSinceCount uint64 `json:"want_since_count"`
}

// newLink makes a certificate that lives as long as the process.
func newLink(c networkConfig) (*link, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "communitas"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	// quic-go hints on stderr at small socket buffers, where the original writes nothing.
	if err := os.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true"); err != nil {
		return nil, err
	}
	idle := time.Duration(c.QUICIdleTimeoutMS) * time.Millisecond
	return &link{
		tls: &tls.Config{
			Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: private}},
			NextProtos:   []string{protocol},
			// Note: peers have no authority in common and this program keeps no secrets, so whoever answers is right.
			InsecureSkipVerify: true,
			MinVersion:         tls.VersionTLS13,
		},
		quic: &quic.Config{
			MaxIdleTimeout:       idle,
			HandshakeIdleTimeout: idle,
			MaxIncomingStreams:   int64(c.QUICMaxStreams),
		},
	}, nil
}

// dial returns once the handshake is done, or failed, or took longer than the idle timeout.
func (l *link) dial(ctx context.Context, address string) (*quic.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, l.quic.MaxIdleTimeout)
	defer cancel()
	return quic.DialAddr(ctx, address, l.tls, l.quic)
}

// serve binds the address and answers connections until the program ends.
func (l *link) serve(ctx context.Context, address string, log *rustLog) error {
	listener, err := quic.ListenAddr(address, l.tls, l.quic)
	if err != nil {
		return fmt.Errorf("bind QUIC address: %w", err)
	}
	log.info("QUIC delta server listening", "addr", listener.Addr())
	go func() {
		for {
			connection, err := listener.Accept(ctx)
			if err != nil {
				return
			}
			go answer(ctx, connection, log)
		}
	}()
	return nil
}

// answer serves the one request of a connection, for which there is nothing new, and forgets the connection. One that asks
// nothing stays until it is idle for too long.
func answer(ctx context.Context, connection *quic.Conn, log *rustLog) {
	log.debug("Accepted connection", "addr", connection.RemoteAddr())
	stream, err := connection.AcceptStream(ctx)
	if err != nil {
		return
	}
	defer func() { _ = stream.Close() }() // the connection is forgotten all the same
	if err := stream.SetDeadline(time.Now().Add(requestTimeout)); err != nil {
		return
	}
	var request deltaRequest
	if err := json.NewDecoder(stream).Decode(&request); err != nil {
		log.warn("Delta request refused", "addr", connection.RemoteAddr(), "error", fmt.Sprintf("%q", err))
		return
	}
	if _, err := stream.Write([]byte(`{"ops":[]}`)); err != nil {
		log.debug("Delta answer not sent", "addr", connection.RemoteAddr())
	}
}
