package measure

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

func TestResources(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Network)
		metric string
		want   plain
	}{
		"the mean over nodes of medians": {
			func(n *Network) {
				for k := range n.Nodes[0].Memory {
					n.Nodes[0].Memory[k].Private = []float64{1, 9e9, 4e6}[k%3] * float64(1)
				}
			},
			"memory_private", exactly((4e6 + 1e6) / 2),
		},
		"looks outside the window do not count": {
			func(n *Network) {
				n.Nodes[0].Memory = append([]Memory{{At: 99 * ms, RSS: 1e9}}, append(n.Nodes[0].Memory, Memory{At: 11 * s, RSS: 1e9})...)
			},
			"memory_rss", exactly(4e6),
		},
		"one look is enough for a median": {
			func(n *Network) { n.Nodes[0].Memory = n.Nodes[0].Memory[:1] }, "memory_per_node", exactly(2e6 + 2.5),
		},
		"the peak is the last one": {
			func(n *Network) { n.Nodes[1].Memory[10].Peak = 7e6 }, "memory_peak", exactly(6e6),
		},
		"memory that nobody may read": {
			func(n *Network) { n.Nodes[1].Memory = []Memory{{At: s, Err: "permission denied"}} },
			"memory_private", failed("node 1: permission denied"),
		},
		"memory that was never read": {
			func(n *Network) { n.Nodes[1].Memory = nil }, "memory_peak", failed("node 1: its memory was never read"),
		},
		"a slope": {
			func(n *Network) {
				for k := range n.Nodes[1].Memory {
					n.Nodes[1].Memory[k].PSS = 5e6 - 1000*float64(k)
				}
			},
			"memory_slope", exactly((1. - 1000) / 2),
		},
		"a slope needs time": {
			func(n *Network) { n.Scenario.Duration = 4999 * ms },
			"memory_slope", unmeasurable("the steady window of 4.999s is shorter than 5s"),
		},
		"a slope needs two looks": {
			func(n *Network) { n.Nodes[0].Memory = n.Nodes[0].Memory[:1] },
			"memory_slope", failed("node 0: theil-sen slope: times: too few values"),
		},
		"CPU time over the time between looks": {
			func(n *Network) {
				n.Nodes[0].Usage = []Usage{{At: 50 * ms, CPU: 0}, {At: 2 * s, CPU: 500 * ms}, {At: 3 * s, Err: "gone"}, {At: 4 * s, CPU: 1 * s}, {At: 30 * s, CPU: 9 * s}}
			},
			"cpu_idle", exactly((0.25 + 0.02) / 2),
		},
		"CPU time of looks in another order": {
			func(n *Network) {
				n.Nodes[0].Usage = []Usage{{At: 4 * s, CPU: 1 * s}, {At: 50 * ms, CPU: 0}, {At: 2 * s, CPU: 500 * ms}}
			},
			"cpu_idle", exactly((0.25 + 0.02) / 2),
		},
		"CPU time of one look": {
			func(n *Network) { n.Nodes[0].Usage = n.Nodes[0].Usage[:1] },
			"cpu_idle", failed("node 0: what it used was not read twice"),
		},
		"CPU time that nobody may read": {
			func(n *Network) {
				n.Nodes[0].Usage = []Usage{{At: s, Err: "permission denied"}, {At: 2 * s, Err: "permission denied"}}
			},
			"cpu_idle", failed("node 0: permission denied"),
		},
		"bytes written": {func(*Network) {}, "disk_write", exactly(4096)},
		"a file that was truncated before it got to the disk": {
			func(n *Network) { n.Nodes[0].Usage[10].WriteBytes = -8192 }, "disk_write", exactly(2048),
		},
		"a disk that is memory": {
			func(n *Network) { n.Volatile = true },
			"disk_write", unmeasurable("the nodes' storage lies in memory (tmpfs), where nothing is written to a disk"),
		},
		"no window": {
			func(n *Network) { n.Level, n.SteadyFrom, n.SteadyTo = metric.L0, 0, 0 }, "memory_private", failed("there was no steady window"),
		},
		"log lines": {
			func(n *Network) { n.Nodes[1].Log.Errors = 40 }, "log_errors", exactly(41),
		},
		"a log that was not read is no empty log": {
			func(n *Network) { n.Nodes[1].Log = nil }, "log_warnings", failed("node 1: its log was not read"),
		},
		"a series": {
			func(n *Network) { n.Nodes[0].Custom["records"][3].Value = 1e9 }, "records", exactly(7),
		},
		"a series without any node of a level": {
			func(n *Network) { n.Level, n.Formed = metric.L0, false }, "records", exactly(7),
		},
		"a series of a network that did not form": {
			func(n *Network) { n.Formed = false }, "records", failed("the network did not form within 1m0s"),
		},
		"a series that is not there": {
			func(n *Network) { n.Nodes[1].Custom["records"] = []Reading{missing(s, "series x: not on the page")} },
			"records", failed("node 1: series x: not on the page"),
		},
		"a series that was never asked for": {
			func(n *Network) { delete(n.Nodes[1].Custom, "records") }, "records", failed("node 1: it was never read"),
		},
		"a series that often was not there": {
			func(n *Network) {
				for k := range 3 {
					n.Nodes[1].Custom["records"][2*k] = missing(s*time.Duration(2*k), "reset")
				}
			},
			"records", plain{Status: result.Measured, Value: 7, Invalid: "3 of 22 looks at the series failed, the last with: reset"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := calm(2)
			test.change(n)
			if diff := cmp.Diff(test.want, plainly(measured(t, n, test.metric)), nearly); diff != "" {
				t.Errorf("%s: -want +got\n%s", test.metric, diff)
			}
		})
	}
}
