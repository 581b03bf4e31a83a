package gitrepo

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// sketch is a history by numbers: parents come first.
type sketch struct {
	parents [][]int
	dates   []int64
}

func draw(n int, lies int64, rng *rand.Rand) sketch {
	s := sketch{make([][]int, n), make([]int64, n)}
	for i := range n {
		s.dates[i] = int64(10*i) + rng.Int64N(2*lies+1) - lies
		for range min(i, []int{0, 1, 1, 1, 1, 1, 1, 2, 2, 3}[rng.IntN(10)]) {
			if p := max(0, i-1-rng.IntN(1+rng.IntN(15))); !slices.Contains(s.parents[i], p) {
				s.parents[i] = append(s.parents[i], p)
			}
		}
	}
	return s
}

func numbered(i int) (h plumbing.Hash) {
	binary.BigEndian.PutUint32(h[:], uint32(i))
	return h
}

func (s sketch) read(h plumbing.Hash) (*node, []plumbing.Hash, int64, error) {
	i := int(binary.BigEndian.Uint32(h[:]))
	var parents []plumbing.Hash
	for _, p := range s.parents[i] {
		parents = append(parents, numbered(p))
	}
	return &node{sha: fmt.Sprint(i)}, parents, s.dates[i], nil
}

// ancestors of a commit and itself.
func (s sketch) ancestors(of int) []bool {
	found := make([]bool, len(s.parents))
	found[of] = true
	for i := of; i >= 0; i-- {
		if found[i] {
			for _, p := range s.parents[i] {
				found[p] = true
			}
		}
	}
	return found
}

// want is the range by definition, sorted; on a line, as git lists it: from bad by first parents until good contains one.
func (s sketch) want(good, bad int, firstParent bool) []string {
	var all []string
	old, young := s.ancestors(good), s.ancestors(bad)
	if firstParent {
		for i := bad; !old[i]; i = s.parents[i][0] {
			if all = append(all, fmt.Sprint(i)); len(s.parents[i]) == 0 {
				break
			}
		}
	} else {
		for i := range young {
			if young[i] && !old[i] {
				all = append(all, fmt.Sprint(i))
			}
		}
	}
	slices.Sort(all)
	return all
}

func TestAPaintedRangeIsExactHoweverDatesLie(t *testing.T) {
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 21))
		s := draw(5+rng.IntN(120), []int64{0, 5, 50, 1000, 100000}[rng.IntN(5)], rng)
		for range 10 {
			good, bad, firstParent := rng.IntN(len(s.parents)), rng.IntN(len(s.parents)), rng.IntN(2) == 0
			found, err := paint(t.Context(), &painter{read: s.read, firstParent: firstParent}, numbered(good), numbered(bad))
			if err != nil || found[0].sha != fmt.Sprint(good) {
				t.Fatalf("seed %d: %v, %v", seed, found, err)
			}
			var got []string
			for _, n := range found[1:] {
				got = append(got, n.sha)
			}
			slices.Sort(got)
			if want := s.want(good, bad, firstParent); !slices.Equal(want, got) {
				t.Fatalf("seed %d, %d..%d, first parents %v: %v, want %v, of %+v", seed, good, bad, firstParent, got, want, s)
			}
		}
	}
}

func TestAWalkEndsSoonBelowARangeWithoutEntries(t *testing.T) {
	const n = 20000
	s := sketch{make([][]int, n), make([]int64, n)}
	for i := range n {
		s.dates[i] = int64(i)
		if i > 0 {
			s.parents[i] = []int{i - 1}
		}
		if i > 4 && i%5 == 0 {
			s.parents[i] = append(s.parents[i], i-3)
		}
	}
	for _, c := range []struct {
		name        string
		firstParent bool
		early       int // the second parent of one commit in the range, 0 for none
		most        int
	}{
		{"a line", true, 0, 110}, {"a graph", false, 0, 110}, {"a branch from before", false, n - 300, 300 + slop + 10},
	} {
		if c.early > 0 {
			s.parents[n-20] = append(s.parents[n-20], c.early+1)
			s.parents[c.early+1] = []int{c.early - 50}
		}
		p := &painter{read: s.read, firstParent: c.firstParent}
		found, err := paint(t.Context(), p, numbered(n-100), numbered(n-1))
		if err != nil || len(p.commits) > c.most+slop/10 {
			t.Errorf("%s: %d commits were read for %d, %v", c.name, len(p.commits), len(found), err)
		}
	}
}
