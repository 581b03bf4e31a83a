package measure

import (
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Findings lists what a person should know of the network: impossible gauges, pages that could not be read, witnesses that
// contradict one another.
func (n *Network) Findings() []result.Finding {
	var all []result.Finding
	if fault := n.gaugeFault(); fault != "" {
		all = append(all, result.Finding{Kind: result.FindingGaugeInvalid, Node: -1, Text: fault})
	}
	if n.offersGauge() && !n.Formed && n.Failure == "" {
		all = append(all, result.Finding{Kind: result.FindingNotFormed, Node: -1, Text: n.notFormed() + ": " + n.lastCounts()})
	}
	for i, node := range n.Nodes {
		if n.offersGauge() {
			all = append(all, n.unreadable(i, "peer gauge", errorsOf(node.Peers, readingError), n.blindIn(node))...)
		}
		if n.Level >= metric.L2 {
			failed := errorsOf(node.Known, knowledgeError)
			all = append(all, n.unreadable(i, "probe", failed, share(failed))...)
		}
	}
	all = append(all, n.workFindings()...)
	return append(all, n.crossExamine()...)
}

// lastCounts writes the last peer count of each node.
func (n *Network) lastCounts() string {
	var counts []string
	for _, node := range n.Nodes {
		text := "?"
		for _, r := range node.Peers {
			if r.Err == "" {
				text = fmt.Sprint(r.Value)
			}
		}
		counts = append(counts, text)
	}
	return fmt.Sprintf("last peer counts %v", counts)
}

// errorsOf are the errors of looks, "" for those that succeeded.
func errorsOf[L any](looks []L, err func(L) string) []string {
	var all []string
	for _, l := range looks {
		all = append(all, err(l))
	}
	return all
}

// share is how much of the looks failed. Those before the first success are left out where there is one: the page was not yet
// there.
func share(failed []string) float64 {
	failed = failed[max(0, slices.Index(failed, "")):]
	if len(failed) == 0 {
		return 0
	}
	return float64(missed(failed)) / float64(len(failed))
}

func missed(failed []string) int {
	return len(failed) - len(slices.DeleteFunc(slices.Clone(failed), func(err string) bool { return err != "" }))
}

// blindIn is the share of the steady window in which a node's gauge could not be read, or 1 when it never was.
func (n *Network) blindIn(node Node) float64 {
	switch {
	case len(node.Peers) == 0:
		return 0
	case !slices.Contains(errorsOf(node.Peers, readingError), ""):
		return 1
	case n.SteadyTo <= n.SteadyFrom:
		return share(errorsOf(node.Peers, readingError))
	}
	return n.blind(node)
}

// unreadable tells of a page that failed too often to be believed. A look that failed now and then is no finding.
func (n *Network) unreadable(node int, what string, failed []string, blind float64) []result.Finding {
	if blind <= maxBlind {
		return nil
	}
	last := failed[len(failed)-1]
	for _, err := range failed {
		if err != "" {
			last = err
		}
	}
	text := fmt.Sprintf("%s: %d of %d looks failed, the last with: %s", what, missed(failed), len(failed), last)
	return []result.Finding{{Kind: result.FindingUnreadable, Node: node, Text: text}}
}
