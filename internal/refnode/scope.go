package refnode

import (
	"net/netip"
	"slices"

	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// scope is the set of networks that a node may dial. It is drawn once, from the addresses that the node was given:
// a loopback address opens the loopback network, any other its /24 (IPv4) or /64 (IPv6). A listen address that means
// every interface opens the loopback network only. Config.Allow adds to it, and nothing learnt from peers does.
//
// Incoming connections are not filtered: who may reach the node is decided by the address that it listens on.
type scope struct {
	networks []netip.Prefix
}

func newScope(listen netip.AddrPort, bootstrap []netip.AddrPort, allow []netip.Prefix) scope {
	var s scope
	s.add(networkOf(listen.Addr()))
	for _, addr := range bootstrap {
		s.add(networkOf(addr.Addr()))
	}
	for _, prefix := range allow {
		s.add(prefix.Masked())
	}
	return s
}

// permits says whether a connection to addr may be dialled.
func (s scope) permits(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	return slices.ContainsFunc(s.networks, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// permitsMultiaddr is permits for libp2p's form. Anything but a plain IP address over QUIC is refused: names would
// have to be looked up, and relays lead elsewhere.
func (s scope) permitsMultiaddr(addr ma.Multiaddr) bool {
	plain := func(code int) bool {
		return code == ma.P_IP4 || code == ma.P_IP6 || code == ma.P_UDP || code == ma.P_QUIC_V1 || code == ma.P_P2P
	}
	for _, component := range addr {
		if !plain(component.Protocol().Code) {
			return false
		}
	}
	ip, err := manet.ToIP(addr)
	if err != nil {
		return false
	}
	parsed, ok := netip.AddrFromSlice(ip)
	return ok && s.permits(parsed)
}

// filter keeps the addresses that permitsMultiaddr accepts.
func (s scope) filter(addrs []ma.Multiaddr) []ma.Multiaddr {
	return slices.DeleteFunc(slices.Clone(addrs), func(a ma.Multiaddr) bool { return !s.permitsMultiaddr(a) })
}

func (s *scope) add(prefix netip.Prefix) {
	if !slices.Contains(s.networks, prefix) {
		s.networks = append(s.networks, prefix)
	}
}

// networkOf is the network that a given address opens.
func networkOf(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	bits := 24
	switch {
	case addr.Is4() && (addr.IsLoopback() || addr.IsUnspecified()):
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8)
	case addr.IsLoopback() || addr.IsUnspecified():
		return netip.PrefixFrom(netip.IPv6Loopback(), 128)
	case addr.Is6():
		bits = 64
	}
	return netip.PrefixFrom(addr, bits).Masked()
}
