package main

import (
	"testing"

	"github.com/communitas/perfgate/internal/result"
)

func TestRunCodeTellsNotFormedFromNotMeasured(t *testing.T) {
	with := func(kind string) []result.Finding { return []result.Finding{{Kind: kind}} }
	failed := []result.Series{{Scenario: "s", Metric: "average_peers", Status: result.Failed}}
	for _, tc := range []struct {
		name   string
		runs   []result.Run
		series []result.Series
		want   int
	}{
		{"measured", []result.Run{{Scenario: "s", Formed: true}}, nil, exitPass},
		{"one run did not form", []result.Run{{Scenario: "s", Formed: true}, {Scenario: "s", Findings: with(result.FindingNotFormed)}}, nil, exitRegressed},
		{"no run formed", []result.Run{{Scenario: "s", Findings: with(result.FindingNotFormed)}}, failed, exitRegressed},
		{"the rest was not tried", []result.Run{
			{Scenario: "s", Findings: with(result.FindingNotFormed)},
			{Scenario: "s", Failure: "not tried", Findings: with(result.FindingNotFormed)},
		}, failed, exitRegressed},
		{"a crash", []result.Run{{Scenario: "s", Formed: true, Failure: "node 1", Findings: with(result.FindingCrash)}}, nil, exitFailed},
		{"a lie that kept it from forming", []result.Run{
			{Scenario: "s", Findings: append(with(result.FindingNotFormed), with(result.FindingGaugeInvalid)...)},
		}, failed, exitFailed},
		{"a disturbed run that did not form", []result.Run{
			{Scenario: "s", Findings: with(result.FindingNotFormed), Invalid: "disturbed"}, {Scenario: "s", Attempt: 2, Formed: true},
		}, nil, exitPass},
		{"a disturbed run with a fault of its own", []result.Run{
			{Scenario: "s", Findings: with(result.FindingCrash), Failure: "node 1", Invalid: "disturbed"},
		}, nil, exitFailed},
		{"disturbed to the end", []result.Run{{Scenario: "s", Findings: with(result.FindingNotFormed), Invalid: "disturbed"}}, failed, exitFailed},
		{"a metric without a sample", []result.Run{{Scenario: "s", Formed: true}}, failed, exitFailed},
		{"another scenario's metric", []result.Run{{Scenario: "apart", Findings: with(result.FindingNotFormed)}}, failed, exitFailed},
		{"a warm-up run that failed", []result.Run{{Scenario: "s", Warmup: true, Failure: "node 0"}, {Scenario: "s", Formed: true}}, nil, exitPass},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := runCode(&result.Results{Level: "L1", Runs: tc.runs, Series: tc.series}); got != tc.want {
				t.Errorf("exit code %d, want %d", got, tc.want)
			}
		})
	}
}
