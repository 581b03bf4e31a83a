package refnode

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// transferProtocol carries a measured stream. The sender writes two numbers, the bytes of the warm-up and those that are
// measured, then the warm-up, waits for the receiver's count of it, and does the same with the rest. Numbers are 64 bits,
// big-endian.
const transferProtocol protocol.ID = "/perfgate-refnode/transfer/1"

const (
	maxSendBytes  = 4 << 30
	transferChunk = 256 << 10
	// transferStall is for how long nothing may move before a transfer is given up.
	transferStall = 30 * time.Second
)

// sendRequest is the body of POST /probe/send.
type sendRequest struct {
	To          string `json:"to"` // a connected peer
	Bytes       int64  `json:"bytes"`
	WarmupBytes int64  `json:"warmup_bytes"`
	schedule
}

type sendAnswer struct {
	outcome
	Bytes int64 `json:"bytes"` // that the receiver has counted, without the warm-up
}

// send streams noise to a peer. Started is when the receiver has acknowledged the warm-up, done when it has acknowledged
// all bytes.
func (n *Node) send(ctx context.Context, request sendRequest) (sendAnswer, error) {
	if err := within("bytes", request.Bytes, 1, maxSendBytes); err != nil {
		return sendAnswer{}, err
	}
	if err := within("warmup_bytes", request.WarmupBytes, 0, maxSendBytes); err != nil {
		return sendAnswer{}, err
	}
	if err := request.await(ctx); err != nil {
		return sendAnswer{outcome: finish(monotonicNS(), err)}, nil
	}
	started := monotonicNS()
	stream, err := n.openTransfer(ctx, request.To)
	if err != nil {
		return sendAnswer{outcome: finish(started, err)}, nil
	}
	// Whoever asked may go away, and the node may end: either ends ctx, and the stream for both sides.
	defer context.AfterFunc(ctx, func() { _ = stream.Reset() })()
	t := transfer{stream: stream, moved: func(bytes int) {
		n.payload.sent.Add(uint64(bytes))
		_ = pause(ctx, n.opts.Config.Fault.transferDelay(bytes)) // when ctx ends, the stream does
	}}
	counted, started, err := t.send(request.WarmupBytes, request.Bytes)
	answer := sendAnswer{outcome: finish(started, err), Bytes: counted}
	if err != nil {
		_ = stream.Reset()
	} else {
		_ = stream.Close() // all was acknowledged
	}
	return answer, nil
}

// openTransfer opens a stream to a peer that is connected. It never dials: that would change the network.
func (n *Node) openTransfer(ctx context.Context, to string) (network.Stream, error) {
	id, err := peer.Decode(to)
	if err != nil || id == n.stack.host.ID() {
		return nil, errors.New("to: not the id of another node")
	}
	ctx, cancel := context.WithTimeout(network.WithNoDial(ctx, "transfer"), transferStall)
	defer cancel()
	return n.stack.host.NewStream(ctx, id, transferProtocol)
}

// serveTransfer is the receiving end.
func (n *Node) serveTransfer(stream network.Stream) {
	t := transfer{stream: stream, moved: func(bytes int) { n.payload.received.Add(uint64(bytes)) }}
	if err := t.receive(); err != nil {
		n.log.Warn("transfer not received", "peer", stream.Conn().RemotePeer(), "err", err)
		_ = stream.Reset() // the sender sees that
		return
	}
	_ = stream.Close()
}

// transfer is one end of a measured stream.
type transfer struct {
	stream interface {
		io.ReadWriter
		SetDeadline(time.Time) error
	}
	moved func(bytes int) // told of payload as it goes out or comes in
}

// send is the sender's end: it returns what the receiver counted, and when the measured part began.
func (t transfer) send(warmup, size int64) (counted, started int64, err error) {
	noise := make([]byte, transferChunk)
	fillWithNoise(noise)
	started = monotonicNS()
	var head [16]byte
	binary.BigEndian.PutUint64(head[:8], uint64(warmup))
	binary.BigEndian.PutUint64(head[8:], uint64(size))
	if _, err := t.write(head[:]); err != nil {
		return 0, started, err
	}
	if err := t.part(noise, warmup); err != nil {
		return 0, started, fmt.Errorf("warm-up: %w", err)
	}
	started = monotonicNS()
	if err := t.part(noise, size); err != nil {
		return 0, started, err
	}
	return size, started, nil
}

// part writes so many bytes and waits until the receiver has counted them.
func (t transfer) part(noise []byte, size int64) error {
	for left := size; left > 0; {
		n, err := t.write(noise[:min(left, int64(len(noise)))])
		if err != nil {
			return err
		}
		t.moved(n)
		left -= int64(n)
	}
	counted, err := t.readNumber()
	if err != nil {
		return fmt.Errorf("wait for the receiver: %w", err)
	}
	if counted != uint64(size) {
		return fmt.Errorf("the receiver counted %d of %d bytes", counted, size)
	}
	return nil
}

// receive is the receiver's end.
func (t transfer) receive() error {
	buffer := make([]byte, transferChunk)
	var sizes [2]uint64
	for i := range sizes {
		var err error
		if sizes[i], err = t.readNumber(); err != nil {
			return err
		}
		if sizes[i] > maxSendBytes {
			return fmt.Errorf("%d bytes announced: at most %d", sizes[i], int64(maxSendBytes))
		}
	}
	for _, size := range sizes {
		counted := uint64(0)
		for counted < size {
			n, err := t.read(buffer[:min(size-counted, uint64(len(buffer)))])
			t.moved(n)
			counted += uint64(n)
			if err != nil && counted < size {
				return err
			}
		}
		if _, err := t.write(binary.BigEndian.AppendUint64(nil, counted)); err != nil {
			return err
		}
	}
	return nil
}

func (t transfer) read(data []byte) (int, error) {
	if err := t.stream.SetDeadline(time.Now().Add(transferStall)); err != nil {
		return 0, err
	}
	return t.stream.Read(data)
}

func (t transfer) write(data []byte) (int, error) {
	if err := t.stream.SetDeadline(time.Now().Add(transferStall)); err != nil {
		return 0, err
	}
	return t.stream.Write(data)
}

func (t transfer) readNumber() (uint64, error) {
	if err := t.stream.SetDeadline(time.Now().Add(transferStall)); err != nil {
		return 0, err
	}
	var data [8]byte
	_, err := io.ReadFull(t.stream, data[:])
	return binary.BigEndian.Uint64(data[:]), err
}
