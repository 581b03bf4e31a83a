package doctor

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/diagnosis"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

func TestLogsAreSearchedLineByLine(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	for _, tc := range []struct {
		name, log string
		want      []int // of refused, panic, crash
	}{
		{"empty", "", []int{0, 0, 0}},
		{"one of each, without an end", "dial: connection refused\nthread 'main' panicked at a.rs\nSegmentation fault", []int{1, 1, 1}},
		{"any spelling", "Connection refused (os error 111)\nCONNECTION REFUSED\n", []int{2, 0, 0}},
		{"twice in a line", "connection refused: connection refused\n", []int{1, 0, 0}},
		{"Go", "panic: runtime error\nfatal error: all goroutines are asleep\nSIGSEGV: segmentation violation\n", []int{0, 2, 1}},
		{"a line that is too long to be one", "connection refused" + long + "panic: not at the beginning\npanic: yes\n", []int{1, 1, 0}},
		{"no text", "\xff\x00panic:\xfe\n", []int{0, 1, 0}},
	} {
		seen := make(sightings, len(signs()))
		if err := seen.look("node.log", iotest.HalfReader(strings.NewReader(tc.log))); err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, s := range seen {
			got = append(got, s.times)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", tc.name, diff)
		}
	}
	broken := errors.New("disk on fire")
	if err := make(sightings, len(signs())).look("node.log", iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func FuzzLook(f *testing.F) {
	f.Add([]byte("panic: x\nconnection refused\n"))
	f.Add([]byte("\xff\n\n\x00"))
	f.Fuzz(func(t *testing.T, log []byte) {
		seen := make(sightings, len(signs()))
		if err := seen.look("log", strings.NewReader(string(log))); err != nil {
			t.Fatal(err)
		}
		lines := 1 + strings.Count(string(log), "\n")
		for i, s := range seen {
			if s.times > lines || (s.times == 0) != (s.log == "") || len(s.line) > 3*maxLine {
				t.Errorf("%s: %+v in %d lines", signs()[i].name, s, lines)
			}
		}
	})
}

// left writes a results directory with one run of two nodes.
func left(t *testing.T, change func(*result.Results), logs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, log := range logs {
		folder := filepath.Join(dir, "pair", "run-01", "node-"+string(rune('0'+i)))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "node.log"), []byte(log), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	formation, memory := 0.25, 20e6
	r := &result.Results{
		Schema: result.Schema, Subject: result.Subject{Name: "node"}, Environment: result.Environment{Fingerprint: "here"},
		Scenarios: []result.Scenario{{Name: "pair", Nodes: 2, Runs: 1, Configuration: "c"}},
		Runs:      []result.Run{{Scenario: "pair", Run: 1, Order: 1, Formed: true}},
		Series: []result.Series{
			{Scenario: "pair", Metric: "formation_time", Unit: metric.Seconds, Better: metric.Lower, Status: result.Measured, Count: 1,
				Samples: []result.Sample{{Run: 1, Order: 1, Value: &formation, Valid: true}}},
			{Scenario: "pair", Metric: "memory_per_node", Unit: metric.Bytes, Better: metric.Lower, Status: result.Measured, Count: 1,
				Samples: []result.Sample{{Run: 1, Order: 1, Value: &memory, Valid: true}}},
		},
	}
	if change != nil {
		change(r)
	}
	file, err := os.Create(filepath.Join(dir, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := result.Write(file, r); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLastResults(t *testing.T) {
	last := readLast(left(t, nil, "INFO up\n", "INFO up\n"))
	if got := last.memoryPerNode(); got != 20e6 {
		t.Errorf("memory %v", got)
	}
	if diff := cmp.Diff(map[string]float64{"pair": 0.25}, last.formation()); diff != "" {
		t.Error(diff)
	}
	says(t, last.checkRuns(), diagnosis.OK, "1 run in ", "", "")
	says(t, last.checkLogs(), diagnosis.OK, "no crash in the 2 logs of ", "", "")

	last = readLast(left(t, func(r *result.Results) {
		r.Runs = append(r.Runs,
			result.Run{Scenario: "pair", Run: 2, Order: 2, Failure: "node 1: killed by SIGSEGV"},
			result.Run{Scenario: "pair", Run: 3, Order: 3, Findings: []result.Finding{{Kind: result.FindingNotFormed, Node: -1, Text: "late"}}},
			result.Run{Scenario: "pair", Run: 4, Failure: "not tried"})
	}, "connection refused\n", "connection refused\npanic: no\n"))
	says(t, last.checkRuns(), diagnosis.Warn, "2 of 3 runs in ", "no samples", "formation_timeout")
	says(t, last.checkRuns(), diagnosis.Warn, "pair, run 2: node 1: killed by SIGSEGV", "no samples", "formation_timeout")
	says(t, last.checkLogs(), diagnosis.Warn, `"connection refused" in 2 lines, first in pair/run-01/node-0/node.log: connection refused; "panic" in 1 line, first in pair/run-01/node-1/node.log`,
		"not connected", "read these logs")
}

func TestResultsThatAreNotThere(t *testing.T) {
	none := readLast("")
	says(t, none.checkRuns(), diagnosis.OK, "none yet", "", "")
	says(t, none.checkLogs(), diagnosis.OK, "none yet", "", "")
	empty := readLast(t.TempDir())
	says(t, empty.checkRuns(), diagnosis.OK, "no results.json", "", "")
	says(t, empty.checkLogs(), diagnosis.OK, "no node's log", "", "")
	dir := left(t, nil)
	if err := os.Truncate(filepath.Join(dir, "results.json"), 40); err != nil {
		t.Fatal(err)
	}
	cut := readLast(dir)
	says(t, cut.checkRuns(), diagnosis.Warn, "read results", "unknown", "--results")
	if got := cut.memoryPerNode(); got != 0 {
		t.Errorf("memory %v of nothing", got)
	}
}

// A folder's name may hold what a pattern has another meaning for, and "latest" is a link.
func TestLogsAreFoundInAnyFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]*?")
	if err := os.MkdirAll(filepath.Join(dir, "node-0"), 0o755); err != nil {
		t.Skip("no such name on this system")
	}
	if err := os.WriteFile(filepath.Join(dir, "node-0", "node.log"), []byte("panic: x"), 0o644); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(filepath.Dir(dir), "latest")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip("no links on this system")
	}
	says(t, readLast(link).checkLogs(), diagnosis.Warn, "first in node-0/node.log: panic: x", "not connected", "read")
}
