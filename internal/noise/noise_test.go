package noise_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/communitas/perfgate/internal/noise"
	"github.com/communitas/perfgate/internal/result"
)

func series(name string, values ...float64) result.Series {
	s := result.Series{Scenario: "s", Metric: name, Unit: "s", Better: "lower", Status: result.Measured}
	for i, v := range values {
		s.Samples = append(s.Samples, result.Sample{Run: i + 1, Value: &v, Valid: true})
	}
	return s
}

func TestNoiseOfEachSeriesThatWasMeasured(t *testing.T) {
	late := series("late", 3, 60)
	late.Samples[1].Censored = true
	lost := series("lost", 1, 2, 3)
	lost.Samples[1].Valid = false
	lost.Samples[1].Reason = "disturbed"
	turned := series("turned", 4, 3, 2, 1) // the file may have them in any order; neighbours are those of the runs
	for i := range turned.Samples {
		turned.Samples[i].Run = 4 - i
	}
	failed := series("failed", 1)
	failed.Status = result.Failed

	got := noise.Of(&result.Results{Series: []result.Series{
		series("rising", 1, 2, 3, 4), turned, series("alike", 5, 5, 5), series("once", 7), series("none", -1, 0, 1), late, lost, failed,
	}})
	// The deviation of 1, 2, 3, 4 is √(5/3), their median deviation 1; r₁ = (0.75 - 0.25 + 0.75)/5.
	rising := noise.Noise{
		Scenario: "s", Metric: "rising", Unit: "s", Samples: 4, Median: new(2.5), Least: new(1.0), Most: new(4.0),
		CV: new(0.5163977794943222), RobustCV: new(1.4826 / 2.5), Autocorrelation: new(0.25),
	}
	same := rising
	same.Metric = "turned"
	want := []noise.Noise{
		rising, same,
		{Scenario: "s", Metric: "alike", Unit: "s", Samples: 3, Median: new(5.0), Least: new(5.0), Most: new(5.0), CV: new(0.0), RobustCV: new(0.0), Reason: "the same in every run"},
		{Scenario: "s", Metric: "once", Unit: "s", Samples: 1, Median: new(7.0), Least: new(7.0), Most: new(7.0), Reason: "too few runs"},
		{
			Scenario: "s", Metric: "none", Unit: "s", Samples: 3, Median: new(0.0), Least: new(-1.0), Most: new(1.0), Autocorrelation: new(0.0),
			Reason: "a share of a center of 0 means nothing",
		},
		{Scenario: "s", Metric: "late", Unit: "s", Samples: 2, Reason: "1 of 2 runs timed out: how long they would have taken is not known"},
		{
			Scenario: "s", Metric: "lost", Unit: "s", Samples: 2, Missing: 1, Median: new(2.0), Least: new(1.0), Most: new(3.0),
			CV: new(0.7071067811865476), RobustCV: new(1.4826 / 2), Reason: "too few runs",
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
