package measure

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/suite"
)

// wavering is how often each of two nodes gained the other and lost it again, in turns; at last it has it.
type wavering [][]time.Duration

// stays is how long a node of a wavering network keeps what it has at least: longer than from one look at it to the next.
const stays = 60 * ms

func waver(random *rand.Rand, nodes int) wavering {
	changes := make(wavering, nodes)
	for i := range changes {
		at := time.Duration(1 + random.IntN(int(100*ms)))
		changes[i] = append(changes[i], at)
		for range 2 * random.IntN(3) {
			at += stays + time.Duration(random.IntN(int(100*ms)))
			changes[i] = append(changes[i], at)
		}
	}
	return changes
}

func (w wavering) has(node int, at time.Duration) bool {
	gains := 0
	for _, change := range w[node] {
		if change <= at {
			gains++
		}
	}
	return gains%2 == 1
}

// held are the times in which every node had the others, as pairs of a beginning and an end.
func (w wavering) held() [][2]time.Duration {
	moments := slices.Concat(w...)
	slices.Sort(moments)
	var all [][2]time.Duration
	open := false
	for _, at := range moments {
		holds := true
		for node := range w {
			holds = holds && w.has(node, at)
		}
		switch {
		case holds && !open:
			all = append(all, [2]time.Duration{at, time.Hour})
		case !holds && open:
			all[len(all)-1][1] = at
		}
		open = holds
	}
	return all
}

// TestTrackerOfNodesThatLosePeers checks that what is reported is the beginning of a time in which the mesh was there, and
// that no time before it lasted long enough to be seen.
func TestTrackerOfNodesThatLosePeers(t *testing.T) {
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 3))
		nodes := 2 + random.IntN(4)
		network := waver(random, nodes)
		tracker := NewTracker(suite.Scenario{Nodes: nodes, Expect: suite.Expectation{Graph: suite.FullMesh}}, suite.Node{}, metric.L1)
		for now, next := time.Duration(0), make([]time.Duration, nodes); !tracker.Formed() && now < 2*time.Second; now += ms {
			for node := range nodes {
				if now < next[node] {
					continue
				}
				length := time.Duration(random.IntN(int(4 * ms)))
				r := Reading{Sent: now, Received: now + length}
				if network.has(node, now+length/2) {
					r.Value = float64(nodes - 1)
				}
				tracker.Observe(node, r)
				next[node] = now + length + time.Duration(random.IntN(int(16*ms)))
			}
		}
		low, high, _ := tracker.Seen()
		held := network.held()
		first := slices.IndexFunc(held, func(h [2]time.Duration) bool { return low <= h[0] && h[0] <= high })
		if first < 0 || !tracker.Formed() {
			t.Fatalf("seed %d: formed in [%v, %v], in truth at the beginnings of %v", seed, low, high, held)
		}
		for _, h := range held[:first] {
			if h[1]-h[0] >= stays {
				t.Fatalf("seed %d: formed in [%v, %v], and already from %v until %v", seed, low, high, h[0], h[1])
			}
		}
	}
}

func TestTrackerTakesALostPeerBack(t *testing.T) {
	tracker := NewTracker(suite.Scenario{Nodes: 2, Expect: suite.Expectation{Graph: suite.FullMesh}}, suite.Node{}, metric.L1)
	for _, step := range []struct {
		node         int
		look         Reading
		seen, formed bool
	}{
		{0, at(10*ms, 0), false, false}, {1, at(12*ms, 0), false, false},
		{0, at(20*ms, 1), false, false}, {0, at(30*ms, 0), false, false}, // had it, lost it
		{1, at(33*ms, 1), false, false}, {0, missing(40*ms, "reset"), false, false}, {0, at(50*ms, 1), true, false},
		{0, at(52*ms, 1), true, false}, {1, at(54*ms, 0), false, false}, // not confirmed
		{1, at(60*ms, 1), true, false}, {0, at(61*ms, 1), true, false}, {1, at(62*ms, 1), true, true},
		{0, at(70*ms, 0), true, true}, // the first time counts
	} {
		tracker.Observe(step.node, step.look)
		if _, _, seen := tracker.Seen(); seen != step.seen || tracker.Formed() != step.formed {
			t.Fatalf("after the look at %v: seen is %v, formed is %v", step.look.Sent, seen, tracker.Formed())
		}
	}
	if low, high, _ := tracker.Seen(); low != 54*ms || high != 61*ms {
		t.Errorf("formed in [%v, %v]", low, high)
	}
}
