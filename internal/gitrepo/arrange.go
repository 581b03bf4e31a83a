package gitrepo

import (
	"context"
	"slices"
)

// line is a range in its order.
type line struct {
	nodes   []node // the good end first
	parents [][]int
	off     bool // the good end is not on the first-parent line
}

// arrange puts what was walked into order, and makes sure that it is a range to search: the good end comes first in nodes.
func (a asked) arrange(ctx context.Context, nodes []node) (line, error) {
	good, inside := nodes[0], map[string]node{}
	for _, n := range nodes[1:] {
		inside[n.sha] = n
	}
	if _, found := inside[a.bad.SHA]; !found {
		return line{}, a.reversed()
	}
	l := line{nodes: []node{good}, parents: [][]int{nil}}
	if a.plan.AllParents {
		l.addGraph(inside, a.bad.SHA)
	} else {
		l.addChain(inside, a.bad.SHA)
	}
	return l, a.connected(ctx, &l)
}

// addChain adds the first-parent line that ends in bad.
func (l *line) addChain(inside map[string]node, bad string) {
	var down []node
	for n, found := inside[bad]; found; n, found = inside[n.first()] {
		down = append(down, n)
	}
	slices.Reverse(down)
	for i, n := range down {
		l.nodes, l.parents = append(l.nodes, n), append(l.parents, []int{i})
	}
	l.off = l.nodes[1].first() != l.nodes[0].sha
}

// first is the first parent, "" for a root.
func (n node) first() string {
	if len(n.parents) == 0 {
		return ""
	}
	return n.parents[0]
}

// addGraph adds all commits that bad contains: each after its parents, those of the first parent before those of the second.
// The order depends on nothing but the graph.
func (l *line) addGraph(inside map[string]node, bad string) {
	type visit struct {
		node
		next int // the parent to look at
	}
	place := map[string]int{l.nodes[0].sha: 0}
	open := []visit{{node: inside[bad]}}
	begun := map[string]bool{bad: true}
	for len(open) > 0 {
		top := &open[len(open)-1]
		if top.next < len(top.parents) {
			parent, found := inside[top.parents[top.next]]
			top.next++
			if found && !begun[parent.sha] {
				begun[parent.sha] = true
				open = append(open, visit{node: parent})
			}
			continue
		}
		var parents []int
		for _, sha := range top.parents {
			if at, found := place[sha]; found {
				parents = append(parents, at)
			}
		}
		slices.Sort(parents)
		place[top.sha] = len(l.nodes)
		l.nodes, l.parents = append(l.nodes, top.node), append(l.parents, slices.Compact(parents))
		open = open[:len(open)-1]
	}
}

// descend tells whether every commit of the range descends from the good end.
func (l *line) descend() bool {
	return !l.off && !slices.ContainsFunc(l.parents[1:], func(parents []int) bool { return len(parents) == 0 })
}

// commits are what the caller gets.
func (l *line) commits(contents map[string]string) []RangeCommit {
	all := make([]RangeCommit, len(l.nodes))
	for i, n := range l.nodes {
		all[i] = RangeCommit{
			SHA: n.sha, Parents: l.parents[i], Title: n.title, Author: n.author, Email: n.email, Date: n.date,
			PullRequest: pullRequest(n.title), Class: contents[n.tree], Merge: len(n.parents) > 1,
		}
	}
	return all
}
