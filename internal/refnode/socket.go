package refnode

import (
	"net"
	"sync/atomic"

	"golang.org/x/net/ipv4"
)

// wire counts what passes the node's UDP sockets. Bytes are those of UDP payloads: whole QUIC packets, without the
// headers of UDP and IP.
type wire struct {
	bytesSent, bytesReceived, packetsSent, packetsReceived atomic.Uint64
}

func (w *wire) sent(bytes int, packets uint64) {
	w.bytesSent.Add(uint64(bytes))
	w.packetsSent.Add(packets)
}

func (w *wire) received(bytes int) {
	w.bytesReceived.Add(uint64(bytes))
	w.packetsReceived.Add(1)
}

// listen binds a UDP socket whose traffic is counted.
func (w *wire) listen(network string, addr *net.UDPAddr) (net.PacketConn, error) {
	conn, err := net.ListenUDP(network, addr)
	if err != nil {
		return nil, err
	}
	return &countedSocket{UDPConn: conn, batch: ipv4.NewPacketConn(conn), wire: w}, nil
}

// countedSocket is a UDP socket that counts what quic-go reads and writes. It has all methods that quic-go looks for, so
// that packets still travel in batches.
//
// Note: the statistics that quic-go keeps for each connection miss what belongs to none: refused and aborted handshakes,
// resets, and all that a connection had sent when it is gone before anybody asks.
type countedSocket struct {
	*net.UDPConn
	batch *ipv4.PacketConn
	wire  *wire
}

// ReadBatch is how quic-go reads on Unix.
func (c *countedSocket) ReadBatch(messages []ipv4.Message, flags int) (int, error) {
	n, err := c.batch.ReadBatch(messages, flags)
	for i := range max(n, 0) {
		c.wire.received(messages[i].N)
	}
	return n, err
}

// WriteMsgUDP is how quic-go writes.
func (c *countedSocket) WriteMsgUDP(b, oob []byte, addr *net.UDPAddr) (n, oobn int, err error) {
	n, oobn, err = c.UDPConn.WriteMsgUDP(b, oob, addr)
	if err == nil {
		c.wire.sent(n, segments(n, oob))
	}
	return n, oobn, err
}

// ReadMsgUDP is how quic-go reads elsewhere.
func (c *countedSocket) ReadMsgUDP(b, oob []byte) (n, oobn, flags int, addr *net.UDPAddr, err error) {
	n, oobn, flags, addr, err = c.UDPConn.ReadMsgUDP(b, oob)
	if err == nil {
		c.wire.received(n)
	}
	return n, oobn, flags, addr, err
}

// ReadFrom is how quic-go reads where nothing better is known.
func (c *countedSocket) ReadFrom(b []byte) (int, net.Addr, error) {
	n, addr, err := c.UDPConn.ReadFrom(b)
	if err == nil {
		c.wire.received(n)
	}
	return n, addr, err
}

// WriteTo is how quic-go writes there.
func (c *countedSocket) WriteTo(b []byte, addr net.Addr) (int, error) {
	n, err := c.UDPConn.WriteTo(b, addr)
	if err == nil {
		c.wire.sent(n, 1)
	}
	return n, err
}
