package build_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/build"
)

func shell(script string) []string { return []string{"sh", "-c", script} }

const makeBinary = "printf '#!/bin/sh\\n' >out && chmod +x out"

func TestRunMeasuresAndExamines(t *testing.T) {
	dir := t.TempDir()
	cache := filepath.Join(t.TempDir(), "cache")
	got, err := build.Run(t.Context(), build.Plan{
		Dir: dir, Cache: cache, Clean: shell("rm -f out"), Binary: "out",
		Build: shell(`i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; touch "$PERFGATE_CACHE/used"; ` + makeBinary),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Size != 10 || got.Path != filepath.Join(dir, "out") || !got.FromClean || got.Wall <= 0 || got.CPU <= 0 || len(got.SHA256) != 64 {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(filepath.Join(cache, "used")); err != nil {
		t.Errorf("the cache was not given: %v", err)
	}
	again, err := build.Examine(got.Path)
	if err != nil || again.SHA256 != got.SHA256 || again.Wall != 0 {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestRunRefusesBuildsThatMakeNothing(t *testing.T) {
	for _, tc := range []struct {
		name         string
		clean, build []string
		before       bool
		want         string
	}{
		{"fails", nil, shell("echo error: no field; exit 101"), false, "error: no field"},
		{"no binary", nil, shell("true"), false, "subject.binary"},
		{"old binary", shell("true"), shell("true"), true, "old binary"},
		{"not executable", nil, shell("touch out"), false, "chmod"},
		{"folder", nil, shell("mkdir out"), false, "is no file"},
		{"no command", nil, nil, false, "--subject"},
		{"clean fails", shell("exit 3"), shell(makeBinary), false, "exit status 3"},
		{"a daemon", nil, shell(makeBinary + "; sleep 60 &"), false, "left a process behind"},
		{"no such program", nil, []string{"no-such-compiler"}, false, "no-such-compiler"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			if tc.before {
				if err := os.WriteFile(filepath.Join(dir, "out"), nil, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			got, err := build.Run(t.Context(), build.Plan{Dir: dir, Clean: tc.clean, Build: tc.build, Binary: "out"})
			if err == nil || !strings.Contains(err.Error(), tc.want) || got.Path != "" {
				t.Errorf("%+v, %v, want an error with %q", got, err, tc.want)
			}
		})
	}
}

func TestRunEndsTheCompilersWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	pipe := filepath.Join(dir, "started")
	go func() {
		for t.Context().Err() == nil {
			if _, err := os.Stat(pipe); err == nil {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	_, err := build.Run(ctx, build.Plan{Dir: dir, Build: shell("sleep 1000 & touch started; wait"), Binary: "out"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestRunEndsABuildThatTakesTooLong: with all that it has called, so that nobody waits for what hangs.
func TestRunEndsABuildThatTakesTooLong(t *testing.T) {
	_, err := build.Run(t.Context(), build.Plan{Dir: t.TempDir(), Build: shell("echo begun; sleep 1000"), Binary: "out", Limit: 100 * time.Millisecond})
	failed, ok := errors.AsType[*build.Error](err)
	if !errors.Is(err, build.ErrTooLong) || !ok || !strings.Contains(err.Error(), "ended after 100ms") || len(failed.Tail) > 1 {
		t.Errorf("got %v", err)
	}
	if _, err := build.Run(t.Context(), build.Plan{Dir: t.TempDir(), Build: shell(makeBinary), Binary: "out", Limit: time.Hour}); err != nil {
		t.Errorf("in time: %v", err)
	}
}

func TestRunKnowsTheMemoryOfItsLargestProcess(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the system does not tell")
	}
	const block = 120 << 20
	dd := fmt.Sprintf("dd if=/dev/zero of=/dev/null bs=%d count=1 2>/dev/null", block)
	got, err := build.Run(t.Context(), build.Plan{
		Dir: t.TempDir(), Binary: "out", Build: shell(dd + "; (" + dd + "); " + dd + "; " + makeBinary),
	})
	if err != nil || got.PeakMemory < block || got.PeakMemory > 2*block {
		t.Errorf("%d bytes where the largest process holds %d, error %v", got.PeakMemory, block, err)
	}
}
