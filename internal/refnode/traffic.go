package refnode

import (
	"net/http"
	"sync/atomic"
)

// payload counts what the node carried for those who asked it to work: messages, values and streams, without anything
// that the protocols add.
type payload struct {
	sent, received atomic.Uint64 // bytes
}

// trafficAnswer is the answer to GET /probe/traffic: everything since the node started.
type trafficAnswer struct {
	AtNS            int64  `json:"at_ns"`
	BytesSent       uint64 `json:"bytes_sent"` // of UDP payloads
	BytesReceived   uint64 `json:"bytes_received"`
	PacketsSent     uint64 `json:"packets_sent"`
	PacketsReceived uint64 `json:"packets_received"`
	HeaderBytes     int    `json:"header_bytes"` // of IP and UDP, for each packet, in no counter
	PayloadSent     uint64 `json:"payload_sent"`
	PayloadReceived uint64 `json:"payload_received"`
}

const (
	udpHeader  = 8
	ipv4Header = 20
	ipv6Header = 40
)

func (n *Node) serveTraffic(w http.ResponseWriter, _ *http.Request) {
	wire := &n.stack.wire
	answer := trafficAnswer{
		AtNS:      monotonicNS(),
		BytesSent: wire.bytesSent.Load(), BytesReceived: wire.bytesReceived.Load(),
		PacketsSent: wire.packetsSent.Load(), PacketsReceived: wire.packetsReceived.Load(),
		HeaderBytes: udpHeader + ipv6Header,
		PayloadSent: n.payload.sent.Load(), PayloadReceived: n.payload.received.Load(),
	}
	if n.ListenAddr().Addr().Is4() {
		answer.HeaderBytes = udpHeader + ipv4Header
	}
	writeJSON(w, http.StatusOK, answer)
}
