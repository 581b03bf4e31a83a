package bisect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestASecondChangeExcusesOnlyItsOwnSide: c50 is 10 % slower than c49, and c100 is slower than c75 again. That is another
// change, and no doubt about c50, as long as the commits before c50 are where one change puts them.
func TestASecondChangeExcusesOnlyItsOwnSide(t *testing.T) {
	for name, c := range map[string]struct {
		off  float64 // of c25, of logarithms
		want bool
	}{
		"the other side fits":      {0, true},
		"the other side is off":    {-0.12, false},
		"it is off by its offset":  {0.002, true},
		"it is off by three times": {0.005, true},
	} {
		t.Run(name, func(t *testing.T) {
			levels := []struct {
				commit int
				level  float64
			}{{0, 0}, {25, c.off}, {49, 0}, {50, 0.1}, {75, 0.1}, {100, 0.2}}
			rng := rand.New(rand.NewPCG(71, 72))
			w := NewWorld(100, rng)
			task := w.Task(0.15, 1)
			task.Parameters.OffsetSD = leastOffset
			s, err := New(task)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range levels {
				if err := s.Apply(Event{Type: Built, Commit: fmt.Sprintf("c%d", l.commit)}); err != nil {
					t.Fatal(err)
				}
			}
			for round := range 15 {
				for k, l := range levels {
					e := Event{Type: Ran, Artifact: k + 1, AtSeconds: float64(round*len(levels) + k),
						Value: math.Exp(l.level + 0.01*rng.NormFloat64())}
					if err := s.Apply(e); err != nil {
						t.Fatal(err)
					}
				}
			}
			var leader *group
			for _, g := range s.belief.groups {
				if len(g.members) == 1 && g.members[0] == 50 {
					leader = g
				}
			}
			if leader == nil || len(leader.filters) == 0 {
				t.Fatal("c50 is not in question")
			}
			further := s.further(leader)
			if len(further) == 0 || further[0].Good != "c50" && c.off == 0 {
				t.Fatalf("the change after c75 is not seen: %+v", further)
			}
			if got := s.fitsWithout(further, leader); got != c.want {
				t.Errorf("fits %v, want %v; further %+v", got, c.want, further)
			}
		})
	}
}
