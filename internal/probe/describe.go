package probe

import (
	"context"
	"slices"
	"time"
)

// Operations that a node of level L3 offers.
const (
	OperationPublish = "publish"
	OperationDHT     = "dht"
	OperationSend    = "send"
	OperationConnect = "connect"
	OperationTraffic = "traffic"
)

// Description is a node's answer to GET {probe}.
type Description struct {
	// Level is what the node says of itself: "L3".
	Level string
	// ID is the node's own id, as its peers list it.
	ID string
	// Operations are what it can be asked to do; unknown ones are no error.
	Operations []string
	// Limits say how much.
	Limits Limits
	// NowNS is the node's clock, in nanoseconds of CLOCK_MONOTONIC.
	NowNS int64
	// Window bounds the call.
	Window Window
}

// Limits are what a node can be asked for. Zero is a limit that it does not tell.
type Limits struct {
	// Calls is how many calls it works on at the same time; one more is refused with status 503.
	Calls int64
	// MessageBytes, ValueBytes and SendBytes are the most that one message, value or stream can have.
	MessageBytes, ValueBytes, SendBytes int64
	// Received is how many received messages it remembers.
	Received int64
	// AheadMS is how many milliseconds before its instant a call may come; 0 is a node that does not know at_ns.
	AheadMS int64
}

// Ahead is how long before its instant a call may come; 0 is a node that does not know at_ns, and is asked when work is due.
func (d Description) Ahead() time.Duration {
	return time.Duration(min(d.Limits.AheadMS, time.Hour.Milliseconds())) * time.Millisecond
}

// Missing lists the operations that a node of level L3 has to offer and this one does not.
func (d Description) Missing() []string {
	all := []string{OperationPublish, OperationDHT, OperationSend, OperationConnect, OperationTraffic}
	return slices.DeleteFunc(all, func(operation string) bool { return slices.Contains(d.Operations, operation) })
}

// Describe asks a node what it is.
func (n *Node) Describe(ctx context.Context) (Description, error) {
	body, window, err := n.get(ctx, "describe", "")
	if err != nil {
		return Description{}, err
	}
	d, err := ParseDescription(body)
	if err == nil {
		err = window.check(SectionDescribe, "now_ns", d.NowNS)
	}
	if err != nil {
		return Description{}, n.failed("describe", err)
	}
	d.Window = window
	return d, nil
}

// ParseDescription reads an answer. An error is a *ViolationError.
func ParseDescription(body []byte) (Description, error) {
	r := read(SectionDescribe, body)
	d := Description{Level: r.text("level", 8), ID: r.text("id", maxNodeID), NowNS: r.instant("now_ns")}
	r.field("operations", &d.Operations)
	if r.fields["limits"] != nil {
		var raw struct {
			Calls        int64 `json:"calls"`
			MessageBytes int64 `json:"message_bytes"`
			ValueBytes   int64 `json:"value_bytes"`
			SendBytes    int64 `json:"send_bytes"`
			Received     int64 `json:"received"`
			AheadMS      int64 `json:"ahead_ms"`
		}
		r.optional("limits", &raw)
		d.Limits = Limits(raw)
		if min(raw.Calls, raw.MessageBytes, raw.ValueBytes, raw.SendBytes, raw.Received, raw.AheadMS) < 0 {
			r.wrong("limits: a number is negative")
		}
	}
	if r.err != nil {
		return Description{}, r.err
	}
	return d, nil
}
