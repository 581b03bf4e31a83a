package bisect

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// randomParents is a history with merges, in topological order, in which the last commit contains all others.
func randomParents(n int, rng *rand.Rand) [][]int {
	parents := make([][]int, n)
	childless := map[int]bool{0: true}
	add := func(i, p int) {
		parents[i] = append(parents[i], p)
		delete(childless, p)
	}
	for i := 1; i < n-1; i++ {
		back := 1 + rng.IntN(4)
		add(i, max(0, i-back))
		if rng.IntN(4) == 0 {
			if p := rng.IntN(i); p != parents[i][0] {
				add(i, p)
			}
		}
		childless[i] = true
	}
	for i := range n - 1 {
		if childless[i] {
			add(n-1, i)
		}
	}
	return parents
}

// containedByWalk is the plain way to the same sets.
func containedByWalk(parents [][]int, of int) map[int]bool {
	found := map[int]bool{}
	open := []int{of}
	for len(open) > 0 {
		i := open[len(open)-1]
		open = open[:len(open)-1]
		if i == 0 || found[i] {
			continue
		}
		found[i] = true
		open = append(open, parents[i]...)
	}
	return found
}

func TestSetsAndMassesAreThoseOfAWalk(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{2, 3, 17, 300, 1400} { // the last one takes three batches
		parents := randomParents(n, rng)
		g, err := newGraph(parents)
		if err != nil {
			t.Fatal(err)
		}
		weight := make([]float64, n)
		for i := 1; i < n; i++ {
			if rng.IntN(3) > 0 {
				weight[i] = rng.Float64()
			}
		}
		ones := make([]float64, n)
		for i := range ones {
			ones[i] = 1
		}
		counts, masses := g.masses(ones), g.masses(weight)
		for i := range n {
			found := containedByWalk(parents, i)
			set := g.ancestors(i)
			var mass float64
			for c := range n {
				if set.has(c) != found[c] {
					t.Fatalf("%d commits: does %d contain %d? %v, by a walk %v", n, i, c, set.has(c), found[c])
				}
				if found[c] {
					mass += weight[c]
				}
			}
			if counts[i] != float64(len(found)) || math.Abs(masses[i]-mass) > 1e-9 {
				t.Fatalf("%d commits: %d contains %v of mass %v, by a walk %d of %v", n, i, counts[i], masses[i], len(found), mass)
			}
		}
	}
}

func TestAChainHasPrefixes(t *testing.T) {
	g, err := newGraph([][]int{nil, {0}, {1}, {2}})
	if err != nil || !g.linear {
		t.Fatalf("linear %v, %v", g.linear, err)
	}
	if diff := cmp.Diff([]float64{0, 0.25, 0.75, 1.75}, g.masses([]float64{9, 0.25, 0.5, 1})); diff != "" {
		t.Error(diff)
	}
}

func TestImpossibleRanges(t *testing.T) {
	for name, c := range map[string]struct {
		parents [][]int
		want    string
	}{
		"no suspect":             {[][]int{nil}, "the good end and at least one more"},
		"a parent of itself":     {[][]int{nil, {1}}, "parents come before their children"},
		"a parent before all":    {[][]int{nil, {-1}}, "parents come before their children"},
		"the good end's parents": {[][]int{{0}, {0}}, "commit 0 is the good end"},
		"beside the bad end":     {[][]int{nil, {0}, {0}}, "commit 1 is not contained in the bad end"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := newGraph(c.parents); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}
