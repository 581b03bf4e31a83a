package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// BenchmarkCompareFiles decides between two results files of 64 metrics with 64 samples each, from the command line on. It tells
// how much memory the runtime had from the system in the end, which never falls: the peak.
func BenchmarkCompareFiles(b *testing.B) {
	b.Chdir(b.TempDir())
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"base.json", "head.json"} {
		raw, err := json.Marshal(manyMetrics(random))
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(".", name), raw, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		code := run(b.Context(), []string{"compare", "--json", "base.json", "head.json"}, nil, io.Discard, io.Discard)
		if code != exitPass && code != exitInconclusive && code != exitRegressed {
			b.Fatalf("exit %d", code)
		}
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys)/(1<<20), "MiB")
}

func manyMetrics(random *rand.Rand) *result.Results {
	r := &result.Results{
		Schema: result.Schema, Subject: result.Subject{Name: "node", Commit: "0123456789abcdef0123456789abcdef01234567"},
		Environment: result.Environment{Fingerprint: "f00dfeedf00dfeed"},
		Scenarios:   []result.Scenario{{Name: "quick", Nodes: 5, Runs: 64, Configuration: "c"}},
	}
	for i := range 64 {
		r.Runs = append(r.Runs, result.Run{Scenario: "quick", Run: i + 1, Order: i + 1, Formed: true})
	}
	for i := range 64 {
		s := result.Series{Scenario: "quick", Metric: fmt.Sprintf("stage_%02d_time", i), Unit: metric.Seconds, Better: metric.Lower, Status: result.Measured, Count: 64}
		for run := range 64 {
			s.Samples = append(s.Samples, result.Sample{Run: run + 1, Order: run + 1, Value: new(math.Exp(0.08 * random.NormFloat64())), Valid: true})
		}
		r.Series = append(r.Series, s)
	}
	return r
}

// TestRulesAreReadOnce: a trial that takes an hour is decided by the rules that it began with, at every look.
func TestRulesAreReadOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baselines.toml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("schema = \"perfgate.baselines/1\"\n[metric.binary_size]\ntarget = \"< 1kB\"\n")
	size := result.Series{
		Metric: "binary_size", Unit: metric.Bytes, Better: metric.Lower, Status: result.Measured, Count: 1,
		Samples: []result.Sample{{Run: 1, Value: new(2e3), Valid: true}},
	}
	head := &result.Results{Schema: result.Schema, Scenarios: []result.Scenario{{Runs: 1}}, Series: []result.Series{size}}
	decide, err := (&program{}).decision(&decideFlags{baselines: path})
	if err != nil {
		t.Fatal(err)
	}
	for _, later := range []string{"schema = \"perfgate.baselines/1\"\n[metric.binary_size]\ntarget = \"none\"\n", "no toml"} {
		write(later)
		if v := decide.of(nil, head); v.Verdict != compare.OverTarget {
			t.Errorf("%s because %q", v.Verdict, v.Reason)
		}
	}
	if _, err := (&program{}).decision(&decideFlags{baselines: path}); exitCode(err) != exitUsage {
		t.Errorf("a file that cannot be read: %v", err)
	}
}
