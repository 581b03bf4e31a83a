package hunt_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/hunt"
)

// childVariable makes this program a search of its own, to be killed: project, folder, good end, bad end and what to resume, in lines.
const childVariable = "HUNT_CHILD"

func child() int {
	told := strings.Split(os.Getenv(childVariable), "\n")
	plan, err := planned(told[0], told[1], told[2], told[3])
	if err == nil {
		plan.Resume = told[4]
		_, err = hunt.Run(context.Background(), plan)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// spawned is a search in a process of its own, which is killed when the context ends.
func spawned(ctx context.Context, t *testing.T, project, home, good, bad, resume string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+strings.Join([]string{project, home, good, bad, resume}, "\n"))
	cmd.Stderr = os.Stderr
	return cmd
}

// begun tells whether there is a search to go on with.
func begun(home string) bool {
	found, err := filepath.Glob(filepath.Join(home, "project", "bisect", "2*", "hunt.json"))
	return err == nil && len(found) > 0
}

// TestASearchThatIsKilledGoesOn kills a search at several moments, wherever it is then.
func TestASearchThatIsKilledGoesOn(t *testing.T) {
	r := newRepository(t)
	commits := r.line(sizes()...)
	before := r.state()
	count := filepath.Join(t.TempDir(), "count")
	t.Setenv("COUNT", count)
	rng := rand.New(rand.NewPCG(6, 1))
	kills := 8
	if testing.Short() {
		kills = 2
	}
	home := t.TempDir()
	for range kills {
		resume := ""
		if begun(home) {
			resume = "latest"
		}
		search := spawned(t.Context(), t, r.path, home, commits[0], commits[7], resume)
		if err := search.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- search.Wait() }()
		killAfter(t, search, ended, lines(home)+rng.IntN(3), time.Duration(rng.IntN(200))*time.Millisecond, home)
	}
	plan := r.plan(home, commits[0], commits[7])
	if begun(home) {
		plan.Resume = "latest"
	}
	o := found(t, plan).Outcome
	if o.Culprit != commits[4] {
		t.Errorf("%s, not %s", o, commits[4])
	}
	raw, err := os.ReadFile(count)
	if err != nil {
		t.Fatal(err)
	}
	if built := strings.Count(string(raw), "\n"); built > o.Builds+kills || built < o.Builds {
		t.Errorf("%d builds were made for the %d of the search, with %d kills", built, o.Builds, kills)
	}
	if diff := cmp.Diff(before, r.state()); diff != "" {
		t.Errorf("the checkout has changed: -before +after\n%s", diff)
	}
}

// killAfter kills a search so long after its journal has so many lines, wherever it is then, or leaves one alone that has ended before.
func killAfter(t *testing.T, search *exec.Cmd, ended chan error, wanted int, later time.Duration, home string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var moment <-chan time.Time
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("a search that nobody has killed: %v", err)
			}
			return
		case <-tick.C:
			if moment == nil && lines(home) >= wanted {
				moment = time.After(later)
			}
		case <-moment:
			if err := search.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Error(err)
			}
			<-ended
			return
		}
	}
}

// lines counts those of the journal, 0 when there is none.
func lines(home string) int {
	found, err := filepath.Glob(filepath.Join(home, "project", "bisect", "2*", "*", "journal.jsonl"))
	if err != nil || len(found) == 0 {
		return 0
	}
	raw, err := os.ReadFile(found[0])
	if err != nil {
		return 0
	}
	return strings.Count(string(raw), "\n")
}

// TestATornJournalIsGoneOnWith cuts the journal at every byte of its last lines: what is torn is made again.
func TestATornJournalIsGoneOnWith(t *testing.T) {
	skipLong(t)
	r := newRepository(t)
	commits := r.line(sizes()[2:6]...)
	home := t.TempDir()
	plan := r.plan(home, commits[0], commits[3])
	want := found(t, plan)
	if left, err := hunt.Clean(home, true); len(left) > 0 || err != nil {
		t.Errorf("when it is over there is something left: %+v, %v", left, err)
	}
	journals, err := filepath.Glob(filepath.Join(home, "project", "bisect", "2*", "*", "journal.jsonl"))
	if err != nil || len(journals) != 1 {
		t.Fatal(journals, err)
	}
	whole, err := os.ReadFile(journals[0])
	if err != nil {
		t.Fatal(err)
	}
	plan.Resume = "latest"
	const step = 97
	for cut := strings.Index(string(whole), "\n") + 1; cut < len(whole); cut += step {
		if err := os.WriteFile(journals[0], whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		if o := found(t, plan).Outcome; o.Culprit != want.Outcome.Culprit || o.Builds != want.Outcome.Builds {
			t.Errorf("cut at %d: %s after %d builds", cut, o, o.Builds)
		}
	}
}

func TestASearchThatGoesOnIsRefusedToOthers(t *testing.T) {
	r := newRepository(t)
	commits := r.line(sizes()[:5]...)
	wait := filepath.Join(t.TempDir(), "wait")
	t.Setenv("WAIT_FOR", wait)
	home := t.TempDir()
	first := spawned(t.Context(), t, r.path, home, commits[0], commits[4], "")
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		late := time.Since(begin) > 3*time.Minute // before the look: the machine may stand still between the two
		if _, err := os.Stat(wait + ".begun"); err == nil {
			break
		}
		if late {
			t.Fatal("the search does not begin")
		}
	}
	plan := r.plan(home, commits[0], commits[4])
	plan.Resume = "latest"
	_, err := hunt.Run(t.Context(), plan)
	if busy := (*hunt.BusyError)(nil); !errors.As(err, &busy) || busy.PID != first.Process.Pid {
		t.Errorf("a second process: %v, the first is %d", err, first.Process.Pid)
	}
	for _, other := range []string{"some", "20200101T000000Z-1"} { // one that is no search of this version, and one that has ended
		if err := os.MkdirAll(filepath.Join(home, "project", "bisect", other, "binaries"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, "project", "bisect", other, "binaries", "a-0.bin"), []byte("binary"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	left, err := hunt.Clean(home, false)
	if err != nil || len(left) != 1 || left[0].Alive || left[0].Bytes != 6 || !strings.Contains(left[0].Path, "20200101T") {
		t.Errorf("clean beside it: %+v, %v", left, err)
	}
	if err := os.WriteFile(wait, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := first.Wait(); err != nil {
		t.Error(err)
	}
}
