package gate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/bench"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// gave makes values of texts such as "a=5" (seconds), "a=5B", "a=5B higher".
func gave(texts ...string) []bench.Value {
	var all []bench.Value
	for _, text := range texts {
		var name, unit, better string
		var value float64
		left, right, _ := strings.Cut(text, "=")
		name, better = left, "lower"
		if n, _ := fmt.Sscanf(right, "%g%s %s", &value, &unit, &better); n < 2 {
			unit = "s"
		}
		all = append(all, bench.Value{Metric: metric.Describe("b/"+name, metric.Unit(unit), metric.Direction(better)), Value: value, Repeats: 1})
	}
	return all
}

// told are the series of executions as a test writes them.
func told(all []result.Series) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "%s %s %s:", s.Metric, s.Unit, s.Status)
		for _, sample := range s.Samples {
			switch {
			case sample.Value == nil:
				fmt.Fprintf(&b, " -")
			case !sample.Valid:
				fmt.Fprintf(&b, " (%g)", *sample.Value)
			default:
				fmt.Fprintf(&b, " %g", *sample.Value)
			}
		}
		if s.Reason != "" {
			fmt.Fprintf(&b, " %s", s.Reason)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestExecutionsBecomeSeries(t *testing.T) {
	fails := []bench.Value(nil)
	for _, tc := range []struct {
		name   string
		runs   [][]bench.Value
		series string
		found  string // in the last run
	}{
		{"the same in each run", [][]bench.Value{gave("a=1", "x=0B"), gave("a=2", "x=0B")}, "b/a s measured: 1 2\nb/x B measured: 0 0\n", ""},
		{"one run fails", [][]bench.Value{gave("a=1"), fails, gave("a=3")}, "b/a s measured: 1 - 3\n", ""},
		{"every run fails", [][]bench.Value{fails, fails}, "", ""},
		{"the first fails", [][]bench.Value{fails, gave("a=2")}, "b/a s measured: - 2\n", ""},
		{
			"a metric goes", [][]bench.Value{gave("a=1", "x=5B"), gave("a=2")},
			"b/a s measured: 1 2\nb/x B failed: (5) - not in every run: in run 1, and not in run 2\n", "other metrics than in run 1: b/x is missing",
		},
		{
			"a metric comes", [][]bench.Value{gave("a=1"), gave("a=2", "x=5B")},
			"b/a s measured: 1 2\nb/x B failed: - (5) not in every run: in run 2, and not in run 1\n", "other metrics than in run 1: b/x is new",
		},
		{
			"the unit changes", [][]bench.Value{gave("a=1", "x=5B"), gave("a=2", "x=5s")},
			"b/a s measured: 1 2\nb/x B failed: (5) - the unit changes between runs: B in run 1, s in run 2\n", "b/x is in s and was in B",
		},
		{
			"the direction changes", [][]bench.Value{gave("x=5B"), gave("x=6B higher")},
			"b/x B failed: (5) - the direction changes between runs: better is lower in run 1, higher in run 2\n", "b/x is better when higher and was when lower",
		},
		{
			"other names each time", [][]bench.Value{gave("a1=1"), gave("a2=1")},
			"b/a1 s failed: (1) - not in every run: in run 1, and not in run 2\nb/a2 s failed: - (1) not in every run: in run 2, and not in run 1\n",
			"b/a2 is new, b/a1 is missing",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := executions{}
			var found []result.Finding
			for i, values := range tc.runs {
				run := result.Run{Benchmark: "b", Run: i + 1, Order: i + 1}
				if values == nil {
					run.Failure = "exit status 1; its last words: no"
				}
				found = e.add(run, values)
			}
			if diff := cmp.Diff(tc.series, told(e.series())); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			switch {
			case tc.found == "" && len(found) > 0, tc.found != "" && (len(found) != 1 || found[0].Kind != result.FindingChanged || !strings.Contains(found[0].Text, tc.found)):
				t.Errorf("found %v, want %q", found, tc.found)
			}
		})
	}
}
