package stat

// exactSigns is the greatest number of values for which the null distribution
// of the signed-rank statistic is counted.
const exactSigns = 128

// countSigns counts how many of the 2^n ways to choose among the ranks give
// each sum. Like countRanks, it is exact to 2⁵³ and right to rounding beyond.
func countSigns(ranks []int) []float64 {
	total := 0
	for _, rank := range ranks {
		total += rank
	}
	counts := make([]float64, total+1)
	counts[0] = 1
	sum := 0
	for _, rank := range ranks {
		sum += rank
		for i := sum; i >= rank; i-- {
			counts[i] += counts[i-rank]
		}
	}
	return counts
}
