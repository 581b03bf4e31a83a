package stat

// The null distribution of the rank-sum statistic, counted.
//
// Under the null hypothesis the labels "head" and "base" say nothing, so each of
// the C(n+m, n) ways to give n of the n+m values the label head is equally
// likely, whatever the values are and however many of them are equal. The
// p-value is the share of the labellings that are at least as extreme as the one
// that was seen. They are too many to list (10³⁷ at 64 against 64), but their
// statistics can be counted while the values are taken in rising order, a group
// of equal ones at a time (the idea is Mann and Whitney's recurrence, 1947).
//
// After some groups, all that matters for the rest is how many of the values so
// far are heads (a; the other b are bases) and their U so far: the number of
// (head, base) pairs in which the head is greater, a tie counting one half. U is
// kept doubled, so it is whole. A group of t equal values of which c become heads
// adds c·(2b + t-c) to it: each new head beats the b bases below it and ties with
// the t-c bases beside it. There are C(t, c) ways to choose them. Without ties
// every step is even and half of the table would stay empty; it is then counted
// in steps of two.
//
// Counts are float64: whole and exact to 2⁵³, and sums of positive terms, hence
// right to about 10⁻¹⁴ of their size, beyond.

// exactPairs is the largest n·m for which the distribution is counted: two
// series of 64 runs. It also keeps every count far below overflow.
const exactPairs = 64 * 64

// rankCounts holds how many labellings give each value of the statistic:
// counts[i] have a doubled U of i·step.
type rankCounts struct {
	counts []float64
	step   int
}

// countRanks counts the labellings of n heads and m bases. ties has the sizes
// of the groups of equal values in rising order, n+m in all.
func countRanks(ties []int, n, m int) rankCounts {
	step := 2
	for _, t := range ties {
		if t > 1 {
			step = 1
		}
	}
	if n <= m {
		return rankCounts{countSmaller(ties, n, m, step), step}
	}
	// Seen from the other sample, U is n·m minus U.
	counts := countSmaller(ties, m, n, step)
	for i, j := 0, len(counts)-1; i < j; i, j = i+1, j-1 {
		counts[i], counts[j] = counts[j], counts[i]
	}
	return rankCounts{counts, step}
}

// countUntied is countRanks of values that are all different.
func countUntied(n, m int) rankCounts {
	ties := make([]int, n+m)
	for i := range ties {
		ties[i] = 1
	}
	return countRanks(ties, n, m)
}

// countSmaller fills the table in place. Row a has the states with a heads, and
// the groups are taken with a falling, so that the rows below a still hold the
// states before the group. States with more than m bases lead nowhere: their
// rows are left as they are and never read again.
func countSmaller(ties []int, n, m, step int) []float64 {
	rows := tableRows(n, m, step)
	rows[0][0] = 1
	seen := 0
	for _, t := range ties {
		ways := binomials(t, min(t, n))
		seen += t
		for a := min(n, seen); a >= max(1, seen-m); a-- {
			for c := 1; c <= min(t, a); c++ {
				below := seen - t - (a - c) // bases before this group
				if below < 0 {
					continue
				}
				from := rows[a-c][:2*(a-c)*below/step+1]
				addScaled(rows[a][c*(2*below+t-c)/step:], ways[c], from)
			}
		}
	}
	return rows[n]
}

// tableRows cuts one allocation into rows; with a heads and at most m bases the
// doubled U is at most 2·a·m.
func tableRows(n, m, step int) [][]float64 {
	total := 0
	for a := range n + 1 {
		total += 2*a*m/step + 1
	}
	flat := make([]float64, total)
	rows := make([][]float64, n+1)
	for a := range rows {
		size := 2*a*m/step + 1
		rows[a], flat = flat[:size:size], flat[size:]
	}
	return rows
}

// addScaled adds scale times each of from to the start of to.
func addScaled(to []float64, scale float64, from []float64) {
	to = to[:len(from)]
	for i, v := range from {
		to[i] += scale * v
	}
}

// binomials returns C(t, 0) ... C(t, most).
func binomials(t, most int) []float64 {
	ways := make([]float64, most+1)
	ways[0] = 1
	for c := 1; c <= most; c++ {
		ways[c] = ways[c-1] * float64(t-c+1) / float64(c)
	}
	return ways
}

// tails returns the shares of the labellings with at most and with at least the
// given doubled U.
func (r rankCounts) tails(doubled int) (lower, upper float64) {
	at := doubled / r.step
	return share(r.counts, 0, at), share(r.counts, at, len(r.counts)-1)
}

// extremes returns the shares of the smallest and of the greatest U that these
// ties allow.
func (r rankCounts) extremes() (lowest, highest float64) {
	first, last := 0, len(r.counts)-1
	for r.counts[first] == 0 {
		first++
	}
	for r.counts[last] == 0 {
		last--
	}
	return share(r.counts, first, first), share(r.counts, last, last)
}

// share returns the part of the whole that counts[from..to] make up.
func share(counts []float64, from, to int) float64 {
	var inside, total float64
	for i, v := range counts {
		total += v
		if i >= from && i <= to {
			inside += v
		}
	}
	return inside / total
}
