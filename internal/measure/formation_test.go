package measure

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

func TestFormation(t *testing.T) {
	const (
		late    = "the network did not form within 1m0s"
		crash   = "node 1: exited with status 0"
		byGauge = "connectedness is judged by peer counts: the nodes do not show who knows whom"
		byDials = "the gauge counts outbound connections only: formed when every node but the first has one and all together have N-1"
	)
	for name, test := range map[string]struct {
		change                      func(*Network)
		startup, time, cpu, success plain
	}{
		"the slowest node counts": {
			func(n *Network) {
				n.Nodes[0].ReadyLow, n.Nodes[0].ReadyHigh, n.Nodes[2].ReadyHigh = 47*ms, 48*ms, 61*ms
			},
			event(seconds(0.047, 0.061)), event(seconds(0.092, 0.1)), exactly(0.3), exactly(1),
		},
		"not formed is a time at least as long as the timeout": {
			func(n *Network) { n.Formed = false },
			event(seconds(0.042, 0.05)), plain{Status: result.Measured, Value: 60, Censored: true}, failed(late), exactly(0),
		},
		"a run that ended before the timeout says nothing": {
			func(n *Network) { n.Formed, n.Failure, n.Nodes[1].Ready = false, crash, false },
			failed(crash), failed(crash), failed(crash), failed(crash),
		},
		"never ready": {
			func(n *Network) { n.Formed, n.Nodes[1].Ready = false, false },
			failed("node 1 was not ready within 1m0s"), plain{Status: result.Measured, Value: 60, Censored: true}, failed(late), exactly(0),
		},
		"connected by counts is a proxy": {
			func(n *Network) { n.Level, n.Scenario.Expect = metric.L1, suite.Expectation{Graph: suite.Connected} },
			event(seconds(0.042, 0.05)), plain{Status: result.Measured, Value: 0.1, Low: new(0.092), High: new(0.1), Proxy: byGauge}, exactly(0.3), exactly(1),
		},
		"connected by links is exact": {
			func(n *Network) { n.Scenario.Expect = suite.Expectation{Graph: suite.Connected} },
			event(seconds(0.042, 0.05)), event(seconds(0.092, 0.1)), exactly(0.3), exactly(1),
		},
		"outbound is a proxy, also when not formed": {
			func(n *Network) { n.Node.PeersCount, n.Formed = suite.PeersOutbound, false },
			event(seconds(0.042, 0.05)), plain{Status: result.Measured, Value: 60, Censored: true, Proxy: byDials}, failed(late), exactly(0),
		},
		"CPU time that could not be read": {
			func(n *Network) { n.FormationCPUErr = "node 2: no such process" },
			event(seconds(0.042, 0.05)), event(seconds(0.092, 0.1)), failed("node 2: no such process"), exactly(1),
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := calm(3)
			test.change(n)
			for metric, want := range map[string]plain{
				"startup_time": test.startup, "formation_time": test.time, "formation_cpu": test.cpu, "formation_success": test.success,
			} {
				if diff := cmp.Diff(want, plainly(measured(t, n, metric)), nearly); diff != "" {
					t.Errorf("%s: -want +got\n%s", metric, diff)
				}
			}
		})
	}
}
