package gate_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/gitrepo"
	"github.com/communitas/perfgate/internal/result"
)

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// against is a trial of a checkout, whose value is 3 and not committed, against the commit before the last one, whose value is 1.
// The project is a folder within it, which the first commit of all, tagged "empty", has not.
func against(t *testing.T) (plan gate.AgainstPlan, top string) {
	t.Helper()
	top = t.TempDir()
	git(t, top, "init", "-q")
	write(t, filepath.Join(top, "README"), "nothing yet")
	commit := func(text string) {
		git(t, top, "add", ".")
		git(t, top, "commit", "-qm", text)
	}
	commit("begin")
	git(t, top, "tag", "empty")
	project := filepath.Join(top, "some", "folder")
	for _, value := range []string{"1", "2"} {
		write(t, filepath.Join(project, "value"), value)
		commit("say " + value)
	}
	write(t, filepath.Join(project, "value"), "set aside")
	git(t, top, "stash", "-q")
	write(t, filepath.Join(project, "value"), "3")
	write(t, filepath.Join(top, "staged"), "staged")
	git(t, top, "add", "staged")

	head := alone(t, 2, 0, `echo "[{\"name\": \"x\", \"value\": $(cat value), \"unit\": \"s\"}]"`,
		`echo "[{\"name\": \"absolute\", \"value\": $(cat `+project+`/value), \"unit\": \"s\"}]"`)
	head.Project = project
	plan = gate.AgainstPlan{
		TrialPlan: gate.TrialPlan{Head: head, Looks: []int{2}, Decide: decide},
		Commit:    resolve(t, top, "HEAD~1"), Home: filepath.Join(head.State, "project"),
	}
	return plan, top
}

func resolve(t *testing.T, dir, revision string) gitrepo.Commit {
	t.Helper()
	commit, err := gitrepo.Resolve(t.Context(), dir, revision)
	if err != nil {
		t.Fatal(err)
	}
	return commit
}

// users is all of a checkout that is its user's.
func users(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, question := range []string{
		"status --porcelain", "rev-parse HEAD", "symbolic-ref HEAD", "for-each-ref", "stash list", "diff", "diff --cached", "ls-files --stage --debug",
		"config --local --list", "reflog", "worktree list",
	} {
		all[question] = git(t, dir, strings.Fields(question)...)
	}
	return all
}

func TestAgainstMeasuresACommitAndLeavesTheCheckoutAsItIs(t *testing.T) {
	plan, top := against(t)
	before := users(t, top)
	base, head, err := gate.Against(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		side   *result.Results
		dirty  bool
		commit string
		value  float64
	}{{base, false, plan.Commit.SHA, 1}, {head, true, before["rev-parse HEAD"], 3}} {
		for _, name := range []string{"a/x", "b/absolute"} {
			x, _ := tc.side.Find("", name)
			if !cmp.Equal(values(x), []float64{tc.value, tc.value}) || tc.side.Subject.Commit != tc.commit || tc.side.Subject.Dirty != tc.dirty {
				t.Errorf("%s is %v of %+v, want %v of %s", name, values(x), tc.side.Subject, tc.value, tc.commit)
			}
		}
	}
	for i, plan := range base.Scenarios { // paths have moved, and what is measured is the same
		if plan.Configuration != head.Scenarios[i].Configuration {
			t.Errorf("configurations of %s differ", plan.Benchmark)
		}
	}
	if diff := cmp.Diff(before, users(t, top)); diff != "" {
		t.Errorf("the checkout: -before +after\n%s", diff)
	}
	if _, err := gate.Load(filepath.Join(plan.Head.Dir, gate.BaseFolder)); err != nil {
		t.Error(err)
	}
}

func TestAgainstACommitWithoutTheProjectIsAnErrorOfBase(t *testing.T) {
	plan, top := against(t)
	plan.Commit = resolve(t, top, "empty")
	before := users(t, top)
	_, _, err := gate.Against(t.Context(), plan)
	if wrong, ok := errors.AsType[*gate.SideError](err); !ok || wrong.Side != result.SideBase || !strings.Contains(err.Error(), `base, empty (`) ||
		!strings.Contains(err.Error(), filepath.Join("some", "folder")) {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff(before, users(t, top)); diff != "" {
		t.Errorf("the checkout: -before +after\n%s", diff)
	}
}

func TestAnInterruptTakesTheWorkTreeAway(t *testing.T) {
	plan, top := against(t)
	before := users(t, top)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	during := ""
	plan.Head.Progress = func(p gate.Progress) {
		if p.Run != nil && p.Run.Run == 2 && p.Run.Phase == gate.Executing && p.Side == result.SideBase {
			during = git(t, top, "worktree", "list")
			cancel()
		}
	}
	if _, _, err := gate.Against(ctx, plan); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if strings.Count(during, "\n") != 1 {
		t.Errorf("meanwhile there were %s", during)
	}
	if diff := cmp.Diff(before, users(t, top)); diff != "" {
		t.Errorf("the checkout: -before +after\n%s", diff)
	}
	places, _ := filepath.Glob(filepath.Join(plan.Home, "trees", "*", "*", "*"))
	if len(places) > 0 {
		t.Errorf("left: %v", places)
	}
	for _, dir := range []string{plan.Head.Dir, filepath.Join(plan.Head.Dir, gate.BaseFolder)} {
		if r, err := gate.Load(dir); err != nil || r.Interrupted != "by a signal" || len(r.Runs) == 0 {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if _, err := os.Stat(plan.Home); err != nil {
		t.Error(err)
	}
}
