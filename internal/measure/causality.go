package measure

import (
	"cmp"
	"fmt"
	"time"
)

// impossible says why a look at a peer gauge shows what cannot be, "" when it can: by itself, or at that moment.
func (n *Network) impossible(r Reading) string {
	return cmp.Or(Impossible(r.Value, len(n.Nodes)), n.tooEarly(r))
}

// tooEarly says why a count cannot be as early as that, "" when it can: whom a node counts must have been launched before
// the answer came. A gauge that is frozen at N-1, right as it may look later, is caught by its first looks.
func (n *Network) tooEarly(r Reading) string {
	if n.inSteady(r.Received) { // by then all are launched
		return ""
	}
	launched := 0
	for _, node := range n.Nodes {
		if node.Launched <= r.Received {
			launched++
		}
	}
	if r.Value <= float64(launched-1) {
		return ""
	}
	return fmt.Sprintf("the gauge shows %s %s after the first launch, when %d of %d nodes were launched",
		peersInWords(r.Value), moment(r.Received), launched, len(n.Nodes))
}

// moment writes a time since t0 to the millisecond.
func moment(t time.Duration) string { return fmt.Sprintf("%.3fs", t.Seconds()) }

// span writes the time between two moments.
func span(from, to time.Duration) string {
	return fmt.Sprintf("from %s to %s", moment(from), moment(to))
}
