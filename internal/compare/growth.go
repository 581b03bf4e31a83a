package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// shownParts is how many parts a note about a binary's growth names.
const shownParts = 5

// growth says in what parts a binary grew or shrank, the largest change first, each with its share of the whole change:
// one line for sections, one for what symbols belong to. It says nothing of a binary that is as large as before, or when
// one of the two was not taken apart.
func growth(base, head *result.Anatomy) []string {
	if base == nil || head == nil || base.Bytes == head.Bytes || len(base.Sections) == 0 || len(head.Sections) == 0 {
		return nil
	}
	whole := head.Bytes - base.Bytes
	notes := []string{fmt.Sprintf("%s in sections: %s", signed(whole), breakdown(changes(base.Sections, head.Sections), whole))}
	switch {
	case base.Names != head.Names:
		return append(notes, fmt.Sprintf("packages and crates cannot be compared: base names them by %s, head by %s",
			cmp.Or(base.Names, "nothing"), cmp.Or(head.Names, "nothing")))
	case head.Names == "":
		return append(notes, "packages and crates are unknown: the binary is stripped of its symbols")
	}
	return append(notes, fmt.Sprintf("%s in packages and crates: %s", signed(whole), breakdown(changes(base.Groups, head.Groups), whole)))
}

// change is by how much a part grew; negative when it shrank.
type change struct {
	part  result.Part
	bytes int64
}

// changes pairs the parts of both sides, the largest change first. A part that one side has among its smaller ones, if at
// all, counts as new or gone; it is smaller than all that are listed there, and the change of the rest takes up what that is
// wrong by.
func changes(base, head []result.Part) []change {
	type key struct{ kind, name string }
	var all []change
	at := map[key]int{}
	add := func(p result.Part, bytes int64) {
		k := key{p.Kind, p.Name}
		if p.Kind == result.PartRest { // it is named for how many it is
			k.name = ""
		}
		i, known := at[k]
		if !known {
			i = len(all)
			at[k] = i
			all = append(all, change{part: p})
		}
		all[i].bytes += bytes
	}
	for _, p := range head {
		add(p, p.Bytes)
	}
	for _, p := range base {
		add(p, -p.Bytes)
	}
	all = slices.DeleteFunc(all, func(c change) bool { return c.bytes == 0 })
	slices.SortFunc(all, func(a, b change) int {
		return cmp.Or(cmp.Compare(size(b.bytes), size(a.bytes)), cmp.Compare(a.part.Kind, b.part.Kind), cmp.Compare(a.part.Name, b.part.Name))
	})
	return all
}

// breakdown writes the largest changes, and the sum of all others.
func breakdown(all []change, whole int64) string {
	var parts []string
	left := int64(0)
	for i, c := range all {
		if i < shownParts || len(all) == shownParts+1 {
			parts = append(parts, fmt.Sprintf("%s %s", partName(c.part), portion(c.bytes, whole)))
			continue
		}
		left += c.bytes
	}
	if n := len(all) - len(parts); n > 0 {
		parts = append(parts, fmt.Sprintf("%s %s", count(n, "other"), portion(left, whole)))
	}
	return strings.Join(parts, ", ")
}

// partName names a part. Packages of Go and sections have names that tell their kind.
func partName(p result.Part) string {
	switch p.Kind {
	case result.PartRust, result.PartCPP, result.PartC:
		return p.Name + " (" + p.Kind + ")"
	default:
		return p.Name
	}
}

// portion writes a change with what it is of the whole one.
func portion(bytes, whole int64) string {
	if bytes == 0 {
		return "unchanged"
	}
	return fmt.Sprintf("%s (%s)", signed(bytes), strings.TrimPrefix(Percent(float64(bytes)/float64(whole)), "+"))
}

func signed(bytes int64) string {
	sign := "+"
	if bytes < 0 {
		sign = "-"
	}
	return sign + metric.Format(float64(size(bytes)), metric.Bytes)
}

// size is how large a change is, whichever way it went.
func size(bytes int64) int64 {
	if bytes < 0 && bytes != math.MinInt64 {
		return -bytes
	}
	return bytes
}

// explain adds to the size of the binary what it is that changed.
func (d *decider) explain() {
	if d.in.Base == nil {
		return
	}
	for _, c := range d.candidates {
		if c.metric.Name == sizeMetric && c.hasBase() {
			c.entry.Notes = append(c.entry.Notes, growth(d.in.Base.Subject.Anatomy, d.in.Head.Subject.Anatomy)...)
		}
	}
}

// sizeMetric is the metric whose change an anatomy explains.
const sizeMetric = "binary_size"
