package compare_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// both is a pair of metrics: one of noise, one that is exact, with targets that hold.
func both(factor float64) *result.Results {
	return results(of("memory_private", scaled(factor*1e7, steady...)...), of("disconnections", 0, 0, 0, 0, 0, 0))
}

func TestWhatMayBeComparedWithWhat(t *testing.T) {
	change := func(r *result.Results, f func(*result.Results)) *result.Results { f(r); return r }
	for _, tc := range []struct {
		name       string
		head, base *result.Results
		stored     []*result.Results
		required   bool
		want       compare.Outcome
		kind       compare.BaseKind
		qualifier  string
		reason     string
		next       string
	}{
		{name: "one session", head: both(1), base: both(1), want: compare.Pass, kind: compare.Session, reason: "not worse than results of 0123456789ab"},
		{name: "one session, worse", head: both(1.2), base: both(1), want: compare.Regressed, kind: compare.Session, reason: "memory_private of quick: worse: +20%"},
		{name: "stored", head: both(1), stored: []*result.Results{both(1)}, want: compare.Pass, kind: compare.Stored, reason: "not worse than baseline 0123456789ab of 2026-11-19"},
		{
			name: "stored, looks worse", head: both(1.2), stored: []*result.Results{both(1)}, want: compare.Inconclusive, kind: compare.Stored,
			reason: "looks worse by +20%", next: "perfgate check --against REVISION",
		},
		{name: "stored, looks better", head: both(0.8), stored: []*result.Results{both(1)}, want: compare.Pass, kind: compare.Stored, reason: "looks better: -20%"},
		{
			name: "no baseline", head: both(1), want: compare.Pass, kind: compare.NoBase, qualifier: "targets only",
			reason: "no baseline recorded for this environment (linux-amd64", next: "perfgate check --against REVISION",
		},
		{
			name: "another environment", head: both(1), want: compare.Pass, kind: compare.NoBase, qualifier: "targets only",
			stored: []*result.Results{change(both(1), func(r *result.Results) { r.Environment.Fingerprint = elsewhere })},
			reason: "only for fingerprint-", next: "perfgate check --against REVISION",
		},
		{
			name: "another environment, a baseline is required", head: both(1), required: true, want: compare.Inconclusive, kind: compare.NoBase,
			stored:    []*result.Results{change(both(1), func(r *result.Results) { r.Environment.Fingerprint = elsewhere })},
			qualifier: "targets only", reason: "a baseline is required: no baseline recorded for this environment",
		},
		{
			name: "another subject", head: both(1), want: compare.Inconclusive, kind: compare.Stored, next: "perfgate baseline record",
			stored: []*result.Results{change(both(1), func(r *result.Results) { r.Subject.Name = "another" })},
			reason: `the baseline is of another subject ("another", head is "node")`,
		},
		{
			name: "another configuration", head: both(1), want: compare.Inconclusive, kind: compare.Stored, next: "perfgate baseline record",
			stored: []*result.Results{change(both(1), func(r *result.Results) { r.Scenarios[0].Configuration = "another" })},
			reason: "the baseline is of another configuration of scenario quick",
		},
		{
			name: "flags changed what was measured", stored: []*result.Results{both(1)}, want: compare.Pass, kind: compare.NoBase,
			head:      change(both(1), func(r *result.Results) { r.Overrides = []string{"--nodes 7"} }),
			qualifier: "targets only", reason: "--nodes 7 changed what was measured: no stored baseline applies",
		},
		{
			name: "sessions on two machines", head: both(1), want: compare.Pass, kind: compare.NoBase, qualifier: "targets only",
			base:   change(both(1), func(r *result.Results) { r.Environment.Fingerprint = elsewhere }),
			reason: "base was measured in another environment",
		},
		{
			name: "no fingerprint on either side", want: compare.Pass, kind: compare.NoBase, qualifier: "targets only",
			head:   change(both(1), func(r *result.Results) { r.Environment.Fingerprint = "" }),
			base:   change(both(1), func(r *result.Results) { r.Environment.Fingerprint = "" }),
			reason: "no fingerprint",
		},
		{
			name: "sessions of two configurations", head: both(1), want: compare.Inconclusive, kind: compare.Session,
			base:   change(both(1), func(r *result.Results) { r.Scenarios[0].Configuration = "another" }),
			reason: "base was measured under another configuration of scenario quick",
		},
		{
			name: "sessions of two subjects", head: both(1), want: compare.Inconclusive, kind: compare.Session,
			base:   change(both(1), func(r *result.Results) { r.Subject.Name = "another" }),
			reason: "the base is of another subject",
		},
		{
			name: "a base that crashed", head: both(1), want: compare.Inconclusive, kind: compare.Session,
			base: change(both(1), func(r *result.Results) {
				r.Runs[2].Findings = []result.Finding{{Kind: result.FindingCrash, Node: 1, Text: "signal: killed"}}
			}),
			reason: "base is no measure: run 3: crash of node 1: signal: killed",
		},
		{
			name: "a base that was interrupted", head: both(1), want: compare.Inconclusive, kind: compare.Session,
			base:   change(both(1), func(r *result.Results) { r.Interrupted = "signal" }),
			reason: "the base was interrupted: signal",
		},
		{
			name: "a base that cannot be read", head: both(1), want: compare.Inconclusive, kind: compare.Session,
			base:   change(both(1), func(r *result.Results) { r.Series[0].Count++ }),
			reason: "the base cannot be used",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := compare.Decide(compare.Input{
				Head: tc.head, Base: tc.base, Baselines: file(t, "", tc.stored...), Now: now,
				Options: compare.Options{RequireBaseline: tc.required},
			})
			if v.Verdict != tc.want || v.Comparison.Kind != tc.kind || v.Qualifier != tc.qualifier || !strings.Contains(reasons(v), tc.reason) {
				t.Errorf("got %s %q against %s\n%s\nwant %s %q against %s because %q", v.Verdict, v.Qualifier, v.Comparison.Kind, reasons(v), tc.want, tc.qualifier, tc.kind, tc.reason)
			}
			if !slices.ContainsFunc(v.Next, func(s string) bool { return strings.Contains(s, tc.next) }) && tc.next != "" {
				t.Errorf("what to do next is %q, without %q", v.Next, tc.next)
			}
		})
	}
}

func TestAStoredBaselineProvesExactThingsOnly(t *testing.T) {
	build := func(memory, size float64, events ...float64) *result.Results {
		r := results(of("memory_private", scaled(memory, steady...)...), of("disconnections", events...), of("binary_size", size))
		r.Series[2].Scenario = ""
		r.Scenarios = append(r.Scenarios, result.Scenario{Runs: 1, Configuration: "build"})
		return r
	}
	v := compare.Decide(compare.Input{
		Head: build(1.3e7, 2e6, 2, 3, 2, 4, 2, 3), Now: now,
		Baselines: file(t, none("disconnections"), build(1e7, 1e6, 0, 0, 0, 0, 0, 0)),
	})
	got := map[string]compare.Outcome{}
	for _, m := range v.Metrics {
		got[m.Metric] = m.Verdict
	}
	if got["memory_private"] != compare.Inconclusive || got["disconnections"] != compare.Regressed || got["binary_size"] != compare.Regressed || v.Verdict != compare.Regressed {
		t.Errorf("got %v, whole %s", got, v.Verdict)
	}
}

func TestAScenarioWithoutRecordingIsNamed(t *testing.T) {
	head := both(1)
	head.Scenarios = append(head.Scenarios, result.Scenario{Name: "large", Nodes: 12, Runs: 6})
	s := of("disconnections", 0, 0, 0, 0, 0, 0)
	s.Scenario = "large"
	head.Series = append(head.Series, s)
	v := compare.Decide(compare.Input{Head: head, Baselines: file(t, "", both(1)), Now: now})
	if v.Verdict != compare.Pass || v.Qualifier != "targets only in scenario large" || v.Comparison.Kind != compare.Stored {
		t.Errorf("got %s %q against %s, want a pass that names the scenario", v.Verdict, v.Qualifier, v.Comparison.Kind)
	}
	v = compare.Decide(compare.Input{Head: head, Baselines: file(t, "", both(1)), Now: now, Options: compare.Options{RequireBaseline: true}})
	if v.Verdict != compare.Inconclusive || !strings.Contains(v.Reason, "no baseline recorded for scenario large") {
		t.Errorf("with a required baseline: %s because %q", v.Verdict, v.Reason)
	}
}

func TestBuildsAndBenchmarksThatWereNotAskedForAreNoFailure(t *testing.T) {
	build := func(names ...string) *result.Results {
		r := both(1)
		r.Scenarios = append(r.Scenarios, result.Scenario{Runs: 6, Configuration: "c"})
		for _, name := range names {
			s := of("memory_private", scaled(1e-3, steady...)...)
			s.Scenario, s.Metric, s.Unit = "", name, "s"
			r.Series = append(r.Series, s)
		}
		return r
	}
	stored := file(t, "", build("codec/encode", "codec/decode", "crypto/sign", "build_time"))
	v := compare.Decide(compare.Input{Head: build("codec/encode"), Baselines: stored, Now: now})
	if got := entry(v, "codec/decode"); got.Verdict != compare.Failed || got.Reason != "missing in head, present in base" || v.Verdict != compare.Failed {
		t.Errorf("a benchmark that lost a metric: %s because %q, whole %s", got.Verdict, got.Reason, v.Verdict)
	}
	warnings := strings.Join(v.Warnings, "\n")
	for _, name := range []string{"crypto/sign", "build_time"} {
		if !strings.Contains(warnings, name+" is in the baseline and was not part of this invocation") {
			t.Errorf("no warning of %s: %q", name, warnings)
		}
	}

	given := build("codec/encode", "codec/decode", "crypto/sign")
	unbuilt := without("build_time", result.NotMeasurable, "the binary was given")
	unbuilt.Scenario = ""
	given.Series = append(given.Series, unbuilt)
	v = compare.Decide(compare.Input{Head: given, Baselines: stored, Now: now})
	if v.Verdict != compare.Pass || !strings.Contains(strings.Join(v.Warnings, "\n"), "build_time is in the base and was not measured: the binary was given") {
		t.Errorf("a binary that was given: %s because %q with %q", v.Verdict, v.Reason, v.Warnings)
	}
}

func TestASingleBuildIsDecidedByItsTargetAlone(t *testing.T) {
	build := func(seconds ...float64) *result.Results {
		r := both(1)
		s := of("build_time", seconds...)
		s.Scenario = ""
		r.Scenarios = append(r.Scenarios, result.Scenario{Runs: len(seconds), Configuration: "build"})
		r.Series = append(r.Series, s)
		return r
	}
	for _, tc := range []struct {
		name       string
		base, head *result.Results
		want       compare.Outcome
		basis      compare.Basis
	}{
		{"one each", build(60), build(90), compare.Pass, compare.Target},
		{"one each, over the target", build(60), build(700), compare.OverTarget, compare.Target},
		{"one against many", build(60, 61, 62, 63, 64, 65), build(90), compare.Pass, compare.Target},
		{"four each", build(60, 61, 62, 63), build(90, 91, 92, 93), compare.Regressed, compare.Relative},
		{"many each", build(60, 61, 62, 63, 64, 65), build(90, 91, 92, 93, 94, 95), compare.Regressed, compare.Relative},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := compare.Decide(compare.Input{Head: tc.head, Base: tc.base, Now: now})
			if got := entry(v, "build_time"); got.Verdict != tc.want || got.Basis != tc.basis || v.Verdict != tc.want {
				t.Errorf("got %s on %s because %q, whole %s", got.Verdict, got.Basis, got.Reason, v.Verdict)
			}
		})
	}
}

func TestPercent(t *testing.T) {
	for change, want := range map[float64]string{
		0: "0%", 0.1234: "+12.3%", -0.1234: "-12.3%", 0.25: "+25%", 0.0004: "0%", -0.0004: "0%", 0.0005: "+0.1%", 12.345: "+1234%",
		math.Inf(1): "+∞", math.Inf(-1): "-∞",
	} {
		if got := compare.Percent(change); got != want {
			t.Errorf("Percent(%v) = %q, want %q", change, got, want)
		}
	}
	if got := compare.Percent(math.NaN()); got != "-" {
		t.Errorf("Percent(NaN) = %q, want -", got)
	}
	if got := compare.ChangeText(0.1, 0.05, math.Inf(1)); got != "+10% [+5%, +∞]" {
		t.Errorf("got %q", got)
	}
}
