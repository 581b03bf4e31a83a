package refnode

import (
	"context"
	"fmt"
	"sync/atomic"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
)

// gossip is the node's part in the gossipsub topic.
type gossip struct {
	topic        *pubsub.Topic
	subscription *pubsub.Subscription
	received     atomic.Uint64 // messages of other nodes
	self         string
}

// queueSize is how many messages may wait in each of gossipsub's queues. Of 32, as it would be, a burst of 100 messages
// loses most, without a word.
const queueSize = 1024

// joinGossip subscribes to the topic. It ends with ctx. What the node publishes goes to every subscriber that it is
// connected to (flood publishing, gossipsub v1.1): the mesh of the topic alone takes a heartbeat or two to grow, and
// messages of the first second would reach nobody.
func joinGossip(ctx context.Context, h host.Host, name string) (*gossip, error) {
	router, err := pubsub.NewGossipSub(ctx, h, pubsub.WithFloodPublish(true),
		pubsub.WithPeerOutboundQueueSize(queueSize), pubsub.WithValidateQueueSize(queueSize))
	if err != nil {
		return nil, fmt.Errorf("start gossipsub: %w", err)
	}
	topic, err := router.Join(name)
	if err != nil {
		return nil, fmt.Errorf("join topic %q: %w", name, err)
	}
	subscription, err := topic.Subscribe(pubsub.WithBufferSize(queueSize))
	if err != nil {
		return nil, fmt.Errorf("subscribe to topic %q: %w", name, err)
	}
	return &gossip{topic: topic, subscription: subscription, self: string(h.ID())}, nil
}

// drain hands every message of another node to take, with the instant of its arrival, until ctx ends.
func (g *gossip) drain(ctx context.Context, take func(from string, data []byte, at int64)) {
	for {
		message, err := g.subscription.Next(ctx)
		if err != nil {
			return
		}
		at := monotonicNS()
		if from := message.GetFrom(); string(from) != g.self {
			g.received.Add(1)
			take(from.String(), message.GetData(), at)
		}
	}
}
