package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// What the first byte of a TCP connection to --listen says.
const (
	toLink byte = 'l' // it stays, and nothing is sent
	toMeet byte = 'm' // one byte comes back when all nodes have met, then it ends
)

// bind takes the address of --listen: UDP, which holds the port and says nothing; TCP where the script has links; both where
// nodes only meet.
func (n *node) bind() error {
	address, linked := n.options.listen, n.does.Links != nil
	switch {
	case address == "" && (linked || n.options.script.Together):
		return errors.New("links and together need --listen")
	case address == "":
		return nil
	}
	if !linked {
		socket, err := net.ListenPacket("udp", address)
		if err != nil {
			return fmt.Errorf("bind --listen: %w", err)
		}
		n.socket = socket
	}
	if !linked && !n.options.script.Together {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("bind --listen: %w", err)
	}
	meeting := &meeting{others: n.options.script.Size - 1, met: n.met}
	if n.options.bootstrap != "" {
		meeting = nil // others meet at the bootstrap
	}
	go n.accept(listener, meeting)
	return nil
}

// accept takes connections until the program ends.
func (n *node) accept(listener net.Listener, meeting *meeting) {
	if meeting != nil {
		meeting.arrived(nil)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go serveLink(connection, meeting)
	}
}

// serveLink holds a connection for as long as the other end does.
func serveLink(connection net.Conn, meeting *meeting) {
	first := make([]byte, 1)
	if _, err := io.ReadFull(connection, first); err == nil && first[0] == toMeet && meeting != nil {
		meeting.arrived(connection)
		return
	}
	_, _ = io.Copy(io.Discard, connection) // until the other end is gone
	_ = connection.Close()
}

// meeting waits at the bootstrap until all others are there, and then tells them.
type meeting struct {
	others int
	met    func()

	mu      sync.Mutex
	waiting []net.Conn
}

// arrived takes one more node, or with nil the bootstrap itself.
func (m *meeting) arrived(connection net.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if connection != nil {
		m.waiting = append(m.waiting, connection)
	}
	if len(m.waiting) != m.others {
		return
	}
	for _, c := range m.waiting {
		_, _ = c.Write([]byte{toMeet}) // a node that has ended meanwhile needs no word
		_ = c.Close()
	}
	m.met()
}

const (
	// meetTimeout bounds how long a node waits for the others.
	meetTimeout = time.Minute
	// knockPeriod is the time between two attempts to reach a bootstrap that does not listen yet.
	knockPeriod = 5 * time.Millisecond
)

// meet goes to the bootstrap and waits until all are there. A meeting that fails leaves the gauge as it is: a node has ended.
func (n *node) meet() {
	deadline := time.Now().Add(meetTimeout)
	connection, err := net.Dial("tcp", n.options.bootstrap)
	for err != nil && time.Now().Before(deadline) {
		time.Sleep(knockPeriod)
		connection, err = net.Dial("tcp", n.options.bootstrap)
	}
	if err != nil {
		return
	}
	defer func() { _ = connection.Close() }() // nothing is sent any more
	if err := connection.SetDeadline(deadline); err != nil {
		return
	}
	if _, err := connection.Write([]byte{toMeet}); err != nil {
		return
	}
	if _, err := io.ReadFull(connection, make([]byte, 1)); err == nil {
		n.met()
	}
}
