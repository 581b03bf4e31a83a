package measure

import (
	"fmt"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// The nodes are the only ones who tell of their peers, so their words are held against one another and against what else
// shows it. Looks are never made at one moment, and networks change: a word counts as a contradiction when both witnesses
// stood to what they said, each over two looks or more, for a while in common. Churn and slow answers are none.
const (
	// standing is how long two witnesses must have stood still beside each other before they contradict.
	standing = 500 * time.Millisecond
	// maxGap is the longest time between two answers for which the first is taken to hold until the second.
	maxGap = 2500 * time.Millisecond
)

// crossExamine holds the witnesses of who is connected with whom against one another.
func (n *Network) crossExamine() []result.Finding {
	if !n.offersGauge() || len(n.Nodes) < 2 {
		return nil
	}
	var all []result.Finding
	if n.Level >= metric.L2 {
		all = append(all, n.contradictedClaims()...)
		all = append(all, fold(n.listsAgainstGauges())...)
	}
	all = append(all, n.countsWithoutGraph()...)
	return append(all, fold(n.gaugesAgainstSockets())...)
}

// foldAbove is how many findings of one kind and examination are told one by one; of more, so many are told as examples.
const foldAbove = 3

// fold makes one finding of many of the same kind, so that what a whole network does wrong is one line.
func fold(found []result.Finding) []result.Finding {
	if len(found) <= foldAbove {
		return found
	}
	var examples []string
	for _, f := range found[:foldAbove] {
		examples = append(examples, fmt.Sprintf("node %d %s", f.Node, f.Text))
	}
	text := fmt.Sprintf("%d like this: %s; and %d more", len(found), strings.Join(examples, "; "), len(found)-foldAbove)
	return []result.Finding{{Kind: found[0].Kind, Node: -1, Text: text}}
}

// examined are the readable answers of a node that an examination goes by: those of the steady window, or all when the
// network never got that far.
func (n *Network) examined(node Node) []Knowledge {
	var all []Knowledge
	for _, k := range node.Known {
		if k.Err == "" && (n.SteadyTo <= n.SteadyFrom || n.inSteady(k.Sent)) {
			all = append(all, k)
		}
	}
	return all
}

// stood is the value at which a gauge stood in all looks from the last one that ended before a moment to the first that
// began after another, where there is such a one; until is when the last of those looks ended. False when the value
// changed, or when nobody had looked before.
func stood(counts []Reading, from, to time.Duration) (value float64, until time.Duration, ok bool) {
	for _, r := range counts {
		switch {
		case r.Received <= from:
			value, ok = r.Value, true
		case !ok, r.Value != value:
			return 0, 0, false
		}
		until = r.Received
		if r.Sent >= to {
			break
		}
	}
	return value, until, ok
}

// tally counts how often a gauge was compared with another witness.
type tally struct {
	compared, differ int
	example          string // the first contradiction
}

// add takes one comparison: what contradicts, "" for nothing, and when it was.
func (t *tally) add(contradiction, when string) {
	t.compared++
	if contradiction == "" {
		return
	}
	if t.differ++; t.differ == 1 {
		t.example = contradiction + when
	}
}

// findings is one finding of a node, or none.
func (t *tally) findings(node int) []result.Finding {
	if t.differ == 0 {
		return nil
	}
	text := fmt.Sprintf("%s (%d of %d times)", t.example, t.differ, t.compared)
	return []result.Finding{{Kind: result.FindingGaugeDisagrees, Node: node, Text: text}}
}

// peersInWords writes a number of peers.
func peersInWords(count float64) string {
	if count == 1 {
		return "1 peer"
	}
	return fmt.Sprintf("%v peers", count)
}
