package gate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runner"
)

// TestEachRunGivesOneSampleHoweverOftenItWasMeasured keeps a warm-up run, a disturbed attempt, and the one after it.
func TestEachRunGivesOneSampleHoweverOftenItWasMeasured(t *testing.T) {
	m := &side{Plan: Plan{Dir: t.TempDir()}, results: &result.Results{
		Schema: result.Schema, Scenarios: []result.Scenario{{Name: "three", Nodes: 3, Runs: 1}},
	}}
	formation, _ := metric.Lookup("formation_time")
	attempt := func(run result.Run, again bool, seconds float64) runner.Run {
		run.Scenario, run.Run = "three", 1
		return runner.Run{Run: run, Again: again, Measurements: []result.Measurement{result.Value(formation, seconds)}}
	}
	for _, run := range []runner.Run{
		attempt(result.Run{Order: 1, Warmup: true}, false, 1), attempt(result.Run{Order: 2, Invalid: "disturbed"}, true, 2), attempt(result.Run{Order: 3, Attempt: 2}, false, 3),
	} {
		if err := m.keepNetwork(run); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := Load(m.Dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []result.Sample{{Run: 1, Order: 3, Value: new(3.0), Valid: true}}
	if diff := cmp.Diff(want, kept.Series[0].Samples); diff != "" || len(kept.Runs) != 3 {
		t.Errorf("%d runs; samples: -want +got\n%s", len(kept.Runs), diff)
	}
}
