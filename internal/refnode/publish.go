package refnode

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

const (
	maxMessageID = 64
	// minMessageBytes leaves room for the longest id in the payload, and maxMessageBytes for the envelope in a message of
	// gossipsub, which has 1 MiB.
	minMessageBytes = 128
	maxMessageBytes = 256 << 10
	publishTimeout  = 10 * time.Second

	// messageMagic begins the payload of a message that was published on request; length and text of its id follow.
	messageMagic = "perfgate/1 "
)

// publishRequest is the body of POST /probe/publish.
type publishRequest struct {
	ID    string `json:"id"`    // 1..64 printable characters of ASCII
	Bytes int    `json:"bytes"` // of the payload, the id in it included
	schedule
}

type publishAnswer struct {
	OK          bool   `json:"ok"`
	ID          string `json:"id"`
	PublishedNS int64  `json:"published_ns"`
	Error       string `json:"error,omitempty"`
}

// publish sends a message to everybody on the topic.
func (n *Node) publish(ctx context.Context, request publishRequest) (publishAnswer, error) {
	if err := validName("id", request.ID); err != nil {
		return publishAnswer{}, err
	}
	if err := within("bytes", int64(request.Bytes), minMessageBytes, maxMessageBytes); err != nil {
		return publishAnswer{}, err
	}
	message := newMessage(request.ID, request.Bytes)
	err := request.await(ctx)
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	answer := publishAnswer{ID: request.ID, PublishedNS: monotonicNS()}
	if err == nil {
		err = pause(ctx, n.opts.Config.Fault.messageDelay())
	}
	if err == nil {
		err = n.gossip.topic.Publish(ctx, message)
	}
	if err != nil {
		answer.Error = err.Error()
		return answer, nil
	}
	n.payload.sent.Add(uint64(request.Bytes))
	answer.OK = true
	return answer, nil
}

// newMessage makes a payload of the wished size that carries the id. The rest is noise, which nothing can compress.
func newMessage(id string, size int) []byte {
	message := make([]byte, 0, size)
	message = append(message, messageMagic...)
	message = append(message, byte(len(id)))
	message = append(message, id...)
	head := len(message)
	message = message[:size]
	fillWithNoise(message[head:])
	return message
}

// messageID reads the id out of a payload. It is false for one that was not made by newMessage.
func messageID(payload []byte) (string, bool) {
	rest, ok := strings.CutPrefix(string(payload[:min(len(payload), minMessageBytes)]), messageMagic)
	if !ok || len(payload) < minMessageBytes {
		return "", false
	}
	length := int(rest[0])
	id := rest[1:]
	if length > maxMessageID || length > len(id) {
		return "", false
	}
	return id[:length], validName("id", id[:length]) == nil
}

// fillWithNoise writes numbers of chance, which need not be secret.
func fillWithNoise(data []byte) {
	var word [8]byte
	for len(data) > 0 {
		binary.NativeEndian.PutUint64(word[:], rand.Uint64())
		data = data[copy(data, word[:]):]
	}
}

// received takes a message of another node off the topic.
func (n *Node) received(from string, data []byte, at int64) {
	id, ok := messageID(data)
	if !ok || n.drops.next(n.opts.Config.Fault.MessageDropRatio) {
		return
	}
	n.payload.received.Add(uint64(len(data)))
	n.inbox.add(arrival{ID: id, From: from, Bytes: len(data), ReceivedNS: at})
}

// validName refuses what is no id or key: 1..64 printable characters of ASCII without space.
func validName(what, name string) error {
	if name == "" || len(name) > maxMessageID {
		return fmt.Errorf("%s: must have 1..%d characters", what, maxMessageID)
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New(what + ": must be printable characters of ASCII without space")
	}
	return nil
}

// within refuses a number outside of its range.
func within(what string, value, least, most int64) error {
	if value < least || value > most {
		return fmt.Errorf("%s = %d: must be %d..%d", what, value, least, most)
	}
	return nil
}
