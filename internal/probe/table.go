package probe

import (
	"context"
	"encoding/hex"
	"fmt"
)

// Put is a node's answer to POST {probe}/dht/put.
type Put struct {
	Outcome
	// Bytes is the size of the value, and SHA256 its digest in hexadecimal.
	Bytes  int64
	SHA256 string
}

// Put has a node store a value of so many random bytes in the DHT. The key, 1 to 64 printable characters, should be new.
func (n *Node) Put(ctx context.Context, key string, bytes int) (Put, error) {
	body, window, err := n.post(ctx, "dht/put", map[string]any{"key": key, "bytes": bytes})
	if err != nil {
		return Put{}, err
	}
	p, err := ParsePut(body)
	if err == nil {
		err = p.within(SectionPut, window)
	}
	if err == nil && p.OK() && p.Bytes != int64(bytes) {
		err = &ViolationError{SectionPut, fmt.Sprintf("bytes: is %d, not the %d that were asked for", p.Bytes, bytes)}
	}
	if err != nil {
		return Put{}, n.failed("dht/put", err)
	}
	return p, nil
}

// ParsePut reads an answer. An error is a *ViolationError.
func ParsePut(body []byte) (Put, error) {
	r := read(SectionPut, body)
	p := Put{Outcome: r.outcome()}
	if p.OK() {
		p.Bytes, p.SHA256 = r.number("bytes"), r.digest()
	}
	if r.err != nil {
		return Put{}, r.err
	}
	return p, nil
}

// Where a get looks.
const (
	// FromNetwork is at other nodes, whatever the node has itself.
	FromNetwork = "network"
	// FromLocal is at the node itself, which asks nobody.
	FromLocal = "local"
)

// Get is a node's answer to POST {probe}/dht/get.
type Get struct {
	Outcome
	// Found tells whether there was a value. A lookup that came to its end without one is OK and has not found.
	Found bool
	// Bytes is the size of the value, and SHA256 its digest in hexadecimal; 0 and "" without one.
	Bytes  int64
	SHA256 string
}

// Get has a node look a key up; from is [FromNetwork] or [FromLocal].
func (n *Node) Get(ctx context.Context, key, from string) (Get, error) {
	body, window, err := n.post(ctx, "dht/get", map[string]any{"key": key, "from": from})
	if err != nil {
		return Get{}, err
	}
	g, err := ParseGet(body)
	if err == nil {
		err = g.within(SectionGet, window)
	}
	if err != nil {
		return Get{}, n.failed("dht/get", err)
	}
	return g, nil
}

// ParseGet reads an answer. An error is a *ViolationError.
func ParseGet(body []byte) (Get, error) {
	r := read(SectionGet, body)
	g := Get{Outcome: r.outcome()}
	r.field("found", &g.Found)
	switch {
	case g.Found && !g.OK():
		r.wrong("found is true, and ok is false")
	case g.Found:
		g.Bytes, g.SHA256 = r.number("bytes"), r.digest()
	}
	if r.err != nil {
		return Get{}, r.err
	}
	return g, nil
}

// digest reads the SHA-256 of a value, in hexadecimal.
func (r *reader) digest() string {
	const bits = 256
	sum := r.text("sha256", bits/4)
	if data, err := hex.DecodeString(sum); r.err == nil && (err != nil || len(data) != bits/8) {
		r.wrong("sha256: %s is no SHA-256 in hexadecimal", shortened([]byte(sum)))
	}
	return sum
}
