package actions_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// measured carries out the script of action.yml with a perfgate that is a script itself, and returns the outputs, what was printed and
// the exit code.
func measured(t *testing.T, program string, env ...string) (outputs, printed string, code int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the action is for Linux")
	}
	dir := t.TempDir()
	perfgate, output := filepath.Join(dir, "perfgate"), filepath.Join(dir, "output")
	if err := os.WriteFile(perfgate, []byte("#!/bin/bash\n"+program), 0o755); err != nil { //nolint:gosec // it is a program
		t.Fatal(err)
	}
	script, err := filepath.Abs("../../scripts/action.sh")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", script)
	cmd.Dir = dir
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "RUNNER_TEMP=" + dir, "GITHUB_OUTPUT=" + output, "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary"), "PROGRAM=" + perfgate,
		"COMMAND=check", "CONFIG=perfgate.toml", "SCENARIO=", "BENCHMARK=", "TAG=", "AGAINST=", "INCONCLUSIVE=", "ARGUMENTS=", "NAME=", "EVENT=push", "PUSHED_FROM=", "PULL_REQUEST_BASE=",
	}, env...)
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(output)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(raw), string(out), cmd.ProcessState.ExitCode()
}

// A suite may have so many metrics that their verdicts fill more than one buffer.
func TestTheVerdictOfManyMetricsIsRead(t *testing.T) {
	const program = `
while [[ $# -gt 0 ]]; do [[ $1 != --out ]] || out=$2; shift; done
mkdir "$out"
{ echo '  "verdict": "inconclusive",'; yes '      "verdict": "pass",' | head -n 100000; } >"$out/verdict.json"
exit 4
`
	outputs, printed, code := measured(t, program)
	if code != 4 || !strings.Contains(outputs, "\nverdict=inconclusive\n") || !strings.Contains(outputs, "\nexit-code=4\n") {
		t.Errorf("it ended with %d and the outputs\n%s\nand printed\n%s", code, outputs, printed)
	}
}
