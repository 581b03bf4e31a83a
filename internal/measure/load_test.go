package measure

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/workload"
)

// loaded is a calm network of three nodes that is under load from 5.1 s on, of which the first second is to warm up. Message k
// reaches the others k+1 and k+2 ms after it was due; each operation takes 2 ms, half a millisecond after it was due.
func loaded() *Network {
	n := calm(3)
	n.Level = metric.L3
	n.Scenario.Workloads = []suite.Workload{{Kind: suite.Publish}, {Kind: suite.DHT}, {Kind: suite.Transfer}, {Kind: suite.Connect}}
	n.Load = &Load{From: 5100 * ms, To: 10101 * ms}
	for k := range 11 {
		o := workload.Operation{Kind: workload.Publish, Node: k % 3, Key: fmt.Sprintf("m%d", k), Bytes: 1000, Warmup: k == 0}
		due := n.Load.From + time.Duration(k)*100*ms
		n.Load.Messages = append(n.Load.Messages, Message{Operation: o, Due: due})
		for i, late := 0, time.Duration(k+1)*ms; i < 3; i++ {
			if i != o.Node {
				n.Load.Receptions = append(n.Load.Receptions, Reception{Node: i, Key: o.Key, At: due + late})
				late += ms
			}
		}
	}
	for _, kind := range []workload.Kind{workload.Put, workload.Get, workload.GetLocal, workload.Transfer, workload.Connect} {
		for k := range 6 {
			due := n.Load.From + time.Duration(k)*500*ms
			n.Load.Operations = append(n.Load.Operations, Operation{
				Operation: workload.Operation{Kind: kind, Node: 0, To: 1, Bytes: 4000, Warmup: k == 0},
				Due:       due, Started: due + ms/2, Done: due + 5*ms/2,
			})
		}
	}
	for range n.Nodes {
		n.Load.Traffic = append(n.Load.Traffic, TrafficSpan{
			Begin: Traffic{At: 5100 * ms, Sent: 1000}, End: Traffic{At: 10100 * ms, Sent: 51000},
			Last: Traffic{At: 12100 * ms, Sent: 51500},
		})
	}
	return n
}

func TestLoad(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Network)
		metric string
		want   float64
		reason string // of having no value
	}{
		// Latencies of messages 1 to 10: 2, 3, 3, 4, ..., 11, 12.
		"half of the deliveries":   {nil, "message_latency_p50", 0.007, ""},
		"a tail of few":            {nil, "message_latency_p99", 0, "20 deliveries are too few, 1000 are needed"},
		"until half have it":       {nil, "message_spread_50", 0.0065, ""},
		"until 90 % have it":       {nil, "message_spread_90", 0.0075, ""},
		"until all have it":        {nil, "message_spread_100", 0.0075, ""},
		"all is delivered":         {nil, "message_delivery", 1, ""},
		"a put":                    {nil, "dht_put_latency_p50", 0.0025, ""},
		"a get":                    {nil, "dht_get_latency_p50", 0.0025, ""},
		"a get of one's own":       {nil, "dht_get_local_latency_p50", 0.0025, ""},
		"all succeed":              {nil, "dht_success", 1, ""},
		"goodput":                  {nil, "throughput", 2e6, ""},
		"a handshake":              {nil, "quic_connect_time", 0.002, ""},
		"CPU before the load":      {nil, "cpu_idle", 0.02, ""},
		"CPU under load":           {nil, "cpu_load", 0.02, ""},
		"CPU of a message":         {nil, "cpu_per_message", 0.02 * 3 * 5.001 / 22, ""},
		"bytes on the wire":        {nil, "network_bytes", 10000, ""},
		"payload on the wire":      {nil, "network_efficiency", (22*1000.0 + 6*4000 + 6*4500) / 151500, ""},
		"no link rate":             {nil, "bandwidth_utilisation", 0, "no configured rate"},
		"a message that came back": {func(n *Network) { twice(n) }, "message_latency_p50", 0.007, ""},
		"messages that were lost":  {func(n *Network) { n.Load.Receptions = n.Load.Receptions[:18] }, "message_delivery", 16.0 / 20, ""},
		"lost ones are the slowest": {func(n *Network) { n.Load.Receptions = n.Load.Receptions[:14] }, "message_latency_p50",
			0.007, ""},
		"most are lost": {func(n *Network) { n.Load.Receptions = n.Load.Receptions[:8] }, "message_latency_p50", 0,
			"14 of 20 deliveries never came about"},
		"nobody publishes":       {func(n *Network) { refuse(n.Load.Messages) }, "message_delivery", 0, ""},
		"a transfer that fails":  {func(n *Network) { fail(n, workload.Transfer, 1) }, "throughput", 2e6, ""},
		"transfers that fail":    {func(n *Network) { fail(n, workload.Transfer, 4) }, "throughput", 0, "4 of 5 transfers never came about"},
		"a put that fails":       {func(n *Network) { fail(n, workload.Put, 1) }, "dht_success", 14.0 / 15, ""},
		"puts that fail":         {func(n *Network) { fail(n, workload.Put, 5) }, "dht_put_latency_p50", 0, "5 of 5 operations never came about"},
		"too few":                {func(n *Network) { n.Load.Operations = n.Load.Operations[:5] }, "dht_put_latency_p50", 0, "4 operations are too few"},
		"no traffic told":        {func(n *Network) { n.Load.Traffic[1].End.Err = "HTTP status 404" }, "network_bytes", 0, "node 1: HTTP status 404"},
		"traffic that falls":     {func(n *Network) { n.Load.Traffic[2].Last.Sent = 3 }, "network_efficiency", 0, "node 2: it says that it had sent 1000 bytes at first and 3 bytes"},
		"no workload":            {func(n *Network) { n.Scenario.Workloads, n.Load = nil, nil }, "message_delivery", 0, "the scenario has no workload"},
		"another workload":       {func(n *Network) { n.Scenario.Workloads = n.Scenario.Workloads[1:] }, "message_delivery", 0, `the scenario has no workload "publish"`},
		"a load that never was":  {func(n *Network) { n.Load = nil }, "dht_success", 0, "the load did not begin"},
		"a network of level two": {func(n *Network) { n.Level = metric.L2 }, "throughput", 0, "node offers L2"},
	} {
		t.Run(name, func(t *testing.T) {
			n := loaded()
			if tc.change != nil {
				tc.change(n)
			}
			m := measured(t, n, tc.metric)
			if tc.reason != "" {
				if m.Status == result.Measured || !strings.Contains(m.Reason, tc.reason) {
					t.Errorf("%s %v: %s, want none since %s", m.Status, m.Value, m.Reason, tc.reason)
				}
				return
			}
			if m.Status != result.Measured || m.Value < tc.want*(1-1e-9) || m.Value > tc.want*(1+1e-9) {
				t.Errorf("%s %v (%s), want %v", m.Status, m.Value, m.Reason, tc.want)
			}
		})
	}
}

// twice has every message received once more, much later.
func twice(n *Network) {
	for _, r := range n.Load.Receptions {
		r.At += time.Second
		n.Load.Receptions = append(n.Load.Receptions, r)
	}
}

func refuse(all []Message) {
	for i := range all {
		all[i].Err = "HTTP status 500"
	}
}

// fail lets the last operations of a kind fail.
func fail(n *Network, kind workload.Kind, how int) {
	for i := len(n.Load.Operations) - 1; i >= 0 && how > 0; i-- {
		if o := &n.Load.Operations[i]; o.Kind == kind {
			o.Err, how = "no answer in time", how-1
		}
	}
}

func TestLatenciesWithTheWayOfTheCallSaySo(t *testing.T) {
	const want = "with the way of the call: 2 of 3 nodes do not keep at_ns"
	n := loaded()
	n.Load.Unscheduled = []int{0, 2}
	for name, proxy := range map[string]string{
		"message_latency_p50": want, "message_spread_90": want, "dht_put_latency_p50": want, "dht_get_local_latency_p50": want,
		"message_latency_p99": "", "message_delivery": "", "quic_connect_time": "", "throughput": "", "dht_success": "", // none, or no time from the plan
	} {
		if m := measured(t, n, name); m.Proxy != proxy {
			t.Errorf("%s: proxy %q, want %q", name, m.Proxy, proxy)
		}
	}
	n.Load.Unscheduled = nil
	if m := measured(t, n, "message_latency_p50"); m.Proxy != "" {
		t.Errorf("nodes that keep at_ns: proxy %q", m.Proxy)
	}
}

func TestWorkFindings(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Load)
		want   []result.Finding
	}{
		"all is well": {func(*Load) {}, nil},
		"a message is lost on its way": {
			func(l *Load) { l.Receptions = l.Receptions[1:] },
			[]result.Finding{{Kind: result.FindingWork, Node: 1, Text: "1 of the 7 messages that others published never arrived"}},
		},
		"a message that nobody published is not missed": {
			func(l *Load) { l.Messages[10].Err = "HTTP status 503"; l.Receptions = l.Receptions[:20] },
			[]result.Finding{{Kind: result.FindingWork, Node: -1, Text: "publish: 1 of 11 failed, the last with: HTTP status 503"}},
		},
		"answers that cannot be": {
			func(l *Load) { l.Anomalies = []Anomaly{{2, "foreign"}, {2, "duplicate"}} },
			[]result.Finding{{Kind: result.FindingAnomaly, Node: 2, Text: "2 answers about messages cannot be or are not as they should, the first: foreign"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := loaded()
			test.change(n.Load)
			if diff := cmp.Diff(test.want, n.workFindings()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
