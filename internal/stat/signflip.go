package stat

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// The sign-flip test asks how many of the 2ⁿ ways to give values their signs have a sum of weights above 0 as great as
// the one that was seen. When the values lie symmetrically around 0, all ways are equally likely, whatever the sizes of
// the values are; so any weights may be used that depend on the sizes alone, and the p-value is exact (Fisher 1935,
// section 21; Pitman 1937).
//
// Few values are weighted by their sizes, clipped: then the test is as powerful as Student's for normal noise, and a
// single wild value weighs no more than a large one. To count the ways, the values are split into halves of which each
// has few subsets: with the sums of both in order, the pairs that reach a bound are counted in one pass (Horowitz and
// Sahni 1974). Many values are weighted by normal scores of their ranks, which is as powerful (Chernoff and Savage 1958)
// and leaves whole numbers to count with.

const (
	// flipValues is the greatest number of values that are weighted by their sizes: 2·2¹² sums.
	flipValues = 24
	// flipClip is how many medians of the sizes a weight is at most: three standard deviations of normal values.
	flipClip = 4.5
	// scoreScale is how finely normal scores are rounded to whole numbers.
	scoreScale = 64
)

// SignFlipTest is the outcome of a sign-flip test in both directions.
type SignFlipTest struct {
	// Greater and Less are the one-sided p-values for values above and below the constant, to 1; 1 beside an error.
	Greater, Less float64
	// Exact tells that the ways were counted. False means the normal approximation, used above 128 values only.
	Exact bool
}

// SignFlip tests whether values lie above or below a constant mu, given that they lie symmetrically around their center.
// P can not fall below 2^-n. Up to 24 values the weights are |value - mu|, at most 4.5 times their median; beyond, or where
// that median is 0 or infinite, they are the normal scores Φ⁻¹((1 + R/(n+1))/2) of the midranks R of the |value - mu|, rounded
// to a 64th. Differences of zero are ranked, and weigh nothing. Sums that differ by rounding alone count as equal, so
// that p is never too small.
//
// Infinities are allowed and count as the most extreme values. It returns ErrTooFew without values, and ErrNotFinite
// for NaN or a mu that is not finite.
func SignFlip(values []float64, mu float64) (SignFlipTest, error) {
	var none *Memo
	return none.SignFlip(values, mu)
}

// SignFlip is the function SignFlip with the memory of m.
func (m *Memo) SignFlip(values []float64, mu float64) (SignFlipTest, error) {
	none := SignFlipTest{Greater: 1, Less: 1}
	if err := checkNumbers(values); err != nil {
		return none, fmt.Errorf("sign-flip test: %w", err)
	}
	if !isFinite(mu) {
		return none, fmt.Errorf("sign-flip test: constant %v: %w", mu, ErrNotFinite)
	}
	weights := flipWeights(values, mu)
	above := sumAbove(values, weights, mu)
	if len(values) <= flipValues {
		return m.flipSubsets(weights, above), nil
	}
	return m.flipCounts(weights, above), nil
}

// flipWeights are the weights of the values.
func flipWeights(values []float64, mu float64) []float64 {
	if len(values) <= flipValues {
		if weights := clippedSizes(values, mu); weights != nil {
			return weights
		}
	}
	return normalScores(values, mu)
}

// clippedSizes are the sizes of the values, clipped; nil when their median is no measure.
func clippedSizes(values []float64, mu float64) []float64 {
	weights := make([]float64, len(values))
	for i, v := range values {
		weights[i] = math.Abs(v - mu)
	}
	most := flipClip * medianOfSorted(slices.Sorted(slices.Values(weights)))
	if !(most > 0) || math.IsInf(most, 1) {
		return nil
	}
	for i := range weights {
		weights[i] = min(weights[i], most)
	}
	return weights
}

// normalScores are the rounded scores of the sizes of the values; 0 for a value that is mu.
func normalScores(values []float64, mu float64) []float64 {
	ranks := make([]float64, len(values))
	order := make([]int, len(values))
	size := func(i int) float64 { return math.Abs(values[i] - mu) }
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(size(a), size(b)) })
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && size(order[j]) <= size(order[i])*(1+flipRounding) {
			j++
		}
		share := (1 + float64(i+1+j)/2/float64(len(order)+1)) / 2
		for _, at := range order[i:j] {
			if values[at] != mu {
				ranks[at] = math.Round(scoreScale * normalQuantile(share))
			}
		}
		i = j
	}
	return ranks
}

func sumAbove(values, weights []float64, mu float64) float64 {
	above := 0.0
	for i, v := range values {
		if v > mu {
			above += weights[i]
		}
	}
	return above
}

// flipRounding is by what part of the sum of all weights sums may differ that are equal, and sizes by what part of themselves.
const flipRounding = 1e-12

// flipSubsets counts the ways by the sums of the weights' halves.
func (m *Memo) flipSubsets(weights []float64, above float64) SignFlipTest {
	var room flipRoom
	if m != nil {
		room = m.flips
	}
	tail := room.tail([]float64{0}, weights)
	if m != nil {
		m.flips = flipRoom(tail)
	}
	ways, rounding := math.Exp2(float64(len(weights))), flipRounding*sumOf(weights)
	least, most := tail.around(above-rounding, above+rounding)
	return SignFlipTest{Greater: least / ways, Less: most / ways, Exact: true}
}

func sumOf(weights []float64) float64 {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	return total
}

// flipTail are the ways to take some of the weights, as the sums of two parts of them, both rising: a way is one of each.
type flipTail struct{ some, others []float64 }

// flipRoom is room for the sums of both parts, which are many, and forgotten after each test.
type flipRoom flipTail

// tail are the ways to add some of the weights to one of the sums. The weights are divided so that both parts have about as many sums.
func (r flipRoom) tail(sums, weights []float64) flipTail {
	half := 0
	for len(sums)<<half < 1<<(len(weights)-half-1) {
		half++
	}
	return flipTail{addedIn(r.some, sums, weights[:half]), addedIn(r.others, []float64{0}, weights[half:])}
}

// atLeast is how many ways have a sum of at least bound.
func (t flipTail) atLeast(bound float64) float64 {
	count, from := 0, len(t.others)
	for _, s := range t.some {
		for from > 0 && s+t.others[from-1] >= bound {
			from--
		}
		count += len(t.others) - from
	}
	return float64(count)
}

// around is how many ways have a sum of at least low, and how many one of at most high: between the two lie few.
func (t flipTail) around(low, high float64) (atLeast, atMost float64) {
	least, most, from := 0, 0, len(t.others)
	for _, s := range t.some {
		for from > 0 && s+t.others[from-1] >= low {
			from--
		}
		to := from
		for to < len(t.others) && s+t.others[to] <= high {
			to++
		}
		least += len(t.others) - from
		most += to
	}
	return float64(least), float64(most)
}

// addedIn returns all sums of one of sums and some of the weights, rising as sums are, in room that may be overwritten: each weight merges
// the sums so far with themselves, moved up by it. From the greatest down that needs no second list, since what is written lies above what
// is read.
func addedIn(room, sums, weights []float64) []float64 {
	if cap(room) < len(sums)<<len(weights) {
		room = make([]float64, 0, len(sums)<<len(weights))
	}
	sums = append(room[:0], sums...)
	for _, w := range weights {
		moved, stay := len(sums)-1, len(sums)-1
		sums = sums[:2*len(sums)]
		for moved >= 0 { // stay is never below it
			if at := moved + stay + 1; sums[stay] > sums[moved]+w {
				sums[at] = sums[stay]
				stay--
			} else {
				sums[at] = sums[moved] + w
				moved--
			}
		}
	}
	return sums
}

// flipCounts counts the ways of scores, of which there may be many.
func (m *Memo) flipCounts(weights []float64, above float64) SignFlipTest {
	var scores []int
	total, squares := 0, 0.0
	for _, w := range weights {
		if w > 0 {
			scores = append(scores, int(w))
			total += int(w)
			squares += w * w
		}
	}
	if len(scores) <= exactSigns {
		slices.Sort(scores) // in one order the sums round alike
		counts := m.signs(scores)
		return SignFlipTest{
			Greater: min(share(counts, int(above), total), 1),
			Less:    min(share(counts, 0, int(above)), 1),
			Exact:   true,
		}
	}
	// The normal approximation, with half of the smallest step as continuity correction.
	deviation, distance := math.Sqrt(squares)/2, above-float64(total)/2
	return SignFlipTest{
		Greater: normalCDF(-(distance - 0.5) / deviation),
		Less:    normalCDF((distance + 0.5) / deviation),
	}
}
