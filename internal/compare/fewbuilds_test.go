package compare_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// TestBuildsOfATrialShareItsErrorWithThePairs: what they could have shown is reckoned with their part of it.
func TestBuildsOfATrialShareItsErrorWithThePairs(t *testing.T) {
	builds := func(factor float64) result.Series {
		s := of("build_time", scaled(factor*100, steady[:4]...)...)
		s.Scenario = ""
		return s
	}
	for pairedMetrics, sees := range map[int]bool{1: true, 5: false} { // four against four give 1/70 at best
		var b, h []result.Series
		for i := range pairedMetrics {
			base, head := timed(fmt.Sprint("time-", i), 12, uint64(i), always(1))
			b, h = append(b, base), append(h, head)
		}
		base, head := trialOf(append(b, builds(1)), append(h, builds(1)))
		for _, r := range []*result.Results{base, head} {
			r.Scenarios = append(r.Scenarios, result.Scenario{Runs: 4, Configuration: "build"})
		}
		v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
		got := entry(v, "build_time")
		told := strings.Contains(strings.Join(got.Notes, "\n"), fmt.Sprintf("cannot prove a regression among %d gated tests", pairedMetrics+1))
		if math.IsInf(float64(got.MDE), 1) == sees || told == sees || got.Policy != metric.Block {
			t.Errorf("beside %d others: MDE %v, policy %s, notes %q", pairedMetrics, got.MDE, got.Policy, got.Notes)
		}
	}
}
