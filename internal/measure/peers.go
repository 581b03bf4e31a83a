package measure

import (
	"fmt"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/stat"
)

// maxBlind is the share of the steady window in which a node's gauge may be unreadable before what it showed in the rest
// is not trusted to speak for the whole.
const maxBlind = 0.1

const outboundReason = "the gauge counts outbound connections only"

// averagePeers is the mean over the steady window of the peer count, each look holding until the next, mean over nodes.
func (n *Network) averagePeers(m metric.Metric) result.Measurement {
	if n.outbound() {
		return result.Unmeasurable(m, outboundReason)
	}
	measured := n.perGauge(m, n.meanPeers)
	measured.Value /= float64(len(n.Nodes)) // of whole counts the sum is exact
	return measured
}

// meanPeers is the mean of one node's counts over the steady window, each holding until the next.
func (n *Network) meanPeers(counts []Reading) (float64, error) {
	var times, values []float64
	for _, r := range counts {
		times, values = append(times, r.Received.Seconds()), append(values, r.Value)
	}
	mean, _, err := stat.TimeWeightedMean(times, values, n.SteadyFrom.Seconds(), n.SteadyTo.Seconds())
	return mean, err
}

// disconnections sums the steps down of all peer counts in the steady window.
func (n *Network) disconnections(m metric.Metric) result.Measurement {
	if n.outbound() {
		return result.Unmeasurable(m, outboundReason+" and never falls")
	}
	return n.perGauge(m, func(counts []Reading) (float64, error) {
		lost := 0.0
		for i, r := range counts {
			if i > 0 && n.inSteady(r.Received) {
				lost += max(0, counts[i-1].Value-r.Value)
			}
		}
		return lost, nil
	})
}

// perGauge sums a value of each node's gauge. A gauge that was not read in the steady window gives none, one that could not
// be read for too much of it none to believe.
func (n *Network) perGauge(m metric.Metric, value func(counts []Reading) (float64, error)) result.Measurement {
	sum, invalid := 0.0, ""
	for i, node := range n.Nodes {
		counts := n.counts(node)
		if len(counts) == 0 || !n.inSteady(counts[len(counts)-1].Received) {
			return result.Failure(m, fmt.Sprintf("node %d: its gauge could not be read in the steady window%s", i, lastError(node.Peers, readingError)))
		}
		if blind := n.blind(node); blind > maxBlind && invalid == "" {
			invalid = fmt.Sprintf("node %d: its gauge could not be read in %s of the steady window%s",
				i, metric.Format(blind, metric.Ratio), lastError(node.Peers, readingError))
		}
		v, err := value(counts)
		if err != nil {
			return result.Failure(m, fmt.Sprintf("node %d: %v", i, err))
		}
		sum += v
	}
	measured := result.Value(m, sum)
	measured.Invalid = invalid
	return measured
}

// blind is the share of the steady window in which nothing is known of a node's peers: from the last look before one that
// failed to the next one that did not.
func (n *Network) blind(node Node) float64 {
	var blind time.Duration
	known, missing := n.SteadyFrom, false
	for _, r := range node.Peers {
		if r.Err != "" {
			missing = true
			continue
		}
		at := min(max(r.Received, n.SteadyFrom), n.SteadyTo)
		if missing {
			blind += at - known
		}
		known, missing = at, false
	}
	if missing {
		blind += n.SteadyTo - known
	}
	return blind.Seconds() / (n.SteadyTo - n.SteadyFrom).Seconds()
}
