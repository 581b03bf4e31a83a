package measure

import (
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

// TestGraphicalAgainstEveryGraph compares with the degrees of all graphs of up to five nodes, for all rows of numbers.
func TestGraphicalAgainstEveryGraph(t *testing.T) {
	for nodes := range 6 {
		have := map[[5]int]bool{}
		links := nodes * (nodes - 1) / 2
		for graph := range 1 << links {
			var degrees [5]int
			link := 0
			for i := range nodes {
				for j := range i {
					if graph>>link&1 == 1 {
						degrees[i]++
						degrees[j]++
					}
					link++
				}
			}
			have[degrees] = true
		}
		rows := 1
		for range nodes {
			rows *= 7
		}
		for row := range rows {
			var degrees [5]int
			for i, rest := 0, row; i < nodes; i, rest = i+1, rest/7 {
				degrees[i] = rest%7 - 1 // from -1 to 5
			}
			if got := Graphical(degrees[:nodes]); got != have[degrees] {
				t.Errorf("%v of %d nodes: graphical is %v", degrees[:nodes], nodes, got)
			}
		}
	}
}

func TestCountsWithoutGraph(t *testing.T) {
	counts := func(from int, values ...float64) func(*Network) {
		return func(n *Network) {
			n.Level = metric.L1
			n.Scenario.Expect = suite.Expectation{Graph: suite.MinPeers, Min: 1}
			for i, v := range values {
				n.show(i, time.Duration(from)*s+50*ms, 20*s, toValue(v))
			}
		}
	}
	odd := "the gauges show what no graph has, from 1.101s to 6.200s: nodes: 2 with 2 peers, 1 with 1 peer, " +
		"together 5 ends of links, which is odd (or one end of a link has not noticed that it is lost)"
	examine(t, map[string]examination{
		"a star":                   {nodes: 4, change: counts(1, 3, 1, 1, 1)},
		"a star and its opposite":  {nodes: 4, change: counts(1, 3, 3, 1, 1), want: found(result.FindingGaugeDisagrees, -1, "the gauges show what no graph has, from 1.101s to 6.200s: nodes: 2 with 3 peers, 2 with 1 peer (or one end of a link has not noticed that it is lost)")},
		"an odd sum":               {change: counts(1, 2, 1, 2), want: found(result.FindingGaugeDisagrees, -1, odd)},
		"an odd sum for too short": {change: func(n *Network) { counts(1, 2, 1, 2)(n); n.show(1, 5*s, 20*s, toValue(2)) }},
		"an odd sum near the end":  {change: counts(6, 2, 1, 2)},
		"that never stood still": {change: func(n *Network) {
			counts(1, 2, 1, 2)(n)
			for at := 2 * s; at < 10*s; at += 2 * s {
				n.show(0, at, at+100*ms, toValue(1))
			}
		}},
		"of outbound connections": {change: func(n *Network) { counts(1, 2, 1, 2)(n); n.Node.PeersCount = suite.PeersOutbound }},
		"a gauge that is not there": {
			change: func(n *Network) { counts(1, 2, 1, 2)(n); n.show(2, 0, 20*s, toError("not on the page")) },
			want:   found(result.FindingUnreadable, 2, "peer gauge: 103 of 103 looks failed, the last with: not on the page"),
		},
		"no window": {
			change: func(n *Network) { counts(1, 2, 1, 2)(n); n.SteadyFrom, n.SteadyTo = 0, 0 },
		},
	})
}
