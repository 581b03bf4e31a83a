package runner

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/proc"
)

// socketMargin is how far inside the steady window the kernel is asked about sockets: between two sweeps, and with looks at
// the gauges before and after.
const socketMargin = 500 * time.Millisecond

// watchSockets asks the kernel about the nodes' sockets soon after the steady window has begun and shortly before it ends.
// It goes its own way, so that no look waits for it.
func (s *session) watchSockets(ctx context.Context) {
	margin := min(socketMargin, s.scenario.Duration/4)
	for _, moment := range []time.Time{s.from.Add(margin), s.to.Add(-margin)} {
		if !until(ctx, moment) {
			return
		}
		reading := s.readSockets()
		s.send(ctx, func(s *session) { s.keepSockets(reading) })
	}
	s.send(ctx, func(s *session) { s.swept++ })
}

func (s *session) readSockets() measure.Sockets {
	var pids []int
	var controls []netip.AddrPort
	for _, n := range s.nodes {
		pids = append(pids, n.process.PID())
		control, err := netip.ParseAddrPort(n.control)
		if err != nil { // never: the runner wrote it itself
			return measure.Sockets{}
		}
		controls = append(controls, control)
	}
	sent := time.Now()
	held := proc.ReadSockets(pids)
	return measure.Sockets{Sent: s.since(sent), Received: s.since(time.Now()), Nodes: linksOf(held, controls)}
}

func (s *session) keepSockets(reading measure.Sockets) {
	s.network.Sockets = append(s.network.Sockets, reading)
	for i, n := range reading.Nodes {
		if n.Err != "" {
			s.Log.Debug("sockets cannot be read: the kernel says nothing of this node's peers", "node", i, "error", n.Err)
		}
	}
}

// linksOf finds out of the sockets of all nodes, whose control addresses are given, who is connected with whom.
func linksOf(held []proc.Held, controls []netip.AddrPort) []measure.NodeSockets {
	ends := endsOf(held)
	all := make([]measure.NodeSockets, len(held))
	for i, h := range held {
		if h.Err != nil {
			all[i].Err = h.Err.Error()
			continue
		}
		links := links{node: i, controls: controls, ends: ends, further: map[netip.AddrPort]bool{}}
		for _, socket := range h.Sockets {
			if socket.Protocol != proc.TCP || socket.Local.Port() != controls[i].Port() {
				links.take(socket)
			}
		}
		all[i] = links.seen()
	}
	return all
}

// links gathers what the sockets of one node say.
type links struct {
	node     int
	controls []netip.AddrPort
	ends     ends
	found    measure.NodeSockets
	further  map[netip.AddrPort]bool
}

// take sorts one socket in, which is none of the control address.
func (l *links) take(socket proc.Socket) {
	l.found.Own++
	tcp, connected := socket.Protocol == proc.TCP, socket.Remote.Port() != 0
	switch {
	case !tcp && (socket.Protocol != proc.UDP || !connected):
		l.found.Open = true
		return
	case tcp && socket.State != proc.Established: // listens, or is about to begin or to end
		return
	}
	other, ours := l.ends.owner(socket)
	if tcp && ours && other != l.node && !isControl(l.controls, socket.Remote) {
		l.found.Linked = append(l.found.Linked, other)
		return
	}
	l.further[socket.Remote] = true
}

func (l *links) seen() measure.NodeSockets {
	slices.Sort(l.found.Linked)
	l.found.Linked = slices.Compact(l.found.Linked)
	l.found.Further = len(l.further)
	return l.found
}

// isControl tells a connection to a control address, over which a node talks to another as perfgate does.
func isControl(controls []netip.AddrPort, remote netip.AddrPort) bool {
	return slices.ContainsFunc(controls, func(c netip.AddrPort) bool { return c.Port() == remote.Port() })
}

// ends finds the node at the other end of a socket.
type ends struct {
	// connected has the owner of each established connection by its two ends, local first.
	connected map[[2]netip.AddrPort]int
	// listening has the owners of the addresses at which TCP connections are taken. An address may be unspecified.
	listening map[netip.AddrPort]int
}

func endsOf(held []proc.Held) ends {
	e := ends{connected: map[[2]netip.AddrPort]int{}, listening: map[netip.AddrPort]int{}}
	for i, h := range held {
		for _, socket := range h.Sockets {
			switch {
			case socket.Protocol != proc.TCP:
			case socket.State == proc.Established:
				e.connected[[2]netip.AddrPort{socket.Local, socket.Remote}] = i
			case socket.State == proc.Listening:
				e.listening[socket.Local] = i
			}
		}
	}
	return e
}

// owner is the node to which the other end belongs: it holds that end, or listens there and has not taken the connection
// yet.
func (e ends) owner(socket proc.Socket) (int, bool) {
	remote := socket.Remote
	if i, ok := e.connected[[2]netip.AddrPort{remote, socket.Local}]; ok {
		return i, true
	}
	for _, address := range []netip.Addr{remote.Addr(), netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		if i, ok := e.listening[netip.AddrPortFrom(address, remote.Port())]; ok {
			return i, true
		}
	}
	return 0, false
}
