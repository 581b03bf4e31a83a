package bisect

import (
	"fmt"
	"math/bits"
)

// The range of a search is a directed graph of commits, by index. Index 0 is the good end and no suspect; every other
// index is a suspect; the last one is the bad end. Parents come before their children. A commit contains c when c is
// among its ancestors or is the commit itself, and it is slow when it contains the culprit.
//
// Which suspects a commit contains is a set of n bits, and all those sets together are n² of them: too many to hold
// for a long range. They are made in batches instead: 512 suspects at a time, eight words for each commit, and the
// words of a commit are those of its parents or'ed together, with its own bit added. One pass over the graph answers
// for 512 suspects, exactly, whatever the number of merges.

// batchWords is how many words a commit has in one batch.
const batchWords = 8

// batchSize is how many suspects one batch answers for.
const batchSize = 64 * batchWords

type batch [batchWords]uint64

// graph is a checked range.
type graph struct {
	parents [][]int
	linear  bool // each commit has exactly the one before it as its parent: sets are prefixes
}

// newGraph checks the parents of a range: topological order, and everything contained in the last commit.
func newGraph(parents [][]int) (graph, error) {
	g := graph{parents: parents, linear: true}
	if len(parents) < 2 {
		return graph{}, fmt.Errorf("%d commits: a range has the good end and at least one more", len(parents))
	}
	if len(parents[0]) != 0 {
		return graph{}, fmt.Errorf("commit 0 is the good end and has no parents in the range")
	}
	for i, list := range parents {
		for _, p := range list {
			if p < 0 || p >= i {
				return graph{}, fmt.Errorf("commit %d has parent %d: parents come before their children", i, p)
			}
		}
		if i > 0 && (len(list) != 1 || list[0] != i-1) {
			g.linear = false
		}
	}
	last := g.ancestors(len(parents) - 1)
	for i := 1; i < len(parents); i++ {
		if !last.has(i) {
			return graph{}, fmt.Errorf("commit %d is not contained in the bad end, which is the last commit", i)
		}
	}
	return g, nil
}

func (g graph) size() int { return len(g.parents) }

// set is a set of commits.
type set struct {
	prefix int      // of a linear range: 1..prefix
	words  []uint64 // else: a bit for each commit; nil for a prefix
}

func (s set) has(i int) bool {
	if s.words == nil {
		return i >= 1 && i <= s.prefix
	}
	return s.words[i/64]>>(i%64)&1 == 1
}

// ancestors returns the suspects that a commit contains.
func (g graph) ancestors(of int) set {
	if g.linear {
		return set{prefix: of}
	}
	s := set{words: make([]uint64, (g.size()+63)/64)}
	s.words[of/64] |= 1 << (of % 64)
	for i := of; i > 0; i-- { // parents come first, so one pass downwards meets each commit after its children
		if !s.has(i) {
			continue
		}
		for _, p := range g.parents[i] {
			s.words[p/64] |= 1 << (p % 64)
		}
	}
	s.words[0] &^= 1 // the good end is no suspect
	return s
}

// between tells which commits are contained in high and contain low, both included.
func (g graph) between(low, high int) []bool {
	found := make([]bool, g.size())
	found[low] = true
	for i := low + 1; i <= high; i++ {
		for _, p := range g.parents[i] {
			found[i] = found[i] || found[p]
		}
		// A branch that began before the good end of the range is measured like all others, for want of better.
		found[i] = found[i] || low == 0
	}
	inside := g.ancestors(high)
	for i := range found {
		found[i] = found[i] && (i == low || inside.has(i))
	}
	return found
}

// eachBatch calls visit for every batch of the sources, with the mask of each commit: bit k of commit i is set when i
// contains sources[k]. The masks are reused from batch to batch. Sources rise, and so do batches: what comes before the first
// source of one contains none of its sources, nor of those after it.
func (g graph) eachBatch(sources []int, visit func(sources []int, masks []batch)) {
	masks := make([]batch, g.size())
	from := 0
	for len(sources) > 0 {
		part := sources[:min(batchSize, len(sources))]
		sources = sources[len(part):]
		clear(masks[from:part[0]])
		from = part[0]
		next := 0
		for i := from; i < len(masks); i++ {
			var m batch
			for _, p := range g.parents[i] {
				for w := range m {
					m[w] |= masks[p][w]
				}
			}
			if next < len(part) && part[next] == i {
				m[next/64] |= 1 << (next % 64)
				next++
			}
			masks[i] = m
		}
		visit(part, masks)
	}
}

// masses returns for each commit the weight of the suspects that it contains. Only commits that have weight are sources.
func (g graph) masses(weight []float64) []float64 {
	sums := make([]float64, g.size())
	if g.linear {
		for i := 1; i < g.size(); i++ {
			sums[i] = sums[i-1] + weight[i]
		}
		return sums
	}
	var sources []int
	for i := 1; i < g.size(); i++ {
		if weight[i] > 0 {
			sources = append(sources, i)
		}
	}
	var table [batchSize / 8][256]float64 // the weight of each byte of a mask, so that a word takes eight look-ups
	within := make([]float64, g.size())   // the weight of each mask
	g.eachBatch(sources, func(part []int, masks []batch) {
		fillTable(&table, part, weight)
		clear(within[:part[0]])
		next := 0
		for i := part[0]; i < len(masks); i++ {
			others, own := masks[i], 0.0 // what it contains but for itself
			if next < len(part) && part[next] == i {
				others[next/64] &^= 1 << (next % 64)
				own = weight[i]
				next++
			}
			if p := g.peer(i, &others, masks); p >= 0 {
				within[i] = within[p] + own
			} else {
				within[i] = weigh(&table, &others) + own
			}
			sums[i] += within[i]
		}
	})
	return sums
}

// peer returns a parent that contains as much as a mask, or -1. Most commits have one: all but merges of two branches that are both
// among the sources.
func (g graph) peer(i int, mask *batch, masks []batch) int {
	if len(g.parents[i]) == 1 {
		return g.parents[i][0]
	}
	for _, p := range g.parents[i] {
		if masks[p] == *mask {
			return p
		}
	}
	return -1
}

// weigh sums the weights of a mask.
func weigh(table *[batchSize / 8][256]float64, mask *batch) float64 {
	var sum float64
	for w, word := range mask {
		for b := 0; word != 0; b++ {
			sum += table[8*w+b][word&0xff]
			word >>= 8
		}
	}
	return sum
}

func fillTable(table *[batchSize / 8][256]float64, part []int, weight []float64) {
	for b := range table {
		for value := 1; value < 256; value++ {
			low := bits.TrailingZeros(uint(value))
			var of float64
			if k := 8*b + low; k < len(part) {
				of = weight[part[k]]
			}
			table[b][value] = table[b][value&(value-1)] + of
		}
	}
}
