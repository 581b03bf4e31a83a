package compare_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// side is one side of a trial of two scenarios, "quick" and "slow", each with the metric custom/time; the samples of run k
// of both sides are a pair.
func side(name string, quick, slow []float64) *result.Results {
	r := results()
	r.Trial = &result.Trial{ID: "a trial", Side: name, Seed: 1, Looks: []int{6, 9, 12}}
	r.Scenarios, r.Runs = nil, nil
	for _, plan := range []struct {
		name   string
		values []float64
	}{{"quick", quick}, {"slow", slow}} {
		r.Scenarios = append(r.Scenarios, result.Scenario{Name: plan.name, Nodes: 5, Runs: 12, Configuration: plan.name})
		s := custom(metric.Describe("custom/time", metric.Seconds, metric.Lower), plan.values...)
		s.Scenario = plan.name
		r.Series = append(r.Series, s)
		for i := range plan.values {
			r.Runs = append(r.Runs, result.Run{Scenario: plan.name, Run: i + 1, Order: len(r.Runs) + 1, Block: i/2 + 1, Formed: true})
		}
	}
	return r
}

// grown are n values that grow by a factor from run to run: no two are equal, and neither are their ratios to each other.
func grown(n int, center, factor float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = center
		center *= factor
	}
	return values
}

func TestATrialIsOpenWhereALookCanStillDecide(t *testing.T) {
	quick, slow := grown(12, 1, 1.001), grown(12, 2, 1.001)
	for _, tc := range []struct {
		name  string
		pairs int
		shift []float64 // of slow's head
		want  []compare.Plan
	}{
		{"nothing is decided before the first look", 5, slow, []compare.Plan{{Scenario: "quick"}, {Scenario: "slow"}}},
		{"equal pairs are clean", 12, scaled(1.001, slow...), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			base := side(result.SideBase, quick[:tc.pairs], slow[:tc.pairs])
			head := side(result.SideHead, scaled(1.001, quick[:tc.pairs]...), tc.shift[:tc.pairs])
			v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
			if diff := cmp.Diff(tc.want, v.Open()); diff != "" {
				t.Errorf("open (-want +got):\n%s\n%s", diff, reasons(v))
			}
			if v.Comparison.Kind != compare.Paired {
				t.Errorf("kind %q", v.Comparison.Kind)
			}
		})
	}
}
