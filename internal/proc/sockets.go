package proc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Socket is a socket that a process holds.
type Socket struct {
	// Protocol is TCP or UDP, "" for a socket of another kind (Unix, netlink, …), of which no more is known than Inode.
	Protocol Protocol
	// Local and Remote are its two ends, IPv4 within IPv6 as IPv4; the port of Remote is 0 when it is not connected.
	Local  netip.AddrPort
	Remote netip.AddrPort
	// State is as the kernel numbers it, see [Established] and [Listening].
	State SocketState
	// Inode tells a socket from every other; 0 is one that no process holds any longer.
	Inode uint64
}

// Protocol is the kind of a socket.
type Protocol string

// The protocols whose sockets the kernel shows with both ends.
const (
	TCP Protocol = "tcp"
	UDP Protocol = "udp"
)

// SocketState is the state of a socket, by the numbers of TCP's states in the kernel (include/net/tcp_states.h).
type SocketState uint8

// The states that tell something of a network.
const (
	Established SocketState = 1
	Listening   SocketState = 10
)

// Held is what the kernel shows of the sockets of one process and its descendants.
type Held struct {
	Sockets []Socket
	// Err says why they could not be read, as of a process that has ended; Sockets is nil then.
	Err error
}

// Columns of a line of /proc/net/tcp and its like, see proc_pid_net(5).
const (
	columnLocal, columnRemote, columnState, columnInode = 1, 2, 3, 9
	columns                                             = 10 // at least
)

// parseSockets reads a table of /proc/PID/net of one protocol: a line of headings, then one line for each socket.
func parseSockets(protocol Protocol, table []byte) ([]Socket, error) {
	var all []Socket
	number := 0
	for line := range bytes.Lines(table) {
		number++
		if number == 1 {
			continue
		}
		socket, err := parseSocket(strings.Fields(string(line)))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		socket.Protocol = protocol
		all = append(all, socket)
	}
	return all, nil
}

func parseSocket(fields []string) (Socket, error) {
	if len(fields) < columns {
		return Socket{}, fmt.Errorf("%d columns, at least %d are wanted", len(fields), columns)
	}
	local, err := parseEnd(fields[columnLocal])
	if err != nil {
		return Socket{}, err
	}
	remote, err := parseEnd(fields[columnRemote])
	if err != nil {
		return Socket{}, err
	}
	state, err := strconv.ParseUint(fields[columnState], 16, 8)
	if err != nil {
		return Socket{}, fmt.Errorf("state: %w", err)
	}
	inode, err := strconv.ParseUint(fields[columnInode], 10, 64)
	if err != nil {
		return Socket{}, fmt.Errorf("inode: %w", err)
	}
	return Socket{Local: local, Remote: remote, State: SocketState(state), Inode: inode}, nil
}

// parseEnd reads an address and a port in hexadecimal. The kernel prints an address as one or four words of its own byte
// order, each of which holds four bytes in the order of the network.
func parseEnd(text string) (netip.AddrPort, error) {
	words, portText, found := strings.Cut(text, ":")
	port, err := strconv.ParseUint(portText, 16, 16)
	if !found || err != nil || len(words) != 8 && len(words) != 32 {
		return netip.AddrPort{}, fmt.Errorf("%q is no address and port", text)
	}
	var raw []byte
	for ; words != ""; words = words[8:] {
		word, err := strconv.ParseUint(words[:8], 16, 32)
		if err != nil {
			return netip.AddrPort{}, fmt.Errorf("%q is no address and port", text)
		}
		raw = binary.NativeEndian.AppendUint32(raw, uint32(word))
	}
	address, _ := netip.AddrFromSlice(raw) // of 4 or 16 bytes
	return netip.AddrPortFrom(address.Unmap(), uint16(port)), nil
}
