package compare_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// TestTheBooksOfAnExplanationDecideAsTheVerdict: a change is proven where the books cross at the error that they name and every greater step
// of the ladder has been proven too, and nowhere else.
func TestTheBooksOfAnExplanationDecideAsTheVerdict(t *testing.T) {
	proven := func(s *compare.ExplainedSpending) bool {
		crossed := slices.ContainsFunc(s.Looks, func(b compare.ExplainedBook) bool { return b.Crossed })
		return crossed && !slices.ContainsFunc(s.Steps, func(s compare.ExplainedStep) bool { return s.ProvenAt == 0 })
	}
	people := "" // so small a tolerance that nothing is clean
	for i := range 5 {
		people += fmt.Sprintf("[metric.\"custom/time-%d\"]\ntolerance = \"0.5%%\"\n", i)
	}
	rules, between := file(t, people), 0
	for seed := uint64(27); seed <= 30; seed++ { // in both of these ends a metric is proven at a third of alpha, and not at the step below
		var b, h []result.Series
		for i, factor := range []float64{1.3, 1.3, 1.008, 1.01, 1.012} { // two are proven at once, and leave three
			base, head := timed(fmt.Sprint("time-", i), 24, 10*seed+uint64(i), always(factor))
			b, h = append(b, base), append(h, head)
		}
		base, head := trialOf(b, h)
		for _, s := range b {
			_, e, err := compare.Explain(compare.Input{Head: head, Base: base, Baselines: rules, Now: now}, s.Metric)
			if err != nil {
				t.Fatal(err)
			}
			m := e.Metrics[0]
			rejected := slices.ContainsFunc(m.Family.Steps, func(step compare.FamilyStep) bool {
				return step.Direction == "worse" && slices.Contains(step.Rejected, "quick/"+s.Metric)
			})
			if proven(m.Worse) != rejected {
				t.Errorf("seed %d, %s: by the books proven %t at %v, rejected %t", seed, s.Metric, proven(m.Worse), m.Worse.Alpha, rejected)
			}
			if m.Worse.Alpha == 0.0125 {
				between++
			}
		}
	}
	if between == 0 {
		t.Error("no metric was held against the step of the ladder below a third of alpha")
	}
}
