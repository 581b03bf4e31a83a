package hunt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/hunt"
)

// TestADamagedJournalIsSaidOnce: with its line, and nothing of it is changed.
func TestADamagedJournalIsSaidOnce(t *testing.T) {
	r := newRepository(t)
	commits := r.line(sizes()[3:5]...)
	home := t.TempDir()
	plan := r.plan(home, commits[0], commits[1])
	plan.Settings.MaxRuns = 1
	found(t, plan)
	path := filepath.Join(home, "project", "bisect", "latest", "1-binary_size", "journal.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := strings.Replace(string(whole), `"built"`, `"bilt"`, 1)
	if err := os.WriteFile(path, []byte(damaged), 0o644); err != nil {
		t.Fatal(err)
	}
	plan.Resume, plan.Limits.MaxRuns = "latest", 10
	if _, err := hunt.Run(t.Context(), plan); err == nil || strings.Count(err.Error(), "line 2: ") != 1 {
		t.Errorf("%v", err)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != damaged {
		t.Errorf("it was changed: %v\n%s", err, now)
	}
}
