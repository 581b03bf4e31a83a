package runner

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// burnCores keeps that many cores busy with a program that is no node, until stop is called or the test ends.
func burnCores(t testing.TB, cores int) (stop func()) {
	t.Helper()
	return burn(t, float64(cores))
}

// burn is burnCores for parts of cores.
func burn(t testing.TB, cores float64) (stop func()) {
	t.Helper()
	script := testnode.Script{LifetimeMS: lifetime.Milliseconds(), Defaults: testnode.Node{CPU: &testnode.CPU{Cores: min(cores, 64)}}}
	dir := t.TempDir()
	burner := testnode.Launch(t, testnode.Build(t, testnode.Scripted), []string{testnode.ScriptVariable + "=" + script.JSON()}, "--storage", dir)
	for t.Context().Err() == nil {
		if events, err := testnode.ReadTruth(filepath.Join(dir, testnode.TruthFile)); err == nil {
			if _, burns := testnode.Find(events, testnode.EventBurn); burns {
				break
			}
		}
		time.Sleep(time.Millisecond)
	}
	return func() {
		burner.Signal(os.Kill)
		burner.Wait()
	}
}

// busy makes a runner of networks that form at once and are then looked at for a second, on a machine that may be busy.
// It does not wait for the machine: a test knows when it is to be busy.
func busy(t *testing.T, runs int) *bench {
	t.Helper()
	b := scripted(t, 2, mesh(2, 0))
	b.Disturbed, b.calm = Retry, -1
	b.scenario().Runs = runs
	return b
}

// TestARunOnABusyMachineIsMeasuredAgain takes the load away while the second attempt is waited for. When others keep this
// machine busy then, further attempts are right as well, and the last one is what it says.
func TestARunOnABusyMachineIsMeasuredAgain(t *testing.T) {
	b := busy(t, 1)
	stop := burnCores(t, runtime.NumCPU())
	var done []Progress
	b.Progress = func(p Progress) {
		if p.Phase == Done {
			if done = append(done, p); len(done) == 1 {
				stop()
			}
		}
	}
	runs := b.attemptsOf()

	first, last := runs[0], runs[len(runs)-1]
	if len(runs) < 2 || len(runs) > 3 {
		t.Fatalf("%d attempts at one run, want 2 or, when others are at work here, 3", len(runs))
	}
	const reason = "disturbed: other processes took "
	if !strings.HasPrefix(first.Invalid, reason) || !first.Again || first.Attempt != 0 || !first.Formed || first.Failure != "" {
		t.Errorf("first attempt: invalid %q, again %v, attempt %d, formed %v, failure %q", first.Invalid, first.Again, first.Attempt, first.Formed, first.Failure)
	}
	for _, m := range first.Measurements {
		if believed(m) {
			t.Errorf("first attempt: %s is believed", m.Metric.Name)
		}
	}
	if last.Again || last.Attempt != len(runs) || last.Order != len(runs) || last.Run.Run != 1 {
		t.Errorf("last attempt: again %v, attempt %d, order %d, run %d", last.Again, last.Attempt, last.Order, last.Run.Run)
	}
	if last.Invalid == "" {
		if wrong := isMeasured(last); wrong != "" {
			t.Errorf("last attempt: %s", wrong)
		}
	}
	if p := done[0]; !p.Again || !p.Invalid || !strings.HasPrefix(first.Invalid, "disturbed: "+p.Disturbed) || p.Run != 1 || p.Runs != 1 {
		t.Errorf("progress of the first attempt: %+v", p)
	}
	b.checkAttempts(runs)
}

// checkAttempts checks that every attempt kept its files, and that what they say of the machine is what its run says.
func (b *bench) checkAttempts(runs []Run) {
	b.t.Helper()
	var folders []string
	for i := range runs[:len(runs)-1] {
		folders = append(folders, fmt.Sprintf("run-01-disturbed-%d", i+1))
	}
	folders = append([]string{"run-01"}, folders...)
	entries, err := os.ReadDir(filepath.Join(b.Dir, "quick"))
	if err != nil {
		b.t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if diff := cmp.Diff(folders, got); diff != "" {
		b.t.Errorf("folders: -want +got\n%s", diff)
	}
	for i, folder := range folders {
		run := runs[len(runs)-1]
		if i > 0 {
			run = runs[i-1]
		}
		var samples []result.MachineSample
		raw, err := os.ReadFile(filepath.Join(b.Dir, "quick", folder, MachineFile))
		if err != nil {
			b.t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			var s result.MachineSample
			if err := json.Unmarshal([]byte(line), &s); err != nil {
				b.t.Fatalf("%s: %v", line, err)
			}
			samples = append(samples, s)
		}
		want := measure.Machine(samples)
		want.Missing = run.Machine.Missing
		if diff := cmp.Diff(want, *run.Machine, approximately); diff != "" || want.Forming == nil || want.Steady == nil {
			b.t.Errorf("%s: -of the file +of the run\n%s", folder, diff)
		}
		if folder == "run-01" && len(samples) < 3 || samples[0].Mark != result.MarkStart {
			b.t.Errorf("%s: %d samples, the first marked %q", folder, len(samples), samples[0].Mark)
		}
	}
}

// TestAMachineThatStaysBusy has more runs than may be attempted again.
func TestAMachineThatStaysBusy(t *testing.T) {
	b := busy(t, 3)
	b.scenario().Warmup, b.scenario().Duration = 1, 300*time.Millisecond
	defer burnCores(t, runtime.NumCPU())()
	runs := b.attemptsOf()
	type attempt struct {
		Run, Attempt, Order int
		Warmup, Again       bool
	}
	var got []attempt
	for _, r := range runs {
		got = append(got, attempt{r.Run.Run, r.Attempt, r.Order, r.Warmup, r.Again})
		if !strings.HasPrefix(r.Invalid, "disturbed: other processes took ") || len(r.findings(result.FindingDisturbed)) != 1 {
			t.Errorf("run %d: invalid %q, findings %v", r.Run.Run, r.Invalid, r.Findings)
		}
		for _, m := range r.Measurements {
			if believed(m) || m.Status == result.Measured && m.Invalid != r.Invalid {
				t.Errorf("run %d: %s is %v, invalid %q", r.Run.Run, m.Metric.Name, m.Value, m.Invalid)
			}
		}
	}
	want := []attempt{ // two more than runs, of different ones; a warm-up run is not measured again
		{1, 0, 1, true, false}, {1, 0, 2, false, true}, {2, 0, 3, false, true}, {3, 0, 4, false, false}, {1, 2, 5, false, false}, {2, 2, 6, false, false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestKeptFiguresOfABusyMachine takes figures as they are, and says so.
func TestKeptFiguresOfABusyMachine(t *testing.T) {
	b := busy(t, 2)
	b.Disturbed = Keep
	defer burnCores(t, runtime.NumCPU())()
	runs := b.attemptsOf()
	if len(runs) != 2 {
		t.Fatalf("%d runs, want 2", len(runs))
	}
	for _, r := range runs {
		found := r.findings(result.FindingDisturbed)
		if wrong := isMeasured(r); wrong != "" || r.Invalid != "" || len(found) != 1 || !strings.HasPrefix(found[0].Text, "other processes took ") {
			t.Errorf("run %d: %s; invalid %q, findings %v", r.Run.Run, wrong, r.Invalid, found)
		}
	}
}

// TestFaultsOfTheSubjectStayFaults on a busy machine: measuring again would not mend them. What does not form there may be
// the machine's doing, however often.
func TestFaultsOfTheSubjectStayFaults(t *testing.T) {
	defer burnCores(t, runtime.NumCPU())()
	for name, test := range map[string]struct {
		script func() testnode.Script
		kind   string
		again  int
	}{
		"a crash": {func() testnode.Script {
			s := mesh(2, 0)
			s.Nodes = map[int]testnode.Node{1: {End: &testnode.End{AtMS: 1000, Signal: "SIGSEGV"}}}
			return s
		}, result.FindingCrash, 0},
		"an impossible gauge": {func() testnode.Script {
			s := mesh(2, 0)
			s.Nodes = map[int]testnode.Node{1: {Peers: []testnode.Peers{{Peers: "7"}}}}
			return s
		}, result.FindingGaugeInvalid, 0},
		"a network that does not form": {func() testnode.Script { return testnode.Script{} }, result.FindingNotFormed, 2},
	} {
		t.Run(name, func(t *testing.T) {
			b := busy(t, 1)
			b.Suite.Node.Env[testnode.ScriptVariable] = test.script().JSON()
			b.scenario().FormationTimeout, b.scenario().Duration = 3*time.Second, 5*time.Second
			runs := b.attemptsOf()
			if len(runs) != 1+test.again {
				t.Fatalf("%d attempts, want %d", len(runs), 1+test.again)
			}
			for _, r := range runs {
				if len(r.findings(test.kind)) != 1 || !strings.HasPrefix(r.Invalid, "disturbed: ") {
					t.Errorf("invalid %q, findings %v", r.Invalid, r.Findings)
				}
			}
		})
	}
}

// TestDisturbedRunsAreNotGivenUp: that a network did not form on a busy machine says nothing about the next run.
func TestDisturbedRunsAreNotGivenUp(t *testing.T) {
	b := busy(t, 5)
	b.Suite.Node.Env[testnode.ScriptVariable] = testnode.Script{LifetimeMS: lifetime.Milliseconds()}.JSON()
	b.scenario().FormationTimeout = 1500 * time.Millisecond
	defer burnCores(t, runtime.NumCPU())()
	runs := b.attemptsOf()
	if len(runs) != 5+2 {
		t.Fatalf("%d attempts, want 5 and 2 more", len(runs))
	}
	for _, r := range runs {
		if r.Order == 0 || r.Invalid == "" {
			t.Errorf("run %d: order %d, invalid %q", r.Run.Run, r.Order, r.Invalid)
		}
	}
}

// TestWaitingForACalmMachine takes the load away as soon as somebody waits for that.
func TestWaitingForACalmMachine(t *testing.T) {
	b := busy(t, 1)
	b.calm = 0
	stop := burnCores(t, runtime.NumCPU())
	var waits []Progress
	b.Progress = func(p Progress) {
		if p.Phase == Waiting && len(waits) == 0 {
			stop()
		}
		if p.Phase == Waiting {
			waits = append(waits, p)
		}
	}
	runs := b.attemptsOf()
	if len(waits) < 1 || !strings.HasPrefix(waits[0].Note, "other processes took ") || waits[0].Length != calmWithin || waits[0].Run != 1 || waits[0].Nodes != 2 {
		t.Errorf("waits: %+v", waits)
	}
	if last := runs[len(runs)-1]; last.Invalid == "" && isMeasured(last) != "" {
		t.Error(isMeasured(last))
	}
}

// attemptsOf measures everything and returns each attempt as it is; nothing may be left of them but files.
func (b *bench) attemptsOf() []Run {
	b.t.Helper()
	var runs []Run
	if err := b.Measure(b.t.Context(), func(_ suite.Scenario, r Run) error { runs = append(runs, r); return nil }); err != nil {
		b.t.Fatal(err)
	}
	b.nothingIsLeft()
	return runs
}
