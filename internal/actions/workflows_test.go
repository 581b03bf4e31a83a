package actions_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// files are the workflows of this repository.
func files(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(all) < 6 {
		t.Fatalf("%v: %v", all, err)
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// A linter finds no fault with the workflows of this repository, nor with those that perfgate init writes for a project.
func TestALinterFindsNoFault(t *testing.T) {
	actionlint := tool(t, "ACTIONLINT")
	all := files(t)
	for _, preset := range []string{"generic", "communitas"} {
		dir := t.TempDir()
		if out, err := exec.Command(tool(t, "PERFGATE"), "init", "--preset", preset, "--dir", dir).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		written, err := filepath.Glob(filepath.Join(dir, ".github/workflows/*.yml"))
		if err != nil || len(written) != 4 {
			t.Fatalf("%v: %v", written, err)
		}
		all = append(all, written...)
	}
	if out, err := exec.Command(actionlint, append([]string{"-shellcheck=", "-pyflakes="}, all...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

var (
	usesLine    = regexp.MustCompile(`(?m)^\s*(?:- )?uses: (\S+)`)
	exactAction = regexp.MustCompile(`@(v\d+\.\d+\.\d+|[0-9a-f]{40})$`)
	permission  = regexp.MustCompile(`(?m)^permissions:`)
)

// What no linter asks: nothing of an event is read as code, actions have exact versions, jobs have an end, and rights are given one by one.
func TestWorkflowsAreCareful(t *testing.T) {
	for _, path := range append(files(t), "../../action.yml") {
		text, name := read(t, path), filepath.Base(path)
		for _, block := range steps(text) {
			if strings.Contains(block, "${{") {
				t.Errorf("%s: an expression is read as code; hand it over in env:\n%s", name, block)
			}
		}
		for _, found := range usesLine.FindAllStringSubmatch(text, -1) {
			if used := found[1]; !strings.HasPrefix(used, "./") && !exactAction.MatchString(used) {
				t.Errorf("%s: %s is no exact version", name, used)
			}
		}
		if name == "action.yml" {
			continue
		}
		jobs, ends := strings.Count(text, "runs-on:"), strings.Count(text, "timeout-minutes:")
		if jobs == 0 || jobs != ends {
			t.Errorf("%s: %d of %d jobs have timeout-minutes", name, ends, jobs)
		}
		if !permission.MatchString(text) || !strings.Contains(text, "\nconcurrency:") {
			t.Errorf("%s: permissions and concurrency are to be said for the whole", name)
		}
		if strings.Count(text, "actions/checkout@") != strings.Count(text, "persist-credentials: false") {
			t.Errorf("%s: a checkout leaves its token behind", name)
		}
	}
}

// steps are the scripts of a workflow.
func steps(text string) []string {
	var all []string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimPrefix(strings.TrimLeft(lines[i], " "), "- ")
		if !strings.HasPrefix(line, "run:") {
			continue
		}
		depth := len(lines[i]) - len(strings.TrimLeft(lines[i], " "))
		block := line
		for i+1 < len(lines) && (strings.TrimSpace(lines[i+1]) == "" || len(lines[i+1])-len(strings.TrimLeft(lines[i+1], " ")) > depth+1) {
			i++
			block += "\n" + lines[i]
		}
		all = append(all, block)
	}
	return all
}

// The job that writes on a pull request never touches what the pull request brings.
func TestPostingTakesNoCodeOfAPullRequest(t *testing.T) {
	text := read(t, "../../.github/workflows/perfgate-post.yml")
	for _, bad := range []string{"head_sha }}\n          ", "ref: ${{ github.event.workflow_run", "head_branch", "pull_request_target", "download-artifact"} {
		if strings.Contains(text, bad) {
			t.Errorf("perfgate-post.yml has %q", bad)
		}
	}
	if !strings.Contains(text, "ref: main\n") {
		t.Error("perfgate-post.yml does not check out the main branch")
	}
	measuring := read(t, "../../.github/workflows/performance-monitoring.yml")
	if strings.Contains(measuring, "write") || strings.Contains(measuring, "secrets") {
		t.Error("performance-monitoring.yml runs what strangers bring, and has rights or secrets")
	}
}

// Every step of .ci/run is one of ci.yml's.
func TestCIRunsEveryStep(t *testing.T) {
	order := regexp.MustCompile(`(?m)^order=\((.*)\)$`).FindStringSubmatch(read(t, "../../.ci/run"))
	if order == nil {
		t.Fatal(".ci/run has no order")
	}
	var steps []string
	for _, found := range regexp.MustCompile(`(?m)^          - ([a-z ]+)$`).FindAllStringSubmatch(read(t, "../../.github/workflows/ci.yml"), -1) {
		steps = append(steps, strings.Fields(found[1])...)
	}
	for step := range strings.FieldsSeq(order[1]) {
		count := 0
		for _, s := range steps {
			if s == step {
				count++
			}
		}
		if count != 1 {
			t.Errorf("ci.yml has the step %s %d times", step, count)
		}
	}
}
