package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/workload"
)

// do carries out one operation and keeps what came of it. Work that a node could not do and an answer that breaks the
// protocol are both failures of the operation, with their reason.
func (w *work) do(ctx context.Context, o workload.Operation) {
	timeout := callTimeout
	if o.Kind == workload.Transfer {
		timeout = transferTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if o.Kind == workload.Publish {
		w.publish(ctx, o)
		return
	}
	outcome, err := w.ask(ctx, o)
	done := measure.Operation{
		Operation: o, Due: w.load.From + o.At, Started: w.sinceNS(outcome.StartedNS), Done: w.sinceNS(outcome.DoneNS), Err: outcome.Failure,
	}
	if err != nil {
		done.Err = err.Error()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.load.Operations = append(w.load.Operations, done)
}

// ask has a node do what the operation says.
func (w *work) ask(ctx context.Context, o workload.Operation) (probe.Outcome, error) {
	node := w.nodes[o.Node]
	switch o.Kind {
	case workload.Put:
		put, err := node.Put(ctx, o.Key, int(o.Bytes))
		return put.Outcome, err
	case workload.Get:
		return found(o)(node.Get(ctx, o.Key, probe.FromNetwork))
	case workload.GetLocal:
		return found(o)(node.Get(ctx, o.Key, probe.FromLocal))
	case workload.Transfer:
		sent, err := node.Send(ctx, w.ids[o.To], o.Bytes, o.Bytes/transferWarmup)
		return sent.Outcome, err
	case workload.Connect:
		return node.Connect(ctx, w.ids[o.To])
	default:
		return probe.Outcome{}, fmt.Errorf("nothing does %q", o.Kind)
	}
}

// transferWarmup is the part of a transfer, one in so many bytes, that goes before it and is not measured: the connection
// finds its rate meanwhile.
const transferWarmup = 8

// found makes a lookup that came back with nothing, or with something else, a failure.
func found(o workload.Operation) func(probe.Get, error) (probe.Outcome, error) {
	return func(got probe.Get, err error) (probe.Outcome, error) {
		switch {
		case err != nil || !got.OK():
		case !got.Found:
			got.Failure = "the record was not found"
		case got.Bytes != o.Bytes:
			got.Failure = fmt.Sprintf("the record has %d bytes, and %d were put", got.Bytes, o.Bytes)
		}
		return got.Outcome, err
	}
}

// publish has a node send a message to all.
func (w *work) publish(ctx context.Context, o workload.Operation) {
	due := w.load.From + o.At
	published, err := w.nodes[o.Node].Publish(ctx, o.Key, int(o.Bytes))
	message := measure.Message{Operation: o, Due: due, Err: published.Failure}
	if err != nil {
		message.Err = err.Error()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.load.Messages = append(w.load.Messages, message)
	if message.Err == "" {
		w.sent = append(w.sent, probe.Sending{
			ID: o.Key, From: w.ids[o.Node], Bytes: o.Bytes,
			ScheduledNS: proc.MonotonicNS(w.t0) + int64(due/time.Nanosecond), PublishedNS: published.PublishedNS,
		})
	}
}
