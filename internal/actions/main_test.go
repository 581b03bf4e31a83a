package actions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

func TestMain(m *testing.M) { os.Exit(testnode.CleanUpAfter(m).Run()) }

// tool is a program that a variable names, since it is too large to be built by every go test.
func tool(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("%s names no program: .ci/run actions builds it and runs this test", variable)
	}
	return path
}

// has skips where perfgate lacks a command that a workflow calls.
func (p *project) has(command ...string) {
	p.t.Helper()
	name := strings.Join(command, " ")
	out, err := exec.Command(p.perfgate, append(command, "--help")...).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("\n  perfgate "+name+" ")) { // a command that is not there has the help of all
		p.t.Skipf("this perfgate has no command %s", name)
	}
}

// project is a repository of a user with the workflows that perfgate init writes, and all that is needed to carry them out.
type project struct {
	t                   *testing.T
	act, perfgate, home string
	// origin is the repository as GitHub has it, artifacts what its runs have left.
	origin, artifacts string
	// action is what the workflows use: OWNER/NAME@VERSION.
	action string
	// env are variables for the workflows.
	env []string
}

func newProject(t *testing.T) *project {
	t.Helper()
	if testing.Short() {
		t.Skip("carries out whole workflows")
	}
	p := &project{t: t, act: tool(t, "ACT"), perfgate: tool(t, "PERFGATE"), home: t.TempDir(), origin: t.TempDir(), artifacts: t.TempDir()}
	for _, name := range []string{"git", "bash", "jq"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("needs %s", name)
		}
	}
	if err := os.CopyFS(p.origin, os.DirFS("testdata/project")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(p.origin, "gitignore"), filepath.Join(p.origin, ".gitignore")); err != nil {
		t.Fatal(err)
	}
	p.git("init", "-q", "-b", "main")
	p.git("config", "uploadpack.allowAnySHA1InWant", "true")
	p.git("remote", "add", "origin", "https://github.com/someone/node")
	out := p.run(p.origin, p.perfgate, "init", "--only", "workflows")
	t.Log(out)
	p.action = usedAction(t, filepath.Join(p.origin, ".github/workflows/performance-monitoring.yml"))
	p.commit("the node as it is")
	return p
}

var actionLine = regexp.MustCompile(`uses: (communitas/perfgate@\S+)`)

// usedAction is the version of the action that a workflow uses.
func usedAction(t *testing.T, workflow string) string {
	t.Helper()
	raw, err := os.ReadFile(workflow)
	if err != nil {
		t.Fatal(err)
	}
	found := actionLine.FindSubmatch(raw)
	if found == nil {
		t.Fatalf("%s does not use perfgate", workflow)
	}
	return string(found[1])
}

// environment is that of programs: nothing of the user's, and nothing that says that this is a runner of GitHub's.
func (p *project) environment() []string {
	return []string{
		"HOME=" + p.home, "PATH=" + os.Getenv("PATH"), "XDG_STATE_HOME=" + filepath.Join(p.home, "state"), "XDG_CACHE_HOME=" + filepath.Join(p.home, "cache"),
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org",
		"LC_ALL=C", "TMPDIR=" + os.TempDir(),
	}
}

// run runs a program that has to succeed, and returns what it printed.
func (p *project) run(dir, name string, args ...string) string {
	p.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, p.environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (p *project) git(args ...string) string {
	p.t.Helper()
	return strings.TrimSpace(p.run(p.origin, "git", args...))
}

// commit commits everything, and returns the SHA.
func (p *project) commit(title string) string {
	p.t.Helper()
	p.git("add", ".")
	p.git("commit", "-q", "--allow-empty", "-m", title)
	return p.git("rev-parse", "HEAD")
}

// write replaces a file of the checked out branch.
func (p *project) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.origin, name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// fatter makes the binary of the checked out branch larger by bytes.
func (p *project) fatter(bytes int) {
	p.t.Helper()
	raw, err := os.ReadFile(filepath.Join(p.origin, "node.in"))
	if err != nil {
		p.t.Fatal(err)
	}
	p.write("node.in", string(raw)+"# "+strings.Repeat("x", bytes)+"\n")
}

// ran is a workflow that was carried out.
type ran struct {
	log    string
	failed bool
}

// carryOut runs a workflow of the main branch for an event.
func (p *project) carryOut(workflow, event string, payload any, more ...string) ran {
	p.t.Helper()
	checkout := p.t.TempDir()
	p.run(checkout, "git", "clone", "-q", "--branch", "main", p.origin, ".")
	p.run(checkout, "git", "remote", "set-url", "origin", "https://github.com/someone/node")
	raw, err := json.Marshal(payload)
	if err != nil {
		p.t.Fatal(err)
	}
	file := filepath.Join(p.t.TempDir(), "event.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), 15*time.Minute)
	defer cancel()
	args := []string{
		event, "-e", file, "-W", ".github/workflows/" + workflow, "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--concurrent-jobs", "1",
		"--env", "TEST_ORIGIN=" + p.origin, "--env", "TEST_ARTIFACTS=" + p.artifacts, "--env", "PERFGATE=" + p.unhurried(),
		"--env", "SCRIPTED=" + testnode.Build(p.t, testnode.Scripted), "--env", "XDG_STATE_HOME=" + filepath.Join(p.t.TempDir(), "state"),
		"--local-repository", p.action + "=" + p.ownAction(),
	}
	for _, stub := range []string{"checkout@v6.0.2", "setup-go@v6.4.0", "cache@v5.0.5", "upload-artifact@v6.0.0", "download-artifact@v7.0.0"} {
		folder, err := filepath.Abs(filepath.Join("testdata/stubs", strings.SplitN(stub, "@", 2)[0]))
		if err != nil {
			p.t.Fatal(err)
		}
		args = append(args, "--local-repository", "actions/"+stub+"="+folder)
	}
	for _, variable := range p.env {
		args = append(args, "--env", variable)
	}
	cmd := exec.CommandContext(ctx, p.act, append(args, more...)...)
	cmd.Dir, cmd.Env = checkout, append(p.environment(), "NO_COLOR=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		p.t.Fatalf("act %s: %v\n%s", event, err, out.String())
	}
	return ran{log: out.String(), failed: err != nil}
}

// unhurried is perfgate for a machine that is busy with other tests as well: it takes the figures as they come. Stories are decided
// by what has no noise.
func (p *project) unhurried() string {
	p.t.Helper()
	path := filepath.Join(p.home, "bin", "perfgate")
	script := "#!/bin/sh\ncase \"$1 $*\" in *--replay*) ;; check\\ * | run\\ * | bisect\\ *)\n\tcommand=$1\n\tshift\n\tset -- \"$command\" --disturbed=keep \"$@\"\nesac\nexec '" + p.perfgate + "' \"$@\"\n"
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// ownAction is a folder with nothing but what the action is made of.
func (p *project) ownAction() string {
	p.t.Helper()
	folder := filepath.Join(p.home, "action")
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	for _, name := range []string{"action.yml", "scripts/action.sh"} {
		raw, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			p.t.Fatal(err)
		}
		into := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(into), 0o755); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(into, raw, 0o755); err != nil {
			p.t.Fatal(err)
		}
	}
	return folder
}

// wants fails unless the workflow ended as it was to, and said all of this.
func (r ran) wants(t *testing.T, failed bool, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.log, text) {
			t.Errorf("it does not say %q", text)
		}
	}
	if r.failed != failed {
		t.Errorf("failed is %v, want %v", r.failed, failed)
	}
	if t.Failed() {
		t.Fatal(r.log)
	}
}

// verdict is that of an artifact.
func (p *project) verdict(artifact string) (verdict struct {
	Verdict, Reason string
	Commit          string
	Comparison      struct{ Kind string }
}) {
	p.t.Helper()
	raw, err := os.ReadFile(filepath.Join(p.artifacts, "1", artifact, "verdict.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &verdict); err != nil {
		p.t.Fatal(err)
	}
	return verdict
}

// pullRequest is the payload of one, from the branch that is checked out; of a fork when its owner is somebody else.
func (p *project) pullRequest(number int, base, owner string) map[string]any {
	p.t.Helper()
	head := p.git("rev-parse", "HEAD")
	p.git("update-ref", fmt.Sprintf("refs/pull/%d/head", number), head)
	repository := func(owner string) map[string]any {
		return map[string]any{"name": "node", "full_name": owner + "/node", "default_branch": "main", "owner": map[string]any{"login": owner}}
	}
	return map[string]any{
		"action": "synchronize", "number": number, "repository": repository("someone"),
		"pull_request": map[string]any{
			"number": number, "state": "open", "user": map[string]any{"login": owner},
			"head": map[string]any{"sha": head, "ref": "topic", "repo": repository(owner)},
			"base": map[string]any{"sha": base, "ref": "main", "repo": repository("someone")},
		},
	}
}
