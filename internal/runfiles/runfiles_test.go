package runfiles_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/communitas/perfgate/internal/logbook"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/runfiles"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func plan() *result.Results {
	return &result.Results{
		Scenarios: []result.Scenario{{Runs: 1}, {Name: "pair", Nodes: 2, Runs: 3}},
		Runs: []result.Run{
			{Scenario: "pair", Run: 1, Warmup: true}, {Scenario: "pair", Run: 1, Invalid: "disturbed", Machine: &result.Machine{}},
			{Scenario: "pair", Run: 2, Machine: &result.Machine{}}, {Scenario: "pair", Run: 3, Invalid: "disturbed", Machine: &result.Machine{}},
			{Scenario: "pair", Run: 1, Attempt: 2}, // the files of run 1 are its
		},
	}
}

func TestStories(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "of [me]") // no pattern
	write(t, filepath.Join(dir, "pair/warmup-01/node-0/node.log"), "ERROR of the warm-up\n")
	// The line of a slow node comes after those of the next sweep; in one sweep no gauge could be read, and two have passed over a
	// node.
	write(t, filepath.Join(dir, "pair/run-01/metrics.jsonl"), `{"node":0,"timestamp":10,"peers":1,"health":null}
{"node":0,"timestamp":11,"peers":0,"health":null}
{"node":1,"timestamp":11,"peers":1,"health":null}
{"node":1,"timestamp":10,"peers":1,"health":null}
{"node":0,"timestamp":12,"peers":null,"health":null}
{"node":0,"timestamp":13,"peers":0,"health":null}
`)
	write(t, filepath.Join(dir, "pair/run-01/node-1/node.log"), "fine\nWARN late 3ms\n")
	write(t, filepath.Join(dir, "pair/run-02/metrics.jsonl"), "")
	write(t, filepath.Join(dir, "pair/run-02/node-0/node.log"), "WARN late 12ms\n")
	write(t, filepath.Join(dir, "pair/run-02/node-x/node.log"), "ERROR of nobody\n")

	got, err := runfiles.Stories(dir, plan())

	if err != nil {
		t.Fatal(err)
	}
	want := []report.Story{{
		Scenario: "pair", Nodes: 2,
		Runs:    []report.RunStory{{Run: 1, Peers: []float64{1, 0.5, math.NaN(), 0.5}, Missing: 1}, {Run: 2}},
		Machine: []result.Machine{{}},
		Complaints: []logbook.Entry{{
			Kind: logbook.Warning, Message: "WARN late <n>ms", Count: 2, Nodes: []int{0, 1}, First: logbook.Place{Run: 1, Node: 1, Line: 2}, Example: "WARN late 3ms",
		}},
	}}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestStoriesOfResultsWithoutFiles(t *testing.T) {
	got, err := runfiles.Stories(t.TempDir(), plan())
	if diff := cmp.Diff([]report.Story{{Scenario: "pair", Nodes: 2, Machine: []result.Machine{{}}}}, got); diff != "" || err != nil {
		t.Errorf("%v; -want +got\n%s", err, diff)
	}
}

func TestStoriesNameTheFileThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "pair/run-03/metrics.jsonl"), "{\n")
	if got, err := runfiles.Stories(dir, plan()); got != nil || err == nil || !strings.Contains(err.Error(), "run-03/metrics.jsonl: read observations: line 1") {
		t.Errorf("%v, %v", got, err)
	}
}
