package measure

import (
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Shares are the figures of each node by itself, by the names of the metrics that put those of all nodes together, so that
// the load of the first node, to which all others come, can be told from theirs. What a node did not give is absent; a run
// that is useless has none.
func (n *Network) Shares() []map[string]float64 {
	if n.Failure != "" || n.noSteady() != "" {
		return nil
	}
	fault := n.gaugeFault()
	all := make([]map[string]float64, len(n.Nodes))
	for i := range n.Nodes {
		all[i] = n.means(i)
		if fault == "" && n.offersGauge() {
			n.addPeers(i, all[i])
		}
	}
	return all
}

// means measures a network of one node: what rests on no other node is then its own.
func (n *Network) means(node int) map[string]float64 {
	alone := *n
	alone.Nodes = n.Nodes[node : node+1]
	own := map[string]float64{}
	keep := func(m result.Measurement) {
		if m = overrule(m, ""); m.Status == result.Measured && m.Invalid == "" {
			own[m.Metric.Name] = m.Value
		}
	}
	for _, m := range metric.Builtin() {
		if m.Origin == metric.FromRun && m.Level == metric.L0 {
			keep(alone.measure(m))
		}
	}
	for _, c := range n.Node.Custom {
		keep(alone.custom(c.Metric))
	}
	return own
}

// addPeers adds what a node gave to the metrics of the gauge, which know how many nodes there are.
func (n *Network) addPeers(node int, own map[string]float64) {
	if n.FormationCPUErr == "" {
		own["formation_cpu"] = n.Nodes[node].FormationCPU.Seconds()
	}
	if n.outbound() || n.blind(n.Nodes[node]) > maxBlind {
		return
	}
	if mean, err := n.meanPeers(n.counts(n.Nodes[node])); err == nil {
		own["average_peers"] = mean
	}
}
