package compare

import (
	"math"
	"sort"
)

// moreCounted is about how many more runs would settle what is counted, if events, and failures, go on to come as often as they did; 0 when no
// number worth a mention would. tested is the p-value for the worse of so many runs.
func (e evidence) moreCounted(have int, tested func(runs int) (float64, error)) int {
	proves := func(runs int) bool {
		p, err := tested(runs)
		return err == nil && p <= e.share
	}
	if !proves(mostRuns) {
		return 0
	}
	return max(1, sort.Search(mostRuns, proves)-have)
}

// proportional is a count over so many runs as it would be in more of them.
func proportional(count, of, runs int) int {
	return int(math.Round(float64(count) / float64(of) * float64(runs)))
}
