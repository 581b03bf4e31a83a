//go:build unix

package bench_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/bench"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/suite"
)

// The tools themselves, on small projects that the tests write. Their values are those of this machine; what a test holds them
// to is which there are, in which unit, and that they are above 0.

// project writes files, given as name and text, into a new folder.
func project(t *testing.T, files ...string) string {
	t.Helper()
	folder := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(folder, filepath.FromSlash(files[i]))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// tool runs a benchmark with a real tool, twice, and wants the same metrics both times.
func tool(t *testing.T, folder, format, want string, command ...string) {
	t.Helper()
	for range 2 {
		values, err := bench.Run(t.Context(), bench.Plan{
			Benchmark: suite.Benchmark{Name: "b", Command: command, Format: format}, Dir: folder, Scratch: t.TempDir(),
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range values {
			got = append(got, v.Metric.Name+" "+string(v.Metric.Unit)+" "+string(v.Metric.Better))
			if v.Value <= 0 && v.Metric.Kind == metric.Continuous {
				t.Errorf("%s is %v", v.Metric.Name, v.Value)
			}
		}
		if all := strings.Join(got, ", "); all != want {
			t.Errorf("got  %s\nwant %s", all, want)
		}
	}
}

// installed skips a test whose tool is not there, or is a proxy of a toolchain that is not.
func installed(t *testing.T, program string, version ...string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed", program)
	}
	if len(version) == 0 {
		version = []string{"--version"}
	}
	if out, err := exec.CommandContext(t.Context(), program, version...).CombinedOutput(); err != nil {
		t.Skipf("%s does not work here: %v: %s", program, err, out)
	}
}

func TestGoItself(t *testing.T) {
	installed(t, "go", "version")
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOTOOLCHAIN", "local")
	t.Setenv("GOWORK", "off")
	folder := project(t, "go.mod", "module example.test/codec\n\ngo 1.24\n", "codec_test.go", `package codec

import "testing"

var sink []byte

func BenchmarkEncode(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(64)
	for b.Loop() {
		sink = append([]byte(nil), make([]byte, 64)...)
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, size := range []string{"small", "large"} {
		b.Run("size="+size, func(b *testing.B) {
			for b.Loop() {
				sink = sink[:0]
			}
			b.ReportMetric(2, "hits/op")
		})
	}
}
`)
	tool(t, folder, "go", "b/Encode s lower, b/Encode.throughput B/s higher, b/Encode.bytes B lower, b/Encode.allocs count lower, "+
		"b/Decode/size_small s lower, b/Decode/size_small.hits hits/op lower, b/Decode/size_large s lower, b/Decode/size_large.hits hits/op lower",
		"go", "test", "-bench", ".", "-benchtime", "1000x", "-count", "2")
}

func TestHyperfineItself(t *testing.T) {
	installed(t, "hyperfine")
	tool(t, t.TempDir(), "hyperfine", "b/short_nap s lower, b/sleep_0.002 s lower",
		"hyperfine", "-N", "-r", "3", "-n", "short nap", "sleep 0.001", "sleep 0.002")
}

func TestLibtestItself(t *testing.T) {
	installed(t, "cargo")
	t.Setenv("CARGO_TARGET_DIR", t.TempDir())
	t.Setenv("RUSTC_BOOTSTRAP", "1") // #[bench] is for nightly compilers, and this makes any one of them
	folder := project(t, "Cargo.toml", "[package]\nname = \"codec\"\nversion = \"0.1.0\"\nedition = \"2021\"\n", "src/lib.rs", `#![feature(test)]
extern crate test;

#[cfg(test)]
mod tests {
    #[bench]
    fn encode(b: &mut test::Bencher) {
        b.bytes = 8;
        b.iter(|| (0..test::black_box(1000u64)).fold(0, |a, n| a ^ n.wrapping_mul(31)));
    }
}
`)
	tool(t, folder, "libtest", "b/tests/encode s lower, b/tests/encode.throughput B/s higher", "cargo", "bench", "--offline")
}

func TestCriterionItself(t *testing.T) {
	installed(t, "cargo")
	if testing.Short() {
		t.Skip("Criterion has to be compiled")
	}
	t.Setenv("CARGO_TARGET_DIR", t.TempDir())
	t.Setenv("CRITERION_HOME", "")
	folder := project(t, "Cargo.toml", `[package]
name = "codec"
version = "0.1.0"
edition = "2021"

[dev-dependencies]
criterion = { version = "0.5", default-features = false }

[[bench]]
name = "codec"
harness = false

[profile.bench]
opt-level = 0
debug = false
`, "src/lib.rs", "", "benches/codec.rs", `use criterion::{black_box, Criterion, SamplingMode};
use std::time::Duration;

fn main() {
    let mut c = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(20)).measurement_time(Duration::from_millis(50));
    c.bench_function("encode", |b| b.iter(|| black_box(31u64).wrapping_mul(17)));
    let mut group = c.benchmark_group("by size");
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("large", |b| b.iter(|| (0..black_box(1000u64)).sum::<u64>()));
    group.finish();
}
`)
	within, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	fetch := exec.CommandContext(within, "cargo", "fetch")
	fetch.Dir = folder
	if out, err := fetch.CombinedOutput(); err != nil {
		t.Skipf("the crate cannot be had here: %v: %s", err, out)
	}
	tool(t, folder, "criterion", "b/by_size/large s lower, b/encode s lower", "cargo", "bench", "--offline", "--bench", "codec")
	if _, err := os.Stat(filepath.Join(os.Getenv("CARGO_TARGET_DIR"), "criterion")); !os.IsNotExist(err) {
		t.Errorf("Criterion has written into the target directory: %v", err)
	}
}
