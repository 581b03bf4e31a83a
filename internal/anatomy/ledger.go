package anatomy

import (
	"cmp"
	"slices"

	"github.com/communitas/perfgate/internal/result"
)

// ledger gives every byte of a file to one owner. Claims may overlap, as a section and the symbols in it do: a byte belongs
// to the claim that began last, which among nested ones is the innermost. What nobody claims is a part of its own.
type ledger struct {
	claims []claim
	owners []owner
	index  map[owner]int
}

// claim is a range of a file that an owner wants: from start up to, and without, end.
type claim struct {
	start, end int64
	owner      int
}

type owner struct{ kind, name string }

// inNoSection is the owner of what nobody claims: padding between sections, mostly.
const inNoSection = "(in no section)"

func newLedger() *ledger { return &ledger{index: map[owner]int{}} }

// claim enters a range. An empty or inverted one is passed over.
func (l *ledger) claim(o owner, start, end int64) {
	if start < 0 || end <= start {
		return
	}
	i, known := l.index[o]
	if !known {
		i = len(l.owners)
		l.index[o] = i
		l.owners = append(l.owners, o)
	}
	l.claims = append(l.claims, claim{start, end, i})
}

// parts settles all claims on a file of so many bytes, the largest part first.
func (l *ledger) parts(size int64) []result.Part {
	nobody := owner{result.PartFile, inNoSection}
	given := make([]int64, len(l.owners))
	var parts []result.Part
	if left := l.settle(size, given); left > 0 {
		parts = append(parts, result.Part{Kind: nobody.kind, Name: nobody.name, Bytes: left})
	}
	for i, o := range l.owners {
		if given[i] > 0 {
			parts = append(parts, result.Part{Kind: o.kind, Name: o.name, Bytes: given[i]})
		}
	}
	slices.SortFunc(parts, largestFirst)
	return parts
}

// settle adds what each owner gets to given and returns what nobody claims. It walks through the file once; open holds the
// claims that have begun, the last one on top.
func (l *ledger) settle(size int64, given []int64) (unclaimed int64) {
	slices.SortStableFunc(l.claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	var open []claim
	at := int64(0)
	walk := func(to int64) {
		for to = min(to, size); at < to; {
			for len(open) > 0 && open[len(open)-1].end <= at {
				open = open[:len(open)-1]
			}
			if len(open) == 0 {
				unclaimed += to - at
				at = to
				return
			}
			top := open[len(open)-1]
			end := min(top.end, to)
			given[top.owner] += end - at
			at = end
		}
	}
	for _, c := range l.claims {
		walk(c.start)
		open = append(open, c)
	}
	walk(size)
	return unclaimed
}
