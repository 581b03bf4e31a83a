package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/result"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/name, and writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got\n%s", path, diff)
	}
}

var (
	steady  = []float64{1.003, 0.991, 1.012, 0.985, 0.998, 1.009}
	noisy   = []float64{1.03, 0.91, 1.12, 0.85, 0.98, 1.09}
	full    = []float64{4, 4, 4, 4, 4, 4}
	whole   = []float64{1, 1, 1, 1, 1, 1}
	nothing = make([]float64, 6)
)

func scaled(factor float64, values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = factor * v
	}
	return out
}

func measured(scenario, name string, values []float64) result.Series {
	m, ok := metric.Lookup(name)
	if !ok {
		m = metric.Describe(name, metric.Seconds, metric.Lower)
	}
	s := result.Series{Scenario: scenario, Metric: name, Unit: m.Unit, Better: m.Better, Status: result.Measured, Count: len(values)}
	for i, v := range values {
		s.Samples = append(s.Samples, result.Sample{Run: i + 1, Value: &v, Valid: true})
	}
	return s
}

// network are the results of one short scenario and a build. Factor scales what is noisy.
func network(factor float64) *result.Results {
	r := &result.Results{
		Schema: result.Schema, Created: time.Date(2026, 11, 19, 8, 0, 0, 0, time.UTC), Level: "L2",
		Subject:     result.Subject{Name: "node", Commit: "0123456789abcdef0123456789abcdef01234567"},
		Environment: result.Environment{Fingerprint: "f00dfeedf00dfeed", OS: "linux", Arch: "amd64", CPU: "EPYC", Cores: 2},
		Scenarios: []result.Scenario{
			{Name: "quick", Nodes: 5, Runs: 6, Configuration: "c", DurationSeconds: 5}, {Runs: 1, Configuration: "b"},
		},
		Series: []result.Series{
			measured("quick", "startup_time", scaled(0.05*factor, steady)),
			measured("quick", "formation_time", scaled(0.1*factor, steady)),
			measured("quick", "formation_success", whole),
			measured("quick", "discovery_success_rate", whole),
			measured("quick", "average_peers", full),
			measured("quick", "disconnections", nothing),
			measured("quick", "memory_private", scaled(6.4e6*factor, steady)),
			measured("quick", "memory_rss", scaled(2.4e7, steady)),
			measured("", "binary_size", []float64{1.9e7 * factor}),
			measured("", "build_time", []float64{67}),
		},
	}
	for _, name := range []string{"message_latency_p50", "throughput"} {
		s := measured("quick", name, nil)
		s.Status, s.Reason, s.Samples = result.NotMeasurable, "not measurable: node offers L2", []result.Sample{}
		r.Series = append(r.Series, s)
	}
	for run := range 6 {
		r.Runs = append(r.Runs, result.Run{Scenario: "quick", Run: run + 1, Order: run + 1, Formed: true})
	}
	return r
}

func change(r *result.Results, name string, values []float64) *result.Results {
	for i, s := range r.Series {
		if s.Metric == name {
			r.Series[i] = measured(s.Scenario, name, values)
		}
	}
	return r
}

// wide are forty custom metrics, of which three changed.
func wide(changed float64) *result.Results {
	r := network(1)
	r.Series = r.Series[:0]
	for i := range 40 {
		factor := 0.001 * float64(i+1)
		if i%15 == 7 {
			factor *= changed
		}
		r.Series = append(r.Series, measured("quick", fmt.Sprintf("stage_%02d_time", i), scaled(factor, steady)))
	}
	r.Scenarios = r.Scenarios[:1]
	return r
}

func crashed() *result.Results {
	r := network(1)
	r.Runs[2].Findings = []result.Finding{{Kind: result.FindingCrash, Node: 3, Text: "signal: segmentation fault (core dumped)"}}
	r.Series[6].Samples[2].Valid, r.Series[6].Samples[2].Reason = false, "crash"
	return r
}

// cases are the golden verdicts.
func cases(t *testing.T) map[string]compare.Input {
	t.Helper()
	rules := func(text string) *baseline.File {
		f, err := baseline.Parse("baselines.toml", []byte("schema = \"perfgate.baselines/1\"\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	waived := "[metric.startup_time]\npolicy = \"warn\"\n[[waiver]]\nmetric = \"memory_private\"\nuntil = 2026-12-31\nmax = \"30%\"\nreason = \"the new cache\"\n"
	return map[string]compare.Input{
		"pass":         {Head: network(1), Base: network(1)},
		"targets_only": {Head: network(1)},
		"regressed":    {Head: network(1.25), Base: network(1)},
		"waived":       {Head: change(network(1), "memory_private", scaled(8e6, steady)), Base: change(network(1), "startup_time", scaled(0.04, steady)), Baselines: rules(waived)},
		"over_target":  {Head: change(change(network(1), "disconnections", []float64{0, 1, 0, 0, 2, 0}), "binary_size", []float64{6e7}), Base: network(1)},
		"inconclusive": {Head: change(network(1), "formation_time", scaled(0.11, noisy)), Base: change(network(1), "formation_time", scaled(0.1, noisy))},
		"failed":       {Head: crashed(), Base: network(1)},
		"improved":     {Head: change(network(1), "formation_time", scaled(0.07, steady)), Base: network(1)},
		"crept":        {Head: change(network(1), "memory_private", scaled(6.6e6, steady)), Base: network(1), Baselines: release(t, change(change(network(1), "binary_size", []float64{1.8e7}), "memory_private", scaled(6e6, steady)))},
		"wide":         {Head: wide(1.3), Base: wide(1)},
	}
}

// release is a baselines.toml that has the results as those of a release.
func release(t *testing.T, r *result.Results) *baseline.File {
	t.Helper()
	recordings, err := baseline.FromResults(r)
	if err != nil {
		t.Fatal(err)
	}
	for i := range recordings {
		recordings[i].Release = "v1.2.0"
	}
	raw, err := baseline.Empty("baselines.toml").WithRecordings(recordings)
	if err != nil {
		t.Fatal(err)
	}
	f, err := baseline.Parse("baselines.toml", raw)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestGolden(t *testing.T) {
	for name, in := range cases(t) {
		t.Run(name, func(t *testing.T) {
			in.Now = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
			v := compare.Decide(in)
			var text, markdown bytes.Buffer
			if err := report.Text(&text, v, in.Head, report.Style{Width: 120, Location: "results/latest"}); err != nil {
				t.Fatal(err)
			}
			if err := report.Markdown(&markdown, v, in.Head); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", text.String())
			golden(t, name+".md", markdown.String())
		})
	}
}

func TestGoldenMeasurements(t *testing.T) {
	r := crashed()
	limit := 60.0
	r.Series[1].Samples[4].Value, r.Series[1].Samples[4].Censored = &limit, true
	r.Series[4].Proxy = "from the gauge"
	r.Series[0].Status, r.Series[0].Reason, r.Series[0].Samples, r.Series[0].Count = result.Failed, "GET /health: connection refused", nil, 0
	var text bytes.Buffer
	if err := report.Measurements(&text, r, report.Style{Width: 100, Location: "results/latest"}); err != nil {
		t.Fatal(err)
	}
	golden(t, "measurements.txt", text.String())
}

func TestMeasurementsTellWhatTheMachineDid(t *testing.T) {
	r := network(1)
	busy := "disturbed: other processes took 48 % of the machine in the steady window"
	finding := []result.Finding{{Kind: result.FindingDisturbed, Node: -1, Text: "other processes took 48 % of the machine in the steady window"}}
	notFormed := append([]result.Finding{{Kind: result.FindingNotFormed, Node: -1, Text: "last peer counts [1 1]"}}, finding...)
	crash := append([]result.Finding{{Kind: result.FindingCrash, Node: 1, Text: "killed by SIGSEGV"}}, finding...)
	r.Runs = []result.Run{
		{Scenario: "quick", Run: 1, Warmup: true, Invalid: busy, Findings: finding},
		{Scenario: "quick", Run: 1, Formed: true, Invalid: busy, Findings: finding}, {Scenario: "quick", Run: 1, Attempt: 2, Formed: true},
		{Scenario: "quick", Run: 2, Invalid: busy, Findings: notFormed},
		{Scenario: "quick", Run: 3, Formed: true, Findings: finding},
		{Scenario: "quick", Run: 4, Formed: true, Invalid: busy, Findings: crash},
		{Benchmark: "codec", Run: 1, Invalid: "disturbed: a", Findings: finding}, {Benchmark: "codec", Run: 1, Attempt: 2},
		{Benchmark: "wire", Run: 1, Invalid: "disturbed: b", Findings: finding},
	}
	r.Scenarios = append(r.Scenarios, result.Scenario{Benchmark: "codec", Runs: 1}, result.Scenario{Benchmark: "wire", Runs: 1})
	var text bytes.Buffer
	if err := report.Measurements(&text, r, report.Style{}); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(text.String(), "\nmeasured again\n")
	got, _, _ = strings.Cut(got, "\n\n  ")
	want := `  - scenario quick: 1 attempt was measured again, since the machine was disturbed: run 1 (other processes took 48 % of the machine in the steady window)
  - benchmark codec: 1 attempt was measured again, since the machine was disturbed: run 1 (a)

findings
  - quick, run 2: disturbed: other processes took 48 % of the machine in the steady window: its figures do not count
  - quick, run 3: disturbed: other processes took 48 % of the machine in the steady window
  - quick, run 4: crash of node 1: killed by SIGSEGV
  - quick, run 4: disturbed: other processes took 48 % of the machine in the steady window
  - benchmark wire, run 1: disturbed: b: its figures do not count
`
	if diff := cmp.Diff(want, got[:min(len(got), len(want))]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestJSONIsTheVerdict(t *testing.T) {
	v := compare.Decide(compare.Input{Head: network(1), Base: network(1)})
	var out bytes.Buffer
	if err := report.JSON(&out, v); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got["schema"] != compare.Schema || got["verdict"] != "pass" || !strings.HasSuffix(out.String(), "}\n") {
		t.Errorf("got %s", out.String())
	}
}
