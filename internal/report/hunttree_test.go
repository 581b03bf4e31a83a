package report_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/report"
)

// TestASearchWithinAMerge wants the commit named that came with the merge, and both searches told.
func TestASearchWithinAMerge(t *testing.T) {
	h, inside := hunts(t)["culprit"], hunts(t)["improvement"]
	inside.Range = "within the merge"
	h.Inside = &inside
	text, markdown, document, _ := printed(t, h, report.Style{})
	first, _, _ := strings.Cut(text, "\n")
	if !strings.HasPrefix(first, "culprit 9e8adf58ef5b ") || !strings.HasSuffix(first, "brought in by the merge 7d9e488694ec") {
		t.Errorf("the first line is %q", first)
	}
	for form, out := range map[string]string{"text": text, "markdown": markdown} {
		if !strings.Contains(out, "the search that found the merge 7d9e488694ec") || strings.Count(out, "net: change number 131") != 1 {
			t.Errorf("%s has nothing of the search that found the merge:\n%s", form, out)
		}
	}
	var d struct {
		Culprit string `json:"culprit"`
		Merge   string `json:"merge"`
		Outside struct {
			Culprit string `json:"culprit"`
			Range   string `json:"range"`
		} `json:"outside"`
	}
	if err := json.Unmarshal([]byte(document), &d); err != nil {
		t.Fatal(err)
	}
	if d.Culprit != inside.Outcome.Culprit || d.Merge != h.Outcome.Culprit || d.Outside.Culprit != h.Outcome.Culprit || d.Outside.Range != h.Range {
		t.Errorf("document %+v", d)
	}

	undecided := hunts(t)["undecided"]
	h.Inside = &undecided
	text, _, _, _ = printed(t, h, report.Style{})
	if !strings.HasPrefix(text, "culprit 7d9e488694ec ") {
		t.Errorf("nobody inside is accused, and then the merge is: %q", text[:80])
	}
	if !strings.Contains(text, "within the merge") || !strings.Contains(text, "undecided: 85%") {
		t.Errorf("what the search inside found is not told:\n%s", text)
	}
}

// TestOtherChangesAreTold: a search that was led to another part of the range, and what it left.
func TestOtherChangesAreTold(t *testing.T) {
	w := worldOf(256, 9)
	w.Changes[60], w.Changes[200], w.SD = math.Log1p(0.12), math.Log1p(0.1), 0.02
	h := hunt(t, w, math.Log1p(0.2), 1, nil)
	if len(h.Outcome.Further) == 0 {
		t.Fatalf("%s: nothing further", h.Outcome)
	}
	text, _, _, _ := printed(t, h, report.Style{})
	if !strings.Contains(text, "not searched: ") || !strings.Contains(text, "a further change is likely") || !strings.Contains(text, "search the rest as well: perfgate bisect ") {
		t.Errorf("the other change is not told:\n%s", text)
	}
	f := h.Outcome.Further[0]
	other := hunts(t)["improvement"].Outcome
	h.Events = append(append([]bisect.Event{}, h.Events...), bisect.Event{Type: bisect.Focused, Good: f.Good, Bad: f.Bad, AtSeconds: 1e6})
	h.Elsewhere = []bisect.Outcome{other}
	text, _, _, log := printed(t, h, report.Style{})
	if !strings.Contains(text, "searched as well: culprit 9e8adf58ef5b") || strings.Contains(text, "not searched: ") {
		t.Errorf("the other search is not told:\n%s", text)
	}
	if !strings.Contains(log, "a search of another part of the range, with all that was measured") {
		t.Errorf("the log has no focus:\n%s", log)
	}
}

// TestProgressSaysWhatAndWhy looks at a search from its begin to its end.
func TestProgressSaysWhatAndWhy(t *testing.T) {
	h := hunts(t)["culprit"]
	s, err := bisect.New(h.Task)
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	all.WriteString(report.HuntProgress(s, h) + "\n")
	for _, e := range h.Events {
		if err := s.Apply(e); err != nil {
			t.Fatal(err)
		}
		all.WriteString(report.HuntProgress(s, h) + "\n")
	}
	golden(t, "hunt_progress.txt", all.String())
}
