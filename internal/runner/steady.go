package runner

import (
	"context"
	"encoding/json"
	"time"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
)

// steady opens the steady window and waits until every watcher has made its last sweep. Each look has its own time-out, so
// that moment comes.
func (s *session) steady(ctx context.Context) {
	s.from = time.Now()
	s.to = s.from.Add(s.scenario.Duration)
	s.network.SteadyFrom = s.since(s.from)
	close(s.opened)
	s.watchers.Go(func() { s.watchQUIC(ctx) })
	watchers := len(s.nodes)
	if s.network.Level >= 1 { // there is a gauge that can be compared with the kernel
		watchers++
		s.watchers.Go(func() { s.watchSockets(ctx) })
	}
	if s.network.Level >= metric.L2 { // the nodes may offer more than whom they know
		watchers++
		s.watchers.Go(func() { s.watchWork(ctx) })
	}
	if !s.await(ctx, func() bool { return s.swept == watchers }) { // cut short
		s.network.SteadyTo = s.since(time.Now())
	}
}

// watchSteady looks at one node until the window ends: a sweep at its beginning, every second and at its end, the peer
// gauge in between. All nodes of a small network are swept at the same moments, those of a large one in turn; moments that
// have passed while a node was slow to answer are left out.
func (s *session) watchSteady(ctx context.Context, n *node) {
	after := turnOf(n.index, s.scenario)
	for moment, at := s.from, s.from; ; moment, at = s.nextSweep(after) {
		s.watchGauge(ctx, n, at, after)
		last := at.Equal(s.to)
		if !last && time.Since(at) >= sweepPeriod {
			continue
		}
		if !until(ctx, at) {
			return
		}
		s.sweep(ctx, n, moment)
		if last {
			break
		}
	}
	end := s.since(time.Now()) // a load may go on for longer
	s.send(ctx, func(s *session) {
		s.swept++
		s.network.SteadyTo = max(s.network.SteadyTo, end)
	})
}

// nextSweep is the next moment of a sweep and when it comes to a node whose turn is so long after it. The last is at the end
// of the window, for all nodes at once.
func (s *session) nextSweep(after time.Duration) (moment, at time.Time) {
	since := max(0, time.Since(s.from)-after)
	moment = s.from.Add(since.Truncate(sweepPeriod) + sweepPeriod)
	if at = moment.Add(after); at.Before(s.to) {
		return moment, at
	}
	return s.to, s.to
}

// watchGauge looks at the peer gauge on its schedule, which ends in a sweep. Nodes that are swept in turn have their looks in
// turn as well, before the last sweep too.
func (s *session) watchGauge(ctx context.Context, n *node, end time.Time, after time.Duration) {
	period := gaugePeriod(s.scenario.Nodes)
	left := time.Until(end)
	if s.network.Level == 0 || left < period {
		return
	}
	start := end.Add(-left.Truncate(period))
	if end.Equal(s.to) {
		start = start.Add(after % period)
	}
	every(ctx, schedule{start: start, period: always(period)}, func() bool {
		s.lookAtGauge(ctx, n)
		return time.Until(end) >= period
	})
}

// timestamp is the time of a sweep in whole seconds of Unix time, another one for each sweep. The wall clock is read once
// for the whole window, so that it may be set meanwhile.
func (s *session) timestamp(moment time.Time) int64 {
	return s.from.Unix() + int64((moment.Sub(s.from)+time.Second-1)/time.Second)
}

// sweep looks at everything that a node shows.
func (s *session) sweep(ctx context.Context, n *node, moment time.Time) {
	usage := s.readUsage(n) // first: pages may take long on a busy machine, and the moment counts
	observation := result.Observation{Node: n.index, Timestamp: s.timestamp(moment), Health: json.RawMessage("null")}
	series := map[string]measure.Reading{}
	for _, page := range s.pages {
		for i, r := range s.readSeries(ctx, n, page.path, page.series...) {
			series[page.names[i]] = r
		}
	}
	if r, ok := series[""]; ok && r.Err == "" {
		observation.Peers = finite(r.Value)
	}
	var known []measure.Knowledge
	if s.network.Level >= 2 {
		known = append(known, s.askPeers(ctx, n))
	}
	if s.Suite.Node.Ready != "" {
		observation.Health = s.page(ctx, n, s.Suite.Node.Ready)
	}
	memory := s.readMemory(n)
	s.send(ctx, func(s *session) {
		node := &s.network.Nodes[n.index]
		for name, r := range series {
			if name == "" {
				s.keepPeers(n, r)
				continue
			}
			node.Custom[name] = append(node.Custom[name], r)
		}
		for _, k := range known {
			s.keepKnown(n, k)
		}
		node.Memory, node.Usage = append(node.Memory, memory), append(node.Usage, usage)
		s.record.add(observation)
	})
}

func (s *session) readMemory(n *node) measure.Memory {
	m, err := proc.ReadMemory(n.process.PID())
	return measure.Memory{
		At: s.since(time.Now()), RSS: float64(m.RSS), PSS: float64(m.PSS), Private: float64(m.Private), Peak: float64(m.Peak), Err: text(err),
	}
}

func (s *session) readUsage(n *node) measure.Usage {
	at := time.Now() // the CPU time is read first, and what follows may take long on a busy machine
	u, err := proc.ReadUsage(n.process.PID())
	return measure.Usage{At: s.since(at), CPU: u.CPU, WriteBytes: float64(u.WriteBytes), Err: text(err)}
}
