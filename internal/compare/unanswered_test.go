package compare_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// unread lets a page of these runs have no answer.
func unread(r *result.Results, runs ...int) {
	for _, run := range runs {
		find(r, run, result.FindingUnreadable, 1, "the peer gauge cannot be read: no answer in time")
		r.Runs[run-1].Failure = "node 1: no answer in time"
	}
}

// TestAPageThatCouldNotBeReadCostsThePair, unless a side has many such runs, or head more than base beyond chance.
func TestAPageThatCouldNotBeReadCostsThePair(t *testing.T) {
	first := func(n int) []int {
		var all []int
		for i := range n {
			all = append(all, i+1)
		}
		return all
	}
	for _, tc := range []struct {
		name       string
		head, base []int
		spoil      func(base, head *result.Results)
		want       compare.Outcome
		pairs      int
		says       string
	}{
		{"none", nil, nil, nil, compare.Pass, 24, ""},
		{"one of base", nil, []int{3}, nil, compare.Pass, 23, "pair 3 gives nothing: the run of base is no measure: unreadable of node 1: the peer gauge cannot be read: no answer in time"},
		{"one of head", []int{4}, nil, nil, compare.Pass, 23, "a page could not be read in 1 of 24 runs of head and in 0 of 24 of base: their pairs give nothing, or were measured again"},
		{"one pair of both", []int{4}, []int{4}, nil, compare.Pass, 23, "pair 4 gives nothing"},
		{"three of base", nil, first(3), nil, compare.Pass, 21, "pair 2 gives nothing"},
		{"head a little more often", first(3), []int{9}, nil, compare.Inconclusive, 20, "in 3 of 24 runs of head and in 1 of 24 of base: too few to tell whether head answers less often"},
		{"head more often beyond chance", first(5), nil, nil, compare.Failed, 19, "in 5 of 24 runs of head and in 0 of 24 of base: head answers less often (p 0.025)"},
		{"many of head, and of base", first(7), first(5), nil, compare.Failed, 17, "run 1: unreadable of node 1: the peer gauge cannot be read"},
		{"many of base", nil, first(7), nil, compare.Inconclusive, 0, "base is no measure: run 1: unreadable of node 1"},
		{"a crash of base", nil, nil, func(base, _ *result.Results) { find(base, 3, result.FindingCrash, 1, "killed") }, compare.Inconclusive, 0, "base is no measure: run 3: crash of node 1"},
		{"a crash beside it", nil, []int{3}, func(base, _ *result.Results) { find(base, 3, result.FindingCrash, 1, "killed") }, compare.Inconclusive, 0, "base is no measure: run 3: unreadable of node 1"},
		{"an impossible gauge of head beside it", []int{3}, nil, func(_, head *result.Results) { find(head, 3, result.FindingGaugeInvalid, 0, "9 peers") }, compare.Failed, 24, "gauge_invalid of node 0: 9 peers"},
		{"measured again", nil, []int{3}, func(base, _ *result.Results) {
			again := base.Runs[2]
			again.Attempt, again.Findings, again.Failure = 2, nil, ""
			base.Runs = append(base.Runs, again)
		}, compare.Pass, 24, "scenario quick: attempt 1 at run 3 of base is left out: unreadable of node 1"},
		{"a warm-up run", nil, nil, func(base, _ *result.Results) {
			base.Runs = append(base.Runs, result.Run{Scenario: "quick", Run: 1, Warmup: true})
			unread(base, 25)
		}, compare.Pass, 24, "warm-up run 1 of base is left out"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, h := timed("time", 24, 3, always(1))
			base, head := trialOf([]result.Series{b}, []result.Series{h})
			unread(base, tc.base...)
			unread(head, tc.head...)
			if tc.spoil != nil {
				tc.spoil(base, head)
			}
			v, e, err := compare.Explain(compare.Input{Head: head, Base: base, Now: now}, "custom/time")
			if err != nil || v.Verdict != tc.want || !strings.Contains(reasons(v), tc.says) {
				t.Errorf("%s, want %s because %q, error %v\n%s", v.Verdict, tc.want, tc.says, err, reasons(v))
			}
			void := slices.DeleteFunc(e.Metrics[0].Pairs, func(p compare.ExplainedPair) bool { return p.Void == "" })
			if got := 24 - len(void); len(e.Metrics[0].Pairs) > 0 && tc.pairs > 0 && got != tc.pairs {
				t.Errorf("%d pairs count, want %d: %+v", got, tc.pairs, void)
			}
		})
	}
}

// TestOutsideOfATrialAPageThatCouldNotBeReadFails: there is no pair to leave out.
func TestOutsideOfATrialAPageThatCouldNotBeReadFails(t *testing.T) {
	head := healthy()
	unread(head, 2)
	if v := compare.Decide(compare.Input{Head: head, Base: healthy(), Now: now}); v.Verdict != compare.Failed {
		t.Errorf("%s\n%s", v.Verdict, reasons(v))
	}
}
