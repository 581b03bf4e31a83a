// Package quicprobe asks a UDP port whether it speaks QUIC, and how fast it answers, without a handshake: every server has to
// answer a version that it does not know with the list of those that it does (RFC 9000, section 6). That needs neither keys
// nor certificates, so it works with nodes whose TLS no other client speaks.
package quicprobe

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"syscall"
	"time"
)

// Answer is what a QUIC server said.
type Answer struct {
	// Sent is when the request was sent that was answered, Received when the answer came. Both have a monotonic clock.
	Sent, Received time.Time
	// Versions are those that the server offers, at least one.
	Versions []uint32
	// Requests is how many were sent, from 1.
	Requests int
}

// The ways of getting no answer; ErrNoQUIC is the third.
var (
	// ErrSilent says that nothing came back in time.
	ErrSilent = errors.New("no answer")
	// ErrClosed says that nobody listens on the port: the system sent word of it.
	ErrClosed = errors.New("the port is closed")
)

// Options bound a probe; the zero value has the defaults.
type Options struct {
	// Wait is how long an answer is waited for before the next request; 0 is 100 ms.
	Wait time.Duration
	// Requests is how many are sent at most; 0 is 3.
	Requests int
}

const (
	defaultWait     = 100 * time.Millisecond
	defaultRequests = 3
)

// Probe asks the server at IP:PORT. Without an answer the error is ErrSilent, ErrClosed or ErrNoQUIC, or the context's when
// it ended first; no answer takes at most Wait times Requests.
func Probe(ctx context.Context, address string, options Options) (Answer, error) {
	if options.Wait <= 0 {
		options.Wait = defaultWait
	}
	if options.Requests <= 0 {
		options.Requests = defaultRequests
	}
	answer, err := probe(ctx, address, options)
	if err != nil {
		return Answer{}, fmt.Errorf("probe QUIC at %s: %w", address, err)
	}
	return answer, nil
}

func probe(ctx context.Context, address string, options Options) (Answer, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, "udp", address)
	if err != nil {
		return Answer{}, err
	}
	defer connection.Close()                                      //nolint:errcheck // nothing was left to be written
	stop := context.AfterFunc(ctx, func() { connection.Close() }) //nolint:errcheck // it only ends what waits
	defer stop()
	p := prober{connection: connection}
	for range options.Requests {
		answer, err := p.ask(options.Wait)
		switch {
		case err == nil:
			return answer, nil
		case ctx.Err() != nil:
			return Answer{}, ctx.Err()
		case errors.Is(err, syscall.ECONNREFUSED):
			return Answer{}, ErrClosed
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return Answer{}, err
		}
	}
	if p.foreign != nil {
		return Answer{}, p.foreign
	}
	return Answer{}, fmt.Errorf("%w to %d requests within %v each", ErrSilent, options.Requests, options.Wait)
}

// prober asks one server, each time with new connection ids: so a late answer counts for the request that it answers.
type prober struct {
	connection net.Conn
	asked      []asked
	// foreign is what was wrong with the last datagram that was no answer, nil when there was none.
	foreign error
}

type asked struct {
	version             uint32
	destination, source []byte
	sent                time.Time
}

// ask sends a request and waits for an answer to it or to one before.
func (p *prober) ask(wait time.Duration) (Answer, error) {
	random := make([]byte, 4+2*idLength)
	rand.Read(random) // never fails
	a := asked{version: reserve(binary.BigEndian.Uint32(random)), destination: random[4 : 4+idLength], source: random[4+idLength:]}
	a.sent = time.Now()
	p.asked = append(p.asked, a)
	if err := p.connection.SetReadDeadline(a.sent.Add(wait)); err != nil {
		return Answer{}, err
	}
	if _, err := p.connection.Write(request(a.version, a.destination, a.source)); err != nil {
		return Answer{}, err
	}
	buffer := make([]byte, 64<<10)
	for {
		n, err := p.connection.Read(buffer)
		if err != nil {
			return Answer{}, err
		}
		received := time.Now()
		if answer, ok := p.match(buffer[:n]); ok {
			answer.Received = received
			return answer, nil
		}
	}
}

// match finds the request that a datagram answers.
func (p *prober) match(datagram []byte) (Answer, bool) {
	n, err := ParseNegotiation(datagram)
	if err != nil {
		p.foreign = err
		return Answer{}, false
	}
	for _, a := range slices.Backward(p.asked) {
		if err = n.answers(a.version, a.destination, a.source); err == nil {
			return Answer{Sent: a.sent, Versions: n.Versions, Requests: len(p.asked)}, true
		}
	}
	p.foreign = err
	return Answer{}, false
}
