package measure

import (
	"fmt"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

const (
	ms = time.Millisecond
	s  = time.Second
)

// calm is a network of level L2 on which nothing is wrong: ready at 50 ms, a full mesh at 100 ms, ten quiet seconds.
func calm(nodes int) *Network {
	n := &Network{
		Scenario: suite.Scenario{
			Name: "calm", Nodes: nodes, Duration: 10 * s, Quiet: 5 * s, FormationTimeout: 60 * s,
			Expect: suite.Expectation{Graph: suite.FullMesh},
		},
		Node:  suite.Node{Args: []string{"--listen={listen}"}, PeersCount: suite.PeersAll, Custom: []suite.CustomMetric{{Metric: metric.Describe("records", metric.Count, metric.Higher)}}},
		Level: metric.L2,
		Nodes: make([]Node, nodes), Formed: true, FormedLow: 92 * ms, FormedHigh: 100 * ms, FormationCPU: 300 * ms,
		SteadyFrom: 100 * ms, SteadyTo: 10102 * ms,
	}
	for i := range n.Nodes {
		n.Nodes[i] = calmNode(i, nodes)
	}
	return n
}

func calmNode(index, nodes int) Node {
	node := Node{
		Ready: true, ReadyLow: 42 * ms, ReadyHigh: 50 * ms, Custom: map[string][]Reading{}, Log: &LogCounts{Errors: 1, Warnings: 2, Slow: 3},
	}
	everyone := []string{}
	for i := range nodes {
		if i != index {
			everyone = append(everyone, fmt.Sprintf("id-%d", i))
		}
	}
	node.Peers = []Reading{at(91*ms, 0), at(98*ms, float64(nodes-1))}
	for k := range 11 {
		moment := 100*ms + time.Duration(k)*s
		for tick := range 10 {
			if early := moment - time.Duration(10-tick)*100*ms; k > 0 && tick > 0 {
				node.Peers = append(node.Peers, at(early, float64(nodes-1)))
			}
		}
		node.Peers = append(node.Peers, at(moment, float64(nodes-1)))
		node.Known = append(node.Known, Knowledge{Sent: moment, Received: moment + ms, ID: fmt.Sprintf("id-%d", index), Peers: everyone})
		node.Memory = append(node.Memory, Memory{At: moment + ms, RSS: 4e6, PSS: 2e6 + float64(k), Private: 1e6, Peak: 5e6})
		node.Usage = append(node.Usage, Usage{At: moment + ms, CPU: time.Duration(k) * 20 * ms, WriteBytes: float64(k) * 4096})
		if k%2 == 1 {
			node.QUIC = append(node.QUIC, QUICLook{Sent: moment - 50*ms, Received: moment - 50*ms + 2*ms})
		}
		node.Custom["records"] = append(node.Custom["records"], at(moment, 7))
	}
	return node
}

// at is a look of one millisecond.
func at(sent time.Duration, value float64) Reading {
	return Reading{Sent: sent, Received: sent + ms, Value: value}
}

func missing(sent time.Duration, err string) Reading {
	return Reading{Sent: sent, Received: sent + ms, Err: err}
}

// show replaces all looks at the gauge of a node from a moment until another, which is not included.
func (n *Network) show(node int, from, to time.Duration, change func(*Reading)) {
	for i := range n.Nodes[node].Peers {
		if r := &n.Nodes[node].Peers[i]; r.Sent >= from && r.Sent < to {
			change(r)
		}
	}
}

func toValue(v float64) func(*Reading)  { return func(r *Reading) { r.Value = v } }
func toError(err string) func(*Reading) { return func(r *Reading) { r.Value, r.Err = 0, err } }

func seconds(low, high float64) interval { return interval{low: new(low), high: new(high)} }

type interval struct{ low, high *float64 }

// measured returns the one measurement of that name.
func measured(t *testing.T, n *Network, name string) result.Measurement {
	t.Helper()
	for _, m := range n.Metrics() {
		if m.Metric.Name == name {
			return m
		}
	}
	t.Fatalf("no metric %s", name)
	return result.Measurement{}
}

// plain is a measurement without what is the same in all of a name: its metric.
type plain struct {
	Status    result.Status
	Value     float64
	Low, High *float64
	Censored  bool
	Reason    string
	Invalid   string
	Proxy     string
}

func plainly(m result.Measurement) plain {
	return plain{m.Status, m.Value, m.Low, m.High, m.Censored, m.Reason, m.Invalid, m.Proxy}
}

func exactly(value float64) plain { return plain{Status: result.Measured, Value: value} }

func event(in interval) plain {
	return plain{Status: result.Measured, Value: *in.high, Low: in.low, High: in.high}
}
func failed(reason string) plain       { return plain{Status: result.Failed, Reason: reason} }
func unmeasurable(reason string) plain { return plain{Status: result.NotMeasurable, Reason: reason} }
