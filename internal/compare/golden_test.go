package compare_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

var update = flag.Bool("update", false, "write the golden files anew")

// everyKind has a metric of every kind, with a benchmark and a build.
func everyKind() *result.Results {
	r := healthy()
	r.Series = append(r.Series,
		of("startup_time", scaled(0.05, noisy...)...),
		of("throughput", scaled(4e8, noisy...)...),
		of("memory_rss", scaled(3e7, steady...)...),
		of("memory_slope", 100, -50, 20, 0, -80, 30),
		of("log_warnings", 12, 9, 11, 10, 14, 10),
		of("disk_write", 4096, 4096, 8192, 4096, 4096, 4096),
		without("message_latency_p50", result.NotMeasurable, "not measurable: node offers L2"),
	)
	for _, s := range []result.Series{
		custom(metric.Describe("codec/encode", metric.Seconds, metric.Lower), scaled(1e-6, steady...)...),
		of("build_time", 67),
	} {
		s.Scenario = ""
		r.Series = append(r.Series, s)
	}
	return r
}

// moved is everyKind after a change that moved most of it, with a run that is void and one that timed out.
func moved() *result.Results {
	r := everyKind()
	for name, values := range map[string][]float64{
		"formation_time": scaled(0.12, noisy...), "memory_private": scaled(1.12e7, steady...), "throughput": scaled(6e8, noisy...),
		"log_warnings": {30, 28, 25, 31, 29, 27}, "disconnections": {0, 1, 0, 0, 0, 0}, "disk_write": make([]float64, 6),
		"binary_size": {2.01e7, 2.02e7}, "codec/encode": scaled(1.3e-6, steady...), "build_time": {70}, "average_peers": {4, 4, 3.9, 4, 4, 4},
	} {
		s := series(r, name)
		moved := custom(metric.Describe(name, s.Unit, s.Better), values...)
		moved.Scenario = s.Scenario
		*s = moved
	}
	notFormed(r, 4)
	invalid(r, 5, "the machine was busy", "memory_private", "throughput")
	find(r, 2, result.FindingAsymmetric, 3, "node 3 claims node 1, which does not claim it")
	series(r, "average_peers").Proxy = "from the gauge"
	r.Subject.Dirty = true
	return r
}

const people = `
[metric.throughput]
tolerance = "20%"
policy = "warn"
[metric.startup_time]
target = "< 50ms"
policy = "info"
[metric.memory_slope]
target = "< 1kB/s"
[[waiver]]
metric = "memory_private"
until = 2026-12-31
max = "15%"
reason = "the new cache"
[[waiver]]
metric = "codec/encode"
until = 2026-11-01
max = "50%"
reason = "until the table is back"
[[waiver]]
metric = "codec/encod"
until = 2026-12-31
max = "5%"
reason = "a slip of the pen"
`

// TestGoldenVerdicts compares whole verdicts, as they are printed, with testdata.
func TestGoldenVerdicts(t *testing.T) {
	overridden := moved()
	overridden.Overrides = []string{"--nodes 5"}
	for name, in := range map[string]compare.Input{
		"session_same":  {Head: everyKind(), Base: everyKind(), Baselines: file(t, people)},
		"session_moved": {Head: moved(), Base: everyKind(), Baselines: file(t, people)},
		"session_back":  {Head: everyKind(), Base: moved(), Baselines: file(t, people)},
		"stored_moved":  {Head: moved(), Baselines: file(t, people, everyKind())},
		"overridden":    {Head: overridden, Baselines: file(t, people, everyKind())},
	} {
		t.Run(name, func(t *testing.T) {
			in.Now = now
			raw, err := json.Marshal(compare.Decide(in))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := json.Indent(&got, append(raw, '\n'), "", " "); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", got.String())
		})
	}
}

// golden compares a text with a file of testdata, or writes it with -update.
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
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got; go test ./internal/compare -update writes it anew):\n%s", path, diff)
	}
}
