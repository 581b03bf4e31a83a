package measure

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/workload"
)

// cpuLoad is the share of one core in the loaded part of the steady window, mean over nodes.
func (n *Network) cpuLoad(m metric.Metric) result.Measurement {
	return n.rate(m, n.Load.From, n.Load.To, Usage.seconds)
}

// cpuPerMessage is the CPU time of all nodes in the loaded part of the steady window for each delivered message, those of
// the warm-up included, since they took CPU time as well.
func (n *Network) cpuPerMessage(m metric.Metric) result.Measurement {
	if reason := n.without(suite.Publish); reason != "" {
		return result.Unmeasurable(m, reason)
	}
	load := n.cpuLoad(m)
	if load.Status != result.Measured {
		return load
	}
	delivered := 0
	for _, message := range n.deliveries() {
		delivered += message.arrived()
	}
	if delivered == 0 {
		return result.Failure(m, "no message was delivered")
	}
	seconds := load.Value * float64(len(n.Nodes)) * (n.Load.To - n.Load.From).Seconds()
	return result.Value(m, seconds/float64(delivered))
}

// networkBytes is what a node puts on the wire in a second of the loaded part of the steady window, mean over nodes.
func (n *Network) networkBytes(m metric.Metric) result.Measurement {
	sum := 0.0
	for i, t := range n.Load.Traffic {
		_, rate, err := t.sent()
		if err != nil {
			return result.Failure(m, fmt.Sprintf("node %d: %v", i, err))
		}
		sum += rate
	}
	return result.Value(m, sum/float64(len(n.Nodes)))
}

// networkEfficiency is the payload that arrived for each byte on the wire.
func (n *Network) networkEfficiency(m metric.Metric) result.Measurement {
	wire := 0.0
	for i, t := range n.Load.Traffic {
		// What is on its way when the last operation is over arrives a little later, and is counted where it arrives.
		bytes, _, err := TrafficSpan{Begin: t.Begin, End: t.Last}.sent()
		if err != nil {
			return result.Failure(m, fmt.Sprintf("node %d: %v", i, err))
		}
		wire += bytes
	}
	if wire == 0 {
		return result.Failure(m, "the nodes say that they sent nothing")
	}
	return result.Value(m, n.payload()/wire)
}

// payload is what arrived at other nodes, in bytes: messages at each receiver, transfers with what went before them, and
// records that were got through other nodes. What was done to warm up counts, since its bytes are on the wire too.
func (n *Network) payload() float64 {
	sum := 0.0
	for _, message := range n.deliveries() {
		sum += float64(message.arrived()) * float64(message.bytes)
	}
	for _, o := range n.Load.Operations {
		if o.Err == "" && (o.Kind == workload.Transfer || o.Kind == workload.Get) {
			sum += float64(o.Bytes + o.WarmupBytes())
		}
	}
	return sum
}

// bandwidth compares the throughput with what the link between the nodes can carry.
func (n *Network) bandwidth(m metric.Metric) result.Measurement {
	return result.Unmeasurable(m, "the nodes' links have no configured rate")
}

func (d delivery) arrived() int {
	arrived := 0
	for _, latency := range d.latencies {
		arrived += count(!math.IsInf(latency, 1))
	}
	return arrived
}
