package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
)

// Search is what a search for a commit is founded on, as far as somebody reads it who was not there.
type Search struct {
	// Name is that of what was searched, such as "memory_private of quick", and Unit that of its values.
	Name string
	Unit metric.Unit
	// Builds, Runs and Seconds are what it took.
	Builds, Runs int
	Seconds      float64
	// Culprit ran in turns with Parent: Pairs. Parent is "" when nothing was confirmed.
	Culprit, Parent string
	Pairs           []bisect.Pair
	// Measured are the commits that were built, in their order.
	Measured []SearchedCommit
	// Checks say whether the measurements are such as the search believed.
	Checks []bisect.Check
}

// SearchedCommit is a build with what its runs gave.
type SearchedCommit struct {
	Commit string
	// Contains says whether it contains the culprit: "all", "none" or "some" of several; "" when unknown.
	Contains string
	Values   []float64
}

// markdown is all of it, folded.
func (s Search) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<details><summary>The search for %s: %s, %s, %s</summary>\n\n",
		escape(s.Name), count(s.Builds, "build"), count(s.Runs, "run"), took(s.Seconds))
	for _, p := range slices.DeleteFunc([]part{s.confirmed(), s.measured(), {title: titleChecks, lines: checked(s.Checks)}}, part.empty) {
		markdownPart(&b, p, false)
	}
	b.WriteString("</details>\n\n")
	return b.String()
}

func (s Search) confirmed() part {
	if s.Parent == "" {
		return part{}
	}
	return inTurns(s.Culprit, s.Parent, s.Pairs, s.Unit)
}

func (s Search) measured() part {
	p := part{
		title: titleBuilds, header: []string{"commit", "culprit in it", "runs", "median", "min .. max"},
		right: []bool{false, false, true, true, false},
	}
	contains := map[string]string{"all": "yes", "none": "no", "some": "in part", "": "-"}
	for _, m := range s.Measured {
		row := []string{shortID(m.Commit), contains[m.Contains], fmt.Sprint(len(m.Values)), "-", "-"}
		if len(m.Values) > 0 {
			row[3] = plain(metric.Format(median(m.Values), s.Unit))
			row[4] = plain(metric.Format(slices.Min(m.Values), s.Unit) + " .. " + metric.Format(slices.Max(m.Values), s.Unit))
		}
		p.rows = append(p.rows, row)
	}
	return p
}

// inTurns is a culprit against its parent, pair by pair.
func inTurns(culprit, parent string, pairs []bisect.Pair, unit metric.Unit) part {
	p := part{
		title:  fmt.Sprintf("%s against %s, in turns", shortID(culprit), shortID(parent)),
		header: []string{"pair", "first", shortID(parent), shortID(culprit), "change"},
		right:  []bool{true, false, true, true, true},
	}
	for i, pair := range pairs {
		first := shortID(culprit)
		if pair.ParentFirst {
			first = shortID(parent)
		}
		p.rows = append(p.rows, []string{fmt.Sprint(i + 1), first,
			plain(metric.Format(pair.Parent, unit)), plain(metric.Format(pair.Culprit, unit)), compare.Percent(pair.Change)})
	}
	return p
}

// checked are the checks of a model, a line each.
func checked(checks []bisect.Check) []string {
	var lines []string
	for _, c := range checks {
		word := "holds"
		if !c.OK {
			word = "FAILS"
		}
		lines = append(lines, fmt.Sprintf("%s: %s: %s", word, c.Name, plain(c.Says)))
	}
	return lines
}
