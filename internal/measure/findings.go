package measure

import (
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Findings lists what a person should know of the network: impossible gauges, pages that could not be read, links that
// only one end claims.
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
	if n.Level >= metric.L2 {
		all = append(all, n.asymmetries()...)
	}
	return all
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

// errorsOf are the errors of looks, "" for those that succeeded. Looks before the first success are left out where there is
// one: the page was not yet there.
func errorsOf[L any](looks []L, err func(L) string) []string {
	var all []string
	for _, l := range looks {
		all = append(all, err(l))
	}
	return all[max(0, slices.Index(all, "")):]
}

func share(failed []string) float64 {
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

// asymmetries lists the claims of a peer that does not claim the node, or that is none of the network. A link may be just
// made or lost, so a claim counts when both of the last two answers of a node show it.
func (n *Network) asymmetries() []result.Finding {
	var all []result.Finding
	index := map[string]int{}
	for i, node := range n.Nodes {
		index[node.id()] = i
	}
	_, somebodySilent := index[""]
	for i, node := range n.Nodes {
		last, before, ok := lastTwo(node.Known)
		if !ok {
			continue
		}
		for _, peer := range last.Peers {
			j, ours := index[peer]
			switch {
			case !slices.Contains(before.Peers, peer):
			case !ours && !somebodySilent:
				all = append(all, asymmetry(i, fmt.Sprintf("claims the peer %s, which is none of this network", peer)))
			case ours && n.denies(j, last.ID):
				all = append(all, asymmetry(i, fmt.Sprintf("claims node %d as a peer, which does not claim it", j)))
			}
		}
	}
	return all
}

// denies tells whether a node's last two answers both lack a peer.
func (n *Network) denies(node int, peer string) bool {
	last, before, ok := lastTwo(n.Nodes[node].Known)
	return ok && !slices.Contains(last.Peers, peer) && !slices.Contains(before.Peers, peer)
}

func asymmetry(node int, text string) result.Finding {
	return result.Finding{Kind: result.FindingAsymmetric, Node: node, Text: text}
}

// lastTwo returns the last two answers that could be read.
func lastTwo(known []Knowledge) (last, before Knowledge, ok bool) {
	var readable []Knowledge
	for _, k := range known {
		if k.Err == "" {
			readable = append(readable, k)
		}
	}
	if len(readable) < 2 {
		return Knowledge{}, Knowledge{}, false
	}
	return readable[len(readable)-1], readable[len(readable)-2], true
}
