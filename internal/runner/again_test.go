package runner

import (
	"testing"

	"github.com/communitas/perfgate/internal/result"
)

// TestARunOfWhichAPageCouldNotBeReadIsAttemptedAgain in a trial, as long as there are attempts and nothing else is wrong with it.
func TestARunOfWhichAPageCouldNotBeReadIsAttemptedAgain(t *testing.T) {
	unread := result.Finding{Kind: result.FindingUnreadable, Node: 1, Text: "no answer in time"}
	for _, tc := range []struct {
		name     string
		trial    bool
		more     bool
		findings []result.Finding
		again    bool
		folder   string
	}{
		{"in a trial", true, true, []result.Finding{unread}, true, "unreadable"},
		{"elsewhere", false, true, []result.Finding{unread}, false, "unreadable"},
		{"without attempts left", true, false, []result.Finding{unread}, false, "unreadable"},
		{"with a crash", true, true, []result.Finding{unread, {Kind: result.FindingCrash}}, false, "disturbed"},
		{"with an impossible gauge", true, true, []result.Finding{{Kind: result.FindingGaugeInvalid}, unread}, false, "disturbed"},
		{"with a remark", true, true, []result.Finding{{Kind: result.FindingStop}, unread}, true, "unreadable"},
		{"with nothing", true, true, nil, false, "disturbed"},
	} {
		r, run := &Runner{ReadAgain: tc.trial}, Run{Run: result.Run{Findings: tc.findings}}
		r.judgeReading(&run, turn{more: tc.more})
		if run.Again != tc.again || run.aside() != tc.folder {
			t.Errorf("%s: again %t, aside as %s", tc.name, run.Again, run.aside())
		}
	}
}
