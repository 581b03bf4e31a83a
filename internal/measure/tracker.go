package measure

import (
	"time"

	"github.com/communitas/perfgate/internal/suite"
)

// Tracker follows a network while it forms and tells between which moments the expected graph came to hold.
//
// Where the expectation speaks of each node by itself (a full mesh, a least number of peers), the graph holds from the
// moment when the last node gets there: after the last look that showed a node short of it, and by the end of the look
// that completed the picture. Where it speaks of all nodes together, the picture before that look did not hold, so the
// graph did not hold when the oldest look of that picture was sent.
//
// Both bounds rest on graphs that grow. When nodes lose peers while the network forms, the picture may put together what
// was never there at one moment, no longer ago than the oldest look in it.
type Tracker struct {
	picture picture
	// failing is when the last look was sent that showed a node short of the expectation.
	failing   time.Duration
	formed    bool
	low, high time.Duration
}

// NewTracker follows a network of the scenario's size. Level is what the nodes offer.
func NewTracker(scenario suite.Scenario, node suite.Node, level int) *Tracker {
	return &Tracker{picture: newPicture(scenario, node, level)}
}

// NeedsLinks tells which looks the tracker goes by: at who knows whom (Know) or at the peer gauges (Observe).
func (t *Tracker) NeedsLinks() bool { return t.picture.links }

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

// Formed returns the interval in which the graph came to hold; false as long as it does not.
func (t *Tracker) Formed() (low, high time.Duration, ok bool) { return t.low, t.high, t.formed }

func (t *Tracker) take(node int, l look) {
	if t.formed {
		return
	}
	before := t.picture.oldest()
	changed := t.picture.put(node, l)
	if !t.picture.meets(node) {
		t.failing = max(t.failing, l.sent)
	}
	if !changed || !t.picture.holds() {
		return
	}
	t.formed, t.low, t.high = true, before, t.picture.newest()
	if t.picture.single() {
		t.low = t.failing
	}
}
