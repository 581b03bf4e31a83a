package baseline_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/baseline"
)

func TestChangesOfTheRulesAreNamed(t *testing.T) {
	parse := func(text string) *baseline.File {
		f, err := baseline.Parse("baselines.toml", []byte("schema = \"perfgate.baselines/1\"\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	old := parse(`[metric.formation_time]
target = "< 30s"
[metric.formation_time.scenario.quick]
target = "< 2s"
[metric.memory_private]
tolerance = "5%"
policy = "block"
[[waiver]]
metric = "startup_time"
until = 2026-12-01
max = "10%"
reason = "a"
[[waiver]]
metric = "binary_size"
until = 2026-12-01
max = "10%"
reason = "b"
`)
	now := parse(`[metric.formation_time]
target = "< 40s"
[metric.formation_time.scenario.quick]
target = "< 1s"
[metric.memory_private]
tolerance = "50%"
policy = "info"
[metric.throughput]
target = "none"
[[waiver]]
metric = "startup_time"
until = 2027-12-01
max = "10%"
reason = "a"
[[waiver]]
metric = "average_peers"
scenario = "quick"
until = 2026-12-01
max = "30%"
reason = "for me"
`)
	got := func(changes []baseline.RuleChange) []string {
		lines := []string{}
		for _, c := range changes {
			lines = append(lines, fmt.Sprintf("%d: %s", c.Line, c.Text))
		}
		return lines
	}
	want := []string{
		`3: the target of formation_time goes from "< 30s" to "< 40s" (looser)`,
		`7: the tolerance of memory_private goes from 5% to 50% (looser)`,
		`8: the policy of memory_private goes from block to info (looser)`,
		`10: the target of throughput goes from the default to "none" (looser)`,
		`11: the waiver for startup_time up to 10% until 2027-12-01, which was up to 10% until 2026-12-01 (looser)`,
		`16: a new waiver for average_peers in scenario quick up to 30% until 2026-12-01: for me (looser)`,
		`5: the target of formation_time in scenario quick goes from "< 2s" to "< 1s"`,
		`0: the waiver for binary_size is gone`,
	}
	if diff := cmp.Diff(want, got(baseline.Changes(old, now))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if same := baseline.Changes(old, old); len(same) > 0 {
		t.Errorf("a file differs from itself: %v", same)
	}
	if back := got(baseline.Changes(now, baseline.Empty("baselines.toml"))); len(back) != 7 {
		t.Errorf("without the file: %v", back)
	}
}

// TestWhatLetsMoreThroughIsNamed, wherever it is written and whatever held before without being written.
func TestWhatLetsMoreThroughIsNamed(t *testing.T) {
	for _, tc := range []struct {
		name, old, now string
		want           []string
	}{
		{"a floor", "", "[metric.startup_time]\nfloor = \"1s\"\n", []string{`3: the floor of startup_time goes from none to "1s" (looser)`}},
		{"a higher floor", "[metric.startup_time]\nfloor = \"900ms\"\n", "[metric.startup_time]\nfloor = \"1s\"\n", []string{`3: the floor of startup_time goes from "900ms" to "1s" (looser)`}},
		{"a lower floor", "[metric.startup_time]\nfloor = \"2s\"\n", "[metric.startup_time]\nfloor = \"1s\"\n", []string{`3: the floor of startup_time goes from "2s" to "1s"`}},
		{"no floor", "[metric.startup_time]\nfloor = \"2s\"\n", "", []string{`0: the floor of startup_time goes from "2s" to none`}},
		{"a floor of unknown unit", "[metric.own]\nfloor = \"2s\"\n", "[metric.own]\nfloor = \"2ms\"\n", []string{`3: the floor of own goes from "2s" to "2ms" (looser)`}},
		{"a policy that the metric had and its target had not", "", "[metric.cpu_idle]\npolicy = \"info\"\n", []string{"3: the policy of the target of cpu_idle goes from block to info (looser)"}},
		{"a stricter policy, and a looser one of the target", "", "[metric.cpu_idle]\npolicy = \"warn\"\n", []string{
			"3: the policy of the target of cpu_idle goes from block to warn (looser)", "3: the policy of cpu_idle goes from info to warn",
		}},
		{"one policy for both", "", "[metric.startup_time]\npolicy = \"warn\"\n", []string{"3: the policy of startup_time goes from block to warn (looser)"}},
		{"a target below the default", "", "[metric.throughput]\ntarget = \"> 1MB/s\"\n", []string{`3: the target of throughput goes from the default to "> 1MB/s" (looser)`}},
		{"a target above the default", "", "[metric.throughput]\ntarget = \"> 20MB/s\"\n", []string{`3: the target of throughput goes from the default to "> 20MB/s"`}},
		{"a target where there was none", "", "[metric.startup_time]\ntarget = \"< 1s\"\n", []string{`3: the target of startup_time goes from the default to "< 1s"`}},
		{
			"a scenario that was as all others", "[metric.startup_time]\ntarget = \"< 1s\"\ntolerance = \"5%\"\n",
			"[metric.startup_time]\ntarget = \"< 1s\"\ntolerance = \"5%\"\n[metric.startup_time.scenario.quick]\ntarget = \"< 2s\"\ntolerance = \"10%\"\n",
			[]string{
				`6: the target of startup_time in scenario quick goes from "< 1s" to "< 2s" (looser)`,
				"7: the tolerance of startup_time in scenario quick goes from 5% to 10% (looser)",
			},
		},
		{
			"a scenario that is as all others now", "[metric.startup_time]\npolicy = \"warn\"\n[metric.startup_time.scenario.quick]\npolicy = \"block\"\n",
			"[metric.startup_time]\npolicy = \"warn\"\n", []string{"3: the policy of startup_time in scenario quick goes from block to warn (looser)"},
		},
		{
			"the metric alone", "[metric.startup_time]\ntolerance = \"5%\"\n[metric.startup_time.scenario.quick]\npolicy = \"warn\"\n",
			"[metric.startup_time]\ntolerance = \"6%\"\n[metric.startup_time.scenario.quick]\npolicy = \"warn\"\n",
			[]string{"3: the tolerance of startup_time goes from 5% to 6% (looser)"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var files [2]*baseline.File
			for i, text := range []string{tc.old, tc.now} {
				var err error
				if files[i], err = baseline.Parse("baselines.toml", []byte("schema = \"perfgate.baselines/1\"\n"+text)); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, c := range baseline.Changes(files[0], files[1]) {
				got = append(got, fmt.Sprintf("%d: %s", c.Line, c.Text))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
