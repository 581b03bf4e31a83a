package measure

import (
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/result"
)

// listsAgainstGauges compares how many peers a node lists with how many its gauge counts, while both stand still: the list
// is the same in two consecutive answers, and the gauge in all looks from before the first of them on. A gauge of outbound
// connections counts some of the listed peers, so it must only not be above them.
func (n *Network) listsAgainstGauges() []result.Finding {
	if n.SteadyTo <= n.SteadyFrom {
		return nil
	}
	var all []result.Finding
	for i, node := range n.Nodes {
		var said tally
		counts, answers := n.counts(node), n.examined(node)
		for k := range max(0, len(answers)-1) {
			a, b := answers[k], answers[k+1]
			if gauge, ok := besideList(counts, a, b); ok {
				said.add(n.unlike(gauge, len(a.Peers)), ", "+span(a.Received, b.Sent))
			}
		}
		all = append(all, said.findings(i)...)
	}
	return all
}

// besideList is where a gauge stood while two consecutive answers listed the same; false when they did not, or it did not.
func besideList(counts []Reading, a, b Knowledge) (gauge float64, ok bool) {
	gap := b.Sent - a.Received
	if gap < standing || gap > maxGap || !slices.Equal(a.Peers, b.Peers) {
		return 0, false
	}
	gauge, until, ok := stood(counts, a.Sent, b.Received)
	return gauge, ok && until > a.Received
}

// unlike says how a gauge differs from a list, "" when it does not.
func (n *Network) unlike(gauge float64, listed int) string {
	if gauge == float64(listed) || n.outbound() && gauge < float64(listed) {
		return ""
	}
	return fmt.Sprintf("shows %s in its gauge and lists %d", peersInWords(gauge), listed)
}
