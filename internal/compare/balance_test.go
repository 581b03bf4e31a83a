package compare_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// beside gives every run what other processes took of the machine while its network formed and in its steady window.
func beside(r *result.Results, forming, steady float64) *result.Results {
	for i := range r.Runs {
		jitter := 0.001 * float64(i) // as between any two runs
		forming, steady := forming+jitter, steady+jitter
		r.Runs[i].Machine = &result.Machine{
			Forming: &result.MachinePhase{Seconds: 0.1, Cores: 2, OthersRatio: &forming}, Steady: &result.MachinePhase{Seconds: 2, Cores: 2, OthersRatio: &steady},
		}
	}
	return r
}

// whileLoaded gives every run what other processes took of the machine under the workload alone.
func whileLoaded(r *result.Results, ratio float64) *result.Results {
	for i := range r.Runs {
		ratio := ratio + 0.001*float64(i)
		r.Runs[i].Machine.Load = &result.MachinePhase{Seconds: 1, Cores: 2, OthersRatio: &ratio}
	}
	return r
}

// TestALoadIsNoRegression has a head whose formation is slower by a factor and whose memory is the same.
func TestALoadIsNoRegression(t *testing.T) {
	for name, test := range map[string]struct {
		head, base *result.Results
		factor     float64
		want       compare.Outcome
		reason     string
	}{
		"equal loads":                  {beside(healthy(), 0.07, 0.07), beside(healthy(), 0.07, 0.07), 1.3, compare.Regressed, "worse: +30%"},
		"loads that are not on record": {healthy(), beside(healthy(), 0.07, 0.07), 1.3, compare.Regressed, "worse: +30%"},
		"a little more for head":       {beside(healthy(), 0.02, 0.019), beside(healthy(), 0.005, 0.005), 1.3, compare.Regressed, "worse: +30%"},
		"more for head": {
			beside(healthy(), 0.01, 0.07), beside(healthy(), 0.01, 0.005), 1.3, compare.Inconclusive,
			"but other processes took 7 % of the machine in the steady window for head and 1 % for base",
		},
		"more for head while it formed": {
			beside(healthy(), 0.09, 0.01), beside(healthy(), 0.01, 0.01), 1.3, compare.Inconclusive,
			"but other processes took 9 % of the machine while the network formed for head and 1 % for base",
		},
		"more for head under load": {
			whileLoaded(beside(healthy(), 0.01, 0.01), 0.08), whileLoaded(beside(healthy(), 0.01, 0.01), 0.01), 1.3, compare.Inconclusive,
			"but other processes took 8 % of the machine under load for head and 1 % for base",
		},
		"more for base, and head is worse all the same": {beside(healthy(), 0.01, 0.01), beside(healthy(), 0.01, 0.07), 1.3, compare.Regressed, "worse: +30%"},
		"more for base, and head looks better": {
			beside(healthy(), 0.01, 0.01), beside(healthy(), 0.01, 0.07), 0.7, compare.Inconclusive,
			"but other processes took 1 % of the machine in the steady window for head and 7 % for base",
		},
		"more for base in the steady window, and for head while it formed": {
			beside(healthy(), 0.09, 0.01), beside(healthy(), 0.01, 0.07), 1.3, compare.Inconclusive,
			"but other processes took 9 % of the machine while the network formed for head and 1 % for base",
		},
		"more for head in the steady window, and for base while it formed": {
			beside(healthy(), 0.01, 0.07), beside(healthy(), 0.09, 0.01), 0.7, compare.Inconclusive,
			"but other processes took 1 % of the machine while the network formed for head and 9 % for base",
		},
		"more for base, and head looks the same": {
			beside(healthy(), 0.01, 0.01), beside(healthy(), 0.01, 0.07), 1, compare.Inconclusive,
			"but other processes took 1 % of the machine in the steady window for head and 7 % for base, which would hide what got worse",
		},
		"more for head, and it looks the same":         {beside(healthy(), 0.01, 0.07), beside(healthy(), 0.01, 0.01), 1, compare.Pass, "stays within"},
		"more for head, and it is better all the same": {beside(healthy(), 0.01, 0.07), beside(healthy(), 0.01, 0.01), 0.7, compare.Improved, "better: -30%"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, sample := range series(test.head, "formation_time").Samples {
				*sample.Value *= test.factor
			}
			v := compare.Decide(compare.Input{Head: test.head, Base: test.base, Now: now})
			if m := entry(v, "formation_time"); m.Verdict != test.want || !strings.Contains(m.Reason, test.reason) {
				t.Errorf("%s because %q, want %s because of %q", m.Verdict, m.Reason, test.want, test.reason)
			}
			if m := entry(v, "memory_private"); m.Verdict != compare.Pass {
				t.Errorf("memory: %s because %q", m.Verdict, m.Reason)
			}
		})
	}
}

// TestLoadsThatScatterAreNotDifferent has medians apart and runs that are not.
func TestLoadsThatScatterAreNotDifferent(t *testing.T) {
	head, base := beside(healthy(), 0, 0), beside(healthy(), 0, 0)
	for i, share := range []float64{0, 0.01, 0.08, 0.09, 0.07, 0.02} {
		*head.Runs[i].Machine.Forming.OthersRatio = share
	}
	for i, share := range []float64{0.01, 0.09, 0.02, 0, 0.08, 0.01} {
		*base.Runs[i].Machine.Forming.OthersRatio = share
	}
	for _, sample := range series(head, "formation_time").Samples {
		*sample.Value *= 1.3
	}
	v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
	if m := entry(v, "formation_time"); m.Verdict != compare.Regressed {
		t.Errorf("%s because %q", m.Verdict, m.Reason)
	}
}

func TestMemoryIsCalledWorseOnABusyMachineToo(t *testing.T) {
	head, base := beside(healthy(), 0.01, 0.09), beside(healthy(), 0.01, 0.01)
	for _, sample := range series(head, "memory_private").Samples {
		*sample.Value *= 1.3
	}
	v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
	if m := entry(v, "memory_private"); m.Verdict != compare.Regressed {
		t.Errorf("%s because %q", m.Verdict, m.Reason)
	}
	want := []string{"scenario quick: other processes took 9 % of the machine in the steady window for head and 1 % for base: no time is called worse"}
	if diff := cmp.Diff(want, v.Warnings); diff != "" {
		t.Errorf("warnings: -want +got\n%s", diff)
	}
}

// TestRunsThatDoNotCountHaveNoLoad leaves out warm-up and disturbed runs: their figures are left out too.
func TestRunsThatDoNotCountHaveNoLoad(t *testing.T) {
	head, base := beside(healthy(), 0.01, 0.01), beside(healthy(), 0.01, 0.01)
	for range 3 {
		for _, run := range beside(healthy(), 0.01, 0.5).Runs {
			run.Warmup = run.Run%2 == 0
			if !run.Warmup {
				run.Invalid = busyMachine
			}
			head.Runs = append(head.Runs, run)
		}
	}
	v := compare.Decide(compare.Input{Head: head, Base: base, Now: now})
	for _, warning := range v.Warnings {
		if strings.Contains(warning, "for head and") {
			t.Errorf("warning %q", warning)
		}
	}
}
