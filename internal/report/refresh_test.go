package report_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/refresh"
	"github.com/communitas/perfgate/internal/report"
)

func refreshed() refresh.Plan {
	return refresh.Plan{
		Schema: refresh.Schema, Outcome: refresh.Refreshed, Reason: "metrics: 1 taken over, 1 kept", Verdict: compare.Improved,
		Results: []refresh.Judged{{
			Name: "monday", Note: "linux/amd64, 2 cores", Commit: strings.Repeat("7", 40), Time: time.Date(2026, 11, 16, 6, 0, 0, 0, time.UTC),
			Verdict: compare.Improved, Reason: "binary_size got better",
		}, {Name: "sunday", Overtaken: true}},
		Metrics: []refresh.Metric{
			{Metric: "binary_size", Fate: refresh.TakenOver, Reason: "better: -20%", Unit: metric.Bytes, Better: metric.Lower, Recorded: 1e6, Measured: 8e5, Change: -0.2},
			{
				Scenario: "mesh", Metric: "formation_time", Fate: refresh.Kept, Reason: "<b>@nobody</b>", Unit: metric.Seconds, Better: metric.Lower,
				Recorded: compare.Number(math.Inf(1)), Measured: 2, Change: compare.Absent(),
			},
		},
		Untouched: []refresh.Untouched{{Environment: "there", Scenario: "mesh", Reason: "environment: nothing was measured on that machine"}},
	}
}

func TestRefreshAsText(t *testing.T) {
	var b bytes.Buffer
	if err := report.Refresh(&b, refreshed(), report.Style{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"refreshed: metrics: 1 taken over, 1 kept\n", "  - 777777777777 of 2026-11-16 06:00 on linux/amd64, 2 cores: improved: binary_size got better (monday)\n",
		"overtaken by newer results (sunday)", "(build)", "taken over", "-20%", "scenario mesh on there: environment",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}

func TestRefreshAsMarkdownIsHarmless(t *testing.T) {
	var b bytes.Buffer
	if err := report.RefreshMarkdown(&b, refreshed()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"### perfgate: baseline refreshed\n", "| `binary_size` |", "<summary>1 metric as recorded</summary>", "&lt;b&gt;"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "@nobody") || strings.Contains(b.String(), "<b>") {
		t.Errorf("it mentions or marks up:\n%s", b.String())
	}
}

func TestRefreshAsJSON(t *testing.T) {
	var b bytes.Buffer
	if err := report.RefreshJSON(&b, refreshed()); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	kept := got["metrics"].([]any)[1].(map[string]any)
	if got["schema"] != "perfgate.refresh/1" || kept["recorded"] != nil || kept["change"] != nil || kept["fate"] != "kept" {
		t.Errorf("%s", b.String())
	}
}
