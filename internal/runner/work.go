package runner

import (
	"context"
	"fmt"
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
	// mostHung is how many transfers of a load may have no answer in time before no more are tried.
	mostHung = 3
	// inboxPeriod is the time between two looks at what nodes have received: they remember a bounded number of messages.
	inboxPeriod = 250 * time.Millisecond
	// mostAhead is how long before its instant a node gets a call that is to wait for it: long enough for the call to be there
	// in time on a busy machine too.
	mostAhead = 100 * time.Millisecond
	// callsAhead is how many calls may wait at a node in the mean. It has to serve twice as many at the same time.
	callsAhead = 32
	// preparation is how long before the load the inboxes are emptied, since a large network needs some time to answer, and
	// readAhead how long before it the counters of traffic are read: as close to its beginning as will surely do.
	preparation, readAhead = time.Second, 20 * time.Millisecond
	// lastMessages is how long after the last operation messages may still arrive.
	lastMessages = 3 * time.Second
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
	zeroNS  int64 // t0 by CLOCK_MONOTONIC
	plan    []workload.Operation
	ahead   time.Duration // how long before its instant a node gets a call that is to wait for it
	waits   []bool        // which nodes keep at_ns
	// digests are those of records that were put, by their keys, as the nodes that put them tell; texts.
	digests sync.Map
	// patience is how long one transfer may take.
	patience time.Duration

	mu       sync.Mutex
	load     measure.Load
	sent     []probe.Sending
	arrivals []probe.Arrivals
	// fresh says that something has arrived since it was last asked whether all has.
	fresh bool
}

// watchWork finds out what the nodes offer, and lets them work if the scenario says so. It ends with one event.
func (s *session) watchWork(ctx context.Context) {
	w := &work{session: s, client: probe.NewClient(), begin: s.to.Add(-s.scenario.Load()), zeroNS: proc.MonotonicNS(s.t0), patience: transferTimeout}
	defer w.client.Close()
	w.plan = workload.Plan(s.scenario, s.progress.Run)
	w.ahead = lead(len(w.plan), s.scenario.Nodes, s.scenario.Load())
	level, told, unanswered := w.describe(ctx)
	var load *measure.Load
	if level == metric.L3 && unanswered == "" && len(s.scenario.Workloads) > 0 && until(ctx, w.prepare()) {
		w.carryOut(ctx)
		load = &w.load
	}
	s.send(ctx, func(s *session) {
		s.offered, s.load, s.network.LoadErr = level, load, unanswered
		s.findings = append(s.findings, told...)
		s.swept++
	})
}

// lead is how long before its instant a node gets a call, when so many are due at so many nodes within a load.
func lead(calls, nodes int, load time.Duration) time.Duration {
	if calls == 0 {
		return mostAhead
	}
	return min(mostAhead, load*time.Duration(callsAhead*nodes)/time.Duration(calls))
}

// prepare is when the inboxes are emptied.
func (w *work) prepare() time.Time { return w.begin.Add(-min(preparation, w.scenario.Load()/2)) }

// carryOut does the operations of the plan when they are due, and reads what they came to.
func (w *work) carryOut(ctx context.Context) {
	w.lookAtUsage(ctx)
	w.arrivals = make([]probe.Arrivals, len(w.nodes))
	w.emptyInboxes(ctx)
	w.load.From = w.since(w.begin)
	for i, waits := range w.waits {
		if !waits {
			w.load.Unscheduled = append(w.load.Unscheduled, i)
		}
	}
	reading, stop := context.WithCancel(ctx)
	var readers, first sync.WaitGroup
	for i := range w.inboxes {
		readers.Go(func() { w.readInbox(reading, i) })
	}
	begin := make([]measure.Traffic, len(w.nodes))
	first.Go(func() {
		if until(ctx, w.begin.Add(-readAhead)) {
			begin = w.allTraffic(ctx)
		}
		if until(ctx, w.begin) {
			w.lookAtUsage(ctx)
			w.send(ctx, func(s *session) { s.witness.look(result.MarkLoad) })
		}
	})
	w.perform(ctx)
	until(ctx, w.to) // what is due once in a long while leaves the load as long as it was planned
	first.Wait()
	w.lookAtUsage(ctx)
	w.load.To = w.since(time.Now()) // how long counters are told, and messages that never arrive waited for, is none of the load's
	end := w.allTraffic(ctx)
	w.awaitMessages(ctx)
	stop()
	readers.Wait()
	for i, last := range w.allTraffic(ctx) {
		w.load.Traffic = append(w.load.Traffic, measure.TrafficSpan{Begin: begin[i], End: end[i], Last: last})
	}
	w.reconcile()
}

// emptyInboxes reads what came before, which is none of this load's. A node that is slow to tell does not delay the load.
func (w *work) emptyInboxes(ctx context.Context) {
	ctx, cancel := context.WithDeadline(ctx, w.begin.Add(-w.ahead))
	defer cancel()
	var reading sync.WaitGroup
	for i, id := range w.ids {
		w.arrivals[i].Node = id
		reading.Go(func() { _, _ = w.inboxes[i].Read(ctx) })
	}
	reading.Wait()
}

// perform has every operation done at its time, however long those before it take; transfers alone wait for one another.
func (w *work) perform(ctx context.Context) {
	transfers := make(chan workload.Operation, len(w.plan)) // none waits for room in it
	var running sync.WaitGroup
	running.Go(func() { w.transfer(ctx, transfers) })
	for _, o := range w.plan {
		if !until(ctx, w.begin.Add(o.At-w.ahead)) {
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

// readInbox reads what a node has received until the context ends. One that is slow to tell holds up no other, and all take
// turns, so that reading is no burst.
func (w *work) readInbox(ctx context.Context, node int) {
	turn := inboxPeriod * time.Duration(node) / time.Duration(len(w.nodes))
	every(ctx, schedule{start: time.Now().Add(turn), period: always(inboxPeriod)}, func() bool {
		w.readOnce(ctx, node)
		return true
	})
}

// readOnce reads the inbox of a node. One that cannot be read is named, and read the next time.
func (w *work) readOnce(reading context.Context, node int) {
	ctx, cancel := context.WithTimeout(reading, lookTimeout)
	defer cancel()
	pages, err := w.inboxes[node].Read(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, page := range pages {
		w.arrivals[node].Pages = append(w.arrivals[node].Pages, page)
		w.fresh = w.fresh || len(page.Messages) > 0
	}
	if err != nil && reading.Err() == nil {
		w.load.Anomalies = append(w.load.Anomalies, measure.Anomaly{Node: node, Text: text(err)})
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

// lookAtUsage reads what the nodes have used, at the end of the quiet part and at both ends of the load: sweeps come once a second at best, and a busy machine may
// leave a short load without two
// of them.
func (w *work) lookAtUsage(ctx context.Context) {
	for _, n := range w.session.nodes {
		usage := w.readUsage(n)
		w.send(ctx, func(s *session) {
			node := &s.network.Nodes[n.index]
			node.Usage = append(node.Usage, usage)
		})
	}
}

// allTraffic asks all nodes for their counters at the same time.
func (w *work) allTraffic(ctx context.Context) []measure.Traffic {
	all := make([]measure.Traffic, len(w.nodes))
	var asking sync.WaitGroup
	for i := range w.nodes {
		asking.Go(func() { all[i] = w.traffic(ctx, i) })
	}
	asking.Wait()
	return all
}

func (w *work) traffic(ctx context.Context, node int) measure.Traffic {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	t, err := w.nodes[node].Traffic(ctx)
	if err != nil {
		return measure.Traffic{Err: text(err)}
	}
	return measure.Traffic{At: w.sinceNS(t.AtNS), Sent: float64(t.WireSent())}
}

// sinceNS is the time from t0 of an instant of CLOCK_MONOTONIC, and dueNS such an instant: when an operation is due.
func (w *work) sinceNS(ns int64) time.Duration   { return time.Duration(ns - w.zeroNS) }
func (w *work) dueNS(o workload.Operation) int64 { return w.zeroNS + int64(w.load.From+o.At) }

// reconcile turns what was sent and what arrived into messages and receptions.
func (w *work) reconcile() {
	index := map[string]int{}
	for i, id := range w.ids {
		index[id] = i
	}
	for i, a := range w.arrivals {
		if lost := a.Lost(); lost > 0 {
			w.load.Anomalies = append(w.load.Anomalies, measure.Anomaly{Node: i, Text: fmt.Sprintf("%d messages were overwritten before they were read", lost)})
		}
	}
	r := probe.Reconcile(w.sent, w.arrivals)
	for _, d := range r.Deliveries {
		w.load.Receptions = append(w.load.Receptions, measure.Reception{Node: index[d.To], Key: d.ID, At: w.sinceNS(d.ReceivedNS)})
	}
	failed := map[string]bool{}
	for _, m := range w.load.Messages {
		failed[m.Key] = m.Err != ""
	}
	for _, a := range r.Anomalies {
		if a.Kind == probe.Foreign && failed[a.Message.ID] {
			continue // its sender is to blame, whose answer did not count, and not who received it
		}
		w.load.Anomalies = append(w.load.Anomalies, measure.Anomaly{Node: index[a.Node], Text: string(a.Kind) + ": " + a.Text})
	}
}
