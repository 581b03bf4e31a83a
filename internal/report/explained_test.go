package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/report"
)

// TestWhatOfABinaryChangedIsToldWhateverCameOfIt: also of a size that passed.
func TestWhatOfABinaryChangedIsToldWhateverCameOfIt(t *testing.T) {
	entry := func(outcome compare.Outcome, change float64, notes ...string) compare.Verdict {
		return compare.Verdict{Verdict: outcome, Metrics: []compare.Metric{{
			Metric: "binary_size", Verdict: outcome, Policy: metric.Block, Basis: compare.ByValue, Reason: "because", Change: compare.Number(change),
			Base: 1e6, Head: 1.01e6, Target: compare.Absent(), MDE: compare.Absent(), Notes: notes,
		}}}
	}
	for _, tc := range []struct {
		name    string
		verdict compare.Verdict
		want    []string
	}{
		{"passed", entry(compare.Pass, 0.01, "sections: .text", "packages: a_b"), []string{"binary_size: sections: .text", "binary_size: packages: a_b"}},
		{"improved", entry(compare.Improved, -0.5, "sections: .text"), []string{"binary_size: sections: .text"}},
		{"regressed", entry(compare.Regressed, 0.5, "sections: .text"), []string{"binary_size: regressed: because", "binary_size: sections: .text"}},
		{"unchanged", entry(compare.Pass, 0, "left out"), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var text, markdown bytes.Buffer
			if err := report.Text(&text, tc.verdict, nil, report.Style{}); err != nil {
				t.Fatal(err)
			}
			if err := report.Markdown(&markdown, tc.verdict, nil); err != nil {
				t.Fatal(err)
			}
			for _, line := range tc.want {
				if !strings.Contains(text.String(), "\n  - "+line+"\n") {
					t.Errorf("no line %q in\n%s", line, text.String())
				}
				if escaped := strings.ReplaceAll(line, "_", `\_`); !strings.Contains(markdown.String(), "\n- "+escaped+"\n") {
					t.Errorf("no line %q in\n%s", escaped, markdown.String())
				}
			}
			if len(tc.want) == 0 && strings.Contains(text.String(), "left out") {
				t.Errorf("told of what has not changed:\n%s", text.String())
			}
		})
	}
}
