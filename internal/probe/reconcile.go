package probe

import (
	"fmt"
	"time"
)

// Sending is a message that a node was told to publish.
type Sending struct {
	// ID is the message's, From the id of the node that was told, Bytes the size of the payload.
	ID, From string
	Bytes    int64
	// ScheduledNS is when it was due, PublishedNS when the node says that it handed it to the network; in nanoseconds of
	// CLOCK_MONOTONIC.
	ScheduledNS, PublishedNS int64
}

// Arrivals are the pages that were read from one node.
type Arrivals struct {
	// Node is its id.
	Node string
	// Pages are in the order in which they were read.
	Pages []Page
}

// Lost is how many arrivals the node forgot before they were read.
func (a Arrivals) Lost() (lost uint64) {
	for _, page := range a.Pages {
		lost += page.Lost
	}
	return lost
}

// Delivery is a message that one node received as it should.
type Delivery struct {
	// ID is the message's, From its sender's and To its receiver's.
	ID, From, To string
	// ScheduledNS, PublishedNS and ReceivedNS are in nanoseconds of CLOCK_MONOTONIC.
	ScheduledNS, PublishedNS, ReceivedNS int64
}

// AnomalyKind says what is wrong with an arrival.
type AnomalyKind string

// The kinds of anomalies. Only an arrival of the kinds OutOfOrder and Duplicate does not cost the delivery.
const (
	Duplicate       AnomalyKind = "duplicate"        // received before by the same node; the first one counts
	OutOfOrder      AnomalyKind = "out of order"     // received_ns is before that of the number before
	Foreign         AnomalyKind = "foreign"          // nobody was told to publish this id
	WrongSender     AnomalyKind = "wrong sender"     // from another node than was told to publish it
	WrongSize       AnomalyKind = "wrong size"       // with another number of bytes
	Echo            AnomalyKind = "echo"             // its own sender lists it
	BeforePublished AnomalyKind = "before published" // received before it was sent
	InFuture        AnomalyKind = "in the future"    // received after the node had told of it
)

// Anomaly is an arrival that should not be, or not so.
type Anomaly struct {
	// Node is the id of the node that told of it.
	Node string
	// Kind says what is wrong, Text in what way.
	Kind AnomalyKind
	Text string
	// Message is what the node told.
	Message Message
}

// Reconciliation is what became of messages.
type Reconciliation struct {
	// Deliveries are ordered by message as they were sent, then by receiver as they were given.
	Deliveries []Delivery
	// Expected is how many deliveries there should be: each message to each node but its sender.
	Expected int
	// Anomalies are in the order of nodes and pages.
	Anomalies []Anomaly
}

// Reconcile matches what was sent with what nodes say that they received. A message counts as delivered to a node when that
// node told of it with the right sender and size, and at an instant at which that can be: not before it was published, and
// not after the node told of it.
func Reconcile(sent []Sending, received []Arrivals) Reconciliation {
	known := make(map[string]int, len(sent))
	for i, s := range sent {
		known[s.ID] = i
	}
	var r Reconciliation
	found := make([][]*Message, len(received)) // by receiver, then by message as sent
	for i, a := range received {
		found[i] = make([]*Message, len(sent))
		r.arrivals(a, sent, known, found[i])
	}
	for i, s := range sent {
		for k, a := range received {
			if a.Node == s.From {
				continue
			}
			r.Expected++
			if m := found[k][i]; m != nil {
				r.Deliveries = append(r.Deliveries, Delivery{
					ID: s.ID, From: s.From, To: a.Node,
					ScheduledNS: s.ScheduledNS, PublishedNS: s.PublishedNS, ReceivedNS: m.ReceivedNS,
				})
			}
		}
	}
	return r
}

// arrivals goes through what one node told and puts what counts into found.
func (r *Reconciliation) arrivals(a Arrivals, sent []Sending, known map[string]int, found []*Message) {
	last := int64(0)
	for p := range a.Pages {
		page := &a.Pages[p]
		for k := range page.Messages {
			m := &page.Messages[k]
			if m.ReceivedNS < last {
				r.anomaly(a, m, OutOfOrder, "%v before the number before it", duration(last-m.ReceivedNS))
			}
			last = max(last, m.ReceivedNS)
			i, ok := known[m.ID]
			switch {
			case !ok:
				r.anomaly(a, m, Foreign, "nobody was told to publish it")
			case !r.plausible(a, m, sent[i], page.Window):
			case found[i] != nil:
				r.anomaly(a, m, Duplicate, "is number %d as well", found[i].Seq)
			default:
				found[i] = m
			}
		}
	}
}

// plausible tells whether an arrival can be that of a message.
func (r *Reconciliation) plausible(a Arrivals, m *Message, s Sending, w Window) bool {
	count := len(r.Anomalies)
	switch {
	case a.Node == s.From:
		r.anomaly(a, m, Echo, "the node published it itself")
	case m.From != s.From:
		r.anomaly(a, m, WrongSender, "from %s, and %s was told to publish it", m.From, s.From)
	case m.Bytes != s.Bytes:
		r.anomaly(a, m, WrongSize, "%d bytes of %d", m.Bytes, s.Bytes)
	case m.ReceivedNS < s.PublishedNS:
		r.anomaly(a, m, BeforePublished, "%v before it was published", duration(s.PublishedNS-m.ReceivedNS))
	case m.ReceivedNS > w.AnsweredNS:
		r.anomaly(a, m, InFuture, "%v after the node told of it", duration(m.ReceivedNS-w.AnsweredNS))
	}
	return len(r.Anomalies) == count
}

func (r *Reconciliation) anomaly(a Arrivals, m *Message, kind AnomalyKind, format string, args ...any) {
	r.Anomalies = append(r.Anomalies, Anomaly{
		Node: a.Node, Kind: kind, Message: *m,
		Text: fmt.Sprintf("message %s (seq %d): ", m.ID, m.Seq) + fmt.Sprintf(format, args...),
	})
}

func duration(ns int64) time.Duration { return time.Duration(ns) }
