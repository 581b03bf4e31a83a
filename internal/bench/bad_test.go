package bench_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/communitas/perfgate/internal/bench"
)

func TestOutputsThatCannotBeReadAreNamed(t *testing.T) {
	for _, tc := range []struct {
		name   string
		parse  parser
		output string
		want   string
	}{
		{"go: printed into", bench.Go, "PASS\nBenchmarkA-2   \thello\n  100\t 12 ns/op\n", `line 2: parsing iteration count`},
		{"go: cut in the middle", bench.Go, "BenchmarkA-2 100 12 ns/op\nBenchmarkB-2 100 12", "line 2: missing units"},
		{"go: cut before the values", bench.Go, "BenchmarkA-2 100\n", "line 1: missing measurements"},
		{"go: no number", bench.Go, "BenchmarkA-2 100 x ns/op\n", "line 1: parsing measurement"},
		{"go: not finite", bench.Go, "BenchmarkA 100 NaN ns/op\n", "line 1: \"A\" has the value NaN"},
		{"go: infinite", bench.Go, "BenchmarkA 100 +Inf ns/op\n", "no finite number"},
		{"go: a unit that cannot be kept", bench.Go, "BenchmarkA 1 1 größe\n", `"größe" is no unit`},
		{"go: two values that become one", bench.Go, "BenchmarkA 1 1 bytes\nBenchmarkA 1 1 ns/op 1 B/op\nBenchmarkA 1 1 B/op\n", `line 2: "A in B/op" and "A in bytes" (line 1) would both be called b/A.bytes`},
		{"go: a name that is none", bench.Go, "BenchmarkA 1 1 ns/op\nBenchmark finished in 5s\n", "line 2: parsing iteration count"},
		{"go: a result without end", bench.Go, "Benchmark" + strings.Repeat("A", 70_000) + " 1 1 ns/op\n", "too long"},
		{"go: two names that become one", bench.Go, "BenchmarkA/x=1 1 1 ns/op\nBenchmarkA/x:1 1 1 ns/op\n", `"A/x:1 in sec/op" and "A/x=1 in sec/op" (line 1) would both be called b/A/x_1`},
		{"libtest: printed into", bench.Libtest, "test a ... hello bench: 12 ns/iter (+/- 1)\n", "line 1: the result cannot be read"},
		{"libtest: cut", bench.Libtest, "test a ... bench:  1,2", "line 1"},
		{"libtest: another unit", bench.Libtest, "test a ... bench: 12 ms/iter (+/- 1)\n", "line 1"},
		{"libtest: too large a number", bench.Libtest, "test a ... bench: " + strings.Repeat("9", 400) + " ns/iter (+/- 1)\n", "line 1"},
		{"hyperfine: cut", bench.Hyperfine, `{"results": [{"command": "a", "times": [1,`, "it has no end"},
		{"hyperfine: a command failed", bench.Hyperfine, `{"results": [{"command": "a", "times": [1, 2], "exit_codes": [0, 1]}]}`, `"a" failed in its execution 2`},
		{"hyperfine: killed by a signal", bench.Hyperfine, `{"results": [{"command": "a", "times": [1], "exit_codes": [null]}]}`, `"a" failed`},
		{"hyperfine: no times", bench.Hyperfine, `{"results": [{"command": "a", "median": 1}]}`, "no times"},
		{"hyperfine: twice one command", bench.Hyperfine, `{"results": [{"command": "a", "times": [1]}, {"command": "a", "times": [2]}]}`, "--command-name"},
		{"hyperfine: two exports", bench.Hyperfine, "{\"results\": [{\"command\": \"a\", \"times\": [1]}]}\n{\"results\": [{\"command\": \"b\", \"times\": [2]}]}", "do not continue"},
		{"json: cut", bench.JSON, `[{"name": "a", "value": 1`, "it has no end"},
		{"json: garbage inside", bench.JSON, `[{"name": "a", "value": 1,}]`, "cannot be read"},
		{"json: two lists", bench.JSON, "[{\"name\": \"a\", \"value\": 1, \"unit\": \"s\"}]\n[{\"name\": \"b\"}]", "something follows the list"},
		{"json: no name", bench.JSON, `[{"value": 1, "unit": "s"}]`, "entry 1: it has no name"},
		{"json: no value", bench.JSON, `[{"name": "a", "unit": "s"}]`, `entry 1: "a" has no value`},
		{"json: null", bench.JSON, `[{"name": "a", "value": null, "unit": "s"}]`, `"a" has no value`},
		{"json: a text for a value", bench.JSON, `[{"name": "a", "value": "1", "unit": "s"}]`, "cannot be read"},
		{"json: a number without end", bench.JSON, `[{"name": "a", "value": 1e999, "unit": "s"}]`, "cannot be read"},
		{"json: no unit", bench.JSON, `[{"name": "a", "value": 1}]`, `the unit ""`},
		{"json: no direction", bench.JSON, `[{"name": "a", "value": 1, "unit": "count"}]`, "does not say which way"},
		{"json: another direction", bench.JSON, `[{"name": "a", "value": 1, "unit": "s", "better": "smaller"}]`, `better "smaller" (write lower or higher)`},
		{"json: two units", bench.JSON, `[{"name": "a", "value": 1, "unit": "s"}, {"name": "a", "value": 1, "unit": "B"}]`, `entry 2: "a" is in "B", and in "s" at entry 1`},
		{"json: two directions", bench.JSON, `[{"name": "a", "value": 1, "unit": "s"}, {"name": "a", "value": 1, "unit": "s", "better": "higher"}]`, "better when higher, and lower"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			values, err := tc.parse("b", []byte(tc.output))
			if err == nil || !strings.Contains(err.Error(), tc.want) || errors.Is(err, bench.ErrNothing) || values != nil {
				t.Errorf("%v, %v\nwant an error with %q", values, err, tc.want)
			}
		})
	}
}

func TestOutputsWithoutAResultAreNothing(t *testing.T) {
	for _, output := range []string{
		"", "\n\n", "hello\n", "\x00\xff\xfe", "PASS\nok  \texample.test/m\t0.1s\n", "Benchmarking a\nBenchmarkA\n", "test a ... ok\n",
		"[info] no list\n", "[]", "{}", `{"results": []}`, "{not JSON}", "running 0 tests\n\ntest result: ok.\n",
	} {
		for name, parse := range map[string]parser{"go": bench.Go, "libtest": bench.Libtest, "hyperfine": bench.Hyperfine, "json": bench.JSON} {
			if values, err := parse("b", []byte(output)); !errors.Is(err, bench.ErrNothing) || values != nil {
				t.Errorf("%s of %q: %v, %v", name, output, values, err)
			}
		}
	}
	if values, err := bench.Criterion("b", bench.CriterionFolder{Files: fstest.MapFS{}}); !errors.Is(err, bench.ErrNothing) || values != nil {
		t.Errorf("criterion: %v, %v", values, err)
	}
}

func TestMoreMetricsThanAPersonReadsAreRefused(t *testing.T) {
	var output strings.Builder
	for i := range bench.MaxMetrics + 1 {
		fmt.Fprintf(&output, "BenchmarkA%d 1 1 ns/op\n", i)
	}
	if _, err := bench.Go("b", []byte(output.String())); err == nil || !strings.Contains(err.Error(), "line 1001: more than 1000 metrics") {
		t.Error(err)
	}
}

func TestCriterionFilesThatCannotBeReadAreNamed(t *testing.T) {
	const good, address = `{"slope": {"point_estimate": 5.0}}`, `{"full_id": "a"}`
	for _, tc := range []struct {
		name, estimates, address, want string
	}{
		{"cut", `{"slope": {"point_est`, address, "a/new/estimates.json: unexpected end"},
		{"no estimate", `{"median": {"point_estimate": 5.0}}`, address, "neither a slope nor a mean"},
		{"null", `{"slope": null, "mean": {"point_estimate": null}}`, address, "neither a slope nor a mean"},
		{"a text", `{"slope": {"point_estimate": "5"}}`, address, "a/new/estimates.json"},
		{"too large", good + strings.Repeat(" ", 2<<20), address, "larger than"},
		{"address cut", good, "{", "a/new/benchmark.json: unexpected end"},
		{"no name", good, `{"group_id": "a"}`, "no full_id"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			folder := fstest.MapFS{
				"a/new/estimates.json": {Data: []byte(tc.estimates)}, "a/new/benchmark.json": {Data: []byte(tc.address)},
			}
			values, err := bench.Criterion("b", bench.CriterionFolder{Files: folder})
			if err == nil || !strings.Contains(err.Error(), tc.want) || values != nil {
				t.Errorf("%v, %v\nwant an error with %q", values, err, tc.want)
			}
		})
	}
	folder := fstest.MapFS{"group/a b/new/estimates.json": {Data: []byte(good)}}
	if values, err := bench.Criterion("b", bench.CriterionFolder{Files: folder}); err != nil || lines(values) != "b/group/a_b 5e-09 s lower 1\n" {
		t.Errorf("estimates alone: %s, %v", lines(values), err)
	}
}
