package runner

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
)

func TestAPageIsOneLineOfJSON(t *testing.T) {
	for body, want := range map[string]string{
		"{\n \"status\": \"up\"\n}\n": `{"status":"up"}`,
		"4":                           `4`,
		"up\n":                        `"up\n"`,
		"":                            `""`,
		"{\"a\": 1} {}":               `"{\"a\": 1} {}"`,
		"<a href=\"x\">\xff</a>":      "\"\\u003ca href=\\\"x\\\"\\u003e\\ufffd\\u003c/a\\u003e\"",
	} {
		line, err := json.Marshal(result.Observation{Health: asJSON([]byte(body))})
		if err != nil || strings.Contains(string(line), "\n") || !strings.Contains(string(line), `"health":`+want+"}") {
			t.Errorf("%q becomes %s (%v), want %s", body, line, err, want)
		}
	}
}

func TestNoNumberIsNull(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got := finite(v); got != nil {
			t.Errorf("%v becomes %v", v, *got)
		}
	}
	if got := finite(4); got == nil || *got != 4 {
		t.Errorf("4 becomes %v", got)
	}
}

func TestSummary(t *testing.T) {
	formation := func(change func(*result.Measurement)) result.Measurement {
		m, _ := metric.Lookup("formation_time")
		measured := result.Event(m, 1.1, 1.234567)
		change(&measured)
		return measured
	}
	average := func(change func(*result.Measurement)) result.Measurement {
		m, _ := metric.Lookup("average_peers")
		measured := result.Value(m, 3.5)
		change(&measured)
		return measured
	}
	as := func(*result.Measurement) {}
	two, ms, peers := 2, 1234.567, 3.5
	for name, test := range map[string]struct {
		failure            string
		formation, average result.Measurement
		want               result.Summary
	}{
		"formed": {"", formation(as), average(as), result.Summary{FormationTime: &two, FormationTimeMS: &ms, FormationComplete: true, AveragePeers: &peers}},
		"not formed": {
			"", formation(func(m *result.Measurement) { m.Censored, m.Value = true, 60 }), average(func(m *result.Measurement) { *m = result.Failure(m.Metric, "not formed") }),
			result.Summary{Reason: "not formed"},
		},
		"a gauge that lies": {
			"", formation(as), average(func(m *result.Measurement) { m.Invalid = "gauge_invalid" }),
			result.Summary{FormationTime: &two, FormationTimeMS: &ms, FormationComplete: true, Reason: "gauge_invalid"},
		},
		"not measurable": {
			"", formation(as), average(func(m *result.Measurement) { *m = result.Unmeasurable(m.Metric, "outbound") }),
			result.Summary{FormationTime: &two, FormationTimeMS: &ms, FormationComplete: true, Reason: "outbound"},
		},
		"crashed": {
			"node 1: killed", formation(func(m *result.Measurement) { m.Invalid = "node 1: killed" }), average(func(m *result.Measurement) { m.Invalid = "node 1: killed" }),
			result.Summary{Reason: "node 1: killed"},
		},
	} {
		n := &measure.Network{Nodes: make([]measure.Node, 3), Scenario: suite.Scenario{Duration: 1500 * time.Millisecond}}
		got := summarize(n, Run{Run: result.Run{Failure: test.failure}, Measurements: []result.Measurement{test.formation, test.average}})
		test.want.Nodes, test.want.TestDuration, test.want.Timestamp = 3, 1.5, got.Timestamp
		if diff := cmp.Diff(&test.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// TestARunThatCannotBeSetUp leaves no file that is neither one thing nor the other.
func TestARunThatCannotBeSetUp(t *testing.T) {
	b := shell(t, 3, "true")
	if err := os.MkdirAll(filepath.Join(b.Dir, "quick/run-01"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.Dir, "quick/run-01/node-2"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	runs, err := b.measure(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "set up node 2: ") || len(runs) != 0 {
		t.Errorf("%d runs and %v", len(runs), err)
	}
	if _, err := os.Stat(filepath.Join(b.Dir, "quick/run-01", unfinished)); !os.IsNotExist(err) {
		t.Errorf("unfinished file: %v", err)
	}
}
