package compare_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

const busyMachine = "disturbed: other processes took 48 % of the machine in the steady window"

// disturb makes runs invalid because of the machine, with every sample of them.
func disturb(r *result.Results, runs ...int) {
	for _, run := range runs {
		r.Runs[run-1].Invalid = busyMachine
		find(r, run, result.FindingDisturbed, -1, strings.TrimPrefix(busyMachine, "disturbed: "))
		for i := range r.Series {
			if r.Series[i].Scenario == "quick" {
				invalid(r, run, busyMachine, r.Series[i].Metric)
			}
		}
	}
}

// settle gives the series of a disturbed scenario the status that their samples leave them.
func settle(r *result.Results) {
	for i := range r.Series {
		if s := &r.Series[i]; len(s.Usable()) == 0 {
			s.Status, s.Reason = result.Failed, busyMachine
		}
	}
}

func TestADisturbedRunIsLeftOutAndNamedOnce(t *testing.T) {
	head := healthy()
	disturb(head, 3)
	find(head, 3, result.FindingUnreadable, 1, "peer gauge: 30 of 90 looks failed") // the machine may be the cause
	find(head, 3, result.FindingNotFormed, -1, "last peer counts [1 1]")
	find(head, 3, result.FindingAsymmetric, 1, "claims node 2")
	head.Runs[2].Failure = "node 1: not ready within 60s"
	head.Runs[2].Formed = false
	v := compare.Decide(compare.Input{Head: head, Base: healthy(), Now: now})
	want := []string{"scenario quick: run 3 is left out (" + busyMachine + "): 7 metrics"}
	if diff := cmp.Diff(want, v.Warnings); diff != "" || v.Verdict != compare.Pass {
		t.Errorf("%s because %q, warnings -want +got\n%s", v.Verdict, v.Reason, diff)
	}
	mend := []string{"measure again when the machine has nothing else to do, or take figures as they are: --disturbed=keep"}
	if diff := cmp.Diff(mend, v.Next); diff != "" {
		t.Errorf("next: -want +got\n%s", diff)
	}
	head.Runs = append(head.Runs, result.Run{Scenario: "quick", Run: 3, Attempt: 2, Formed: true})
	if v := compare.Decide(compare.Input{Head: head, Base: healthy(), Now: now}); len(v.Next) > 0 {
		t.Errorf("next, when it was measured again: %q", v.Next)
	}
}

func TestAScenarioThatWasAlwaysDisturbedIsNeitherRegressedNorPassed(t *testing.T) {
	for name, side := range map[string]func(head, base *result.Results) compare.Outcome{
		"head": func(head, _ *result.Results) compare.Outcome {
			disturb(head, 1, 2, 3, 4, 5, 6)
			settle(head)
			return compare.Failed
		},
		"base": func(_, base *result.Results) compare.Outcome {
			disturb(base, 1, 2, 3, 4, 5, 6)
			settle(base)
			return compare.Inconclusive
		},
		"most of head": func(head, _ *result.Results) compare.Outcome {
			disturb(head, 1, 2, 3, 4, 5)
			return compare.Inconclusive
		},
	} {
		t.Run(name, func(t *testing.T) {
			head, base := healthy(), healthy()
			for i := range head.Series[0].Samples { // what would be a regression on a calm machine
				*head.Series[0].Samples[i].Value *= 2
			}
			want := side(head, base)
			v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
			if v.Verdict != want || v.Counts.Regressed > 0 || name != "most of head" && !strings.Contains(v.Reason, busyMachine) {
				t.Errorf("%s because %q, %d regressed; want %s", v.Verdict, v.Reason, v.Counts.Regressed, want)
			}
		})
	}
}

func TestFaultsOfTheSubjectOnADisturbedMachineStayFaults(t *testing.T) {
	for _, kind := range []string{result.FindingCrash, result.FindingGaugeInvalid} {
		head := healthy()
		disturb(head, 3)
		find(head, 3, kind, 1, "this one")
		head.Runs[2].Failure = "node 1: this one"
		v := compare.Decide(compare.Input{Head: head, Base: healthy(), Now: now})
		want := []compare.Problem{{Scenario: "quick", Verdict: compare.Failed, Reason: "run 3: " + kind + " of node 1: this one"}}
		if diff := cmp.Diff(want, v.Problems); diff != "" || v.Verdict != compare.Failed {
			t.Errorf("%s because %q, problems -want +got\n%s", v.Verdict, v.Reason, diff)
		}
	}
}

func TestWhatWasMeasuredAgainIsTold(t *testing.T) {
	attempt := func(run, attempt int, invalid string) result.Run {
		return result.Run{Scenario: "quick", Run: run, Attempt: attempt, Formed: true, Invalid: invalid}
	}
	for name, test := range map[string]struct {
		runs []result.Run
		want []string
	}{
		"nothing": {[]result.Run{attempt(1, 0, ""), attempt(2, 0, busyMachine)}, nil},
		"one": {
			[]result.Run{attempt(1, 0, ""), attempt(2, 0, busyMachine), attempt(2, 2, "")},
			[]string{"scenario quick: 1 attempt was measured again, since the machine was disturbed: run 2 (other processes took 48 % of the machine in the steady window)"},
		},
		"the same run twice, and one that stays disturbed": {
			[]result.Run{attempt(1, 0, "disturbed: x"), attempt(1, 2, "disturbed: y"), attempt(1, 3, "disturbed: z")},
			[]string{"scenario quick: 2 attempts were measured again, since the machine was disturbed: run 1 (x), run 1 (y)"},
		},
		"a warm-up run": {[]result.Run{{Scenario: "quick", Run: 1, Warmup: true, Invalid: busyMachine}, attempt(1, 2, "")}, nil},
		"many": {
			[]result.Run{
				attempt(1, 0, "disturbed: a"), attempt(1, 2, ""), attempt(2, 0, "disturbed: b"), attempt(2, 2, ""), attempt(3, 0, "disturbed: c"), attempt(3, 2, ""),
				attempt(4, 0, "disturbed: d"), attempt(4, 2, ""), attempt(5, 0, "disturbed: e"), attempt(5, 2, ""), attempt(6, 0, "disturbed: f"), attempt(6, 2, ""),
			},
			[]string{"scenario quick: 6 attempts were measured again, since the machine was disturbed: run 1 (a), run 2 (b), run 3 (c), run 4 (d), run 5 (e) and 1 more"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := healthy()
			r.Runs = test.runs
			if diff := cmp.Diff(test.want, compare.MeasuredAgain(r, result.Scenario{Name: "quick"})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			r.Runs = append(r.Runs, healthy().Runs...)
			if v := compare.Decide(compare.Input{Head: r, Base: healthy(), Now: now}); !cmp.Equal(append([]string{}, test.want...), v.Warnings) {
				t.Errorf("warnings %q", v.Warnings)
			}
		})
	}
}

func TestARemarkOnFiguresThatWereKept(t *testing.T) {
	head := healthy()
	find(head, 2, result.FindingDisturbed, -1, "the wall clock was set by +3.0s in the steady window")
	v := compare.Decide(compare.Input{Head: head, Base: healthy(), Now: now})
	want := []string{"scenario quick, run 2: disturbed: the wall clock was set by +3.0s in the steady window"}
	if diff := cmp.Diff(want, v.Warnings); diff != "" || v.Verdict != compare.Pass {
		t.Errorf("%s, warnings -want +got\n%s", v.Verdict, diff)
	}
}
