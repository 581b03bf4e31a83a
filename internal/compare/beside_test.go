package compare_test

import (
	"testing"

	"github.com/communitas/perfgate/internal/compare"
)

func TestAProblemBesideMakesAVerdictNoBetter(t *testing.T) {
	for _, before := range compare.Outcomes() {
		for _, p := range compare.Outcomes() {
			v := compare.Verdict{Verdict: before, Reason: "before"}.Beside(compare.Problem{Verdict: p, Reason: "beside"})
			want, reason := before, "before"
			for _, o := range compare.Outcomes() { // the worst first
				if o == before {
					break
				}
				if o == p {
					want, reason = p, "beside"
				}
			}
			if v.Verdict != want || v.Reason != reason || len(v.Problems) != 1 {
				t.Errorf("%s beside %s: %s (%s)", before, p, v.Verdict, v.Reason)
			}
		}
	}
	if v := compare.Refused("too large"); v.Verdict != compare.Failed || v.Reason != "too large" || v.Schema == "" || v.Metrics == nil {
		t.Errorf("%+v", v)
	}
}
