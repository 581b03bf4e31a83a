package measure

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/workload"
)

// Load is what came of the operations of a run's workloads. Its times are counted from t0, like all others.
type Load struct {
	// From and To bound the loaded part of the steady window: from the moment that the plan counts from until its end, or
	// until the last operation was over. What messages that never arrive were waited for is not in it: a node that loses
	// them would seem to use less.
	From time.Duration
	To   time.Duration
	// Messages are what was published, in the order in which it was due, Receptions what the nodes say that they received.
	Messages   []Message
	Receptions []Reception
	// Operations are the others: records, transfers, connections.
	Operations []Operation
	// Traffic has for each node what it had sent over the load.
	Traffic []TrafficSpan
	// Anomalies are answers that cannot be, such as a message that was received before it was published.
	Anomalies []Anomaly
	// Unscheduled are the nodes that do not keep at_ns, in order: the way of perfgate's call is in their latencies.
	Unscheduled []int
}

// Message is one that a node was asked to publish.
type Message struct {
	workload.Operation
	// Due is when it was due.
	Due time.Duration
	// Err says why it was not published, "" when it was.
	Err string
}

// Reception is a message that a node says it received.
type Reception struct {
	Node int
	Key  string
	At   time.Duration
}

// Operation is one that a node was asked for, and what it says of it.
type Operation struct {
	workload.Operation
	// Due is when it was due; Started and Done are when the node says that it began and ended.
	Due     time.Duration
	Started time.Duration
	Done    time.Duration
	// Err says why it did not succeed, "" when it did.
	Err string
}

// TrafficSpan is a node's traffic at the beginning and at the end of the load, and when the last message had had its time.
type TrafficSpan struct{ Begin, End, Last Traffic }

// Traffic is what a node had put on the wire by a moment, in bytes. When Err is not "", it is not known.
type Traffic struct {
	At   time.Duration
	Sent float64
	Err  string
}

// Anomaly is an answer of a node that cannot be.
type Anomaly struct {
	Node int
	Text string
}

// sent is what a node put on the wire meanwhile, in bytes and for each second.
func (t TrafficSpan) sent() (bytes, rate float64, err error) {
	seconds := (t.End.At - t.Begin.At).Seconds()
	switch {
	case t.Begin.Err != "":
		return 0, 0, errors.New(t.Begin.Err)
	case t.End.Err != "":
		return 0, 0, errors.New(t.End.Err)
	case seconds <= 0 || t.End.Sent < t.Begin.Sent:
		return 0, 0, fmt.Errorf("it says that it had sent %.0f bytes at first and %.0f bytes %.3fs later", t.Begin.Sent, t.End.Sent, seconds)
	}
	bytes = t.End.Sent - t.Begin.Sent
	return bytes, bytes / seconds, nil
}

// counted are the operations of a kind that count: not those of the warm-up.
func (l *Load) counted(kinds ...workload.Kind) []Operation {
	var all []Operation
	for _, o := range l.Operations {
		if !o.Warmup && slices.Contains(kinds, o.Kind) {
			all = append(all, o)
		}
	}
	return all
}
