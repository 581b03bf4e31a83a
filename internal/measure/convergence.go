package measure

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// convergence finds the last change of any peer count before a quiet period: a time within the steady window in which no
// count changes, and in which the expectation holds.
func (n *Network) convergence(m metric.Metric) result.Measurement {
	quiet := n.Scenario.Quiet
	switch {
	case !n.Formed:
		return result.Failure(m, n.notFormed())
	case quiet > n.Scenario.Duration:
		return result.Unmeasurable(m, fmt.Sprintf("the steady window of %v is shorter than the quiet period of %v", n.Scenario.Duration, quiet))
	}
	r := newRest(n)
	for _, l := range n.looks(r.graph.links) {
		r.see(l)
		if r.quietFor() >= quiet {
			converged := result.Event(m, r.low.Seconds(), r.high.Seconds())
			converged.Proxy = n.proxy()
			return converged
		}
	}
	return result.Failure(m, fmt.Sprintf("no quiet period of %v within the steady window of %v", quiet, n.Scenario.Duration))
}

// rest watches a network come to rest, one look after the other.
type rest struct {
	counts picture
	// graph is what the expectation is asked of: counts, or a picture of the links.
	graph *picture
	holds bool
	// low and high bound the last change of any count.
	low, high time.Duration
	// from is the earliest start of a quiet period.
	from time.Duration
}

func newRest(n *Network) *rest {
	r := &rest{counts: newPicture(n.Scenario, n.Node, metric.L1), from: n.SteadyFrom}
	r.graph = &r.counts
	if links := newPicture(n.Scenario, n.Node, n.Level); links.links {
		r.graph = &links
	}
	return r
}

func (r *rest) see(l nodeLook) {
	seen := &r.counts
	if l.links {
		seen = r.graph
	}
	before := seen.nodes[l.node].sent
	changed := seen.put(l.node, l.look)
	if changed && seen == r.graph {
		r.holds = r.graph.holds()
	}
	if changed && seen == &r.counts {
		r.low, r.high = max(r.low, before), l.received
		r.from = max(r.from, l.received)
	}
	if !r.holds {
		r.from = max(r.from, l.received)
	}
}

// quietFor is how long nothing has changed while the expectation holds, as far as every node was looked at.
func (r *rest) quietFor() time.Duration {
	if !r.holds || r.graph.oldest() < r.from {
		return -1
	}
	return r.counts.oldest() - r.from
}

// nodeLook is a look at one of several nodes: at its links, or at its gauge.
type nodeLook struct {
	node  int
	links bool
	look
}

// looks are the readable looks at all nodes in the order in which they ended: at the gauges, and at who knows whom where
// links are wanted.
func (n *Network) looks(links bool) []nodeLook {
	var all []nodeLook
	for i, node := range n.Nodes {
		for _, r := range n.counts(node) {
			all = append(all, nodeLook{i, false, lookAtGauge(r)})
		}
		for _, k := range node.Known {
			if links && k.Err == "" {
				all = append(all, nodeLook{i, true, lookAtLinks(k)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b nodeLook) int { return cmp.Compare(a.received, b.received) })
	return all
}
