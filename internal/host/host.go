// Package host describes the machine that measures: its fingerprint.
package host

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/result"
)

// Describe makes the environment of this machine and of the toolchain that the build command uses in the project's folder, which may
// ask for another one than the rest of the machine. What cannot be read is left empty; the fingerprint covers what is there.
func Describe(ctx context.Context, project string, build []string) result.Environment {
	environment := result.Environment{
		OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(),
		RunnerClass: runnerClass(os.Getenv), Toolchain: toolchain(ctx, project, build),
	}
	readMachine(os.DirFS("/"), &environment)
	environment.Fingerprint = Fingerprint(environment)
	return environment
}

// Fingerprint names an environment: samples are compared only under the same one. It covers everything that
// result.Environment.Differences tells apart, and nothing else.
func Fingerprint(e result.Environment) string {
	var parts []string
	for _, trait := range e.Traits() {
		parts = append(parts, trait.Name+"="+trait.Value)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return fmt.Sprintf("%s-%s-%d-%s", e.OS, e.Arch, e.Cores, hex.EncodeToString(sum[:6]))
}

// RunnerClassVariable names a kind of machine, for those who know that machines which look alike are not.
const RunnerClassVariable = "PERFGATE_RUNNER_CLASS"

// runnerClass is the kind of machine that the variable names, or that a runner of GitHub Actions says it is.
func runnerClass(getenv func(string) string) string {
	if named := getenv(RunnerClassVariable); named != "" {
		return named
	}
	if getenv("GITHUB_ACTIONS") != "true" {
		return ""
	}
	return strings.Join(strings.Fields(getenv("RUNNER_ENVIRONMENT")+" "+getenv("ImageOS")+" "+getenv("RUNNER_ARCH")), " ")
}

// A compiler has versionTime to tell its version, and what it leaves running has versionDelay to let go of its output.
const (
	versionTime  = 10 * time.Second
	versionDelay = time.Second
)

// toolchain asks the compiler of the build command for its version: the code that it makes is part of what is measured.
func toolchain(ctx context.Context, project string, build []string) string {
	command := strings.Join(build, " ")
	for _, known := range []struct {
		word    string
		version []string
	}{
		{"cargo", []string{"rustc", "--version"}},
		{"rustc", []string{"rustc", "--version"}},
		{"go build", []string{"go", "env", "GOVERSION"}},
		{"go install", []string{"go", "env", "GOVERSION"}},
	} {
		if !strings.Contains(command, known.word) {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, versionTime)
		defer cancel()
		cmd := exec.CommandContext(ctx, known.version[0], known.version[1:]...)
		cmd.Dir, cmd.WaitDelay = project, versionDelay
		out, err := cmd.Output()
		if err != nil && !errors.Is(err, exec.ErrWaitDelay) { // it has answered, and left something running
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	return ""
}
