package tomlfile

import "fmt"

// Nearest returns the known word that a mistyped one most likely meant, "" when none is close. Equally near words are
// decided by their order.
func Nearest(word string, known []string) string {
	best, least := "", 1+max(1, len(word)/4)
	for _, candidate := range known {
		if d := distance(word, candidate); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// DidYouMean is the mend for an unknown word: the nearest known one, else all of them under the given label.
func DidYouMean(word string, known []string, label string) string {
	if near := Nearest(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	if len(known) == 0 {
		return ""
	}
	list := known[0]
	for _, k := range known[1:] {
		list += ", " + k
	}
	return fmt.Sprintf("%s: %s", label, list)
}

// maxWord keeps the distance, which takes the product of the lengths, cheap.
const maxWord = 64

// distance is the number of insertions, deletions, substitutions and swaps of neighbours that make one word of the
// other (optimal string alignment, after Damerau 1964 and Levenshtein 1965), in bytes.
func distance(a, b string) int {
	if len(a) > maxWord || len(b) > maxWord {
		return max(len(a), len(b))
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
