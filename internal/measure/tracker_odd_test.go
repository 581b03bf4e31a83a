package measure

import (
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/suite"
)

func TestTrackerNeverBelievesTheImpossible(t *testing.T) {
	for _, expect := range []suite.Expectation{{Graph: suite.FullMesh}, {Graph: suite.MinPeers, Min: 1}, {Graph: suite.Connected}} {
		tracker := NewTracker(suite.Scenario{Nodes: 3, Expect: expect}, suite.Node{}, metric.L1)
		for node := range 2 {
			tracker.Observe(node, at(10*ms, 2))
		}
		tracker.Observe(2, at(10*ms, 3))
		if _, _, ok := tracker.Seen(); ok {
			t.Errorf("%s: seen with three peers among three nodes", expect)
		}
		tracker.Observe(2, at(20*ms, 2))
		if _, _, ok := tracker.Seen(); !ok {
			t.Errorf("%s: not seen with two peers each", expect)
		}
	}
}

func TestTrackerOfOneNode(t *testing.T) {
	for _, expect := range []suite.Expectation{{Graph: suite.FullMesh}, {Graph: suite.Connected}} {
		for level := metric.L1; level <= metric.L2; level++ {
			tracker := NewTracker(suite.Scenario{Nodes: 1, Expect: expect}, suite.Node{}, level)
			tracker.Started(ms)
			for i := range 2 {
				if tracker.Formed() {
					t.Errorf("%s at L%d: formed after %d looks", expect, level, i)
				}
				sent := 3*ms + time.Duration(2*i)*ms
				tracker.Observe(0, at(sent, 0))
				tracker.Know(0, Knowledge{Sent: sent, Received: sent + ms, ID: "a", Peers: []string{}})
			}
			if low, high, _ := tracker.Seen(); !tracker.Formed() || low != ms || high != 4*ms {
				t.Errorf("%s at L%d: formed in [%v, %v] (%v)", expect, level, low, high, tracker.Formed())
			}
		}
	}
}

func TestTrackerWantsAnIdForEachNode(t *testing.T) {
	tracker := NewTracker(suite.Scenario{Nodes: 3, Expect: suite.Expectation{Graph: suite.Connected}}, suite.Node{}, metric.L2)
	if !tracker.NeedsLinks() {
		t.Fatal("connectedness is judged without links")
	}
	for node, id := range []string{"a", "b", "b"} {
		tracker.Know(node, Knowledge{Sent: ms, Received: ms, ID: id, Peers: []string{"a", "b"}})
	}
	if _, _, ok := tracker.Seen(); ok {
		t.Error("two nodes of one id count as two")
	}
	tracker.Know(2, Knowledge{Sent: 2 * ms, Received: 2 * ms, ID: "c", Peers: []string{"a", "b"}})
	if _, _, ok := tracker.Seen(); !ok {
		t.Error("three nodes of three ids do not count as three")
	}
}

func TestTrackerSaysWhichLookDecides(t *testing.T) {
	for name, test := range map[string]struct {
		expect suite.Expectation
		last   Reading
		want   bool
	}{
		"short of a mesh":      {suite.Expectation{Graph: suite.FullMesh}, at(ms, 1), true},
		"in the mesh":          {suite.Expectation{Graph: suite.FullMesh}, at(ms, 2), false},
		"nothing seen":         {suite.Expectation{Graph: suite.FullMesh}, missing(ms, "reset"), true},
		"impossible":           {suite.Expectation{Graph: suite.FullMesh}, at(ms, 3), true},
		"as many as wanted":    {suite.Expectation{Graph: suite.MinPeers, Min: 1}, at(ms, 1), false},
		"a matter of all":      {suite.Expectation{Graph: suite.Connected}, at(ms, 2), true},
		"fewer than is wanted": {suite.Expectation{Graph: suite.MinPeers, Min: 2}, at(ms, 1), true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := NewTracker(suite.Scenario{Nodes: 3, Expect: test.expect}, suite.Node{}, metric.L1).Decides(0, test.last); got != test.want {
				t.Errorf("decides is %v, want %v", got, test.want)
			}
		})
	}
}
