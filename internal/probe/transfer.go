package probe

import (
	"context"
	"fmt"
)

// Sent is a node's answer to POST {probe}/send.
type Sent struct {
	Outcome
	// Bytes is what the receiver has counted, the warm-up not included.
	Bytes int64
}

// Send has a node stream so many bytes to a peer of that id, after a warm-up that is not measured.
func (n *Node) Send(ctx context.Context, to string, bytes, warmup int64) (Sent, error) {
	body, window, err := n.post(ctx, "send", map[string]any{"to": to, "bytes": bytes, "warmup_bytes": warmup})
	if err != nil {
		return Sent{}, err
	}
	s, err := ParseSent(body)
	if err == nil {
		err = s.within(SectionSend, window)
	}
	if err == nil && s.OK() && s.Bytes != bytes {
		err = &ViolationError{SectionSend, fmt.Sprintf("bytes: the receiver counted %d of %d, and ok is true", s.Bytes, bytes)}
	}
	if err == nil && s.OK() && s.DoneNS == s.StartedNS {
		err = &ViolationError{SectionSend, "done_ns: is started_ns, and no stream takes no time"}
	}
	if err != nil {
		return Sent{}, n.failed("send", err)
	}
	return s, nil
}

// ParseSent reads an answer. An error is a *ViolationError.
func ParseSent(body []byte) (Sent, error) {
	r := read(SectionSend, body)
	s := Sent{Outcome: r.outcome()}
	if s.OK() {
		s.Bytes = r.number("bytes")
	}
	if r.err != nil {
		return Sent{}, r.err
	}
	return s, nil
}

// Connect has a node make a fresh QUIC connection to the node of that id, and hang up.
func (n *Node) Connect(ctx context.Context, to string) (Outcome, error) {
	body, window, err := n.post(ctx, "connect", map[string]any{"to": to})
	if err != nil {
		return Outcome{}, err
	}
	o, err := ParseConnected(body)
	if err == nil {
		err = o.within(SectionConnect, window)
	}
	if err != nil {
		return Outcome{}, n.failed("connect", err)
	}
	return o, nil
}

// ParseConnected reads an answer. An error is a *ViolationError.
func ParseConnected(body []byte) (Outcome, error) {
	r := read(SectionConnect, body)
	o := r.outcome()
	if r.err != nil {
		return Outcome{}, r.err
	}
	return o, nil
}
