package report

import (
	"math"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/bisect"
)

// bar draws a posterior over a range: a line of columns, each for as many commits, and a line of marks below it.
type bar struct {
	heights string
	marks   string
	// commits is how many stand in one column at most.
	commits int
}

// The marks of a column, what is worth most last.
const (
	markNothing = iota
	markBuilt
	markBroken
	markBoth // built and broken ones
	markSuspect
	markCulprit
)

// drawn draws with so many columns at most, at least one.
func (h Hunt) drawn(columns int) bar {
	n := len(h.Task.Commits)
	columns = max(1, min(columns, n))
	mass, marks := make([]float64, columns), make([]int, columns)
	column := func(i int) int { return i * columns / n }
	for i, p := range h.Posterior {
		if i < n {
			mass[column(i)] += p
		}
	}
	for i, mark := range h.marks() {
		marks[column(i)] = joined(marks[column(i)], mark)
	}
	b := bar{commits: (n + columns - 1) / columns}
	most := slices.Max(mass)
	var heights, under strings.Builder
	for i := range mass {
		heights.WriteString(height(mass[i], most))
		under.WriteRune([]rune(" ○×⊗?▲")[marks[i]])
	}
	b.heights, b.marks = heights.String(), strings.TrimRight(under.String(), " ")
	return b
}

// height is one column. What is far from possible is a line, what is possible at all is seen.
func height(p, most float64) string {
	const possible = 1e-4
	if p < possible || most <= 0 || math.IsNaN(p) {
		return "·"
	}
	return bars([]float64{p}, most)
}

// marks says what is known of each commit.
func (h Hunt) marks() []int {
	place := h.places()
	marks := make([]int, len(h.Task.Commits))
	mark := func(id string, as int) {
		if i, known := place[id]; known {
			marks[i] = max(marks[i], as)
		}
	}
	for _, e := range h.Events {
		if e.Type == bisect.Built {
			mark(e.Commit, markBuilt)
		}
	}
	for _, u := range h.Outcome.Unmeasured {
		for _, id := range u.Commits {
			mark(id, markBroken)
		}
	}
	for _, id := range h.named() {
		mark(id, markSuspect)
	}
	for _, id := range h.accusedIDs() {
		mark(id, markCulprit)
	}
	return marks
}

// named are the commits that the first line of an undecided search names.
func (h Hunt) named() []string {
	var ids []string
	for i, s := range h.Outcome.Likeliest {
		if i == 3 || s.Posterior < 0.05 || h.Outcome.Outcome != bisect.OutcomeUndecided {
			break
		}
		ids = append(ids, s.Commit)
	}
	return ids
}

// joined is the mark of a column in which two commits have marks.
func joined(a, b int) int {
	if a != b && min(a, b) == markBuilt && max(a, b) <= markBoth {
		return markBoth
	}
	return max(a, b)
}

// legend explains the marks that are there.
func (b bar) legend() string {
	var parts []string
	for _, m := range []struct {
		mark rune
		text string
	}{
		{'○', "built"}, {'×', "not measurable"}, {'⊗', "some built, some not measurable"}, {'?', "likely"}, {'▲', "accused"},
	} {
		if strings.ContainsRune(b.marks, m.mark) {
			parts = append(parts, string(m.mark)+" "+m.text)
		}
	}
	if b.commits > 1 {
		parts = append(parts, "a column is "+count(b.commits, "commit")+" at most")
	}
	return strings.Join(parts, ", ")
}
