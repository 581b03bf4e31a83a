package hunt_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/contain"
	"github.com/communitas/perfgate/internal/hunt"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/report"
)

func TestMain(m *testing.M) {
	if os.Args[0] == contain.GuardName {
		os.Exit(contain.Guard(os.Args, os.Stdin))
	}
	if os.Getenv(childVariable) != "" {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

// found runs a plan that finds something.
func found(t *testing.T, plan hunt.Plan) report.Hunt {
	t.Helper()
	told, err := hunt.Run(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if len(told.Hunts) != len(plan.Targets) && plan.Resume == "" {
		t.Fatalf("%d searches of %d", len(told.Hunts), len(plan.Targets))
	}
	return told.Hunts[0]
}

// sizes are sources of 8 commits: the fourth is 10 % larger.
func sizes() []string {
	all := make([]string, 8)
	for i := range all {
		all[i] = sized(i, 1000)
		if i >= 4 {
			all[i] = sized(i, 1100)
		}
	}
	return all
}

func TestASearchOfTheSizeFindsItsCommitAndTouchesNothing(t *testing.T) {
	r := newRepository(t)
	commits := r.line(sizes()...)
	r.write("note", "set aside")
	r.git("stash", "-q")
	r.write("note", "staged")
	r.git("add", "note")
	r.write("note", "not staged")
	r.write("untracked", "untracked")
	before := r.state()
	home := filepath.Join(t.TempDir(), "a [pattern]")
	told := found(t, r.plan(home, commits[0], "HEAD"))
	if o := told.Outcome; o.Culprit != commits[4] || o.Builds > 5 {
		t.Errorf("%s after %d builds, not %s", o, o.Builds, commits[4])
	}
	if diff := cmp.Diff(before, r.state()); diff != "" {
		t.Errorf("the checkout has changed: -before +after\n%s", diff)
	}
	if c := told.Commits[commits[4]]; c.Title != "commit 4" || c.Author != "a <a@example.org>" {
		t.Errorf("the culprit is told as %+v", c)
	}
	again, err := hunt.Replay(filepath.Join(home, "project"), "latest")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := text(t, told), text(t, again.Hunts[0]); a != b {
		t.Errorf("the replay differs:\n%s", cmp.Diff(a, b))
	}
}

// text is a report.
func text(t *testing.T, h report.Hunt) string {
	t.Helper()
	var b strings.Builder
	if err := report.HuntText(&b, h, report.Style{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCommitsThatDoNotBuildAreGoneRound(t *testing.T) {
	skipLong(t)
	r := newRepository(t)
	sources := sizes()
	sources[3], sources[4] = "broken\n", "broken\n\n"
	commits := r.line(sources...)
	o := found(t, r.plan(t.TempDir(), commits[0], commits[7])).Outcome
	want := []bisect.Unmeasured{{Reason: "the build fails: error: source: it is broken", Commits: commits[3:5]}} // in other lines
	if diff := cmp.Diff(want, o.Unmeasured); diff != "" {
		t.Errorf("what is broken: -want +got\n%s", diff)
	}
	if o.Outcome != bisect.OutcomeSet || !cmp.Equal(o.Set, commits[3:6]) {
		t.Errorf("%s: %v", o, o.Set)
	}
}

func TestAPatchMendsWhatDoesNotBuild(t *testing.T) {
	skipLong(t)
	r := newRepository(t)
	sources := sizes()
	for i := 1; i < 6; i++ {
		sources[i] = "broken\n" + sources[i] + "\n"
	}
	commits := r.line(sources...)
	patch := filepath.Join(t.TempDir(), "mend.diff")
	mend := "--- a/build.sh\n+++ b/build.sh\n@@ -1,3 +1,2 @@\n \n-" + strings.Split(buildScript, "\n")[1] + "\n " + strings.Split(buildScript, "\n")[2] + "\n"
	if err := os.WriteFile(patch, []byte(mend), 0o644); err != nil {
		t.Fatal(err)
	}
	plan := r.plan(t.TempDir(), commits[1], commits[5])
	plan.Patch = patch
	if o := found(t, plan).Outcome; o.Culprit != commits[4] {
		t.Errorf("%s, not %s", o, commits[4])
	}
	plan.Patch = filepath.Join(t.TempDir(), "nowhere.diff")
	if err := os.WriteFile(plan.Patch, []byte("--- a/source\n+++ b/source\n@@ -1 +1 @@\n-no such line\n+another\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := hunt.Run(t.Context(), plan); err == nil || !strings.Contains(err.Error(), "applies to none of the 5 commits") {
		t.Errorf("a patch that applies nowhere: %v", err)
	}
}

func TestWhatTheMachineDoesWrongAccusesNoCommit(t *testing.T) {
	r := newRepository(t)
	sources := sizes()
	sources[4] = "full\n"
	commits := r.line(sources...)
	plan := r.plan(t.TempDir(), commits[0], commits[7])
	told, err := hunt.Run(t.Context(), plan)
	if err == nil || !strings.Contains(err.Error(), "failed 4 times") || !strings.Contains(err.Error(), "No space left") {
		t.Errorf("a full disk: %v", err)
	}
	if o := told.Hunts[0].Outcome; o.Outcome != bisect.OutcomeUndecided || len(o.Unmeasured) > 0 || o.Builds == 0 {
		t.Errorf("%s: %+v", o, o.Unmeasured)
	}
}

func TestABuildThatTakesTooLongIsBroken(t *testing.T) {
	r := newRepository(t)
	commits := r.line(sizes()[:3]...)
	t.Setenv("WAIT_FOR", filepath.Join(t.TempDir(), "never"))
	plan := r.plan(t.TempDir(), commits[0], commits[2])
	plan.Settings.BuildTimeout = 100 * time.Millisecond
	o := found(t, plan).Outcome
	if o.Outcome != bisect.OutcomeUndecided || !strings.Contains(o.Reason, "it took too long: it was ended after") {
		t.Errorf("%s", o)
	}
}

// TestANoisyMetricOfABenchmark is measured in the work trees of the commits; a second target shares nothing but the hunt.
func TestANoisyMetricOfABenchmark(t *testing.T) {
	skipLong(t)
	r := newRepository(t)
	sources := make([]string, 6)
	for i := range sources {
		sources[i] = fmt.Sprintf("1000\n# %d\n", i)
		if i >= 3 {
			sources[i] = fmt.Sprintf("1300\n# %d\n", i)
		}
	}
	commits := r.line(sources...)
	plan := r.plan(t.TempDir(), commits[0], commits[5])
	plan.Targets = append([]hunt.Target{{Benchmark: "cost", Metric: "cost/cost", LeastChange: 0.1}}, plan.Targets...)
	plan.Settings.Builders = 2
	var said []string
	plan.Progress = func(p hunt.Progress) {
		if p.Outcome != nil {
			said = append(said, p.Says)
		}
	}
	told, err := hunt.Run(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if len(said) != 2 || !strings.HasPrefix(said[0], "culprit ") || strings.Contains(said[0], "improvement") {
		t.Errorf("in the end it was said: %q", said)
	}
	noisy, exact := told.Hunts[0], told.Hunts[1]
	if noisy.Outcome.Culprit != commits[3] || noisy.Unit != metric.Seconds || noisy.Better != metric.Lower {
		t.Errorf("%s, not %s, in %q", noisy.Outcome, commits[3], noisy.Unit)
	}
	if exact.Outcome.Outcome != bisect.OutcomeNone {
		t.Errorf("the size: %s", exact.Outcome)
	}
}

func TestAMergeIsSearchedWithin(t *testing.T) {
	skipLong(t)
	r := newRepository(t)
	good := r.commit("good", "1000\n")
	r.git("checkout", "-q", "-b", "topic")
	r.commit("topic 1", "1000\n# 1\n")
	culprit := r.commit("topic 2", "1400\n# 2\n")
	r.commit("topic 3", "1400\n# 3\n")
	r.git("checkout", "-q", "main")
	r.write("other", "other")
	r.git("add", ".")
	r.git("commit", "-q", "-m", "beside")
	r.git("merge", "-q", "--no-ff", "-m", "merge topic", "topic")
	merge := r.git("rev-parse", "HEAD")
	r.write("other", "another")
	r.git("commit", "-q", "-a", "-m", "after")
	plan := r.plan(t.TempDir(), good, "HEAD")
	plan.Targets = []hunt.Target{{Benchmark: "cost", Metric: "cost/cost", LeastChange: 0.1}}
	told := found(t, plan)
	if told.Outcome.Culprit != merge || told.Inside == nil || told.Inside.Outcome.Culprit != culprit {
		t.Errorf("%s, inside %+v; not %s in %s", told.Outcome, told.Inside, culprit, merge)
	}
}

// TestTheSizeIsSearchedWithinAMerge: along the branch, whatever the mainline has become beside it.
func TestTheSizeIsSearchedWithinAMerge(t *testing.T) {
	r := newRepository(t)
	good := r.commit("good", sized(0, 1000))
	r.git("checkout", "-q", "-b", "topic")
	r.commit("topic 1", sized(1, 1000))
	culprit := r.commit("topic 2", sized(2, 1400))
	r.commit("topic 3", sized(3, 1400))
	r.git("checkout", "-q", "main")
	r.write("other", "other")
	r.git("add", ".")
	r.git("commit", "-q", "-m", "beside")
	r.git("merge", "-q", "--no-ff", "-m", "merge topic", "topic")
	merge := r.git("rev-parse", "HEAD")
	told := found(t, r.plan(t.TempDir(), good, "HEAD"))
	if told.Outcome.Culprit != merge || told.Inside == nil || told.Inside.Outcome.Culprit != culprit {
		t.Errorf("%s, inside %+v; not %s in %s", told.Outcome, told.Inside, culprit, merge)
	}
	if text := text(t, told); !strings.HasPrefix(text, "culprit "+culprit[:12]+": +") || !strings.Contains(text, "brought in by the merge "+merge[:12]) {
		t.Error(text)
	}

	// A branch with the mainline in it begins elsewhere than on its own line.
	r.git("checkout", "-q", "-b", "second", "HEAD~1")
	r.commit("second 1", sized(4, 1000))
	r.git("checkout", "-q", "main")
	r.write("other", "more")
	r.git("commit", "-q", "-a", "-m", "beside again")
	began := r.git("rev-parse", "HEAD")
	r.git("checkout", "-q", "second")
	r.git("merge", "-q", "--no-ff", "-X", "theirs", "-m", "take the mainline", "main")
	r.commit("second 2", sized(5, 2400))
	r.git("checkout", "-q", "main")
	r.write("other", "still more")
	r.git("commit", "-q", "-a", "-m", "beside at last")
	r.git("merge", "-q", "--no-ff", "-m", "merge second", "second")
	plan := r.plan(t.TempDir(), began, "HEAD")
	var said strings.Builder
	plan.Progress = func(p hunt.Progress) { fmt.Fprintln(&said, p.Says) }
	if told := found(t, plan); told.Inside != nil || told.Outcome.Culprit != r.git("rev-parse", "HEAD") {
		t.Errorf("%s, inside %+v", told.Outcome, told.Inside)
	}
	if !strings.Contains(said.String(), "is not searched within: the branch that it brought in has merged the mainline") {
		t.Error(said.String())
	}
}

func TestAHuntIsGoneOnWithOnlyWhereItFits(t *testing.T) {
	skipLong(t)
	r := newRepository(t)
	commits := r.line(sizes()...)
	home := t.TempDir()
	plan := r.plan(home, commits[0], commits[7])
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	builds := 0
	plan.Progress = func(p hunt.Progress) {
		if p.Event == nil || p.Event.Type != bisect.Built {
			return
		}
		if builds++; builds == 2 {
			cancel()
		}
	}
	told, err := hunt.Run(ctx, plan)
	if err == nil || told.Hunts[0].Outcome.Outcome != bisect.OutcomeUndecided {
		t.Fatalf("interrupted: %v, %s", err, told.Hunts[0].Outcome)
	}
	plan.Progress, plan.Resume = nil, "latest"

	other := plan
	other.Suite = new(*plan.Suite)
	other.Suite.Subject.Build = []string{"sh", "-e", "build.sh"}
	if _, err := hunt.Run(t.Context(), other); err == nil || !strings.Contains(err.Error(), "another configuration") {
		t.Errorf("another configuration: %v", err)
	}
	t.Setenv("PERFGATE_RUNNER_CLASS", "another")
	if _, err := hunt.Run(t.Context(), plan); err == nil || !strings.Contains(err.Error(), "another environment") {
		t.Errorf("another machine: %v", err)
	}
	t.Setenv("PERFGATE_RUNNER_CLASS", "")
	if o := found(t, plan).Outcome; o.Culprit != commits[4] || o.Builds > 5 {
		t.Errorf("%s after %d builds, not %s", o, o.Builds, commits[4])
	}
	plan.Resume = "nonesuch"
	if _, err := hunt.Run(t.Context(), plan); err == nil || !strings.Contains(err.Error(), "there is no search nonesuch") {
		t.Errorf("a search that is not there: %v", err)
	}
}

// TestSeveralBuildersGiveTheSameAnswer has builds ahead, also while others measure.
func TestSeveralBuildersGiveTheSameAnswer(t *testing.T) {
	skipLong(t)
	r := newRepository(t)
	commits := r.line(sizes()...)
	for _, beside := range []bool{false, true} {
		plan := r.plan(t.TempDir(), commits[0], commits[7])
		plan.Settings.Builders, plan.Settings.BesideRuns = 3, beside
		if o := found(t, plan).Outcome; o.Culprit != commits[4] || o.Builds > 8 {
			t.Errorf("beside runs %v: %s after %d builds", beside, o, o.Builds)
		}
		if left := r.git("worktree", "list"); strings.Contains(left, "\n") {
			t.Errorf("work trees are left:\n%s", left)
		}
	}
}

func TestAllChangesOfARangeAreFound(t *testing.T) {
	skipLong(t)
	r := newRepository(t)
	sources := make([]string, 9)
	for i := range sources {
		sources[i] = sized(i, 1000)
		if i >= 3 {
			sources[i] = sized(i, 1050)
		}
		if i >= 7 {
			sources[i] = sized(i, 1250)
		}
	}
	commits := r.line(sources...)
	plan := r.plan(t.TempDir(), commits[0], commits[8])
	plan.Settings.AllChanges = true
	told := found(t, plan)
	if told.Outcome.Culprit != commits[7] || len(told.Elsewhere) != 1 || told.Elsewhere[0].Culprit != commits[3] {
		t.Errorf("%s, and elsewhere %v; not %s and %s", told.Outcome, told.Elsewhere, commits[7], commits[3])
	}
}
