package measure

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

func TestFindings(t *testing.T) {
	finding := func(kind string, node int, text string) []result.Finding {
		return []result.Finding{{Kind: kind, Node: node, Text: text}}
	}
	for name, test := range map[string]struct {
		change func(*Network)
		want   []result.Finding
	}{
		"nothing": {func(*Network) {}, nil},
		"not formed": {
			func(n *Network) {
				n.Formed, n.SteadyFrom, n.SteadyTo = false, 0, 0
				n.Nodes[0].Peers, n.Nodes[1].Peers = []Reading{at(s, 1), missing(2*s, "reset"), at(3*s, 2), at(4*s, 2)}, nil
			},
			append(finding(result.FindingNotFormed, -1, "the network did not form within 1m0s: last peer counts [2 ? 2]"),
				finding(result.FindingUnreadable, 0, "peer gauge: 1 of 4 looks failed, the last with: reset")...),
		},
		"not formed, and pages that came late": {
			func(n *Network) {
				n.Formed, n.SteadyFrom, n.SteadyTo = false, 0, 0
				for i := range n.Nodes {
					n.Nodes[i].Peers = []Reading{missing(1*s, "refused"), missing(2*s, "refused"), at(3*s, 1)}
				}
			},
			finding(result.FindingNotFormed, -1, "the network did not form within 1m0s: last peer counts [1 1 1]"),
		},
		"a failure says more than that it did not form": {
			func(n *Network) { n.Formed, n.Failure = false, "node 1: exited with status 0" }, nil,
		},
		"a page that was not yet there": {
			func(n *Network) {
				for k := range n.Nodes[0].Peers[:1] {
					n.Nodes[0].Peers[k].Err = "connection refused"
				}
			}, nil,
		},
		"now and then a look failed": {
			func(n *Network) { n.show(0, 4*s, 4150*ms, toError("reset")); n.show(0, 8*s, 8150*ms, toError("reset")) }, nil,
		},
		"too many looks failed": {
			func(n *Network) { n.show(0, 4*s, 6*s, toError("reset")) },
			finding(result.FindingUnreadable, 0, "peer gauge: 20 of 103 looks failed, the last with: reset"),
		},
		"a gauge that was not yet there when the window began": {
			func(n *Network) {
				n.Scenario.Expect.Graph = suite.Connected // by whom the nodes know
				n.show(0, 0, 3*s, toError("refused"))
			},
			finding(result.FindingUnreadable, 0, "peer gauge: 31 of 103 looks failed, the last with: refused"),
		},
		"the gauge is not there": {
			func(n *Network) { n.show(1, 0, 20*s, toError("not on the page")) },
			finding(result.FindingUnreadable, 1, "peer gauge: 103 of 103 looks failed, the last with: not on the page"),
		},
		"no gauge is asked for": {
			func(n *Network) { n.Level = metric.L0; n.show(1, 0, 20*s, toError("not on the page")) }, nil,
		},
		"the probe is not there": {
			func(n *Network) {
				for k := range n.Nodes[2].Known {
					n.Nodes[2].Known[k] = Knowledge{Err: "HTTP status 404 Not Found"}
				}
			},
			finding(result.FindingUnreadable, 2, "probe: 11 of 11 looks failed, the last with: HTTP status 404 Not Found"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := calm(3)
			test.change(n)
			if diff := cmp.Diff(test.want, n.Findings()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
