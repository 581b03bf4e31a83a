package baseline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/metric"
)

func TestRuleLaysTheScenarioOverTheMetricOverTheDefaults(t *testing.T) {
	f := parse(t, whole)
	seconds := func(text string, value float64, origin string) *baseline.Target {
		return &baseline.Target{Op: "<", Value: value, Text: text, Origin: origin}
	}
	encode := metric.Describe("codec/encode", metric.Seconds, metric.Lower)
	waiver := f.Waivers()
	for _, tc := range []struct {
		name       string
		metric     metric.Metric
		scenario   string
		nodes      int
		overridden bool
		want       baseline.Rule
	}{
		{"metric", builtin(t, "formation_time"), "small", 3, false,
			baseline.Rule{Target: seconds("< 20s", 20, "baselines.toml:7"), Tolerance: 0.15, Policy: metric.Warn, TargetPolicy: metric.Warn}},
		{"target of the scenario", builtin(t, "formation_time"), "standard", 5, false,
			baseline.Rule{Target: seconds("< 30s", 30, "baselines.toml:9"), Tolerance: 0.15, Policy: metric.Warn, TargetPolicy: metric.Warn}},
		{"policy and tolerance of the scenario", builtin(t, "formation_time"), "quick", 2, false,
			baseline.Rule{Target: seconds("< 20s", 20, "baselines.toml:7"), Tolerance: 0.05, Policy: metric.Block, TargetPolicy: metric.Block}},
		{"overridden drops the scenario's target only", builtin(t, "formation_time"), "standard", 7, true,
			baseline.Rule{Target: seconds("< 20s", 20, "baselines.toml:7"), Tolerance: 0.15, Policy: metric.Warn, TargetPolicy: metric.Warn}},
		{"a default target switched off", builtin(t, "binary_size"), "", 0, false,
			baseline.Rule{Tolerance: 0.02, Policy: metric.Block, TargetPolicy: metric.Block}},
		{"a benchmark's unit is known now", encode, "", 0, false,
			baseline.Rule{Target: seconds("< 3ms", 0.003, "baselines.toml:17"), Tolerance: 0.1, Policy: metric.Block, TargetPolicy: metric.Block}},
		{"info in the file holds for the default target too", builtin(t, "cpu_idle"), "standard", 5, false,
			baseline.Rule{Target: &baseline.Target{Op: "<", Value: 0.1, Text: "< 10%", Origin: "default"}, Tolerance: 0.1, Policy: metric.Info, TargetPolicy: metric.Info}},
		{"info by default, and yet a target that blocks", builtin(t, "memory_per_node"), "standard", 5, false,
			baseline.Rule{Target: &baseline.Target{Op: "<", Value: 100e6, Text: "< 100MB", Origin: "default"}, Tolerance: 0.1, Policy: metric.Info, TargetPolicy: metric.Block}},
		{"a waiver for all scenarios", builtin(t, "memory_private"), "quick", 3, false,
			baseline.Rule{Tolerance: 0.1, Policy: metric.Block, TargetPolicy: metric.Block, Waiver: &waiver[0]}},
		{"a waiver for this scenario", builtin(t, "memory_private"), "standard", 5, false,
			baseline.Rule{Tolerance: 0.1, Policy: metric.Block, TargetPolicy: metric.Block, Waiver: &waiver[1]}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := f.Rule(tc.metric, tc.scenario, tc.nodes, tc.overridden)
			got.ToleranceOrigin, got.PolicyOrigin, got.TargetPolicyOrigin = "", "", "" // TestRuleSaysWhereItComesFrom
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestRuleHasTheFloorOfTheScenarioOverThatOfTheMetric(t *testing.T) {
	f := parse(t, schema+"[metric.formation_time]\nfloor = \"5ms\"\n[metric.formation_time.scenario.night]\nfloor = \"1s\"\n")
	for scenario, want := range map[string]baseline.Floor{
		"quick": {Value: 0.005, Text: "5ms", Origin: "baselines.toml:3"}, "night": {Value: 1, Text: "1s", Origin: "baselines.toml:5"},
	} {
		got := f.Rule(builtin(t, "formation_time"), scenario, 3, false)
		if diff := cmp.Diff(&want, got.Floor); diff != "" || got.FloorErr != nil {
			t.Errorf("%s: %v, -want +got\n%s", scenario, got.FloorErr, diff)
		}
	}
}

func TestRuleSaysWhereItComesFrom(t *testing.T) {
	f := parse(t, schema+"[metric.formation_time]\ntolerance = \"7%\"\npolicy = \"warn\"\n"+
		"[metric.formation_time.scenario.night]\ntolerance = \"9%\"\ntarget_policy = \"info\"\n")
	for _, tc := range []struct {
		metric, scenario string
		want             [3]string // of the tolerance, the policy and the target's policy
	}{
		{"formation_time", "standard", [3]string{"baselines.toml:3", "baselines.toml:4", "baselines.toml:4"}},
		{"formation_time", "night", [3]string{"baselines.toml:6", "baselines.toml:4", "baselines.toml:7"}},
		{"average_peers", "standard", [3]string{"default", "default", "default"}},
	} {
		rule := f.Rule(builtin(t, tc.metric), tc.scenario, 5, false)
		if got := [3]string{rule.ToleranceOrigin, rule.PolicyOrigin, rule.TargetPolicyOrigin}; got != tc.want {
			t.Errorf("%s in %s: %q, want %q", tc.metric, tc.scenario, got, tc.want)
		}
	}
}

func TestATargetMayHaveAPolicyOfItsOwn(t *testing.T) {
	f := parse(t, schema+"[metric.formation_time]\npolicy = \"warn\"\ntarget_policy = \"block\"\n"+
		"[metric.formation_time.scenario.night]\ntarget_policy = \"info\"\n")
	for scenario, want := range map[string]metric.Policy{"standard": metric.Block, "night": metric.Info} {
		rule := f.Rule(builtin(t, "formation_time"), scenario, 5, false)
		if rule.Policy != metric.Warn || rule.TargetPolicy != want {
			t.Errorf("%s: policy %s, of the target %s, want warn and %s", scenario, rule.Policy, rule.TargetPolicy, want)
		}
	}
}

func TestDefaultTargetsAreThoseOfTheGuide(t *testing.T) {
	type at struct {
		metric string
		nodes  int
	}
	want := map[at]string{
		{"formation_time", 2}: "< 5s", {"formation_time", 5}: "< 30s", {"formation_time", 3}: "",
		{"average_peers", 5}: ">= 4.0", {"average_peers", 4}: "", {"discovery_success_rate", 3}: ">= 100%",
		{"disconnections", 3}: "= 0", {"memory_per_node", 2}: "< 100MB", {"cpu_idle", 2}: "< 10%", {"cpu_load", 2}: "< 50%",
		{"bandwidth_utilisation", 2}: "> 80%", {"message_latency_p50", 5}: "< 10ms", {"throughput", 2}: "> 10MB/s",
		{"dht_put_latency_p50", 5}: "< 100ms", {"dht_get_latency_p50", 5}: "< 100ms",
		{"binary_size", 0}: "< 50MB", {"build_time", 0}: "< 10min", {"startup_time", 5}: "", {"log_errors", 5}: "",
	}
	for k, text := range want {
		got := ""
		if target := (*baseline.File)(nil).Rule(builtin(t, k.metric), "s", k.nodes, false).Target; target != nil {
			got = target.Text
		}
		if got != text {
			t.Errorf("%s of %d nodes: %q, want %q", k.metric, k.nodes, got, text)
		}
	}
}

func TestRuleSaysWhenATargetDoesNotFit(t *testing.T) {
	frames := metric.Describe("codec/encode", "frames", metric.Lower)
	rule := parse(t, whole).Rule(frames, "", 0, false)
	want := `baselines.toml:17: metric."codec/encode".target: target: "3ms": suffix "ms" does not fit the unit frames (use a bare number, frames)`
	if rule.Target != nil || rule.TargetErr == nil || rule.TargetErr.Error() != want {
		t.Errorf("got %+v", rule)
	}
}

func TestTargetsAreReadWithAndWithoutSpace(t *testing.T) {
	for text, want := range map[string]baseline.Target{
		"< 30": {Op: "<", Value: 30}, "<=30": {Op: "<=", Value: 30}, " > 4 ": {Op: ">", Value: 4}, ">= 4": {Op: ">=", Value: 4}, "= 0": {Op: "=", Value: 0},
	} {
		want.Text = text
		if got, err := baseline.ParseTarget(text, metric.Count); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestAWaiverKeepsItsLastDayInEveryZone(t *testing.T) {
	until := parse(t, whole).Waivers()[0].Until
	if want := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC); !until.Equal(want) {
		t.Errorf("got %v, want %v", until, want)
	}
}
