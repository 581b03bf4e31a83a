package measure

import (
	"fmt"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/result"
)

// contradictedClaims lists the claims of a peer that does not claim the node: because it never did (asymmetric), because it
// has dropped the node meanwhile (stale), or because there is nobody of that name in the network (phantom).
func (n *Network) contradictedClaims() []result.Finding {
	c := n.claims()
	var asymmetric, stale, phantom []result.Finding
	for i := range n.Nodes {
		for j := range n.Nodes {
			from, to, dropped := c.contradiction(i, j)
			switch {
			case to == 0:
			case dropped:
				stale = append(stale, claim(result.FindingStale, i, fmt.Sprintf("keeps node %d as a peer, which dropped it", j), from, to))
			default:
				asymmetric = append(asymmetric, claim(result.FindingAsymmetric, i, fmt.Sprintf("claims node %d as a peer, which does not claim it", j), from, to))
			}
		}
		for _, s := range c.strangers(i) {
			phantom = append(phantom, claim(result.FindingPhantom, i, fmt.Sprintf("claims the peer %s, which is none of this network", short(s.name)), s.from, s.to))
		}
	}
	return slices.Concat(fold(asymmetric), fold(stale), fold(phantom))
}

func claim(kind string, node int, text string, from, to time.Duration) result.Finding {
	return result.Finding{Kind: kind, Node: node, Text: fmt.Sprintf("%s, %s", text, span(from, to))}
}

// short cuts a name that a node chose to what fits into a line.
func short(name string) string {
	const most = 64
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return name
}

// claims is who claims whom in the examined answers.
type claims struct {
	answers [][]Knowledge
	// peers tells by node, answer and node whom an answer claims.
	peers [][][]bool
	// first is when a node first claimed another at all, in any answer of the run; absent when it never did.
	first map[[2]int]time.Duration
	// index finds a node by what it calls itself; complete says that all have told.
	index    map[string]int
	complete bool
}

func (n *Network) claims() *claims {
	c := &claims{index: map[string]int{}, first: map[[2]int]time.Duration{}, complete: true}
	for i, node := range n.Nodes {
		if id := node.id(); id != "" {
			c.index[id] = i
		} else {
			c.complete = false
		}
	}
	for i, node := range n.Nodes {
		answers := n.examined(node)
		c.answers = append(c.answers, answers)
		rows := make([][]bool, len(answers))
		for k, answer := range answers {
			if k > 0 && slices.Equal(answer.Peers, answers[k-1].Peers) {
				rows[k] = rows[k-1]
				continue
			}
			rows[k] = c.row(answer, len(n.Nodes))
		}
		c.peers = append(c.peers, rows)
		c.note(i, node.Known)
	}
	return c
}

func (c *claims) row(answer Knowledge, nodes int) []bool {
	row := make([]bool, nodes)
	for _, peer := range answer.Peers {
		if j, ours := c.index[peer]; ours {
			row[j] = true
		}
	}
	return row
}

// note keeps when a node first claimed each other one.
func (c *claims) note(node int, answers []Knowledge) {
	var before []string
	for _, answer := range answers {
		if answer.Err != "" || slices.Equal(answer.Peers, before) {
			continue
		}
		before = answer.Peers
		for _, peer := range answer.Peers {
			j, ours := c.index[peer]
			if _, known := c.first[[2]int{node, j}]; ours && !known {
				c.first[[2]int{node, j}] = answer.Received
			}
		}
	}
}

// stretch is the time over which consecutive answers of a node, two at least, all said the same.
type stretch struct{ from, to time.Duration }

// stretches are the times over which a node claimed something, or did not.
func (c *claims) stretches(node int, says func(answer int) bool) []stretch {
	var all []stretch
	begin := -1
	answers := c.answers[node]
	for k := range answers {
		if begin >= 0 && answers[k].Sent-answers[k-1].Received > maxGap {
			begin = -1
		}
		switch {
		case !says(k):
			begin = -1
		case begin < 0:
			begin = k
		case begin == k-1:
			all = append(all, stretch{answers[begin].Received, answers[k].Sent})
		default:
			all[len(all)-1].to = answers[k].Sent
		}
	}
	return all
}

// contradiction is the longest time in which one node claimed another that did not claim it; the end is 0 when there was
// none. Dropped says that the other had claimed it before.
func (c *claims) contradiction(node, other int) (from, to time.Duration, dropped bool) {
	if node == other || len(c.answers[other]) < 2 {
		return 0, 0, false
	}
	claimed := c.stretches(node, func(k int) bool { return c.has(node, k, other) })
	if len(claimed) == 0 {
		return 0, 0, false
	}
	for _, denied := range c.stretches(other, func(k int) bool { return !c.has(other, k, node) }) {
		for _, s := range claimed {
			begin, end := max(s.from, denied.from), min(s.to, denied.to)
			if end-begin >= standing && end-begin > to-from {
				first, known := c.first[[2]int{other, node}]
				from, to, dropped = begin, end, known && first < denied.from
			}
		}
	}
	return from, to, dropped
}

func (c *claims) has(node, answer, other int) bool {
	return c.peers[node][answer][other]
}

// mostStrangers bounds how many names a node may invent before the rest is not looked at.
const mostStrangers = 100

// stranger is a claimed peer that is none of the network.
type stranger struct {
	name string
	stretch
}

// strangers lists the names in two answers of a node, one after the other, that are nobody's. While a node has not told its
// own name, nobody can be called that.
func (c *claims) strangers(node int) []stranger {
	if !c.complete {
		return nil
	}
	var all []stranger
	told := map[string]bool{}
	for _, answer := range c.answers[node] {
		for _, peer := range answer.Peers {
			if _, ours := c.index[peer]; ours || told[peer] || len(told) == mostStrangers {
				continue
			}
			told[peer] = true
			claimed := c.stretches(node, func(k int) bool { return slices.Contains(c.answers[node][k].Peers, peer) })
			if len(claimed) > 0 {
				all = append(all, stranger{peer, claimed[0]})
			}
		}
	}
	return all
}
