package measure

import (
	"fmt"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/workload"
)

// measureLoad measures what needs the nodes to be under load.
func (n *Network) measureLoad(m metric.Metric) result.Measurement {
	switch {
	case len(n.Scenario.Workloads) == 0:
		return result.Unmeasurable(m, "the scenario has no workload")
	case n.Load == nil:
		return result.Failure(m, strings.TrimSuffix("the load did not begin: "+n.LoadErr, ": "))
	}
	switch m.Name {
	case "cpu_load":
		return n.cpuLoad(m)
	case "cpu_per_message":
		return n.cpuPerMessage(m)
	case "network_bytes":
		return n.networkBytes(m)
	case "network_efficiency":
		return n.networkEfficiency(m)
	case "bandwidth_utilisation":
		return n.bandwidth(m)
	case "throughput":
		return n.throughput(m)
	case "quic_connect_time":
		return n.connectTime(m)
	case "dht_success":
		return n.dhtSuccess(m)
	}
	return n.withDetour(n.measureLatency(m))
}

// withDetour says of a latency that the way of perfgate's own call is in it, where it is.
func (n *Network) withDetour(latency result.Measurement) result.Measurement {
	if late := len(n.Load.Unscheduled); late > 0 && latency.Status == result.Measured && latency.Metric.Unit == metric.Seconds {
		latency.Proxy = fmt.Sprintf("with the way of the call: %d of %d nodes do not keep at_ns", late, len(n.Nodes))
	}
	return latency
}

// measureLatency measures what has percentiles.
func (n *Network) measureLatency(m metric.Metric) result.Measurement {
	switch m.Name {
	case "message_latency_p50":
		return n.messageLatency(m, 0.5)
	case "message_latency_p99":
		return n.messageLatency(m, 0.99)
	case "message_spread_50":
		return n.messageSpread(m, 0.5)
	case "message_spread_90":
		return n.messageSpread(m, 0.9)
	case "message_spread_100":
		return n.messageSpread(m, 1)
	case "message_delivery":
		return n.messageDelivery(m)
	case "dht_put_latency_p50":
		return n.operationLatency(m, workload.Put, 0.5)
	case "dht_put_latency_p99":
		return n.operationLatency(m, workload.Put, 0.99)
	case "dht_get_latency_p50":
		return n.operationLatency(m, workload.Get, 0.5)
	case "dht_get_latency_p99":
		return n.operationLatency(m, workload.Get, 0.99)
	case "dht_get_local_latency_p50":
		return n.operationLatency(m, workload.GetLocal, 0.5)
	}
	return result.Unmeasurable(m, "nothing measures it")
}
