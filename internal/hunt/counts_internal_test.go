package hunt

import (
	"testing"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// TestAMissingSumIsExplainedByTheRunThatGaveNothing: not by the last one, which did.
func TestAMissingSumIsExplainedByTheRunThatGaveNothing(t *testing.T) {
	one := 1.0
	results := &result.Results{
		Runs: []result.Run{{}, {Failure: "node 1 exited with status 3"}, {}},
		Series: []result.Series{{Scenario: "pair", Metric: "log_errors", Unit: metric.Count, Status: result.Measured,
			Samples: []result.Sample{{Value: &one, Valid: true}, {Value: &one, Valid: true}}}},
	}
	s := &searching{target: Target{Scenario: "pair", Metric: "log_errors", Sum: 3}, journal: &journal{}}
	got, err := s.valueOf(results, 1)
	if want := missing + "node 1 exited with status 3"; err != nil || got.event.Type != bisect.Invalid || got.event.Reason != want {
		t.Errorf("%+v, %v; not %q", got.event, err, want)
	}
}

// TestACountIsSummedUpOverItsRuns: 0 is a value, and of successes the failures are counted. Where a run does not count, no sum does.
func TestACountIsSummedUpOverItsRuns(t *testing.T) {
	samples := func(values ...float64) (all []result.Sample) {
		for _, v := range values {
			all = append(all, result.Sample{Value: &v, Valid: true})
		}
		return all
	}
	busy := samples(1, 2)
	busy[1].Valid = false
	for name, tc := range map[string]struct {
		target  Target
		samples []result.Sample
		want    bisect.EventType
		value   float64
	}{
		"events":    {Target{Sum: 3}, samples(0, 2, 5), bisect.Ran, 7},
		"none":      {Target{Sum: 2}, samples(0, 0), bisect.Ran, 0},
		"failures":  {Target{Sum: 3, Failures: true}, samples(1, 0, 1), bisect.Ran, 1},
		"successes": {Target{Sum: 2, Failures: true}, samples(1, 1), bisect.Ran, 0},
		"disturbed": {Target{Sum: 2}, busy, bisect.Invalid, 0},
	} {
		t.Run(name, func(t *testing.T) {
			tc.target.Scenario, tc.target.Metric = "pair", "log_errors"
			results := &result.Results{
				Runs:   []result.Run{{}, {}},
				Series: []result.Series{{Scenario: "pair", Metric: "log_errors", Unit: metric.Count, Samples: tc.samples}},
			}
			if tc.want == bisect.Invalid {
				results.Runs[0].Invalid = "others took 40 % of the machine"
			}
			s := &searching{target: tc.target, journal: &journal{}}
			got, err := s.valueOf(results, 1)
			if err != nil || got.event.Type != tc.want || got.event.Value != tc.value {
				t.Errorf("%+v, %v", got.event, err)
			}
		})
	}
}
