package report

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A comment has to fit a limit, and the verdict must never be what is lost. So it is made of blocks: each has a head that
// stays, rows that may go from the end on, and a rank. While the whole is too long, the block of the highest rank gives up
// rows, then the next.

// block is one part of a comment. The zero value writes nothing.
type block struct {
	// rank is 0 for what is never cut; of all others the highest is cut first.
	rank int
	// head and foot are written when a row is left, or when there never was one.
	head string
	rows []string
	foot string
	// noun is what a row is, for the line that says how many are gone.
	noun string
}

// runes is how long a text is for GitHub.
func runes(text string) int { return utf8.RuneCountInString(text) }

// length is what the block takes with its first n rows.
func (b block) length(n int) int {
	if n == 0 && len(b.rows) > 0 {
		return 0
	}
	sum := runes(b.head) + runes(b.foot)
	for _, row := range b.rows[:n] {
		sum += runes(row)
	}
	return sum
}

// noteLength is more than the line takes that says what is gone, without the place where the whole is.
const noteLength = 400

// assemble joins the blocks within a limit in code points; 0 is no limit. What had to go is said behind the first block, with
// the place where the whole is: a text that is markdown already, "" when there is none.
func assemble(blocks []block, limit int, whole string) string {
	kept, total := make([]int, len(blocks)), 0
	for i, b := range blocks {
		kept[i] = len(b.rows)
		total += b.length(kept[i])
	}
	note := ""
	if limit > 0 && total > limit {
		cut(blocks, kept, total+noteLength+runes(whole)-limit)
		note = lost(blocks, kept, whole)
	}
	var text strings.Builder
	for i, b := range blocks {
		if kept[i] > 0 || len(b.rows) == 0 {
			text.WriteString(b.head + strings.Join(b.rows[:kept[i]], "") + b.foot)
		}
		if i == 0 {
			text.WriteString(note)
		}
	}
	return text.String()
}

// cut takes rows from the least important end until so many code points are saved, or nothing is left to take.
func cut(blocks []block, kept []int, excess int) {
	for excess > 0 {
		at := -1
		for i, b := range blocks {
			if b.rank > 0 && kept[i] > 0 && (at < 0 || b.rank > blocks[at].rank) {
				at = i
			}
		}
		if at < 0 {
			return
		}
		b := blocks[at]
		if kept[at]--; kept[at] == 0 {
			excess -= b.length(1)
		} else {
			excess -= runes(b.rows[kept[at]])
		}
	}
}

// lost says how many rows of which kind are gone, and where they are.
func lost(blocks []block, kept []int, whole string) string {
	var order []string
	gone := map[string]int{}
	for i, b := range blocks {
		if n := len(b.rows) - kept[i]; n > 0 {
			if gone[b.noun] == 0 {
				order = append(order, b.noun)
			}
			gone[b.noun] += n
		}
	}
	parts := make([]string, len(order))
	for i, noun := range order {
		parts[i] = count(gone[noun], noun)
	}
	text := fmt.Sprintf("> Shortened to what fits here: %s left out, the least important first", strings.Join(parts, ", "))
	if whole != "" {
		text += "; the whole is in " + whole
	}
	return text + ".\n\n"
}
