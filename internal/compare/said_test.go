package compare_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// What a verdict says of its base, word for word.
func TestWhyThereIsNoBase(t *testing.T) {
	anonymous := func() *result.Results { r := both(1); r.Environment.Fingerprint = ""; return r }
	flagged := both(1)
	flagged.Overrides = []string{"--nodes 7", "--duration 1s"}
	const measureBoth = "measure both sides in turns on this machine: perfgate check --against REVISION"
	for _, tc := range []struct {
		name   string
		in     compare.Input
		reason string
		next   []string
	}{
		{"nothing recorded", compare.Input{Head: both(1)}, "no baseline recorded for this environment (linux-amd64, fingerprint-of-this-machine)",
			[]string{"record this machine's baseline: perfgate baseline record, or " + measureBoth}},
		{"no fingerprint", compare.Input{Head: anonymous(), Baselines: file(t, "", both(1))}, "the results carry no fingerprint of their environment", []string{measureBoth}},
		{"no fingerprint in base", compare.Input{Head: both(1), Base: anonymous()}, "the results carry no fingerprint of their environment", []string{"measure both sides on one machine"}},
		{"no fingerprint in head", compare.Input{Head: anonymous(), Base: both(1)}, "the results carry no fingerprint of their environment", []string{"measure both sides on one machine"}},
		{"flags", compare.Input{Head: flagged, Baselines: file(t, "", both(1))}, "--nodes 7, --duration 1s changed what was measured: no stored baseline applies", []string{"run without the flags, or " + measureBoth}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.in.Now = now
			v := compare.Decide(tc.in)
			if v.Comparison.Reason != tc.reason || v.Comparison.Kind != compare.NoBase || v.Qualifier != "targets only" {
				t.Errorf("%s against %s because %q, want %q", v.Qualifier, v.Comparison.Kind, v.Comparison.Reason, tc.reason)
			}
			if diff := cmp.Diff(tc.next, v.Next); diff != "" {
				t.Errorf("next: -want +got\n%s", diff)
			}
		})
	}
}

func TestWhatToDoAboutABaseOfTooFewSamples(t *testing.T) {
	few := healthy()
	keep(few, 3)
	for beside, tc := range map[string]struct {
		in   compare.Input
		next string
	}{
		"session":   {compare.Input{Head: healthy(), Base: few}, "measure base again with more runs"},
		"recording": {compare.Input{Head: healthy(), Baselines: file(t, "", few)}, "record this machine's baseline: perfgate baseline record with more runs"},
		"head":      {compare.Input{Head: few, Base: healthy()}, "measure more: perfgate check --runs 5"},
	} {
		tc.in.Now = now
		if diff := cmp.Diff([]string{tc.next}, compare.Decide(tc.in).Next); diff != "" {
			t.Errorf("%s: next: -want +got\n%s", beside, diff)
		}
	}
}

func TestARefusedBaseGivesNoNumbers(t *testing.T) {
	base := both(1)
	base.Subject.Name = "another"
	for _, in := range []compare.Input{{Head: both(1), Base: base, Now: now}, {Head: both(1), Baselines: file(t, "", base), Now: now}} {
		got := entry(compare.Decide(in), "memory_private")
		if got.Base.Present() || got.BaseSamples != 0 || got.Change.Present() || got.PValue.Present() || got.Verdict != compare.Inconclusive {
			t.Errorf("got %+v", got)
		}
	}
}

func TestATargetOfAScenarioFallsWithTheFlags(t *testing.T) {
	rules := file(t, "[metric.memory_private.scenario.quick]\ntarget = \"< 1MB\"\n")
	if v := compare.Decide(compare.Input{Head: both(1), Baselines: rules, Now: now}); v.Verdict != compare.OverTarget {
		t.Errorf("without flags: %s because %q", v.Verdict, v.Reason)
	}
	flagged := both(1)
	flagged.Overrides = []string{"--nodes 7"}
	if v := compare.Decide(compare.Input{Head: flagged, Baselines: rules, Now: now}); v.Verdict != compare.Pass {
		t.Errorf("with flags: %s because %q", v.Verdict, v.Reason)
	}
}

func TestFirstLineOfEachVerdict(t *testing.T) {
	warned := healthy()
	find(warned, 1, result.FindingCrash, 2, "killed")
	find(warned, 2, result.FindingCrash, 2, "killed again")
	for name, tc := range map[string]struct {
		in   compare.Input
		want string
	}{
		"pass":         {compare.Input{Head: both(1), Base: both(1)}, "2 gated metrics not worse than results of 0123456789ab, 2026-11-19 08:00 and within the targets"},
		"stored":       {compare.Input{Head: both(1), Baselines: file(t, "", both(1))}, "2 gated metrics not worse than baseline 0123456789ab of 2026-11-19 and within the targets"},
		"targets only": {compare.Input{Head: both(1)}, "no baseline recorded for this environment (linux-amd64, fingerprint-of-this-machine); 1 gated metric within the targets"},
		"improved":     {compare.Input{Head: both(0.7), Base: both(1)}, "memory_private of quick: better: -30% [-31%, -29%]"},
		"regressed":    {compare.Input{Head: both(1.3), Base: both(1)}, "memory_private of quick: worse: +30% [+28.2%, +31.8%], tolerance 10%"},
		"failed twice": {compare.Input{Head: warned, Base: healthy()}, "quick: run 1: crash of node 2: killed (and 1 more)"},
	} {
		tc.in.Now = now
		if got := compare.Decide(tc.in).Reason; got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

// TestAMetricIsExplainedWhereItWasMeasured, whatever other scenarios cannot give.
func TestAMetricIsExplainedWhereItWasMeasured(t *testing.T) {
	head := both(1)
	elsewhere := without("memory_private", result.NotMeasurable, "not measurable: node offers L0")
	elsewhere.Scenario = "slow"
	head.Scenarios = append(head.Scenarios, result.Scenario{Name: "slow", Nodes: 5, Runs: 6, Configuration: "slow"})
	head.Series = append(head.Series, elsewhere)
	for name, want := range map[string]string{
		"memory_private":       "",
		"quick/memory_private": "",
		"slow/memory_private":  "slow/memory_private was not measured, so nothing decides about it: not measurable: node offers L0",
	} {
		_, e, err := compare.Explain(compare.Input{Head: head, Base: both(1), Now: now}, name)
		if want == "" && (err != nil || len(e.Metrics) != 1) || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %d accounts, error %v, want %q", name, len(e.Metrics), err, want)
		}
	}
}

func TestWhatCanBeExplainedIsNamedOnce(t *testing.T) {
	head := healthy()
	slow := of("memory_private", steady...)
	slow.Scenario = "slow"
	head.Scenarios = append(head.Scenarios, result.Scenario{Name: "slow", Nodes: 5, Runs: 6, Configuration: "slow"})
	head.Series = append(head.Series, slow)
	_, _, err := compare.Explain(compare.Input{Head: head, Now: now}, "no_such_metric")
	unknown, ok := errors.AsType[*compare.UnknownMetricError](err)
	if !ok {
		t.Fatal(err)
	}
	names := map[string]int{}
	for _, name := range unknown.Known {
		names[name]++
	}
	for _, name := range []string{"memory_private", "slow/memory_private", "binary_size"} {
		if names[name] != 1 {
			t.Errorf("%s is there %d times in %q", name, names[name], unknown.Known)
		}
	}
}
