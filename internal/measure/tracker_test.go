package measure

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/suite"
)

// history is how a network really grew: when which directed link came to be. Nobody ever loses one.
type history struct {
	nodes int
	links []link
}

type link struct {
	at       time.Duration
	from, to int
}

// grow draws a history. Each link is claimed by its two ends at moments of their own.
func grow(random *rand.Rand, nodes int) history {
	h := history{nodes: nodes}
	for i := range nodes {
		for j := range nodes {
			if i != j {
				h.links = append(h.links, link{time.Duration(1 + random.IntN(int(300*ms))), i, j})
			}
		}
	}
	slices.SortFunc(h.links, func(a, b link) int { return cmp.Compare(a.at, b.at) })
	return h
}

// known is whom a node claims at a moment.
func (h history) known(node int, at time.Duration) []string {
	known := []string{}
	for _, l := range h.links {
		if l.from == node && l.at <= at {
			known = append(known, fmt.Sprint(l.to))
		}
	}
	slices.Sort(known)
	return known
}

// formed is the first moment at which the graph holds, by a rule of its own for each expectation.
func (h history) formed(holds func(claims [][]bool) bool) time.Duration {
	claims := make([][]bool, h.nodes)
	for i := range claims {
		claims[i] = make([]bool, h.nodes)
	}
	if holds(claims) {
		return 0
	}
	for _, l := range h.links {
		claims[l.from][l.to] = true
		if holds(claims) {
			return l.at
		}
	}
	panic("never formed")
}

func degree(row []bool) int {
	count := 0
	for _, claim := range row {
		if claim {
			count++
		}
	}
	return count
}

func everyNode(least int) func([][]bool) bool {
	return func(claims [][]bool) bool {
		return !slices.ContainsFunc(claims, func(row []bool) bool { return degree(row) < least })
	}
}

// sumAtLeast is the rule of the proxies: nodes from first on have a peer each, and all together so many.
func sumAtLeast(first, sum int) func([][]bool) bool {
	return func(claims [][]bool) bool {
		total := 0
		for _, row := range claims {
			total += degree(row)
		}
		return total >= sum && everyNode(1)(claims[first:])
	}
}

// oneGroup merges groups along the links until nothing changes.
func oneGroup(claims [][]bool) bool {
	group := make([]int, len(claims))
	for i := range group {
		group[i] = i
	}
	for range claims {
		for i, row := range claims {
			for j, claim := range row {
				if claim {
					group[i] = min(group[i], group[j])
					group[j] = group[i]
				}
			}
		}
	}
	return slices.Max(group) == 0
}

// scheduled is a look that is on its way.
type scheduled struct {
	node                      int
	sent, received, delivered time.Duration
	failed                    bool
	knowledge                 Knowledge
}

// looks draws looks at all nodes with latencies, failures and delays until they are taken. Those of one node stay in order.
func (h history) looks(random *rand.Rand) []scheduled {
	var all []scheduled
	for node := range h.nodes {
		delivered := time.Duration(0)
		for now := time.Duration(random.IntN(int(20 * ms))); now < 400*ms; {
			l := scheduled{node: node, sent: now, failed: random.IntN(10) == 0}
			l.received = l.sent + time.Duration(random.IntN(int(6*ms)))
			moment := l.sent + time.Duration(random.Int64N(int64(l.received-l.sent)+1))
			l.knowledge = Knowledge{Sent: l.sent, Received: l.received, ID: fmt.Sprint(node), Peers: h.known(node, moment)}
			l.delivered = max(delivered, l.received+time.Duration(random.IntN(int(3*ms))))
			delivered = l.delivered
			now = l.received + time.Duration(random.IntN(int(8*ms)))
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b scheduled) int { return cmp.Compare(a.delivered, b.delivered) })
	return all
}

// watch gives the looks to a tracker until it is content.
func watch(t *Tracker, looks []scheduled) (low, high time.Duration, ok bool) {
	for _, l := range looks {
		err := ""
		if l.failed {
			err = "no answer in time"
		}
		l.knowledge.Err = err
		t.Know(l.node, l.knowledge)
		t.Observe(l.node, Reading{Sent: l.sent, Received: l.received, Value: float64(len(l.knowledge.Peers)), Err: err})
		if t.Formed() {
			return t.Seen()
		}
	}
	return 0, 0, false
}

func TestTrackerBoundsTheTruth(t *testing.T) {
	for name, test := range map[string]struct {
		expect func(nodes int) suite.Expectation
		count  suite.PeersCount
		level  int
		rule   func(nodes int) func([][]bool) bool
	}{
		"full_mesh": {
			func(int) suite.Expectation { return suite.Expectation{Graph: suite.FullMesh} }, suite.PeersAll, metric.L1,
			func(nodes int) func([][]bool) bool { return everyNode(nodes - 1) },
		},
		"min_peers": {
			func(nodes int) suite.Expectation {
				return suite.Expectation{Graph: suite.MinPeers, Min: (nodes + 1) / 2}
			},
			suite.PeersAll, metric.L2,
			func(nodes int) func([][]bool) bool { return everyNode((nodes + 1) / 2) },
		},
		"connected by counts": {
			func(int) suite.Expectation { return suite.Expectation{Graph: suite.Connected} }, suite.PeersAll, metric.L1,
			func(nodes int) func([][]bool) bool { return sumAtLeast(0, 2*(nodes-1)) },
		},
		"connected by links": {
			func(int) suite.Expectation { return suite.Expectation{Graph: suite.Connected} }, suite.PeersAll, metric.L2,
			func(int) func([][]bool) bool { return oneGroup },
		},
		"outbound": {
			func(int) suite.Expectation { return suite.Expectation{Graph: suite.FullMesh} }, suite.PeersOutbound, metric.L1,
			func(nodes int) func([][]bool) bool { return sumAtLeast(1, nodes-1) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			var widest time.Duration
			for seed := range uint64(200) {
				random := rand.New(rand.NewPCG(seed, 2))
				nodes := 2 + random.IntN(6)
				h := grow(random, nodes)
				truth := h.formed(test.rule(nodes))
				scenario := suite.Scenario{Nodes: nodes, Expect: test.expect(nodes)}
				low, high, ok := watch(NewTracker(scenario, suite.Node{PeersCount: test.count}, test.level), h.looks(random))
				if !ok || truth < low || truth > high {
					t.Fatalf("seed %d, %d nodes: formed at %v, seen in [%v, %v] (%v)", seed, nodes, truth, low, high, ok)
				}
				widest = max(widest, high-low)
			}
			// Two looks at one node with their gap, one that failed between them, and the looks' own lengths.
			if limit := 60 * ms; widest > limit {
				t.Errorf("an interval of %v says little", widest)
			}
		})
	}
}
