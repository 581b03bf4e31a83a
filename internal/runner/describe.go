package runner

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/result"
)

// asksAtOnce is how many nodes are asked at the same time what they offer: asking is no burst, and many that are slow to tell have all
// told before their load is due.
const asksAtOnce = fewNodes

// saying is what a node said of itself.
type saying struct {
	node        *probe.Node
	description probe.Description
	err         error
}

// describe asks every node what it offers. The level is the least of theirs; without the page, or with an operation missing, it is
// that of a node that tells whom it knows. A page that breaks the protocol is told as well. A node that does not answer before the
// load is due has said nothing of its level: where it has to work that is told, and unanswered says why the load cannot begin, ""
// when it can.
func (w *work) describe(ctx context.Context) (level int, told []result.Finding, unanswered string) {
	for i, said := range w.descriptions(ctx) {
		_, violation := errors.AsType[*probe.ViolationError](said.err)
		finding := func(kind string) []result.Finding {
			return []result.Finding{{Kind: kind, Node: i, Text: text(said.err)}}
		}
		switch {
		case violation:
			return metric.L2, finding(result.FindingAnomaly), ""
		case unsaid(said.err) && len(w.scenario.Workloads) > 0:
			return metric.L3, finding(result.FindingUnreadable), text(said.err)
		case said.err != nil || said.description.Level != measure.LevelName(metric.L3):
			return metric.L2, nil, ""
		}
		w.nodes, w.ids = append(w.nodes, said.node), append(w.ids, said.description.ID)
		w.inboxes, w.waits = append(w.inboxes, probe.Inbox{Node: said.node}), append(w.waits, said.description.Ahead() >= w.ahead)
	}
	return metric.L3, nil, ""
}

// descriptions has all nodes say what they offer until the load is due: one that began late would have all that was due before at
// once, and call the nodes slow for it.
func (w *work) descriptions(ctx context.Context) []saying {
	ctx, cancel := context.WithDeadline(ctx, w.begin)
	defer cancel()
	all := make([]saying, len(w.session.nodes))
	room := make(chan struct{}, asksAtOnce)
	var asking sync.WaitGroup
	for i, n := range w.session.nodes {
		said := &all[i]
		said.node = w.client.Node(n.name(), "http://"+n.control+w.Suite.Node.Probe)
		asking.Go(func() { said.description, said.err = w.described(ctx, said.node, room) })
	}
	asking.Wait()
	return all
}

// unsaid tells an error by which a node has said nothing of what it offers: there was no answer, or it had no time for one.
func unsaid(err error) bool {
	if refused, ok := errors.AsType[*probe.RefusedError](err); ok {
		return refused.Code == http.StatusServiceUnavailable
	}
	_, violation := errors.AsType[*probe.ViolationError](err)
	return err != nil && !violation
}

// described is what a node says of itself. One that says nothing is asked again until the load has to be prepared: a look now and
// then goes wrong on a busy machine. One that claims level L3 without all that belongs to it breaks the protocol.
func (w *work) described(ctx context.Context, node *probe.Node, room chan struct{}) (probe.Description, error) {
	description, err := describeOnce(ctx, node, room)
	for unsaid(err) && time.Now().Before(w.prepare()) && until(ctx, time.Now().Add(inboxPeriod)) {
		description, err = describeOnce(ctx, node, room)
	}
	if missing := description.Missing(); err == nil && description.Level == measure.LevelName(metric.L3) && len(missing) > 0 {
		err = &probe.ViolationError{Section: probe.SectionDescribe, Text: fmt.Sprintf("operations: %s missing, so the node is below L3", strings.Join(missing, ", "))}
	}
	return description, err
}

// describeOnce asks a node as soon as there is room to.
func describeOnce(ctx context.Context, node *probe.Node, room chan struct{}) (probe.Description, error) {
	select {
	case room <- struct{}{}:
		defer func() { <-room }()
	case <-ctx.Done(): // the call says so
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	return node.Describe(ctx)
}
