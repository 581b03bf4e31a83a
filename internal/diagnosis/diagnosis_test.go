package diagnosis_test

import (
	"testing"

	"github.com/communitas/perfgate/internal/diagnosis"
)

func TestTallyAndWorst(t *testing.T) {
	of := func(all ...diagnosis.Severity) []diagnosis.Finding {
		findings := make([]diagnosis.Finding, len(all))
		for i, severity := range all {
			findings[i].Severity = severity
		}
		return findings
	}
	for _, tc := range []struct {
		findings []diagnosis.Finding
		tally    string
		worst    diagnosis.Severity
	}{
		{nil, "0 checks", diagnosis.OK},
		{of("ok"), "1 check: 1 ok", diagnosis.OK},
		{of("warn", "ok", "ok"), "3 checks: 2 ok, 1 warn", diagnosis.Warn},
		{of("bad", "warn", "ok"), "3 checks: 1 ok, 1 warn, 1 bad", diagnosis.Bad},
		{of("bad"), "1 check: 1 bad", diagnosis.Bad},
	} {
		if got := diagnosis.Tally(tc.findings); got != tc.tally {
			t.Errorf("%q, want %q", got, tc.tally)
		}
		if got := diagnosis.Worst(tc.findings); got != tc.worst {
			t.Errorf("%s: worst %s, want %s", tc.tally, got, tc.worst)
		}
	}
}
