package measure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Graphical tells whether some simple graph has these degrees: their sum is even, since each link has two ends, and for
// each k the k largest do not ask for more links than k nodes can have among themselves and with the rest (P. Erdős and
// T. Gallai, Gráfok előírt fokú pontokkal, Matematikai Lapok 11, 1960, pages 264-274).
func Graphical(degrees []int) bool {
	sorted := slices.Clone(degrees)
	slices.SortFunc(sorted, func(a, b int) int { return cmp.Compare(b, a) })
	sum := 0
	for _, d := range sorted {
		sum += d
	}
	if sum%2 != 0 || len(sorted) > 0 && sorted[len(sorted)-1] < 0 {
		return false
	}
	wanted := 0
	for k := 1; k <= len(sorted); k++ {
		wanted += sorted[k-1]
		most := k * (k - 1)
		for _, d := range sorted[k:] {
			most += min(d, k)
		}
		if wanted > most {
			return false
		}
	}
	return true
}

// countsWithoutGraph tells of peer counts that stood still for a quiet period of the steady window and that no graph has.
// Every link has two ends, so one of the gauges is wrong, or late: a link whose loss one end alone has noticed does it too.
//
// Nothing can be said in this way of gauges that count outbound connections only: each node may have dialled any others,
// and two may have dialled each other, so every row of numbers up to N-1 is possible.
func (n *Network) countsWithoutGraph() []result.Finding {
	if n.outbound() || n.SteadyTo <= n.SteadyFrom {
		return nil
	}
	counts := newPicture(n.Scenario, n.Node, metric.L1)
	from, judged := n.SteadyFrom, false
	for _, l := range n.looks(false) {
		if counts.put(l.node, l.look) {
			from, judged = max(from, l.received), false
		}
		if judged || counts.oldest()-from < max(n.Scenario.Quiet, standing) {
			continue
		}
		judged = true
		if degrees := counts.degrees(); !Graphical(degrees) {
			text := fmt.Sprintf("the gauges show what no graph has, %s: %s%s (or one end of a link has not noticed that it is lost)",
				span(from, counts.oldest()), inWords(degrees), oddSum(degrees))
			return []result.Finding{{Kind: result.FindingGaugeDisagrees, Node: -1, Text: text}}
		}
	}
	return nil
}

// degrees are the peer counts of the last looks.
func (p *picture) degrees() []int {
	var all []int
	for _, l := range p.nodes {
		all = append(all, int(l.peers))
	}
	return all
}

func oddSum(degrees []int) string {
	sum := 0
	for _, d := range degrees {
		sum += d
	}
	if sum%2 == 0 {
		return ""
	}
	return fmt.Sprintf(", together %d ends of links, which is odd", sum)
}

// inWords writes how many nodes have how many peers, the most peers first.
func inWords(degrees []int) string {
	nodes := map[int]int{}
	var values []int
	for _, d := range degrees {
		if nodes[d]++; nodes[d] == 1 {
			values = append(values, d)
		}
	}
	slices.SortFunc(values, func(a, b int) int { return cmp.Compare(b, a) })
	var parts []string
	for _, v := range values {
		parts = append(parts, fmt.Sprintf("%d with %s", nodes[v], peersInWords(float64(v))))
	}
	return "nodes: " + strings.Join(parts, ", ")
}
