package measure

import (
	"fmt"
	"math"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
	"github.com/communitas/perfgate/internal/suite"
)

// A message that does not arrive has an infinite latency: it counts in every percentile, above all that arrived.

// delivery is what became of one message at all other nodes.
type delivery struct {
	bytes  int64
	warmup bool
	// latencies are in seconds and in order, infinite where the message never arrived. They are counted from when it was due,
	// so that a node which stalls cannot hide it.
	latencies []float64
}

// firstReceptions are when each message arrived first at each node, in seconds.
func (l *Load) firstReceptions() map[string]map[int]float64 {
	first := map[string]map[int]float64{}
	for _, r := range l.Receptions {
		if first[r.Key] == nil {
			first[r.Key] = map[int]float64{}
		}
		if at, again := first[r.Key][r.Node]; !again || r.At.Seconds() < at {
			first[r.Key][r.Node] = r.At.Seconds()
		}
	}
	return first
}

// deliveries has one for each message.
func (n *Network) deliveries() []delivery {
	first := n.Load.firstReceptions()
	var all []delivery
	for _, m := range n.Load.Messages {
		latencies := make([]float64, 0, len(n.Nodes)-1)
		for i := range n.Nodes {
			if i == m.Node {
				continue
			}
			latency := math.Inf(1)
			if at, arrived := first[m.Key][i]; arrived && m.Err == "" {
				latency = at - m.Due.Seconds()
			}
			latencies = append(latencies, latency)
		}
		slices.Sort(latencies)
		all = append(all, delivery{m.Bytes, m.Warmup, latencies})
	}
	return all
}

// countedDeliveries are those of messages that were not to warm up.
func (n *Network) countedDeliveries() []delivery {
	return slices.DeleteFunc(n.deliveries(), func(d delivery) bool { return d.warmup })
}

// messageLatency is a percentile over all messages and receivers.
func (n *Network) messageLatency(m metric.Metric, share float64) result.Measurement {
	if reason := n.without(suite.Publish); reason != "" {
		return result.Unmeasurable(m, reason)
	}
	var latencies []float64
	for _, d := range n.countedDeliveries() {
		latencies = append(latencies, d.latencies...)
	}
	return percentile(m, latencies, share, "deliveries")
}

// messageSpread is the median over messages of the time until a share of the other nodes have it.
func (n *Network) messageSpread(m metric.Metric, share float64) result.Measurement {
	if reason := n.without(suite.Publish); reason != "" {
		return result.Unmeasurable(m, reason)
	}
	var reached []float64
	for _, d := range n.countedDeliveries() {
		enough := int(math.Ceil(share * float64(len(d.latencies))))
		reached = append(reached, d.latencies[enough-1])
	}
	return percentile(m, reached, 0.5, "messages")
}

// messageDelivery is the share of all (message, receiver) pairs that came to be.
func (n *Network) messageDelivery(m metric.Metric) result.Measurement {
	if reason := n.without(suite.Publish); reason != "" {
		return result.Unmeasurable(m, reason)
	}
	delivered, expected := 0, 0
	for _, d := range n.countedDeliveries() {
		expected, delivered = expected+len(d.latencies), delivered+d.arrived()
	}
	if expected == 0 {
		return result.Failure(m, "no message was due after the warm-up")
	}
	return result.Value(m, float64(delivered)/float64(expected))
}

const (
	// enoughForMedian is the least number of values of which a median is taken.
	enoughForMedian = 5
	// enoughForTail is the least number of values of which a 99th percentile is taken: ten lie above it.
	enoughForTail = 1000
)

// percentile is a quantile of values of which some may be infinite. Too few values give none, and neither does a quantile
// that lies among those that never came.
func percentile(m metric.Metric, values []float64, share float64, what string) result.Measurement {
	enough := enoughForMedian
	if share > 0.9 {
		enough = enoughForTail
	}
	if len(values) < enough {
		return result.Unmeasurable(m, fmt.Sprintf("%d %s are too few, %d are needed (a higher rate or a longer window gives more)", len(values), what, enough))
	}
	value, err := stat.Quantile(values, share)
	switch {
	case err != nil:
		return result.Failure(m, err.Error())
	case math.IsInf(value, 0):
		failed := 0
		for _, v := range values {
			failed += count(math.IsInf(v, 0))
		}
		return result.Failure(m, fmt.Sprintf("%d of %d %s never came about", failed, len(values), what))
	}
	return result.Value(m, value)
}

// without says why a metric of a workload cannot be had, "" when it can.
func (n *Network) without(kind suite.WorkloadKind) string {
	if !slices.ContainsFunc(n.Scenario.Workloads, func(w suite.Workload) bool { return w.Kind == kind }) {
		return fmt.Sprintf("the scenario has no workload %q", kind)
	}
	return ""
}
