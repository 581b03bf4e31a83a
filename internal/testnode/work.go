package testnode

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Work is how a node does what the probe API asks of it (docs/PROBE.md). Without it a node offers level L2 at most.
//
// The nodes of one mesh folder ([MeshVariable]) reach one another. What is told as an instant is computed, so that the truth
// does not depend on how busy the machine is: a message with a delay of 3 ms is received 3 ms after it was published, to
// the nanosecond, and is listed from then on.
type Work struct {
	// DelaysMS are from when this node publishes a message until the others receive it, taken in turn. nil: 0.
	DelaysMS []float64 `json:"delays_ms,omitzero"`
	// ReceiveAfterMS is how much later than the others this node receives each message.
	ReceiveAfterMS float64 `json:"receive_after_ms,omitzero"`
	// Schedule is what the node makes of at_ns, the instant before which it is not to begin: one of the Schedule constants.
	Schedule string `json:"schedule,omitzero"`
	// Of the messages that reach this node every LoseEvery-th is lost, every TwiceEvery-th comes twice, with every
	// ForeignEvery-th comes one that nobody published, and every SwapEvery-th is listed after the one that came later.
	// 0: none.
	LoseEvery    int `json:"lose_every,omitzero"`
	TwiceEvery   int `json:"twice_every,omitzero"`
	ForeignEvery int `json:"foreign_every,omitzero"`
	SwapEvery    int `json:"swap_every,omitzero"`
	// AnswerAfterMS is how much later than it could the node answers each call.
	AnswerAfterMS int64 `json:"answer_after_ms,omitzero"`
	// AnswerLateMS is how much later still the node answers a call, by its path below the probe's.
	AnswerLateMS map[string]int64 `json:"answer_late_ms,omitzero"`
	// ClockOffsetMS is added to each instant that the node tells; the truth file has the right ones. From ClockJumpAtMS
	// on ClockJumpMS is added as well.
	ClockOffsetMS float64 `json:"clock_offset_ms,omitzero"`
	ClockJumpAtMS int64   `json:"clock_jump_at_ms,omitzero"`
	ClockJumpMS   float64 `json:"clock_jump_ms,omitzero"`
	// PutMS, GetMS and ConnectMS are how long these take, in turn. nil: 0. Every FailEvery-th of all of them fails.
	PutMS     []float64 `json:"put_ms,omitzero"`
	GetMS     []float64 `json:"get_ms,omitzero"`
	ConnectMS []float64 `json:"connect_ms,omitzero"`
	FailEvery int       `json:"fail_every,omitzero"`
	// SendBytesPerSecond is how fast streams are. 0: 100,000,000. Their instants are computed, unless they are Paced: then the
	// bytes go over a socket at that rate, and the instants are those at which they did.
	SendBytesPerSecond float64 `json:"send_bytes_per_second,omitzero"`
	Paced              bool    `json:"paced,omitzero"`
	// WireFactor is how many bytes the node sends for each byte of a message to each receiver, of a value that is put or
	// got, and of a stream with its warm-up. 0: messages count once, however many receive them, and a value that is got is
	// none of this node's; the factor is 1.
	WireFactor float64 `json:"wire_factor,omitzero"`
	// Patch replaces fields of the answers of a call, by its path below the probe's ("publish", "dht/put", "" for the
	// description); null takes a field away.
	Patch map[string]map[string]json.RawMessage `json:"patch,omitzero"`
	// Status answers a call with another HTTP status.
	Status map[string]int `json:"status,omitzero"`
	// Lenient takes requests that must be refused, Strict refuses fields that must be ignored.
	Lenient bool `json:"lenient,omitzero"`
	Strict  bool `json:"strict,omitzero"`
}

// What a node makes of at_ns.
const (
	ScheduleKept    = ""        // it offers to wait, and does
	ScheduleUnknown = "unknown" // it does not offer it, and begins at once
	ScheduleIgnored = "ignored" // it offers it, and begins at once
	ScheduleLied    = "lied"    // it offers it, publishes at once, and says that it waited
)

func (w *Work) check() error {
	if w == nil {
		return nil
	}
	var wrong complaints
	most := float64(maxLifetime.Milliseconds())
	for name, list := range map[string][]float64{
		"delays_ms": w.DelaysMS, "put_ms": w.PutMS, "get_ms": w.GetMS, "connect_ms": w.ConnectMS,
	} {
		for _, ms := range list {
			wrong.unless(0 <= ms && ms <= most, "%s: %v ms: from 0 to %v", name, ms, most)
		}
	}
	for name, every := range map[string]int{
		"lose_every": w.LoseEvery, "twice_every": w.TwiceEvery, "foreign_every": w.ForeignEvery,
		"swap_every": w.SwapEvery, "fail_every": w.FailEvery,
	} {
		wrong.unless(every >= 0, "%s: %d: not below 0", name, every)
	}
	switch w.Schedule {
	case ScheduleKept, ScheduleUnknown, ScheduleIgnored, ScheduleLied:
	default:
		wrong.unless(false, "schedule: %q: unknown, ignored, lied, or none of them", w.Schedule)
	}
	wrong.unless(0 <= w.ReceiveAfterMS && w.ReceiveAfterMS <= most, "receive_after_ms: %v ms: from 0 to %v", w.ReceiveAfterMS, most)
	wrong.unless(w.WireFactor >= 0, "wire_factor: %v: not below 0", w.WireFactor)
	wrong.time("answer_after_ms", w.AnswerAfterMS)
	for call, ms := range w.AnswerLateMS {
		wrong.time(fmt.Sprintf("answer_late_ms of %q", call), ms)
	}
	wrong.time("clock_jump_at_ms", w.ClockJumpAtMS)
	wrong.unless(w.SendBytesPerSecond >= 0, "send_bytes_per_second: %v: not below 0", w.SendBytesPerSecond)
	for call, code := range w.Status {
		wrong.unless(200 <= code && code <= 599, "status of %q: %d: from 200 to 599", call, code)
	}
	return errors.Join(wrong...)
}
