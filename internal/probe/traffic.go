package probe

import "context"

// Traffic is a node's answer to GET {probe}/traffic: what it has sent and received since it started.
type Traffic struct {
	// AtNS is when the counters were read, in nanoseconds of CLOCK_MONOTONIC.
	AtNS int64
	// BytesSent and BytesReceived are bytes of UDP payloads or whatever the node's transport has below it, without the
	// headers that HeaderBytes tells.
	BytesSent, BytesReceived int64
	// PacketsSent and PacketsReceived count them.
	PacketsSent, PacketsReceived int64
	// HeaderBytes is what each packet has on the wire besides; 0 when the counters include it.
	HeaderBytes int64
	// PayloadSent and PayloadReceived are bytes of messages, values and streams alone.
	PayloadSent, PayloadReceived int64
	// Window bounds the call.
	Window Window
}

// WireSent is what left the node, headers included, in bytes.
func (t Traffic) WireSent() int64 { return t.BytesSent + t.PacketsSent*t.HeaderBytes }

// Traffic asks a node for its counters.
func (n *Node) Traffic(ctx context.Context) (Traffic, error) {
	body, window, err := n.get(ctx, "traffic", "/traffic")
	if err != nil {
		return Traffic{}, err
	}
	t, err := ParseTraffic(body)
	if err == nil {
		err = window.check(SectionTraffic, "at_ns", t.AtNS)
	}
	if err != nil {
		return Traffic{}, n.failed("traffic", err)
	}
	t.Window = window
	return t, nil
}

// ParseTraffic reads an answer. An error is a *ViolationError.
func ParseTraffic(body []byte) (Traffic, error) {
	r := read(SectionTraffic, body)
	t := Traffic{
		AtNS:      r.instant("at_ns"),
		BytesSent: r.number("bytes_sent"), BytesReceived: r.number("bytes_received"),
		PacketsSent: r.number("packets_sent"), PacketsReceived: r.number("packets_received"),
		HeaderBytes: r.number("header_bytes"),
		PayloadSent: r.number("payload_sent"), PayloadReceived: r.number("payload_received"),
	}
	if t.HeaderBytes > 1000 {
		r.wrong("header_bytes: %d is no size of headers", t.HeaderBytes)
	}
	if r.err != nil {
		return Traffic{}, r.err
	}
	return t, nil
}
