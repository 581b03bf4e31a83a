package quicprobe

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// The invariants of all versions of QUIC (RFC 8999, section 5.1): a long header is a byte whose first bit is set, a version of
// four bytes, and two connection ids, each behind a byte with its length.

// minDatagram is the smallest datagram that a server has to answer (RFC 9000, sections 6.1 and 14.1).
const minDatagram = 1200

// idLength is the length of our connection ids: at least 8 for the one that is sent first (RFC 9000, section 7.2).
const idLength = 8

// reserve makes a version of any number that no server speaks, so that it has to name those that it does (RFC 9000,
// section 15: 0x?a?a?a?a).
func reserve(random uint32) uint32 { return random&0xf0f0f0f0 | 0x0a0a0a0a }

// request is a datagram that asks for the versions of a server.
func request(version uint32, destination, source []byte) []byte {
	datagram := make([]byte, 0, minDatagram)
	datagram = append(datagram, 0xc0) // long header, and the bit that version 1 fixes
	datagram = binary.BigEndian.AppendUint32(datagram, version)
	datagram = append(datagram, byte(len(destination)))
	datagram = append(datagram, destination...)
	datagram = append(datagram, byte(len(source)))
	datagram = append(datagram, source...)
	return datagram[:minDatagram]
}

// Negotiation is a packet of Version Negotiation.
type Negotiation struct {
	// Destination and Source are the connection ids, as the server sent them; 0 to 255 bytes.
	Destination, Source []byte
	// Versions are those that the server offers, at least one, in its order. Some may be reserved ones that it does not
	// speak.
	Versions []uint32
}

// ErrNoQUIC says that what came is no packet of Version Negotiation, or not an answer to ours.
var ErrNoQUIC = errors.New("the answer is no version negotiation of QUIC")

// ParseNegotiation reads a packet of Version Negotiation (RFC 8999, section 6). Every error is an ErrNoQUIC.
func ParseNegotiation(datagram []byte) (Negotiation, error) {
	if len(datagram) < 7 || datagram[0]&0x80 == 0 {
		return Negotiation{}, fmt.Errorf("%w: %d bytes without a long header", ErrNoQUIC, len(datagram))
	}
	if version := binary.BigEndian.Uint32(datagram[1:]); version != 0 {
		return Negotiation{}, fmt.Errorf("%w: a packet of version %#x", ErrNoQUIC, version)
	}
	destination, rest, ok1 := cutID(datagram[5:])
	source, rest, ok2 := cutID(rest)
	switch {
	case !ok1 || !ok2:
		return Negotiation{}, fmt.Errorf("%w: it ends within its connection ids", ErrNoQUIC)
	case len(rest) == 0 || len(rest)%4 != 0:
		return Negotiation{}, fmt.Errorf("%w: %d bytes are no list of versions", ErrNoQUIC, len(rest))
	}
	n := Negotiation{Destination: bytes.Clone(destination), Source: bytes.Clone(source)}
	for ; len(rest) > 0; rest = rest[4:] {
		n.Versions = append(n.Versions, binary.BigEndian.Uint32(rest))
	}
	return n, nil
}

// cutID takes a connection id off the front.
func cutID(b []byte) (id, rest []byte, ok bool) {
	if len(b) == 0 || len(b)-1 < int(b[0]) {
		return nil, nil, false
	}
	end := 1 + int(b[0])
	return b[1:end], b[end:], true
}

// answers tells whether a packet answers a request: its ids are those of the request, swapped (RFC 9000, section 17.2.1), and
// it does not offer the version of the request, which nobody speaks.
func (n Negotiation) answers(version uint32, destination, source []byte) error {
	if !bytes.Equal(n.Destination, source) || !bytes.Equal(n.Source, destination) {
		return fmt.Errorf("%w: its connection ids are not ours", ErrNoQUIC)
	}
	for _, v := range n.Versions {
		if v == version {
			return fmt.Errorf("%w: it offers the version %#x that was asked with", ErrNoQUIC, v)
		}
	}
	return nil
}
