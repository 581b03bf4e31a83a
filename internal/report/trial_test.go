package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/report"
)

func TestTrialsAreToldInPlainWords(t *testing.T) {
	v := compare.Verdict{Verdict: compare.Inconclusive, Trial: &compare.Trial{Looks: []int{6, 12}, Plans: []compare.TrialPlan{
		{Plan: compare.Plan{Scenario: "early"}, Measured: 3, Next: 6, Open: []string{"a"}},
		{Plan: compare.Plan{Scenario: "done"}, Measured: 6, Look: 6, Next: 12, Void: []compare.VoidPair{{Pair: 2, Reason: "busy"}}},
		{Plan: compare.Plan{Benchmark: "codec"}, Measured: 12, Look: 12, Open: []string{"a", "b", "c", "d", "e"}},
		{Plan: compare.Plan{Scenario: "half"}, Measured: 7, Look: 6, Next: 12, Open: []string{"a", "b"}},
	}}}
	want := []string{
		"scenario early: 3 pairs, no look yet: the first is at 6; open until the look at 6 or later: a",
		"scenario done: 6 pairs, 1 of them void, looked at 6; everything that blocks is decided",
		"benchmark codec: 12 pairs, the last look was at 12; not decided: a, b, c, d and 1 more",
		"scenario half: 7 pairs, looked at 6; open until the look at 12 or later: a, b",
	}
	var text, markdown bytes.Buffer
	if err := report.Text(&text, v, nil, report.Style{}); err != nil {
		t.Fatal(err)
	}
	if err := report.Markdown(&markdown, v, nil); err != nil {
		t.Fatal(err)
	}
	for _, line := range want {
		if !strings.Contains(text.String(), line) {
			t.Errorf("the text has no %q:\n%s", line, text.String())
		}
		if !strings.Contains(markdown.String(), line) {
			t.Errorf("the markdown has no %q:\n%s", line, markdown.String())
		}
	}
}
