package refnode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	manet "github.com/multiformats/go-multiaddr/net"
)

// joinProtocol registers a newcomer: it sends one joinRequest and gets one joinReply, both JSON.
const joinProtocol protocol.ID = "/perfgate-refnode/join/1"

const (
	maxJoinRequest = 1 << 10
	maxJoinReply   = 4 << 20
	joinTimeout    = 10 * time.Second
)

// contact says where a member listens.
type contact struct {
	ID   peer.ID        `json:"id"`
	Addr netip.AddrPort `json:"addr"`
}

type joinRequest struct {
	// Listen is where the newcomer listens. An unspecified IP stands for the one that its connection comes from.
	Listen netip.AddrPort `json:"listen"`
}

type joinReply struct {
	// Members registered before the newcomer.
	Members []contact `json:"members"`
}

// serveJoin answers a newcomer.
func (m *mesh) serveJoin(s network.Stream) {
	if err := m.answerJoin(s); err != nil {
		m.log.Warn("newcomer not registered", "peer", s.Conn().RemotePeer(), "err", err)
		_ = s.Reset() // the newcomer sees that, and there is nothing to save on this side
	}
}

func (m *mesh) answerJoin(s network.Stream) error {
	if err := s.SetDeadline(time.Now().Add(joinTimeout)); err != nil {
		return err
	}
	from, err := manet.ToNetAddr(s.Conn().RemoteMultiaddr().Decapsulate(quicV1()))
	if err != nil {
		return err
	}
	addr, err := readJoinRequest(s, addrPortOf(from).Addr())
	if err != nil {
		return err
	}
	reply := joinReply{Members: m.register(s.Conn().RemotePeer(), addr)}
	return errors.Join(json.NewEncoder(s).Encode(reply), s.Close())
}

// readJoinRequest reads where a newcomer listens; seen is the IP that its connection comes from.
func readJoinRequest(r io.Reader, seen netip.Addr) (netip.AddrPort, error) {
	var request joinRequest
	if err := json.NewDecoder(io.LimitReader(r, maxJoinRequest)).Decode(&request); err != nil {
		return netip.AddrPort{}, fmt.Errorf("read join request: %w", err)
	}
	addr := request.Listen
	if addr.Addr().IsUnspecified() {
		addr = netip.AddrPortFrom(seen, addr.Port())
	}
	if !addr.IsValid() || addr.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("read join request: %s is no address to dial", request.Listen)
	}
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()), nil
}

// readJoinReply reads the members that a bootstrap names.
func readJoinReply(r io.Reader) ([]contact, error) {
	var reply joinReply
	if err := json.NewDecoder(io.LimitReader(r, maxJoinReply)).Decode(&reply); err != nil {
		return nil, fmt.Errorf("read join reply: %w", err)
	}
	for _, member := range reply.Members {
		if err := member.ID.Validate(); err != nil {
			return nil, fmt.Errorf("read join reply: %w", err)
		}
		if !member.Addr.IsValid() || member.Addr.Port() == 0 || member.Addr.Addr().IsUnspecified() {
			return nil, fmt.Errorf("read join reply: %s is no address to dial", member.Addr)
		}
	}
	return reply.Members, nil
}

// askToJoin registers this node with a connected peer and returns the members that were there before.
func (s *stack) askToJoin(ctx context.Context, id peer.ID) (_ []contact, err error) {
	stream, err := s.host.NewStream(ctx, id, joinProtocol)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, stream.Reset())
		}
	}()
	if deadline, ok := ctx.Deadline(); ok {
		if err := stream.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	if err := json.NewEncoder(stream).Encode(joinRequest{Listen: s.bound}); err != nil {
		return nil, err
	}
	if err := stream.CloseWrite(); err != nil {
		return nil, err
	}
	members, err := readJoinReply(stream)
	if err != nil {
		return nil, err
	}
	_ = stream.Close() // the answer is here; that the other end stopped reading is no failure
	return members, nil
}
