package measure

import (
	"math"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/workload"
)

// operationLatency is a percentile of the time from when operations were due until they had succeeded. One that failed has
// an infinite latency.
func (n *Network) operationLatency(m metric.Metric, kind workload.Kind, share float64) result.Measurement {
	if reason := n.without(suite.DHT); reason != "" {
		return result.Unmeasurable(m, reason)
	}
	var latencies []float64
	for _, o := range n.Load.counted(kind) {
		latencies = append(latencies, o.unless((o.Done-o.Due).Seconds(), math.Inf(1)))
	}
	return percentile(m, latencies, share, "operations")
}

// unless is the value of an operation that succeeded, or what a failed one counts as.
func (o Operation) unless(value, failed float64) float64 {
	if o.Err != "" {
		return failed
	}
	return value
}

// dhtSuccess is the share of puts and gets that succeeded.
func (n *Network) dhtSuccess(m metric.Metric) result.Measurement {
	if reason := n.without(suite.DHT); reason != "" {
		return result.Unmeasurable(m, reason)
	}
	all := n.Load.counted(workload.Put, workload.Get, workload.GetLocal)
	if len(all) == 0 {
		return result.Failure(m, "no operation was due after the warm-up")
	}
	succeeded := 0
	for _, o := range all {
		succeeded += count(o.Err == "")
	}
	return result.Value(m, float64(succeeded)/float64(len(all)))
}

// throughput is the median over transfers of payload bytes per second, from when the node began until the other had all. A
// transfer that failed is slower than all others.
func (n *Network) throughput(m metric.Metric) result.Measurement {
	if reason := n.without(suite.Transfer); reason != "" {
		return result.Unmeasurable(m, reason)
	}
	var rates []float64
	for _, o := range n.Load.counted(workload.Transfer) {
		rates = append(rates, o.unless(float64(o.Bytes)/(o.Done-o.Started).Seconds(), math.Inf(-1)))
	}
	return percentile(m, rates, 0.5, "transfers")
}

// connectTime is the median over fresh connections of the time from the first packet until the handshake was confirmed.
func (n *Network) connectTime(m metric.Metric) result.Measurement {
	if reason := n.without(suite.Connect); reason != "" {
		return result.Unmeasurable(m, reason)
	}
	var times []float64
	for _, o := range n.Load.counted(workload.Connect) {
		times = append(times, o.unless((o.Done-o.Started).Seconds(), math.Inf(1)))
	}
	return percentile(m, times, 0.5, "connections")
}
