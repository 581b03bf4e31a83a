package compare_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// sames are both sides of a trial whose scenario "quick" needed no run: only the size of the binary was measured.
func sames() (base, head *result.Results) {
	one := func(side string) *result.Results {
		r := results()
		r.Trial = &result.Trial{ID: "a trial", Side: side, Seed: 1, Looks: []int{6}}
		r.Scenarios = []result.Scenario{{Runs: 1}, {Name: "quick", Nodes: 5, Configuration: "quick", Identical: true}}
		r.Subject.BinarySHA256, r.Runs = "abc", nil
		s := custom(metric.Describe("binary_size", metric.Bytes, metric.Lower), 1000)
		s.Scenario = ""
		r.Series = []result.Series{s}
		return r
	}
	return one(result.SideBase), one(result.SideHead)
}

func TestWhatIsTheSameIsNotWorse(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(base, head *result.Results)
		want   compare.Outcome
	}{
		{"the same", func(_, _ *result.Results) {}, compare.Pass},
		{"other binaries", func(_, head *result.Results) { head.Subject.BinarySHA256 = "abd" }, compare.Failed},
		{"no binaries", func(base, head *result.Results) { base.Subject.BinarySHA256, head.Subject.BinarySHA256 = "", "" }, compare.Failed},
		{"another configuration", func(base, _ *result.Results) { base.Scenarios[1].Configuration = "slow" }, compare.Failed},
		{"only head says so", func(base, _ *result.Results) { base.Scenarios[1].Identical = false }, compare.Failed},
		{"only base says so", func(_, head *result.Results) { head.Scenarios[1].Identical = false }, compare.Failed},
		{"no trial", func(base, head *result.Results) { base.Trial, head.Trial = nil, nil }, compare.Failed},
		{"two trials", func(base, _ *result.Results) { base.Trial.ID = "another" }, compare.Failed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			base, head := sames()
			tc.change(base, head)
			v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
			told := strings.Contains(strings.Join(v.Warnings, "\n"), "scenario quick was not measured: both sides have the same binary")
			if v.Verdict != tc.want || told != (tc.want == compare.Pass) || len(v.Open()) > 0 {
				t.Errorf("%s (%s), open %v, warnings %q", v.Verdict, v.Reason, v.Open(), v.Warnings)
			}
		})
	}
}
