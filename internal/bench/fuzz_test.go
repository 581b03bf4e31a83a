package bench_test

import (
	"errors"
	"math"
	"testing"
	"testing/fstest"

	"github.com/communitas/perfgate/internal/bench"
	"github.com/communitas/perfgate/internal/metric"
)

// sound holds values against what every parser promises: nothing beside an error, and names, units and numbers that results
// can keep.
func sound(t *testing.T, values []bench.Value, err error) {
	t.Helper()
	if (err == nil) == (len(values) == 0) {
		t.Fatalf("%d values beside %v", len(values), err)
	}
	if len(values) > bench.MaxMetrics {
		t.Fatalf("%d metrics", len(values))
	}
	seen := map[string]bool{}
	for _, v := range values {
		m := v.Metric
		better := m.Better == metric.Lower || m.Better == metric.Higher
		if !metric.ValidName(m.Name) || metric.Benchmark(m.Name) != "b" || m.Unit == "" || !better || v.Repeats < 1 || seen[m.Name] {
			t.Fatalf("unsound: %+v", v)
		}
		if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
			t.Fatalf("no finite number: %+v", v)
		}
		seen[m.Name] = true
	}
}

func fuzz(f *testing.F, parse parser, files ...string) {
	f.Helper()
	for _, file := range files {
		f.Add(golden(f, file))
	}
	f.Fuzz(func(t *testing.T, output []byte) {
		values, err := parse("b", output)
		sound(t, values, err)
		if again, errAgain := parse("b", output); lines(again) != lines(values) || (errAgain == nil) != (err == nil) {
			t.Fatalf("the second time: %s, %v\nthe first: %s, %v", lines(again), errAgain, lines(values), err)
		}
	})
}

func FuzzGo(f *testing.F) {
	f.Add([]byte("Unit x better=higher\nBenchmarkA-8 1 NaN x 1 B/op\n"))
	fuzz(f, bench.Go, "go/several_packages.txt", "go/threads.txt", "go/verbose.txt")
}

func FuzzLibtest(f *testing.F) {
	fuzz(f, bench.Libtest, "libtest/libtest.txt", "libtest/criterion_bencher.txt")
}

func FuzzHyperfine(f *testing.F) {
	fuzz(f, bench.Hyperfine, "hyperfine/export.json", "hyperfine/stdout.txt", "hyperfine/failures.json")
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`[{"name": "a", "value": 1, "unit": "ms", "better": "lower"}, {"name": "b", "value": 2, "unit": "MB/s"}]`))
	fuzz(f, bench.JSON)
}

func FuzzCriterion(f *testing.F) {
	f.Add(golden(f, "criterion/encode/new/estimates.json"), golden(f, "criterion/encode/new/benchmark.json"))
	f.Add(golden(f, "criterion/flat/slow/new/estimates.json"), golden(f, "criterion/flat/slow/new/benchmark.json"))
	f.Fuzz(func(t *testing.T, estimates, address []byte) {
		folder := fstest.MapFS{"a/new/estimates.json": {Data: estimates}, "a/new/benchmark.json": {Data: address}}
		values, err := bench.Criterion("b", bench.CriterionFolder{Files: folder})
		if errors.Is(err, bench.ErrNothing) {
			t.Fatal("the file was passed over")
		}
		sound(t, values, err)
	})
}
