package measure

import (
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/suite"
)

// Tracker follows a network while it forms and tells between which moments the expected graph came to hold.
//
// Where the expectation speaks of each node by itself (a full mesh, a least number of peers), the graph holds from the
// moment when the last node gets there: after the last look that showed a node short of it, and by the end of the look
// that first showed the last one there. Where it speaks of all nodes together, the picture before that look did not hold,
// so the graph did not hold when the oldest look of that picture was sent; this rests on graphs that grow.
//
// Looks at different nodes are made at different moments, so a picture may put together what was never there at one of
// them. The graph counts as formed only when every node was looked at once more, and the picture held all the while.
type Tracker struct {
	picture picture
	// met is when the first of the looks was received that have shown a node to meet the expectation without a break; 0
	// while the last one does not.
	met []time.Duration
	// least is a moment at which the graph cannot have held yet: the last node was not yet started, or, where the
	// expectation speaks of each node by itself, one was still short of it.
	least time.Duration
	// seen says that the picture holds, and since when between low and high.
	seen      bool
	low, high time.Duration
	formed    bool
}

// NewTracker follows a network of the scenario's size. Level is what the nodes offer.
func NewTracker(scenario suite.Scenario, node suite.Node, level int) *Tracker {
	return &Tracker{picture: newPicture(scenario, node, level), met: make([]time.Duration, scenario.Nodes)}
}

// NeedsLinks tells which looks the tracker goes by: at who knows whom (Know) or at the peer gauges (Observe).
func (t *Tracker) NeedsLinks() bool { return t.picture.links }

// Decides tells whether the next look at a node may be the one that decides, given the last look at its gauge: it showed the
// node short of the expectation, or nothing at all. Where the expectation speaks of all nodes together, each one may. It is
// safe for concurrent use.
func (t *Tracker) Decides(node int, r Reading) bool {
	return r.Err != "" || !t.picture.single() || !t.picture.enough(node, lookAtGauge(r))
}

// Started takes the moment before a node was started: until then it had no peers.
func (t *Tracker) Started(at time.Duration) { t.least = max(t.least, at) }

// Observe takes a look at a node's gauge. One that failed says nothing, nor does any where the tracker goes by links.
func (t *Tracker) Observe(node int, r Reading) {
	if r.Err == "" && !t.picture.links {
		t.take(node, lookAtGauge(r))
	}
}

// Know takes a node's answer of whom it knows. One that failed says nothing, nor does any where the tracker goes by gauges.
func (t *Tracker) Know(node int, k Knowledge) {
	if k.Err == "" && t.picture.links {
		t.take(node, lookAtLinks(k))
	}
}

// Seen returns the interval in which the graph came to hold as far as is known; false while it does not. It is formed if
// further looks confirm it.
func (t *Tracker) Seen() (low, high time.Duration, ok bool) { return t.low, t.high, t.seen }

// Formed tells whether what was seen is confirmed; nothing changes from then on.
func (t *Tracker) Formed() bool { return t.formed }

func (t *Tracker) take(node int, l look) {
	if t.formed {
		return
	}
	before := t.picture.oldest()
	changed := t.picture.put(node, l)
	t.judge(node, l)
	if changed {
		t.complete(before)
	}
	t.formed = t.seen && t.picture.oldest() >= t.high
}

// judge notes whether a node by itself meets the expectation.
func (t *Tracker) judge(node int, l look) {
	switch {
	case !t.picture.meets(node):
		t.met[node] = 0
		if t.picture.single() {
			t.least = max(t.least, l.sent)
		}
	case t.met[node] == 0:
		t.met[node] = l.received
	}
}

// complete notes whether the picture holds after a change. The one before was not older than that.
func (t *Tracker) complete(before time.Duration) {
	switch holds := t.picture.holds(); {
	case !holds:
		t.seen, t.low, t.high = false, 0, 0
	case t.seen:
	case t.picture.single():
		t.seen, t.low, t.high = true, t.least, slices.Max(t.met)
	default:
		t.seen, t.low, t.high = true, max(t.least, before), t.picture.newest()
	}
}
