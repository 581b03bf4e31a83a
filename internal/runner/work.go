package runner

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/workload"
)

const (
	// callTimeout bounds one operation, transferTimeout one of many bytes.
	callTimeout     = 10 * time.Second
	transferTimeout = time.Minute
	// inboxPeriod is the time between two looks at what nodes have received: they remember a bounded number of messages.
	inboxPeriod = 250 * time.Millisecond
	// lastMessages is how long after the last operation messages may still arrive.
	lastMessages = 3 * time.Second
	// prepareWithin is how long before the load the nodes are asked for what was before it: a large network needs some time to
	// answer, and what is due first must not wait for that.
	prepareWithin = time.Second
)

// work puts the nodes under load in the second half of the steady window. It goes its own way beside the watchers; what came
// of it is handed over when all is done.
type work struct {
	*session
	client  *probe.Client
	nodes   []*probe.Node
	ids     []string
	inboxes []probe.Inbox
	begin   time.Time

	mu       sync.Mutex
	load     measure.Load
	sent     []probe.Sending
	arrivals []probe.Arrivals
	// fresh says that something has arrived since it was last asked whether all has.
	fresh bool
}

// watchWork finds out what the nodes offer, and lets them work if the scenario says so. It ends with one event.
func (s *session) watchWork(ctx context.Context) {
	w := &work{session: s, client: probe.NewClient(), begin: s.to.Add(-s.scenario.Load())}
	defer w.client.Close()
	level, wrong := w.describe(ctx)
	var load *measure.Load
	prepare := w.begin.Add(-min(prepareWithin, s.scenario.Load()/2))
	if level == metric.L3 && len(s.scenario.Workloads) > 0 && until(ctx, prepare) {
		w.carryOut(ctx)
		load = &w.load
	}
	s.send(ctx, func(s *session) {
		s.offered, s.load = level, load
		s.findings = append(s.findings, wrong...)
		s.swept++
	})
}

// describe asks every node what it offers. The level is the least of theirs; without the page it is that of a node that
// tells whom it knows. A page that breaks the protocol is told as well.
func (w *work) describe(ctx context.Context) (level int, wrong []result.Finding) {
	for _, n := range w.session.nodes {
		node := w.client.Node(n.name(), "http://"+n.control+w.Suite.Node.Probe)
		ctx, cancel := context.WithTimeout(ctx, lookTimeout)
		description, err := node.Describe(ctx)
		cancel()
		if _, violation := errors.AsType[*probe.ViolationError](err); violation {
			wrong = append(wrong, result.Finding{Kind: result.FindingAnomaly, Node: n.index, Text: err.Error()})
		}
		if err != nil || description.Level != measure.LevelName(metric.L3) {
			return metric.L2, wrong
		}
		w.nodes, w.ids = append(w.nodes, node), append(w.ids, description.ID)
		w.inboxes = append(w.inboxes, probe.Inbox{Node: node})
	}
	return metric.L3, nil
}

// carryOut does the operations of the plan when they are due, and reads what they came to.
func (w *work) carryOut(ctx context.Context) {
	w.prepare(ctx)
	if !until(ctx, w.begin) {
		return
	}
	w.send(ctx, func(s *session) { s.witness.look(result.MarkLoad) })
	reading, stop := context.WithCancel(ctx)
	var readers sync.WaitGroup
	readers.Go(func() { w.readInboxes(reading) })
	w.perform(ctx)
	w.awaitMessages(ctx)
	stop()
	readers.Wait()
	for i := range w.nodes {
		w.load.Traffic[i].End = w.traffic(ctx, i)
	}
	w.load.To = w.since(time.Now())
	w.reconcile()
}

// prepare has what came before the load read, one node after the other so that it is no load itself.
func (w *work) prepare(ctx context.Context) {
	w.arrivals = make([]probe.Arrivals, len(w.nodes))
	w.load.Traffic = make([]measure.TrafficSpan, len(w.nodes))
	w.load.From = w.since(w.begin)
	for i, id := range w.ids {
		w.arrivals[i].Node = id
		_, _ = w.inboxes[i].Read(ctx) // what came before is none of this load's
		w.load.Traffic[i].Begin = w.traffic(ctx, i)
	}
}

// perform does every operation at its time, however long those before it take; transfers alone wait for one another.
func (w *work) perform(ctx context.Context) {
	transfers := make(chan workload.Operation, 1<<16)
	var running sync.WaitGroup
	running.Go(func() {
		for o := range transfers {
			w.do(ctx, o)
		}
	})
	for _, o := range workload.Plan(w.scenario, w.progress.Run) {
		if !until(ctx, w.begin.Add(o.At)) {
			break
		}
		if o.Kind == workload.Transfer {
			transfers <- o
			continue
		}
		running.Go(func() { w.do(ctx, o) })
	}
	close(transfers)
	running.Wait()
}

// readInboxes reads what nodes have received until the context ends.
func (w *work) readInboxes(ctx context.Context) {
	every(ctx, schedule{start: time.Now(), period: always(inboxPeriod)}, func() bool {
		w.readOnce(ctx)
		return true
	})
}

// readOnce reads the inboxes of all nodes. One that cannot be read is read the next time.
func (w *work) readOnce(ctx context.Context) {
	for i := range w.inboxes {
		ctx, cancel := context.WithTimeout(ctx, lookTimeout)
		pages, err := w.inboxes[i].Read(ctx)
		cancel()
		w.mu.Lock()
		for _, page := range pages {
			w.arrivals[i].Pages = append(w.arrivals[i].Pages, page)
			w.fresh = w.fresh || len(page.Messages) > 0
		}
		if _, violation := errors.AsType[*probe.ViolationError](err); violation {
			w.load.Anomalies = append(w.load.Anomalies, measure.Anomaly{Node: i, Text: err.Error()})
		}
		w.mu.Unlock()
	}
}

// awaitMessages waits until every message has arrived everywhere, or has had its time.
func (w *work) awaitMessages(ctx context.Context) {
	end := time.Now().Add(lastMessages)
	for !w.complete() && time.Now().Before(end) && until(ctx, time.Now().Add(inboxPeriod/5)) {
	}
}

// complete tells whether every message has arrived everywhere. All that was sent is held against all that arrived, which takes
// long where there is much of both, so only when there is anything new.
func (w *work) complete() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.fresh && len(w.sent) > 0 {
		return false
	}
	w.fresh = false
	r := probe.Reconcile(w.sent, w.arrivals)
	return len(r.Deliveries) == r.Expected
}

func (w *work) traffic(ctx context.Context, node int) measure.Traffic {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	t, err := w.nodes[node].Traffic(ctx)
	if err != nil {
		return measure.Traffic{Err: err.Error()}
	}
	return measure.Traffic{At: w.sinceNS(t.AtNS), Sent: float64(t.WireSent())}
}

// sinceNS is the time from t0 of an instant of CLOCK_MONOTONIC.
func (w *work) sinceNS(ns int64) time.Duration { return time.Duration(ns - proc.MonotonicNS(w.t0)) }

// reconcile turns what was sent and what arrived into messages and receptions.
func (w *work) reconcile() {
	index := map[string]int{}
	for i, id := range w.ids {
		index[id] = i
	}
	r := probe.Reconcile(w.sent, w.arrivals)
	for _, d := range r.Deliveries {
		w.load.Receptions = append(w.load.Receptions, measure.Reception{Node: index[d.To], Key: d.ID, At: w.sinceNS(d.ReceivedNS)})
	}
	for _, a := range r.Anomalies {
		w.load.Anomalies = append(w.load.Anomalies, measure.Anomaly{Node: index[a.Node], Text: string(a.Kind) + ": " + a.Text})
	}
}
