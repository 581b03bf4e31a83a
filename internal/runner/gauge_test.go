package runner

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/testnode"
)

// TestGauge has one of two nodes with a gauge that cannot be read or believed, from the start.
func TestGauge(t *testing.T) {
	t.Parallel()
	page := func(mode testnode.Mode) testnode.Node { return testnode.Node{Pages: []testnode.Page{{Mode: mode}}} }
	value := func(v testnode.Value) testnode.Node { return testnode.Node{Peers: []testnode.Peers{{Peers: v}}} }
	gauge := func(g testnode.Gauge) testnode.Node { return testnode.Node{Gauge: &g} }
	for name, test := range map[string]struct {
		node testnode.Node
		kind string
		want string
	}{
		"absent":       {gauge(testnode.Gauge{Absent: true, Extra: "other 1\n"}), result.FindingUnreadable, "communitas_peers_connected: not on the page"},
		"renamed":      {gauge(testnode.Gauge{Series: "communitas_peers"}), result.FindingUnreadable, "it shows communitas_peers"},
		"no number":    {value("abc"), result.FindingUnreadable, "parse metrics"},
		"no page":      {page(testnode.PageEmpty), result.FindingUnreadable, "no series"},
		"HTML":         {page(testnode.PageHTML), result.FindingUnreadable, "HTML"},
		"huge":         {page(testnode.PageHuge), result.FindingUnreadable, "larger than"},
		"status 500":   {page(testnode.PageStatus500), result.FindingUnreadable, "HTTP status 500"},
		"reset":        {page(testnode.PageReset), result.FindingUnreadable, "reset"},
		"cut":          {page(testnode.PageTruncated), result.FindingUnreadable, "cut"},
		"hanging":      {page(testnode.PageHang), result.FindingUnreadable, "no answer"},
		"drop by drop": {page(testnode.PageDrip), result.FindingUnreadable, "no answer"},
		"NaN":          {value("NaN"), result.FindingGaugeInvalid, "node 1: the gauge shows NaN, which is no count"},
		"infinite":     {value("+Inf"), result.FindingGaugeInvalid, "node 1: the gauge shows +Inf, which is no count"},
		"negative":     {value("-1"), result.FindingGaugeInvalid, "node 1: the gauge shows -1 peers, fewer than none"},
		"a part":       {value("0.5"), result.FindingGaugeInvalid, "node 1: the gauge shows 0.5 peers, which is not whole"},
		"above N-1":    {value("2"), result.FindingGaugeInvalid, "node 1: the gauge shows 2 peers in a network of 2 nodes, where 1 is the most"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := mesh(2, 0)
			script.Nodes = map[int]testnode.Node{1: test.node}
			b := scripted(t, 2, script)
			b.scenario().FormationTimeout = 2 * time.Second

			run := b.one()

			found := run.findings(test.kind)
			if len(found) != 1 || !strings.Contains(found[0].Text, test.want) || run.Formed {
				t.Errorf("formed %v, findings %v, want %s with %q", run.Formed, run.Findings, test.kind, test.want)
			}
			if (run.Failure == "") == (test.kind == result.FindingUnreadable) {
				t.Errorf("failure %q", run.Failure)
			}
			for _, m := range run.Measurements {
				if m.Metric.Level == metric.L1 && (believed(m) || m.Status == result.NotMeasurable) {
					t.Errorf("%s: %v is believed", m.Metric.Name, m.Value)
				}
			}
		})
	}
}

// TestGaugeInTheSteadyWindow has a gauge that goes wrong when the network has formed.
func TestGaugeInTheSteadyWindow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		node                       testnode.Node
		average, drops             string // "" when it is believed
		averageValue, dropsAtLeast float64
		kinds                      []string
	}{
		"flaps": {
			node:         testnode.Node{Peers: []testnode.Peers{{Peers: "2"}, {AtMS: 900, Peers: "0"}, {AtMS: 1300, Peers: "2"}}},
			dropsAtLeast: 2, kinds: []string{},
		},
		"shows the impossible once": {
			node:    testnode.Node{Peers: []testnode.Peers{{Peers: "2"}, {AtMS: 900, Peers: "3"}, {AtMS: 1300, Peers: "2"}}},
			average: "gauge_invalid", drops: "gauge_invalid", kinds: []string{result.FindingGaugeInvalid},
		},
		"cannot be read for a while": {
			node:    testnode.Node{Peers: []testnode.Peers{{Peers: "2"}}, Pages: []testnode.Page{{AtMS: 700, Mode: testnode.PageStatus500}, {AtMS: 1400, Mode: testnode.PageMetrics}}},
			average: "could not be read in", drops: "could not be read in", kinds: []string{result.FindingUnreadable},
		},
		"hangs until the end": {
			node:    testnode.Node{Peers: []testnode.Peers{{Peers: "2"}}, Pages: []testnode.Page{{AtMS: 700, Mode: testnode.PageHang}}},
			average: "could not be read in", drops: "could not be read in", kinds: []string{result.FindingUnreadable},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := mesh(3, 0)
			script.Nodes = map[int]testnode.Node{2: test.node}
			b := scripted(t, 3, script)
			b.scenario().Duration = 2 * time.Second

			run := b.oneThatFormed(700 * time.Millisecond)

			kinds := []string{}
			for _, f := range run.Findings {
				if f.Kind != result.FindingAsymmetric && f.Kind != result.FindingStale {
					kinds = append(kinds, f.Kind)
				}
			}
			if diff := cmp.Diff(test.kinds, kinds); diff != "" || !run.Formed || run.Failure != "" {
				t.Errorf("formed %v, failure %q, findings %v", run.Formed, run.Failure, run.Findings)
			}
			for name, why := range map[string]string{"average_peers": test.average, "disconnections": test.drops, "memory_private": "", "cpu_idle": ""} {
				if m := run.named(t, name); m.Status != result.Measured || (m.Invalid == "") != (why == "") || !strings.Contains(m.Invalid, why) {
					t.Errorf("%s: %s, %s%s, want %q", name, m.Status, m.Reason, m.Invalid, why)
				}
			}
			if drops := run.named(t, "disconnections"); drops.Value < test.dropsAtLeast {
				t.Errorf("%v disconnections", drops.Value)
			}
		})
	}
}

func TestProbeThatIsNotThere(t *testing.T) {
	t.Parallel()
	script := mesh(2, 0)
	script.Defaults.Probe = &testnode.Probe{Absent: true}
	b := scripted(t, 2, script)
	run := b.one()
	if m := run.named(t, "discovery_success_rate"); m.Status != result.Failed || !strings.Contains(m.Reason, "404") {
		t.Errorf("discovery: %+v", m)
	}
	if found := run.findings(result.FindingUnreadable); !run.Formed || len(found) != 2 || !strings.HasPrefix(found[0].Text, "probe: ") {
		t.Errorf("formed %v, findings %v", run.Formed, run.Findings)
	}
}
