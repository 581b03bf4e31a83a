package bisect

import "fmt"

// Commit is one commit of the range.
type Commit struct {
	ID      string `json:"id"`                // what the outcome and the events call it; not empty, once in a range
	Parents []int  `json:"parents,omitempty"` // indices of its parents within the range, each below its own
	// Class says which commits are one program: those of equal classes share measurements. "" is a class of its own.
	Class string `json:"class,omitempty"`
}

// Task is what is searched, and all that a search is told beforehand.
type Task struct {
	// Commits are in topological order: the good end first, then every commit that the bad end contains and the good one
	// does not, parents before children, the bad end last.
	Commits    []Commit   `json:"commits"`
	Parameters Parameters `json:"parameters"`
}

// Chain returns commits in which each has the one before it as its only parent: a first-parent line.
func Chain(ids ...string) []Commit {
	commits := make([]Commit, len(ids))
	for i, id := range ids {
		commits[i].ID = id
		if i > 0 {
			commits[i].Parents = []int{i - 1}
		}
	}
	return commits
}

// checked returns the graph, the class of each commit as a number, and the index of each identifier.
func (t Task) checked() (graph, []int, map[string]int, error) {
	parents := make([][]int, len(t.Commits))
	class := make([]int, len(t.Commits))
	index, classes := map[string]int{}, map[string]int{}
	next := 0
	for i, c := range t.Commits {
		if c.ID == "" {
			return graph{}, nil, nil, fmt.Errorf("commit %d has no id", i)
		}
		if other, twice := index[c.ID]; twice {
			return graph{}, nil, nil, fmt.Errorf("commits %d and %d are both %q", other, i, c.ID)
		}
		index[c.ID], parents[i] = i, c.Parents
		known, found := classes[c.Class]
		if c.Class == "" || !found {
			known = next
			next++
			if c.Class != "" {
				classes[c.Class] = known
			}
		}
		class[i] = known
	}
	g, err := newGraph(parents)
	return g, class, index, err
}
