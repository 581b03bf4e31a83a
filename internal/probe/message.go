package probe

import (
	"context"
	"fmt"
)

// Published is a node's answer to POST {probe}/publish.
type Published struct {
	// Failure says why the message was not published, "" when it was.
	Failure string
	// ID is the message's.
	ID string
	// PublishedNS is just before it was handed to the network, in nanoseconds of CLOCK_MONOTONIC.
	PublishedNS int64
	// Window bounds the call.
	Window Window
}

// OK tells whether the message was published.
func (p Published) OK() bool { return p.Failure == "" }

// Publish has a node send a message to all others. The id, 1 to 64 printable characters, should be new; bytes is the size of
// the payload, from 128.
func (n *Node) Publish(ctx context.Context, id string, bytes int) (Published, error) {
	body, window, err := n.post(ctx, "publish", map[string]any{"id": id, "bytes": bytes})
	if err != nil {
		return Published{}, err
	}
	p, err := ParsePublished(body)
	switch {
	case err != nil:
	case p.ID != id:
		err = &ViolationError{SectionPublish, fmt.Sprintf("id: is %s, of another message than %q", shortened([]byte(p.ID)), id)}
	default:
		err = window.done(p.OK(), SectionPublish, "published_ns", p.PublishedNS)
	}
	if err != nil {
		return Published{}, n.failed("publish", err)
	}
	p.Window = window
	return p, nil
}

// ParsePublished reads an answer. An error is a *ViolationError.
func ParsePublished(body []byte) (Published, error) {
	r := read(SectionPublish, body)
	p := Published{Failure: r.failure(), ID: r.text("id", maxMessageID), PublishedNS: r.instant("published_ns")}
	if r.err != nil {
		return Published{}, r.err
	}
	return p, nil
}

// Message is one that a node received.
type Message struct {
	// Seq counts what the node received, from 0.
	Seq uint64
	// ID is the message's, and From the id of the node that published it.
	ID, From string
	// Bytes is the size of the payload.
	Bytes int64
	// ReceivedNS is when the node had it, in nanoseconds of CLOCK_MONOTONIC.
	ReceivedNS int64
}

// Page is a node's answer to GET {probe}/received: the messages from one number up to the next one.
type Page struct {
	// Next is where the next page begins.
	Next uint64
	// Lost is how many messages before the first of these were forgotten before anybody read them.
	Lost uint64
	// Messages are in the order of their numbers, without a gap.
	Messages []Message
	// Window bounds the call.
	Window Window
}

// MaxPage is the most messages that a page may be asked for.
const MaxPage = 10_000

// Received asks a node for up to limit of the messages that it received, from number since on.
func (n *Node) Received(ctx context.Context, since uint64, limit int) (Page, error) {
	body, window, err := n.get(ctx, "received", fmt.Sprintf("/received?since=%d&limit=%d", since, limit))
	if err != nil {
		return Page{}, err
	}
	page, err := ParsePage(body, since, limit)
	if err != nil {
		return Page{}, n.failed("received", err)
	}
	page.Window = window
	return page, nil
}

// ParsePage reads an answer to a question for up to limit messages from number since on. An error is a *ViolationError.
func ParsePage(body []byte, since uint64, limit int) (Page, error) {
	r := read(SectionReceived, body)
	var entries []struct {
		Seq        *int64 `json:"seq"`
		ID         string `json:"id"`
		From       string `json:"from"`
		Bytes      *int64 `json:"bytes"`
		ReceivedNS int64  `json:"received_ns"`
	}
	page := Page{Next: uint64(r.number("next")), Lost: uint64(r.number("lost"))}
	r.field("messages", &entries)
	if r.err != nil {
		return Page{}, r.err
	}
	switch {
	case page.Next < since:
		r.wrong("next: is %d after %d was asked for: the node has begun anew", page.Next, since)
	case len(entries) > limit:
		r.wrong("messages: %d are more than the %d that were asked for", len(entries), limit)
	case page.Next-since != page.Lost+uint64(len(entries)):
		r.wrong("next: %d after %d does not fit %d messages and %d lost", page.Next, since, len(entries), page.Lost)
	}
	for i, e := range entries {
		if e.Seq == nil || e.Bytes == nil {
			r.wrong("messages: number %d has no seq or no bytes", i)
			break
		}
		m := Message{Seq: uint64(*e.Seq), ID: e.ID, From: e.From, Bytes: *e.Bytes, ReceivedNS: e.ReceivedNS}
		r.message(m, since+page.Lost+uint64(i))
		page.Messages = append(page.Messages, m)
	}
	if r.err != nil {
		return Page{}, r.err
	}
	return page, nil
}

func (r *reader) message(m Message, seq uint64) {
	switch {
	case m.Seq != seq:
		r.wrong("messages: seq %d stands where %d has to", m.Seq, seq)
	case m.ID == "" || len(m.ID) > maxMessageID:
		r.wrong("messages: seq %d: id has %d bytes, must have 1 to %d", seq, len(m.ID), maxMessageID)
	case m.From == "" || len(m.From) > maxNodeID:
		r.wrong("messages: seq %d: from has %d bytes, must have 1 to %d", seq, len(m.From), maxNodeID)
	case m.Bytes < 0:
		r.wrong("messages: seq %d: bytes: %d is negative", seq, m.Bytes)
	case m.ReceivedNS <= 0:
		r.wrong("messages: seq %d: received_ns: %d is no instant of CLOCK_MONOTONIC in nanoseconds", seq, m.ReceivedNS)
	}
}

// Inbox follows what a node receives. Its zero value but for Node begins with all that the node remembers.
type Inbox struct {
	// Node is who is asked.
	Node *Node
	next uint64
}

// Read returns what the node has received since the last call, as pages of which none is empty but the only one.
func (b *Inbox) Read(ctx context.Context) ([]Page, error) {
	var pages []Page
	for {
		page, err := b.Node.Received(ctx, b.next, MaxPage)
		if err != nil {
			return pages, err
		}
		pages = append(pages, page)
		b.next = page.Next
		if len(page.Messages) < MaxPage {
			return pages, nil
		}
	}
}
