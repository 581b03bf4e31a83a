package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Sizes and times of the examination.
const (
	examMessageBytes = 1000
	examValueBytes   = 500
	examSendBytes    = 4 << 20
	examWarmupBytes  = 1 << 20
	// examCalls is how many calls at once a node has to serve.
	examCalls = 64
	// examPatience is for how long a message may be under way.
	examPatience = 5 * time.Second
	examLook     = 20 * time.Millisecond
)

// workSteps are the rules of level L3.
func workSteps() []rule {
	return []rule{
		{"the node describes itself, by the right clock", 3, SectionDescribe, tryDescribe},
		{"a published message reaches the other node, once", 3, SectionPublish, tryPublish},
		{"received messages are told in pages, again and again the same", 3, SectionReceived, tryPages},
		{fmt.Sprintf("%d calls at once are all served", examCalls), 3, SectionGround, tryBurst},
		{"work that is due later begins then, and not before", 3, SectionGround, tryDue},
		{"a value that was put is found by the other node", 3, SectionGet, tryTable},
		{"a value that nobody put is not found", 3, SectionGet, tryMissing},
		{"a stream is counted by its receiver", 3, SectionSend, trySend},
		{"a fresh connection leaves the peers alone", 3, SectionConnect, tryConnect},
		{"work for a node that does not exist fails as an answer", 3, SectionGround, tryNobody},
		{"the counters of traffic only grow", 3, SectionTraffic, tryTraffic},
		{"requests that cannot be meant are refused", 3, SectionGround, tryNonsense},
		{"unknown fields are ignored", 3, SectionGround, tryUnknownField},
	}
}

func tryDescribe(ctx context.Context, e *exam) error {
	d, err := e.subject.node.Describe(ctx)
	if err != nil {
		return err
	}
	e.description = d
	var wrong []error
	for _, operation := range d.Missing() {
		wrong = append(wrong, violation(SectionDescribe, "operations: %s is missing", operation))
	}
	peers, err := e.subject.peers(ctx)
	switch {
	case err != nil:
		wrong = append(wrong, err)
	case peers.ID != d.ID:
		wrong = append(wrong, violation(SectionDescribe, "id: is %q here and %q at peers", d.ID, peers.ID))
	}
	if e.other == nil {
		return errors.Join(wrong...)
	}
	other, err := e.other.peers(ctx)
	if err != nil {
		return errors.Join(append(wrong, fmt.Errorf("the other node: %w", err))...)
	}
	e.otherID = other.ID
	if !slices.Contains(peers.Peers, other.ID) {
		wrong = append(wrong, violation(SectionPeers, "peers: %q is not among them; both nodes have to be of one network", other.ID))
	}
	return errors.Join(wrong...)
}

// needs tells that something cannot be tried without a second node.
func (e *exam) needs() error {
	switch {
	case e.other == nil:
		return fmt.Errorf("%w: needs a second node of the same network", errSkip)
	case e.otherID == "":
		return fmt.Errorf("%w: needs to know the ids of both nodes", errSkip)
	}
	return nil
}

func violation(section Section, format string, args ...any) error {
	return &ViolationError{section, fmt.Sprintf(format, args...)}
}

func tryPublish(ctx context.Context, e *exam) error {
	if err := e.needs(); err != nil {
		return err
	}
	inbox, own := Inbox{Node: e.other.node}, Inbox{Node: e.subject.node}
	if err := errors.Join(skip(ctx, &inbox), skip(ctx, &own)); err != nil {
		return err
	}
	id := e.token + "-publish"
	scheduled := NowNS()
	published, err := e.subject.node.Publish(ctx, id, examMessageBytes)
	if err != nil {
		return err
	}
	if !published.OK() {
		return violation(SectionPublish, "ok: %s", published.Failure)
	}
	sent := []Sending{{ID: id, From: e.description.ID, Bytes: examMessageBytes, ScheduledNS: scheduled, PublishedNS: published.PublishedNS}}
	pages, err := await(ctx, &inbox, id)
	if err != nil {
		return err
	}
	mine, err := own.Read(ctx)
	if err != nil {
		return err
	}
	told := Reconcile(sent, []Arrivals{{Node: e.otherID, Pages: pages}, {Node: e.description.ID, Pages: mine}})
	e.delivers = len(told.Deliveries) > 0
	var wrong []error
	for _, a := range told.Anomalies {
		if a.Message.ID == id {
			wrong = append(wrong, violation(SectionReceived, "%s: %s", a.Kind, a.Text))
		}
	}
	if !e.delivers && len(wrong) == 0 {
		wrong = append(wrong, violation(SectionPublish, "the message had not reached the other node after %v", examPatience))
	}
	return errors.Join(wrong...)
}

// skip leaves all that has arrived behind.
func skip(ctx context.Context, b *Inbox) error {
	_, err := b.Read(ctx)
	return err
}

// await reads an inbox until a message is there, and once more for what may come twice; without it until it is late.
func await(ctx context.Context, b *Inbox, id string) ([]Page, error) {
	var pages []Page
	deadline := NowNS() + examPatience.Nanoseconds()
	for found := false; ; {
		more, err := b.Read(ctx)
		if err != nil {
			return nil, err
		}
		pages = append(pages, more...)
		if found || NowNS() > deadline {
			return pages, nil
		}
		found = slices.ContainsFunc(more, func(p Page) bool {
			return slices.ContainsFunc(p.Messages, func(m Message) bool { return m.ID == id })
		})
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(examLook):
		}
	}
}

func tryPages(ctx context.Context, e *exam) error {
	if err := e.needs(); err != nil {
		return err
	}
	if !e.delivers {
		return fmt.Errorf("%w: no message reaches the other node", errSkip)
	}
	node := e.other.node
	for i := range 3 {
		if p, err := e.subject.node.Publish(ctx, fmt.Sprintf("%s-page-%d", e.token, i), examMessageBytes); err != nil || !p.OK() {
			return err // a failure was told by the step before
		}
	}
	if _, err := await(ctx, &Inbox{Node: node}, e.token+"-page-2"); err != nil {
		return err
	}
	return pagesAgree(ctx, node)
}

// pagesAgree asks for the same messages in several ways.
func pagesAgree(ctx context.Context, node *Node) error {
	var all, first, again, end Page
	for _, read := range []struct {
		into  *Page
		since *uint64
		limit int
	}{{&all, new(uint64), MaxPage}, {&first, new(uint64), 1}, {&again, new(uint64), 1}, {&end, &all.Next, MaxPage}} {
		page, err := node.Received(ctx, *read.since, read.limit)
		if err != nil {
			return err
		}
		*read.into = page
	}
	switch {
	case len(first.Messages) != 1 || len(all.Messages) == 0:
		return violation(SectionReceived, "limit: %d messages were told of the one that was asked for, and there are more", len(first.Messages))
	case first.Lost == all.Lost && first.Messages[0] != all.Messages[0]:
		return violation(SectionReceived, "messages: seq %d is not the same message in two answers", first.Messages[0].Seq)
	case first.Lost == again.Lost && !slices.Equal(first.Messages, again.Messages):
		return violation(SectionReceived, "messages: what was read once is not told again")
	}
	return nil // that the last page begins where the first one ended was checked when it was read
}

func tryBurst(ctx context.Context, e *exam) error {
	wrong := make([]error, examCalls)
	var calls sync.WaitGroup
	for i := range examCalls {
		calls.Go(func() {
			p, err := e.subject.node.Publish(ctx, fmt.Sprintf("%s-burst-%d", e.token, i), examMessageBytes)
			if wrong[i] = err; err == nil && !p.OK() && e.other != nil {
				wrong[i] = violation(SectionPublish, "ok: %s", p.Failure)
			}
		})
	}
	calls.Wait()
	failed := slices.DeleteFunc(wrong, func(err error) bool { return err == nil })
	if len(failed) == 0 {
		return nil
	}
	return violation(SectionGround, "%d of %d calls failed: %s", len(failed), examCalls, said(failed[0]))
}

func tryTable(ctx context.Context, e *exam) error {
	if err := e.needs(); err != nil {
		return err
	}
	key := e.token + "-value"
	put, err := e.subject.node.Put(ctx, key, examValueBytes)
	if err != nil {
		return err
	}
	if !put.OK() {
		return violation(SectionPut, "ok: %s", put.Failure)
	}
	got, err := e.other.node.Get(ctx, key, FromNetwork)
	switch {
	case err != nil:
		return err
	case !got.OK():
		return violation(SectionGet, "ok: %s", got.Failure)
	case !got.Found:
		return violation(SectionGet, "found: the value that was just put is not there")
	case got.Bytes != put.Bytes || got.SHA256 != put.SHA256:
		return violation(SectionGet, "the value of %d bytes is not the one of %d bytes that was put", got.Bytes, put.Bytes)
	}
	return nil
}

func tryMissing(ctx context.Context, e *exam) error {
	var wrong []error
	for _, from := range []string{FromLocal, FromNetwork} {
		got, err := e.subject.node.Get(ctx, e.token+"-nothing", from)
		switch {
		case err != nil:
			wrong = append(wrong, err)
		case got.Found:
			wrong = append(wrong, violation(SectionGet, "from %s: found: a key that nobody put has a value", from))
		case !got.OK() && (from == FromLocal || e.other != nil):
			wrong = append(wrong, violation(SectionGet, "from %s: ok: that nobody has the value is no failure: %s", from, got.Failure))
		}
	}
	return errors.Join(wrong...)
}

func trySend(ctx context.Context, e *exam) error {
	if err := e.needs(); err != nil {
		return err
	}
	before, err := e.other.node.Traffic(ctx)
	if err != nil {
		return err
	}
	sent, err := e.subject.node.Send(ctx, e.otherID, examSendBytes, examWarmupBytes)
	if err != nil {
		return err
	}
	if !sent.OK() {
		return violation(SectionSend, "ok: %s", sent.Failure)
	}
	after, err := e.other.node.Traffic(ctx)
	if err != nil {
		return err
	}
	if got := after.PayloadReceived - before.PayloadReceived; got < examSendBytes+examWarmupBytes {
		return violation(SectionTraffic, "payload_received of the receiver grew by %d for a stream of %d", got, int64(examSendBytes+examWarmupBytes))
	}
	return nil
}

func tryConnect(ctx context.Context, e *exam) error {
	if err := e.needs(); err != nil {
		return err
	}
	before, err := e.other.peers(ctx)
	if err != nil {
		return err
	}
	for range 3 {
		done, err := e.subject.node.Connect(ctx, e.otherID)
		if err != nil {
			return err
		}
		if !done.OK() {
			return violation(SectionConnect, "ok: %s", done.Failure)
		}
		after, err := e.other.peers(ctx)
		if err != nil {
			return err
		}
		if strangers := slices.DeleteFunc(after.Peers, func(id string) bool { return slices.Contains(before.Peers, id) }); len(strangers) > 0 {
			return violation(SectionConnect, "the other node has a new peer %q by it", strangers[0])
		}
	}
	return nil
}
