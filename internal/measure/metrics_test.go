package measure

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

var nearly = cmpopts.EquateApprox(1e-9, 0)

func TestCalmNetworkHasEveryMetric(t *testing.T) {
	want := map[string]plain{
		"startup_time":              event(seconds(0.042, 0.050)),
		"formation_time":            event(seconds(0.092, 0.100)),
		"formation_cpu":             exactly(0.3),
		"formation_success":         exactly(1),
		"topology_convergence_time": event(seconds(0.091, 0.099)),
		"discovery_success_rate":    exactly(1),
		"average_peers":             exactly(4),
		"disconnections":            exactly(0),
		"memory_private":            exactly(1e6),
		"memory_per_node":           exactly(2e6 + 5),
		"memory_rss":                exactly(4e6),
		"memory_peak":               exactly(5e6),
		"memory_slope":              exactly(1),
		"cpu_idle":                  exactly(0.02),
		"disk_write":                exactly(4096),
		"quic_reachable":            exactly(1),
		"quic_response_time":        exactly(0.002),
		"log_errors":                exactly(5),
		"log_warnings":              exactly(10),
		"log_slow":                  exactly(15),
		"records":                   exactly(7),
	}
	for _, m := range metric.Builtin() {
		if m.Origin == metric.FromRun && m.Level == metric.L3 {
			want[m.Name] = unmeasurable("node offers L2")
		}
	}
	got := map[string]plain{}
	for _, m := range calm(5).Metrics() {
		got[m.Metric.Name] = plainly(m)
	}
	if diff := cmp.Diff(want, got, nearly); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// variants are networks of every sort: whatever happens, each metric is there once and can be written down.
func variants() map[string]*Network {
	change := func(f func(*Network)) *Network {
		n := calm(3)
		f(n)
		return n
	}
	return map[string]*Network{
		"calm":            calm(3),
		"one node":        calm(1),
		"many nodes":      calm(50),
		"L0":              change(func(n *Network) { n.Level, n.Formed = metric.L0, false }),
		"L1":              change(func(n *Network) { n.Level = metric.L1 }),
		"not formed":      change(func(n *Network) { n.Formed, n.SteadyFrom, n.SteadyTo = false, 0, 0 }),
		"no node started": change(func(n *Network) { *n = Network{Scenario: n.Scenario, Node: n.Node, Level: 2, Nodes: make([]Node, 3)} }),
		"crashed":         change(func(n *Network) { n.Failure = "node 1: killed by SIGSEGV" }),
		"crashed early":   change(func(n *Network) { n.Failure, n.Formed, n.SteadyTo = "node 1: killed by SIGSEGV", false, 0 }),
		"gauge NaN":       change(func(n *Network) { n.show(1, 0, 20*s, toValue(math.NaN())) }),
		"gauge infinite":  change(func(n *Network) { n.show(0, 0, 20*s, toValue(math.Inf(1))) }),
		"gauge huge":      change(func(n *Network) { n.show(0, 2*s, 3*s, toValue(-math.MaxFloat64)) }),
		"gauge gone":      change(func(n *Network) { n.show(2, 0, 20*s, toError("not on the page")) }),
		"probe gone":      change(func(n *Network) { n.Nodes[1].Known = nil }),
		"nothing read": change(func(n *Network) {
			for i := range n.Nodes {
				n.Nodes[i] = Node{Ready: true}
			}
		}),
		"custom infinite": change(func(n *Network) {
			for k := range n.Nodes[0].Custom["records"] {
				n.Nodes[0].Custom["records"][k].Value = math.Inf(-1)
			}
		}),
		"outbound":       change(func(n *Network) { n.Node.PeersCount, n.Level = suite.PeersOutbound, metric.L1 }),
		"no time passed": change(func(n *Network) { n.SteadyTo = n.SteadyFrom }),
	}
}

func TestEveryMetricIsThereOnceAndCanBeWritten(t *testing.T) {
	var want []string
	for _, m := range metric.Builtin() {
		if m.Origin == metric.FromRun {
			want = append(want, m.Name)
		}
	}
	want = append(want, "records")
	for name, n := range variants() {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, m := range n.Metrics() {
				got = append(got, m.Metric.Name)
				if m.Status != result.Measured && (m.Reason == "" || m.Value != 0) {
					t.Errorf("%s: %s with the value %v and the reason %q", m.Metric.Name, m.Status, m.Value, m.Reason)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			var assembler result.Assembler
			assembler.Add("calm", 1, 1, n.Metrics())
			results := result.Results{
				Schema: result.Schema, Scenarios: []result.Scenario{{Name: "calm", Nodes: 3, Runs: 1}}, Series: assembler.Series(),
			}
			if err := results.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFailureLeavesNothingToBelieve(t *testing.T) {
	const failure = "node 1: killed by SIGSEGV"
	for name, n := range variants() {
		n.Failure = failure
		for _, m := range n.Metrics() {
			switch m.Status {
			case result.Measured:
				if m.Invalid != failure && !strings.HasPrefix(m.Invalid, "gauge_invalid") && !strings.Contains(m.Invalid, "could not be read") {
					t.Errorf("%s: %s is measured, and its value is believed: %q", name, m.Metric.Name, m.Invalid)
				}
			case result.Failed:
				if m.Reason != failure {
					t.Errorf("%s: %s failed for another reason: %q", name, m.Metric.Name, m.Reason)
				}
			}
		}
	}
}

func TestMetricsAboveTheLevelAreNotMeasurable(t *testing.T) {
	for level, name := range []string{"L0", "L1", "L2"} {
		n := calm(3)
		n.Level = level
		for _, m := range n.Metrics() {
			if m.Metric.Name == "records" { // a page of its own shows it
				continue
			}
			above := m.Metric.Level > level
			if above != (m.Status == result.NotMeasurable) || above && m.Reason != "node offers "+name {
				t.Errorf("%s: %s is %s (%s)", name, m.Metric.Name, m.Status, m.Reason)
			}
		}
	}
}

func TestImpossibleGaugeInvalidatesWhatRestsOnIt(t *testing.T) {
	for name, test := range map[string]struct {
		value float64
		want  string
	}{
		"above N-1": {5, "gauge_invalid: node 2: the gauge shows 5 peers in a network of 5 nodes, where 4 is the most"},
		"negative":  {-1, "gauge_invalid: node 2: the gauge shows -1 peers, fewer than none"},
		"a part":    {3.5, "gauge_invalid: node 2: the gauge shows 3.5 peers, which is not whole"},
		"NaN":       {math.NaN(), "gauge_invalid: node 2: the gauge shows NaN, which is no count"},
		"infinite":  {math.Inf(1), "gauge_invalid: node 2: the gauge shows +Inf, which is no count"},
	} {
		t.Run(name, func(t *testing.T) {
			n := calm(5)
			n.show(2, 5*s, 5*s+50*ms, toValue(4)) // no look lies there: nothing changes
			n.show(2, 5*s, 5*s+150*ms, toValue(test.value))
			for _, m := range n.Metrics() {
				gauged := m.Metric.Level == metric.L1 && m.Metric.Name != "records"
				if got := m.Invalid; m.Status == result.Measured && (gauged && got != test.want || !gauged && got != "") {
					t.Errorf("%s: invalid because %q", m.Metric.Name, got)
				}
				if gauged && m.Status == result.Failed && m.Reason != test.want {
					t.Errorf("%s: failed because %q", m.Metric.Name, m.Reason)
				}
			}
			want := []result.Finding{{Kind: result.FindingGaugeInvalid, Node: -1, Text: test.want}}
			if diff := cmp.Diff(want, n.Findings()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
