package refnode

import (
	"net/http"
	"runtime"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// metricsHandler serves the node's series, read when they are scraped.
//
// Note: the series are gathered without a registry. A registry checks every scrape anew for duplicates and
// inconsistencies, with goroutines, channels and 40 kB of garbage; at a scrape every 10 ms that shows in the CPU time
// of the node that is measured. That this list is consistent is checked by a test instead.
func metricsHandler(n *Node) http.Handler {
	return promhttp.HandlerFor(prometheus.GathererFunc(n.gather), promhttp.HandlerOpts{DisableCompression: true})
}

// gather reads all series, ordered by name. The peers are counted from one look at the connections.
func (n *Node) gather() ([]*dto.MetricFamily, error) {
	inbound, outbound := 0, 0
	for _, conn := range n.stack.swarm.Conns() {
		if conn.Stat().Direction == network.DirInbound {
			inbound++
		} else {
			outbound++
		}
	}
	return []*dto.MetricFamily{
		gauge("communitas_dht_records", "DHT records stored on this node.",
			sample(int(n.table.records.count.Load()))),
		gauge("communitas_peers_connected", "Distinct peers connected now, in either direction.",
			sample(len(n.peers()))),
		gauge("refnode_build_info", "Always 1; the labels say what was built.",
			sample(1, "go_version", runtime.Version(), "version", n.opts.Version)),
		gauge("refnode_connections", "Connections now, by the end that dialled.",
			sample(inbound, "direction", "inbound"), sample(outbound, "direction", "outbound")),
		gauge("refnode_dht_routing_peers", "Peers in the DHT routing table.",
			sample(n.table.size())),
		counter("refnode_dial_failures_total", "Dials of known peers that failed.", n.mesh.failures.Load()),
		counter("refnode_gossip_received_total", "Messages of other nodes received on the topic.", n.gossip.received.Load()),
	}, nil
}

func gauge(name, help string, samples ...*dto.Metric) *dto.MetricFamily {
	return &dto.MetricFamily{Name: &name, Help: &help, Type: dto.MetricType_GAUGE.Enum(), Metric: samples}
}

func counter(name, help string, value uint64) *dto.MetricFamily {
	total := float64(value)
	return &dto.MetricFamily{Name: &name, Help: &help, Type: dto.MetricType_COUNTER.Enum(),
		Metric: []*dto.Metric{{Counter: &dto.Counter{Value: &total}}}}
}

// sample is one value of a gauge; labels are names and values in turn, ordered by name.
func sample(value int, labels ...string) *dto.Metric {
	now := float64(value)
	metric := &dto.Metric{Gauge: &dto.Gauge{Value: &now}}
	for i := 0; i+1 < len(labels); i += 2 {
		metric.Label = append(metric.Label, &dto.LabelPair{Name: &labels[i], Value: &labels[i+1]})
	}
	return metric
}
