package host_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/host"
	"github.com/communitas/perfgate/internal/result"
)

func TestDescribeIsStableAndNamesTheToolchain(t *testing.T) {
	build := []string{"sh", "-c", "exec go build ./..."}
	one, two := host.Describe(t.Context(), ".", build), host.Describe(t.Context(), ".", build)
	if one != two {
		t.Errorf("%+v, then %+v", one, two)
	}
	if one.Toolchain != runtime.Version() {
		t.Errorf("toolchain %q, want %q", one.Toolchain, runtime.Version())
	}
	if runtime.GOOS == "linux" && (one.Kernel == "" || one.MemoryBytes == 0) {
		t.Errorf("incomplete: %+v", one)
	}
}

func TestFingerprintsAreEqualWhereNothingDiffers(t *testing.T) {
	base := result.Environment{OS: "linux", Arch: "amd64", Kernel: "6.1", CPU: "a", Cores: 2, MemoryBytes: 24 << 30, Toolchain: "go1"}
	same, other := base, base
	same.MemoryBytes -= 100 << 20
	other.Governor = "powersave"
	if host.Fingerprint(base) != host.Fingerprint(same) {
		t.Error("a little less memory is another machine")
	}
	if host.Fingerprint(base) == host.Fingerprint(other) {
		t.Error("another governor is the same machine")
	}
}

// program puts a script in front of everything else that has its name.
func program(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestTheCompilerIsAskedInTheProjectsFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	program(t, "rustc", `cat version`)
	project := t.TempDir()
	if err := os.WriteFile(filepath.Join(project, "version"), []byte("rustc of this project\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := host.Describe(t.Context(), project, []string{"cargo", "build"}).Toolchain; got != "rustc of this project" {
		t.Errorf("toolchain %q", got)
	}
}

// TestACompilerThatLeavesSomethingRunningIsNotWaitedFor has a compiler whose child keeps its output open.
func TestACompilerThatLeavesSomethingRunningIsNotWaitedFor(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	program(t, "rustc", `sleep 300 & echo $! > child; echo rustc 1.0`)
	project := t.TempDir()
	got := host.Describe(t.Context(), project, []string{"cargo", "build"}).Toolchain
	raw, err := os.ReadFile(filepath.Join(project, "child"))
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	left, err := os.FindProcess(child)
	if err != nil {
		t.Fatal(err)
	}
	if err := left.Kill(); err != nil {
		t.Errorf("it was waited for until it ended: %v", err)
	}
	if got != "rustc 1.0" {
		t.Errorf("toolchain %q", got)
	}
}
