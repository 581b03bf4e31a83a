package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
)

// built is one binary of a search with its runs.
type built struct {
	artifact int // from 1, in the order of the builds
	commit   string
	place    int // index in the task
	again    int // how often the commit was built before
	shares   int // the artifact that is the same binary, 0 for none
	values   []float64
	invalid  int
	side     side
}

// side says where a commit stands to the culprit.
type side int

const (
	unknownSide side = iota
	without          // it does not contain the culprit
	with             // it is the culprit or contains it
	partly           // it contains some of a set and others not
)

// builds are the binaries of a search, in the order of the range and then of the builds.
func (h Hunt) builds() []built {
	place := h.places()
	var all []built
	times, binaries := map[string]int{}, map[string]int{}
	for _, e := range h.Events {
		switch e.Type {
		case bisect.Built:
			b := built{artifact: len(all) + 1, commit: e.Commit, place: place[e.Commit], again: times[e.Commit]}
			times[e.Commit]++
			if e.Binary != "" {
				b.shares = binaries[e.Binary]
				if b.shares == 0 {
					binaries[e.Binary] = b.artifact
				}
			}
			all = append(all, b)
		case bisect.Ran:
			if e.Artifact >= 1 && e.Artifact <= len(all) {
				all[e.Artifact-1].values = append(all[e.Artifact-1].values, e.Value)
			}
		case bisect.Invalid:
			if e.Artifact >= 1 && e.Artifact <= len(all) {
				all[e.Artifact-1].invalid++
			}
		case bisect.Broken, bisect.Focused, bisect.Limited:
		}
	}
	h.sides(all)
	slices.SortStableFunc(all, func(a, b built) int { return cmp.Compare(a.place, b.place) })
	return all
}

func (h Hunt) places() map[string]int {
	place := make(map[string]int, len(h.Task.Commits))
	for i, c := range h.Task.Commits {
		place[c.ID] = i
	}
	return place
}

// sides tells of each build whether it contains the culprit, or the whole set.
func (h Hunt) sides(all []built) {
	if kind := h.Outcome.Outcome; kind != bisect.OutcomeCulprit && kind != bisect.OutcomeSet {
		return
	}
	place := h.places()
	for i, b := range all {
		contained := h.ancestors(b.place)
		var n int
		for _, id := range h.Outcome.Set {
			if at, known := place[id]; known && contained[at] {
				n++
			}
		}
		switch n {
		case 0:
			all[i].side = without
		case len(h.Outcome.Set):
			all[i].side = with
		default:
			all[i].side = partly
		}
	}
}

// ancestors tells which commits of the task a commit contains, itself included. Parents come before their children.
func (h Hunt) ancestors(of int) []bool {
	found := make([]bool, len(h.Task.Commits))
	found[of] = true
	for i := of; i > 0; i-- {
		if !found[i] {
			continue
		}
		for _, p := range h.Task.Commits[i].Parents {
			if p >= 0 && p < i {
				found[p] = true
			}
		}
	}
	return found
}

// reference is the median of all runs of the good end, to which the others are held; 0 without one.
func (h Hunt) reference(all []built) float64 {
	var values []float64
	for _, b := range all {
		if b.place == 0 {
			values = append(values, b.values...)
		}
	}
	if len(values) == 0 {
		return 0
	}
	return median(values)
}

// buildHeader is that of the rows that follow; spare are the columns that can be done without, the last one first.
func buildHeader() (titles []string, right []bool, spare []int) {
	return []string{"commit", "place", "runs", "median", "to good", "min .. max", "change"},
		[]bool{false, true, true, true, true, false, false}, []int{5, 1}
}

// buildRow says of a build what its runs gave.
func (h Hunt) buildRow(b built, reference float64) []string {
	row := []string{h.buildName(b), fmt.Sprint(b.place), fmt.Sprint(len(b.values)), "-", "-", "-", b.side.String()}
	if b.invalid > 0 {
		row[2] = fmt.Sprintf("%d of %d", len(b.values), len(b.values)+b.invalid)
	}
	if len(b.values) == 0 {
		return row
	}
	typical := median(b.values)
	row[3] = plain(metric.Format(typical, h.Unit))
	if reference > 0 && b.place > 0 {
		row[4] = compare.Percent(typical/reference - 1)
	}
	switch least, most := slices.Min(b.values), slices.Max(b.values); {
	case least != most:
		row[5] = plain(metric.Format(least, h.Unit) + " .. " + metric.Format(most, h.Unit))
	case len(b.values) > 1:
		row[5] = "all equal"
	}
	return row
}

func (h Hunt) buildName(b built) string {
	name := shortID(b.commit)
	switch {
	case b.shares > 0:
		return fmt.Sprintf("%s (binary of build %d)", name, b.shares)
	case b.again > 0:
		return fmt.Sprintf("%s (again, %d)", name, b.again+1)
	}
	return name
}

func (s side) String() string {
	switch s {
	case with:
		return "with"
	case without:
		return "without"
	case partly:
		return "in part"
	case unknownSide:
	}
	return "-"
}
