package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/workload"
)

// do carries out one operation that is no transfer, and keeps what came of it. A node that keeps at_ns is asked before it is due,
// so that the way of the call is in no latency; another one when it is due. Work that a node could not do and an answer that
// breaks the protocol are both failures of the operation, with their reason.
func (w *work) do(ctx context.Context, o workload.Operation) {
	node := w.nodes[o.Node]
	switch {
	case w.waits[o.Node]:
		node = node.Due(w.dueNS(o))
	case !until(ctx, w.begin.Add(o.At)):
		return
	}
	ctx, cancel := context.WithTimeout(ctx, w.ahead+callTimeout)
	defer cancel()
	if o.Kind == workload.Publish {
		w.publish(ctx, node, o)
		return
	}
	outcome, err := w.ask(ctx, node, o)
	w.keep(o, outcome, err)
}

// transfer carries out transfers when they are due, one after the other, so that each has the network for itself. When some had no
// answer in time the rest fails untried: a stream that hangs must not hold up the run for as long as all of them together.
func (w *work) transfer(ctx context.Context, due <-chan workload.Operation) {
	hung := 0
	for o := range due {
		if hung == mostHung {
			w.keep(o, probe.Outcome{}, fmt.Errorf("not tried: %d transfers before it had no answer within %v", hung, w.patience))
			continue
		}
		if !until(ctx, w.begin.Add(o.At)) {
			return
		}
		within, cancel := context.WithTimeout(ctx, w.patience)
		outcome, err := w.ask(within, w.nodes[o.Node], o)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			hung++
		}
		w.keep(o, outcome, err)
	}
}

// keep keeps what came of an operation.
func (w *work) keep(o workload.Operation, outcome probe.Outcome, err error) {
	done := measure.Operation{
		Operation: o, Due: w.load.From + o.At, Started: w.sinceNS(outcome.StartedNS), Done: w.sinceNS(outcome.DoneNS), Err: fault(err, outcome.Failure),
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.load.Operations = append(w.load.Operations, done)
}

// ask has a node do what the operation says.
func (w *work) ask(ctx context.Context, node *probe.Node, o workload.Operation) (probe.Outcome, error) {
	switch o.Kind {
	case workload.Put:
		put, err := node.Put(ctx, o.Key, int(o.Bytes))
		if err == nil && put.OK() {
			w.digests.Store(o.Key, put.SHA256)
		}
		return put.Outcome, err
	case workload.Get:
		return w.found(o)(node.Get(ctx, o.Key, probe.FromNetwork))
	case workload.GetLocal:
		return w.found(o)(node.Get(ctx, o.Key, probe.FromLocal))
	case workload.Transfer:
		sent, err := node.Send(ctx, w.ids[o.To], o.Bytes, o.WarmupBytes())
		return sent.Outcome, err
	case workload.Connect:
		return node.Connect(ctx, w.ids[o.To])
	default:
		return probe.Outcome{}, fmt.Errorf("nothing does %q", o.Kind)
	}
}

// found makes a lookup that came back with nothing, or with something else, a failure.
func (w *work) found(o workload.Operation) func(probe.Get, error) (probe.Outcome, error) {
	return func(got probe.Get, err error) (probe.Outcome, error) {
		switch {
		case err != nil || !got.OK():
		case !got.Found:
			got.Failure = "the record was not found"
		case got.Bytes != o.Bytes:
			got.Failure = fmt.Sprintf("the record has %d bytes, and %d were put", got.Bytes, o.Bytes)
		default:
			put, _ := w.digests.Load(o.Key)
			if digest, told := put.(string); told && !strings.EqualFold(digest, got.SHA256) {
				got.Failure = "the record is another than was put"
			}
		}
		return got.Outcome, err
	}
}

// publish has a node send a message to all.
func (w *work) publish(ctx context.Context, node *probe.Node, o workload.Operation) {
	published, err := node.Publish(ctx, o.Key, int(o.Bytes))
	message := measure.Message{Operation: o, Due: w.load.From + o.At, Err: fault(err, published.Failure)}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.load.Messages = append(w.load.Messages, message)
	if message.Err == "" {
		w.sent = append(w.sent, probe.Sending{
			ID: o.Key, From: w.ids[o.Node], Bytes: o.Bytes,
			ScheduledNS: w.dueNS(o), PublishedNS: published.PublishedNS,
		})
	}
}
