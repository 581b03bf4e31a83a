package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/bench"
)

// The files in testdata are what the tools gave; its README says how they were made.

func golden(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// lines are values as a test writes them.
func lines(values []bench.Value) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, "%s %.6g %s %s %d\n", v.Metric.Name, v.Value, v.Metric.Unit, v.Metric.Better, v.Repeats)
	}
	return b.String()
}

type parser = func(benchmark string, output []byte) ([]bench.Value, error)

func TestFormatsReadWhatTheToolsGave(t *testing.T) {
	for _, tc := range []struct {
		file  string
		parse parser
		want  string
	}{
		{"go/several_packages.txt", bench.Go, `
b/codec/Encode 5.817e-08 s lower 2
b/codec/Encode.bytes 112 B lower 2
b/codec/Encode.allocs 1 count lower 2
b/codec/Decode/size_16 1.3335e-08 s lower 2
b/codec/Decode/size_16.throughput 1.21036e+09 B/s higher 2
b/codec/Decode/size_16.p99-sec 1.25e-08 s lower 2
b/codec/Decode/size_16.retries 3 retries/op lower 2
b/codec/Decode/size_1024 1.054e-06 s lower 2
b/codec/Decode/size_1024.throughput 9.7154e+08 B/s higher 2
b/codec/Decode/size_1024.p99-sec 1.25e-08 s lower 2
b/codec/Decode/size_1024.retries 3 retries/op lower 2
b/codec/Logs 2.8595e-10 s lower 2
b/wire/Encode 1.6695e-09 s lower 2
`},
		{"go/threads.txt", bench.Go, `
b/Encode 1.038e-07 s lower 1
b/Encode.bytes 112 B lower 1
b/Encode.allocs 1 count lower 1
b/Encode-2 3.475e-08 s lower 1
b/Encode-2.bytes 112 B lower 1
b/Encode-2.allocs 1 count lower 1
b/Decode/size_16 1.222e-08 s lower 1
b/Decode/size_16.throughput 1.30933e+09 B/s higher 1
b/Decode/size_16.p99-sec 1.25e-08 s lower 1
b/Decode/size_16.retries 3 retries/op lower 1
b/Decode/size_16-2 1.241e-08 s lower 1
b/Decode/size_16-2.throughput 1.28928e+09 B/s higher 1
b/Decode/size_16-2.p99-sec 1.25e-08 s lower 1
b/Decode/size_16-2.retries 3 retries/op lower 1
b/Decode/size_1024 5.661e-07 s lower 1
b/Decode/size_1024.throughput 1.80874e+09 B/s higher 1
b/Decode/size_1024.p99-sec 1.25e-08 s lower 1
b/Decode/size_1024.retries 3 retries/op lower 1
b/Decode/size_1024-2 2.361e-06 s lower 1
b/Decode/size_1024-2.throughput 4.3378e+08 B/s higher 1
b/Decode/size_1024-2.p99-sec 1.25e-08 s lower 1
b/Decode/size_1024-2.retries 3 retries/op lower 1
b/Logs 2.5e-09 s lower 1
b/Logs-2 2.1e-09 s lower 1
`},
		{"go/verbose.txt", bench.Go, `
b/Encode 6.642e-08 s lower 1
b/Encode.bytes 112 B lower 1
b/Encode.allocs 1 count lower 1
b/Decode/size_16 1.026e-08 s lower 1
b/Decode/size_16.throughput 1.56006e+09 B/s higher 1
b/Decode/size_16.p99-sec 1.25e-08 s lower 1
b/Decode/size_16.retries 3 retries/op lower 1
b/Decode/size_16.bytes 0 B lower 1
b/Decode/size_16.allocs 0 count lower 1
b/Decode/size_1024 5.628e-07 s lower 1
b/Decode/size_1024.throughput 1.81955e+09 B/s higher 1
b/Decode/size_1024.p99-sec 1.25e-08 s lower 1
b/Decode/size_1024.retries 3 retries/op lower 1
b/Decode/size_1024.bytes 0 B lower 1
b/Decode/size_1024.allocs 0 count lower 1
b/Logs 5.71e-10 s lower 1
b/Logs.bytes 0 B lower 1
b/Logs.allocs 0 count lower 1
`},
		{"libtest/libtest.txt", bench.Libtest, `
b/tests/decode 4.3817e-05 s lower 1
b/tests/decode.throughput 1.86e+08 B/s higher 1
b/tests/encode 1.43472e-06 s lower 1
b/tests/tiny 2.95e-09 s lower 1
`},
		{"libtest/criterion_bencher.txt", bench.Libtest, `
b/encode 1.277e-06 s lower 1
b/decode_frame/size/16 2.8e-08 s lower 1
b/decode_frame/size/1024 1.021e-06 s lower 1
b/flat/slow 7.649e-05 s lower 1
`},
		{"hyperfine/export.json", bench.Hyperfine, `
b/two_words 0.0254171 s lower 1
b/sleep_0.02 0.0248688 s lower 1
`},
		{"hyperfine/stdout.txt", bench.Hyperfine, `
b/sleep_0.01 0.039749 s lower 1
b/sleep_0.02 0.0336187 s lower 1
`},
	} {
		t.Run(tc.file, func(t *testing.T) {
			values, err := tc.parse("b", golden(t, tc.file))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(tc.want, "\n"), lines(values)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestCriterionTakesTheSlopeAndElseTheMean(t *testing.T) {
	folder := os.DirFS(filepath.Join("testdata", "criterion"))
	values, err := bench.Criterion("b", bench.CriterionFolder{Files: folder})
	if err != nil {
		t.Fatal(err)
	}
	want := "b/decode_frame/size/1024 3.77042e-06 s lower 1\nb/decode_frame/size/16 3.80899e-08 s lower 1\n" +
		"b/encode 2.20974e-06 s lower 1\nb/flat/slow 7.68544e-05 s lower 1\n"
	if diff := cmp.Diff(want, lines(values)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	values, err = bench.Criterion("b", bench.CriterionFolder{Files: folder, Written: func(path string) bool { return strings.HasPrefix(path, "encode/") }})
	if err != nil || lines(values) != "b/encode 2.20974e-06 s lower 1\n" {
		t.Errorf("of one benchmark that was written: %s, %v", lines(values), err)
	}
}

func TestGoUnitsAndDirections(t *testing.T) {
	const output = "Unit req/s better=higher\nUnit drops better=lower\nUnit score better=higher\n" +
		"BenchmarkServe-16 10 2 s/op 300 req/s 4 drops 5 score 6 peak-B 7 conns/s\n" +
		"Benchmark-16 1 1 ns/op\n"
	values, err := bench.Go("b", []byte(output))
	if err != nil {
		t.Fatal(err)
	}
	want := "b/Serve.s 2 s lower 1\nb/Serve.req/s 300 req/s higher 1\nb/Serve.drops 4 drops lower 1\n" +
		"b/Serve.score 5 score higher 1\nb/Serve.peak-B 6 B lower 1\nb/Serve.conns/s 7 conns/s higher 1\nb/_ 1e-09 s lower 1\n"
	if diff := cmp.Diff(want, lines(values)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestJSONTurnsUnitsIntoBaseUnits(t *testing.T) {
	const output = `[info] warming up
[{"name": "encode", "value": 1500, "unit": "us", "extra": "ignored"},
 {"name": "encode", "value": 2.5, "unit": "ms"}, {"name": "encode", "value": 2, "unit": "ms", "better": "lower"},
 {"name": "size", "value": 3, "unit": "KiB"}, {"name": "rate", "value": 2, "unit": "MB/s"},
 {"name": "hits", "value": 75, "unit": "%", "better": "higher"}, {"name": "depth", "value": -4, "unit": "levels", "better": "lower"},
 {"name": "free", "value": 0, "unit": "count", "better": "lower"}, {"name": "ops", "value": 9, "unit": "ops/s"}]
`
	values, err := bench.JSON("b", []byte(output))
	if err != nil {
		t.Fatal(err)
	}
	want := "b/encode 0.002 s lower 3\nb/size 3072 B lower 1\nb/rate 2e+06 B/s higher 1\nb/hits 0.75 ratio higher 1\n" +
		"b/depth -4 levels lower 1\nb/free 0 count lower 1\nb/ops 9 ops/s higher 1\n"
	if diff := cmp.Diff(want, lines(values)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
