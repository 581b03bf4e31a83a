package compare_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// TestSoFewPairsAskForAFewMore: where a look has next to no pairs, since few were wanted or the first ones are void, what is said of
// power is a number all the same.
func TestSoFewPairsAskForAFewMore(t *testing.T) {
	wild := func(pair int) float64 { return []float64{20, 0.05}[pair%2] }
	swing := func(pair int) float64 { return []float64{1.3, 0.85}[pair%2] }
	for _, tc := range []struct {
		looks       []int
		void        int
		factor      func(int) float64
		least, most int // of further pairs
		detects     bool
	}{
		{[]int{2}, 0, always(1), 4, 10, false}, // 2^-5 is more than the 2.5 % of an end of the interval
		{[]int{4}, 0, always(1), 2, 10, false},
		{[]int{4}, 0, swing, 10, 400, false},
		{[]int{2, 12}, 0, swing, 10, 400, true},
		{[]int{12}, 0, wild, 0, 0, true}, // no number is worth a mention
		{compare.DefaultLooks(), 5, swing, 10, 400, true},
	} {
		t.Run(fmt.Sprint(tc.looks, tc.void), func(t *testing.T) {
			b, h := timed("time", 24, 3, tc.factor)
			base, head := trialOf([]result.Series{b}, []result.Series{h})
			base.Trial.Looks, head.Trial.Looks = tc.looks, tc.looks
			for i := range tc.void {
				head.Runs[i].Invalid = "disturbed: much of the machine was taken"
				invalid(head, i+1, head.Runs[i].Invalid, "custom/time")
			}
			m := entry(compare.Decide(compare.Input{Head: head, Base: base, Now: now}), "custom/time")
			if m.Verdict != compare.Inconclusive || m.MoreRuns < tc.least || m.MoreRuns > tc.most {
				t.Errorf("%s, %d more pairs, want %d to %d: %s", m.Verdict, m.MoreRuns, tc.least, tc.most, m.Reason)
			}
			if !m.MDE.Present() || math.IsInf(float64(m.MDE), 1) == tc.detects {
				t.Errorf("MDE %v", m.MDE)
			}
		})
	}
}

// TestTimeOutsAskForNoMoreRuns: how much more would be needed to close the interval is in none of the figures.
func TestTimeOutsAskForNoMoreRuns(t *testing.T) {
	few, many := []int{0, 7, 11, 20}, []int{0, 3, 5, 7, 9, 11, 13, 20}
	measured := func(out []int) (base, head result.Series) {
		b, h := timed("time", 24, 3, always(1))
		return b, timedOut(h, 60, out...)
	}
	b, h := measured(few)
	base, head := trialOf([]result.Series{b}, []result.Series{h})
	b, h = measured(many)
	for name, in := range map[string]compare.Input{
		"in pairs": {Head: head, Base: base}, "in one session": {Head: results(h), Base: results(b)},
	} {
		in.Now = now
		m := entry(compare.Decide(in), "custom/time")
		if m.Verdict != compare.Inconclusive || m.MoreRuns != 0 || strings.Contains(m.Reason, "would settle it") {
			t.Errorf("%s: %s, %d more: %s", name, m.Verdict, m.MoreRuns, m.Reason)
		}
	}
}
