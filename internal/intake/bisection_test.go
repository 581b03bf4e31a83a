package intake_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/intake"
	"github.com/communitas/perfgate/internal/metric"
)

const found = `{"schema": "perfgate.bisect/1", "outcome": "culprit", "culprit": "abababababababababababababababababababab", "set": ["abababababababababababababababababababab"],
 "posterior": 0.9995, "change": 0.12, "change_low": 0.1, "change_high": 0.14, "builds": 9, "scenario": "quick", "metric": "memory_private", "reason": "confirmed", "outside": {"schema": "perfgate.bisect/1"}}
`

func TestBisectionsAreRead(t *testing.T) {
	none := strings.NewReplacer(`"culprit",`, `"none",`, `"culprit": "abababababababababababababababababababab"`, `"culprit": ""`, `["abababababababababababababababababababab"]`, "[]").Replace(found)
	got, err := intake.Bisections("b", []byte(found+none))
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	sha := strings.Repeat("ab", 20)
	want := intake.Bisection{
		Outcome: "culprit", Culprit: sha, Set: []string{sha}, Posterior: 0.9995, Change: 0.12, Low: 0.1, High: 0.14,
		Scenario: "quick", Metric: "memory_private", Reason: "confirmed", Builds: 9,
	}
	if diff := cmp.Diff(want, got[0]); diff != "" || got[1].Outcome != "none" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestWhatABisectionIsFoundedOnIsReadWithinLimits: it is shown and decides nothing, so that what is odd is left out and nothing is refused for it.
func TestWhatABisectionIsFoundedOnIsReadWithinLimits(t *testing.T) {
	parent := strings.Repeat("cd", 20)
	evidence := `"unit": "B", "runs": 34, "seconds": 312.5,
		"confirmation": {"parent": "` + parent + `", "pairs": [{"culprit": 2, "parent": 1, "change": 1, "parent_first": true}, {"culprit": 1e300, "parent": 1}]},
		"artifacts": [{"commit": "` + parent + `", "contains": "none", "values": [1, 2]}, {"commit": "main", "contains": "all"},
			{"commit": "` + parent + `", "contains": "<b>"}, {"commit": "` + parent + `", "values": [-1e300]}],
		"checks": [{"name": "pairs", "ok": true, "says": "as\u202eexpected"}, {"name": "](x)", "says": "no"}], `
	got, err := intake.Bisections("b", []byte(strings.Replace(found, `"outcome"`, evidence+`"outcome"`, 1)))
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	want := intake.Bisection{
		Unit: metric.Bytes, Builds: 9, Runs: 34, Seconds: 312.5, Parent: parent,
		Pairs:    []bisect.Pair{{Culprit: 2, Parent: 1, Change: 1, ParentFirst: true}},
		Measured: []intake.MeasuredCommit{{Commit: parent, Contains: "none", Values: []float64{1, 2}}},
		Checks:   []bisect.Check{{Name: "pairs", OK: true, Says: "as?expected"}},
	}
	b := got[0]
	read := intake.Bisection{
		Unit: b.Unit, Builds: b.Builds, Runs: b.Runs, Seconds: b.Seconds, Parent: b.Parent, Pairs: b.Pairs, Measured: b.Measured, Checks: b.Checks,
	}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	odd := strings.NewReplacer(`"B"`, `"B\n#"`, "312.5", "-1", `"runs": 34`, `"runs": -34`, parent+`", "pairs"`, `x", "pairs"`).Replace(evidence)
	got, err = intake.Bisections("b", []byte(strings.Replace(found, `"outcome"`, odd+`"outcome"`, 1)))
	if err != nil || len(got) != 1 || got[0].Unit != "" || got[0].Runs != 0 || got[0].Seconds != 0 || got[0].Parent != "" || got[0].Pairs != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestHostileBisectionsAreRefused(t *testing.T) {
	swap := func(old, with string) string { return strings.Replace(found, old, with, 1) }
	for name, c := range map[string][2]string{
		"nothing":               {"", "no bisection"},
		"null":                  {"null", "schema"},
		"another schema":        {swap("bisect/1", "bisect/2"), "schema"},
		"another outcome":       {swap(`"outcome": "culprit"`, `"outcome": "guilty"`), "outcome"},
		"a culprit of none":     {swap(`"outcome": "culprit"`, `"outcome": "none"`), "contradict"},
		"a commit that is none": {swap(`"culprit": "abab`, `"culprit": "../`), "commit"},
		"a set of branches":     {swap(`["abab`, `["main", "abab`), "commit"},
		"surer than sure":       {swap("0.9995", "7"), "probability"},
		"a metric with markup":  {swap("memory_private", "[x](y)"), "metric"},
		"a key twice":           {swap(`"outcome"`, `"OUTCOME": "none", "outcome"`), "twice"},
		"sixty":                 {strings.Repeat(found, 60), "bisections"},
		"cut off":               {found[:200], "bisection"},
	} {
		got, err := intake.Bisections("b", []byte(c[0]))
		if _, ok := errors.AsType[*intake.RefusedError](err); !ok || got != nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func FuzzBisections(f *testing.F) {
	f.Add([]byte(found))
	f.Add([]byte(found + found))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := intake.Bisections("b", raw)
		if (err == nil) == (len(got) == 0) {
			t.Errorf("%v and %v", got, err)
		}
	})
}
