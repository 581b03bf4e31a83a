package calibration

import (
	"testing"
)

// TestAStoredBaselineNeverConvicts has a session that is half as slow again: a stored base leaves it open, one measured again
// calls it worse.
func TestAStoredBaselineNeverConvicts(t *testing.T) {
	base := []float64{1.00, 1.01, 1.02, 1.03, 1.04, 1.05, 0.99, 0.98, 0.97, 0.96}
	head := make([]float64, len(base))
	for i, v := range base {
		head[i] = 1.5 * v
	}
	for _, c := range []struct {
		rule Unpaired
		want Said
	}{{Unpaired{Runs: 10}, Worse}, {Unpaired{Runs: 10, Stored: true}, Undecided}} {
		answer := c.rule.Judge(&PullRequest{source: fixed{Sides{Base: [][]float64{base}, Head: [][]float64{head}}}})
		if answer.Said[0] != c.want || answer.Low > 0.5 || answer.High < 0.5 || answer.Runs != 10 {
			t.Errorf("%s: %+v, want the word %v and an interval around 0.5", c.rule.Name(), answer, c.want)
		}
	}
}

// TestTheToleranceReachesTheVerdict has runs within 4 %: clean at a tolerance of 10 %, and open at 1 %.
func TestTheToleranceReachesTheVerdict(t *testing.T) {
	base, head := rowsOf(1, 24), rowsOf(1, 24)
	for i := range 24 {
		base[0][i], head[0][i] = 1+0.02*float64(i%3), 1+0.02*float64((i+i/3)%3)
	}
	for _, c := range []struct {
		tolerance float64
		want      Said
	}{{0, Clean}, {0.1, Clean}, {0.001, Undecided}} {
		answer := Trial{Tolerance: c.tolerance}.Judge(&PullRequest{source: fixed{Sides{Base: base, Head: head}}})
		if answer.Said[0] != c.want {
			t.Errorf("tolerance %v: %+v, want the word %v", c.tolerance, answer, c.want)
		}
	}
}
