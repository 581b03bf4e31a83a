package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/result"
)

// TestATrialIsReportedWithItsBase: whether the folder of its results is named, or the file in it.
func TestATrialIsReportedWithItsBase(t *testing.T) {
	dir := t.TempDir()
	side := func(name, folder string) *result.Results {
		r := &result.Results{Schema: result.Schema, Trial: &result.Trial{ID: "t", Side: name, Looks: []int{6}}}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "results.json"), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return r
	}
	head := side(result.SideHead, dir)
	side(result.SideBase, filepath.Join(dir, "base"))
	p := &program{config: filepath.Join(dir, "perfgate.toml")}
	for _, path := range []string{dir, filepath.Join(dir, "results.json")} {
		v, err := p.decideWithBase(path, head, &decideFlags{})
		if err != nil || v.Trial == nil || v.Verdict != compare.Failed {
			t.Errorf("%s: %s, trial %v, error %v", path, v.Verdict, v.Trial, err)
		}
	}
}
