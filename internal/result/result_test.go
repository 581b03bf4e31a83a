package result_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

func builtin(t testing.TB, name string) metric.Metric {
	t.Helper()
	m, ok := metric.Lookup(name)
	if !ok {
		t.Fatalf("no metric %s", name)
	}
	return m
}

func example(t testing.TB) *result.Results {
	t.Helper()
	var a result.Assembler
	a.Add("quick", 1, 1, []result.Measurement{
		result.Event(builtin(t, "formation_time"), 0.09, 0.093),
		result.Unmeasurable(builtin(t, "message_latency_p50"), "not measurable: node offers L2"),
	})
	a.Add("quick", 2, 2, []result.Measurement{
		{Metric: builtin(t, "formation_time"), Status: result.Measured, Value: 60, Censored: true},
		result.Unmeasurable(builtin(t, "message_latency_p50"), "not measurable: node offers L2"),
	})
	return &result.Results{
		Schema:  result.Schema,
		Created: time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC),
		Subject: result.Subject{Name: "node", BinarySHA256: "ab", Builds: []string{"cd", "ab"}, Anatomy: &result.Anatomy{
			Bytes: 10, Names: "symtab", Sections: []result.Part{{Kind: result.PartSection, Name: ".text", Bytes: 10}},
		}},
		Scenarios: []result.Scenario{{Name: "quick", Nodes: 3, Runs: 2, Configuration: "c"}},
		Runs:      []result.Run{{Scenario: "quick", Run: 1, Order: 1, Block: 1, Controls: &result.Controls{}, Formed: true}},
		Trial:     &result.Trial{ID: "t", Side: result.SideHead, Seed: 1, Looks: []int{6, 9}},
		Series:    a.Series(),
	}
}

func TestWriteThenReadGivesTheSameResults(t *testing.T) {
	want := example(t)
	var buffer bytes.Buffer
	if err := result.Write(&buffer, want); err != nil {
		t.Fatal(err)
	}
	got, err := result.Read(&buffer)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAssemblerKeepsWhatEachRunSaid(t *testing.T) {
	m := builtin(t, "average_peers")
	invalid := result.Value(m, 4.2)
	invalid.Invalid = "gauge_invalid"
	for _, tc := range []struct {
		name   string
		runs   []result.Measurement
		status result.Status
		reason string
		valid  int
	}{
		{"all valid", []result.Measurement{result.Value(m, 4), result.Value(m, 4)}, result.Measured, "", 2},
		{"one failed", []result.Measurement{result.Failure(m, "crash"), result.Value(m, 4)}, result.Measured, "", 1},
		{"all failed", []result.Measurement{result.Failure(m, "crash"), result.Failure(m, "late")}, result.Failed, "crash", 0},
		{"invalid only", []result.Measurement{invalid}, result.Failed, "gauge_invalid", 0},
		{"none measurable", []result.Measurement{result.Unmeasurable(m, "node offers L0")}, result.NotMeasurable, "node offers L0", 0},
		{"unmeasurable, then failed", []result.Measurement{result.Unmeasurable(m, "short"), result.Failure(m, "crash")}, result.Failed, "crash", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var a result.Assembler
			for i, measurement := range tc.runs {
				a.Add("s", i+1, i+1, []result.Measurement{measurement})
			}
			s := a.Series()[0]
			if s.Status != tc.status || s.Reason != tc.reason || len(s.Usable()) != tc.valid {
				t.Errorf("got %s %q with %d usable, want %s %q with %d", s.Status, s.Reason, len(s.Usable()), tc.status, tc.reason, tc.valid)
			}
		})
	}
}

func TestAssemblerOrdersSamplesByRun(t *testing.T) {
	m := builtin(t, "average_peers")
	var a result.Assembler
	for order, run := range []int{2, 3, 1} { // the first was disturbed, and measured again at the end
		a.Add("s", run, order+2, []result.Measurement{result.Value(m, float64(run))})
	}
	var got [][2]int
	for _, sample := range a.Series()[0].Samples {
		got = append(got, [2]int{sample.Run, sample.Order})
	}
	if diff := cmp.Diff([][2]int{{1, 4}, {2, 2}, {3, 3}}, got); diff != "" {
		t.Errorf("run and order of the samples: -want +got\n%s", diff)
	}
}

func TestReadRefusesWhatCannotBeTrusted(t *testing.T) {
	var buffer bytes.Buffer
	if err := result.Write(&buffer, example(t)); err != nil {
		t.Fatal(err)
	}
	good := buffer.String()
	replace := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the example has no %q", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	at := strings.Index(good, `"samples"`)
	for _, tc := range []struct{ name, text, want string }{
		{"empty", "", "empty"},
		{"truncated", good[:len(good)/2], "line "},
		{"newer schema", replace("perfgate.results/1", "perfgate.results/2"), "another version"},
		{"shorter than it says", replace(`"count": 2`, `"count": 3`), "the file was cut"},
		{"another type", replace(`"nodes": 3`, `"nodes": "three"`), "line "},
		{"unknown status", replace(`"status": "measured"`, `"status": "fine"`), "status"},
		{"direction", replace(`"better": "lower"`, `"better": "left"`), "better"},
		{"interval", replace(`"low": 0.09`, `"low": 9`), "upside down"},
		{"doubled series", replace(`"metric": "message_latency_p50"`, `"metric": "formation_time"`), "twice"},
		{"side of a trial", replace(`"side": "head"`, `"side": "left"`), "left"},
		{"trial without a name", replace(`"id": "t"`, `"id": ""`), "id"},
		{"looks that fall", replace("9\n", "6\n"), "rise"},
		{"a run beyond all", replace(`"run": 1,`, `"run": 2000000000,`), "run 2000000000 of \"quick\": runs count from 1 to 10000"},
		{"a sample of a run beyond all", good[:at] + strings.Replace(good[at:], `"run": 1`, `"run": 2000000000`, 1), "run 2000000000: runs count from 1 to 10000"},
		{"more after the end", good + "{}", "line "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			results, err := result.Read(strings.NewReader(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) || results != nil {
				t.Errorf("got %v, %v, want an error with %q", results, err, tc.want)
			}
		})
	}
}

func TestReadTakesTheLeastContentOfTheSchema(t *testing.T) {
	got, err := result.Read(strings.NewReader(`{"schema": "perfgate.results/1",
 "subject": {"name": "n", "commit": "", "binary_sha256": ""}, "environment": {"fingerprint": "f"},
 "series": [{"scenario": "standard", "metric": "formation_time", "unit": "s", "better": "lower",
             "status": "measured", "reason": "",
             "samples": [{"run": 1, "value": 0.093, "low": 0.090, "high": 0.093, "censored": false, "valid": true}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]result.Scenario{{Name: "standard", Runs: 1}}, got.Scenarios); diff != "" || len(got.Series[0].Usable()) != 1 {
		t.Errorf("%+v; -want +got\n%s", got.Series, diff)
	}
}

func TestSummaryKeepsTheGuidesKeys(t *testing.T) {
	peers := 4.0
	summary := result.Summary{Nodes: 5, TestDuration: 120, AveragePeers: &peers, Timestamp: 1234567890}
	summary.Formed(0.0934)
	var buffer bytes.Buffer
	if err := result.WriteSummary(&buffer, &summary); err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"nodes\": 5,\n  \"formation_time\": 1,\n  \"formation_time_ms\": 93.4,\n  \"formation_complete\": true,\n" +
		"  \"test_duration\": 120,\n  \"average_peers\": 4,\n  \"timestamp\": 1234567890\n}\n"
	if diff := cmp.Diff(want, buffer.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func FuzzRead(f *testing.F) {
	var buffer bytes.Buffer
	if err := result.Write(&buffer, example(f)); err != nil {
		f.Fatal(err)
	}
	f.Add(buffer.Bytes())
	f.Add([]byte(`{"schema": "perfgate.results/1"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		results, err := result.Read(bytes.NewReader(raw))
		if err != nil {
			if results != nil {
				t.Fatal("results beside an error")
			}
			return
		}
		var first, second bytes.Buffer
		if err := result.Write(&first, results); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := result.Read(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if err := result.Write(&second, again); err != nil || first.String() != second.String() {
			t.Fatalf("not stable: %v", err)
		}
	})
}

func FuzzReadSummary(f *testing.F) {
	f.Add([]byte(`{"nodes": 5, "formation_time": 12, "formation_complete": true, "test_duration": 120, "average_peers": 4.2, "timestamp": 1234567890}`))
	f.Add([]byte(`{"nodes": 5, "formation_time": null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		summary, err := result.ReadSummary(bytes.NewReader(raw))
		if (err == nil) == (summary == nil) {
			t.Fatalf("got %v, %v", summary, err)
		}
	})
}
