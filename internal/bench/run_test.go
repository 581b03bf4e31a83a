//go:build unix

package bench_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/bench"
	"github.com/communitas/perfgate/internal/suite"
)

func shell(t *testing.T, format, script string) (plan bench.Plan, log *bytes.Buffer) {
	t.Helper()
	log = &bytes.Buffer{}
	return bench.Plan{
		Benchmark: suite.Benchmark{Name: "b", Command: []string{"sh", "-c", script}, Format: format},
		Dir:       t.TempDir(), Scratch: t.TempDir(), Cache: filepath.Join(t.TempDir(), "cache"), Log: log,
	}, log
}

const one = `[{"name": "a", "value": 2, "unit": "s"}]`

func TestRunReadsWhatTheCommandGives(t *testing.T) {
	for _, tc := range []struct{ name, format, script, want string }{
		{"printed", "json", `echo hello; echo '` + one + `'; echo noise >&2`, "b/a 2 s lower 1\n"},
		{"written for perfgate", "json", `echo 'not [{ this'; echo '` + one + `' >"$PERFGATE_OUTPUT"`, "b/a 2 s lower 1\n"},
		{"with the cache", "json", `touch "$PERFGATE_CACHE/x" && echo '` + one + `'`, "b/a 2 s lower 1\n"},
		{"go", "go", `printf 'BenchmarkA-8 1 5 ns/op\nPASS\n'`, "b/A 5e-09 s lower 1\n"},
		{"libtest", "libtest", `echo 'test a ... bench: 1,000 ns/iter (+/- 5)'`, "b/a 1e-06 s lower 1\n"},
		{"hyperfine", "hyperfine", `echo '{"results": [{"command": "a", "times": [3]}]}'`, "b/a 3 s lower 1\n"},
		{"more than a pipe holds", "go", `yes 'BenchmarkA-8 1 5 ns/op' | head -n 200000`, "b/A 5e-09 s lower 200000\n"},
		{"a million lines around it", "json", `yes noise | head -n 1000000; echo '` + one + `'`, "b/a 2 s lower 1\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plan, log := shell(t, tc.format, tc.script)
			values, err := bench.Run(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, lines(values)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if tc.name == "printed" && !strings.Contains(log.String(), "noise") {
				t.Errorf("the log has no standard error: %q", log)
			}
		})
	}
}

func TestRunNamesWhatACommandDoesWrong(t *testing.T) {
	for _, tc := range []struct{ name, format, script, want string }{
		{"fails half way", "json", `echo '` + one + `'; echo 'error: out of data' >&2; exit 3`, "exit status 3; its last words: "},
		{"says on the way why it fails", "json", `echo '` + one + `'; echo 'error: out of data' >&2; exit 3`, "error: out of data"},
		{"is killed", "json", `echo '` + one + `'; kill -9 $$`, "signal: killed"},
		{"prints nothing", "go", `true`, "it printed no line"},
		{"prints nothing of Criterion's", "criterion", `echo done`, "it left no estimates"},
		{"prints garbage", "json", `printf '[{\377\000'`, `not what the format "json" says`},
		{"prints without end", "go", `yes 'BenchmarkA-8 1 5 ns/op'`, "more than 64 MiB"},
		{"writes too much", "json", `head -c 70000000 /dev/zero >"$PERFGATE_OUTPUT"`, "larger than 64 MiB"},
		{"writes no results for perfgate", "json", `echo '` + one + `'; echo broken >"$PERFGATE_OUTPUT"`, "it printed no list"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plan, _ := shell(t, tc.format, tc.script)
			values, err := bench.Run(t.Context(), plan)
			var failed *bench.Error
			if !errors.As(err, &failed) || !strings.Contains(err.Error(), tc.want) || values != nil {
				t.Errorf("%v, %v\nwant an error with %q", values, err, tc.want)
			}
		})
	}
	t.Run("is no program", func(t *testing.T) {
		plan, _ := shell(t, "json", "")
		plan.Benchmark.Command = []string{"no-such-benchmark"}
		_, err := bench.Run(t.Context(), plan)
		var failed *bench.Error
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), "no-such-benchmark") {
			t.Error(err)
		}
	})
}

func TestRunEndsWhatTakesTooLong(t *testing.T) {
	plan, _ := shell(t, "json", "sleep 1000 & sleep 1000")
	plan.Limit = 50 * time.Millisecond
	_, err := bench.Run(t.Context(), plan)
	var failed *bench.Error
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "it was ended after 50ms") {
		t.Error(err)
	}
}

func TestRunThatIsInterruptedIsNoFailureOfTheBenchmark(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	plan, _ := shell(t, "json", "echo started; sleep 1000 & wait")
	plan.Log = writer(func([]byte) { cancel() })
	_, err := bench.Run(ctx, plan)
	var failed *bench.Error
	if !errors.Is(err, context.Canceled) || errors.As(err, &failed) {
		t.Error(err)
	}
}

type writer func(p []byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }

// estimates is a script that writes what Criterion writes.
func estimates(folder, name, nanoseconds string) string {
	return `mkdir -p "` + folder + `/` + name + `/new" && echo '{"slope": null, "mean": {"point_estimate": ` + nanoseconds + `}}' >"` +
		folder + `/` + name + `/new/estimates.json" && echo '{"full_id": "` + name + `"}' >"` + folder + `/` + name + `/new/benchmark.json"`
}

func TestRunTakesOnlyTheEstimatesOfThisExecution(t *testing.T) {
	t.Setenv("CRITERION_HOME", "")
	t.Setenv("CARGO_TARGET_DIR", "")
	plan, _ := shell(t, "criterion", estimates("target/criterion", "new one", "5"))
	old := exec.Command("sh", "-c", estimates("target/criterion", "removed", "7"))
	old.Dir = plan.Dir
	if out, err := old.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	values, err := bench.Run(t.Context(), plan)
	if err != nil || lines(values) != "b/new_one 5e-09 s lower 1\n" {
		t.Errorf("%s, %v", lines(values), err)
	}
	// The second execution writes the same file again.
	if values, err = bench.Run(t.Context(), plan); err != nil || lines(values) != "b/new_one 5e-09 s lower 1\n" {
		t.Errorf("the second time: %s, %v", lines(values), err)
	}
	plan.Benchmark.Command = []string{"true"}
	if values, err = bench.Run(t.Context(), plan); !errors.Is(err, bench.ErrNothing) {
		t.Errorf("without a benchmark: %s, %v", lines(values), err)
	}
}

func TestRunLooksForCriterionWhereItWrites(t *testing.T) {
	for _, tc := range []struct{ name, home, target, folder string }{
		{"in the folder that perfgate gives", "", "", "$CRITERION_HOME"},
		{"in the caller's", "HERE", "", "$CRITERION_HOME"},
		{"in the target directory", "", "HERE", "$CARGO_TARGET_DIR/criterion"},
		{"below the folder of the project", "", "elsewhere", "target/criterion"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			here := t.TempDir()
			t.Setenv("CRITERION_HOME", strings.ReplaceAll(tc.home, "HERE", here))
			t.Setenv("CARGO_TARGET_DIR", strings.ReplaceAll(tc.target, "HERE", here))
			plan, _ := shell(t, "criterion", estimates(tc.folder, "a", "5"))
			values, err := bench.Run(t.Context(), plan)
			if err != nil || lines(values) != "b/a 5e-09 s lower 1\n" {
				t.Errorf("%s, %v", lines(values), err)
			}
		})
	}
}

func TestRunReadsTheFileThatHyperfineExportsTo(t *testing.T) {
	bin := t.TempDir()
	program := "#!/bin/sh\n[ \"$1\" = --export-json ] && echo '{\"results\": [{\"command\": \"a\", \"times\": [3]}]}' >\"$2\"\necho Summary\n"
	if err := os.WriteFile(filepath.Join(bin, "hyperfine"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{filepath.Join(bin, "hyperfine"), "true"},
		{filepath.Join(bin, "hyperfine"), "--export-json", "out.json", "true"},
		{filepath.Join(bin, "hyperfine"), "--export-json", "/dev/stdout", "true"},
	} {
		plan, _ := shell(t, "hyperfine", "")
		plan.Benchmark.Command = command
		values, err := bench.Run(t.Context(), plan)
		if err != nil || lines(values) != "b/a 3 s lower 1\n" {
			t.Errorf("%v: %s, %v", command[1:], lines(values), err)
		}
	}
	plan, _ := shell(t, "hyperfine", "")
	plan.Benchmark.Command = []string{"sh", "-c", "true", "--export-json", "old.json"}
	if err := os.WriteFile(filepath.Join(plan.Dir, "old.json"), []byte(`{"results": [{"command": "a", "times": [3]}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if values, err := bench.Run(t.Context(), plan); !errors.Is(err, bench.ErrNothing) {
		t.Errorf("an export from before: %s, %v", lines(values), err)
	}
}

func TestRunHoldsTheCommand(t *testing.T) {
	plan, _ := shell(t, "json", `echo "[{\"name\": \"$HELD\", \"value\": 1, \"unit\": \"s\"}]"`)
	plan.Hold = func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "HELD=yes") }
	if values, err := bench.Run(t.Context(), plan); err != nil || lines(values) != "b/yes 1 s lower 1\n" {
		t.Errorf("%s, %v", lines(values), err)
	}
}
