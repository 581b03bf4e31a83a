package contain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestACellHoldsWhatLeavesItsSession(t *testing.T) {
	for _, method := range []Method{ByCgroup, ByGroup} {
		t.Run(string(method), func(t *testing.T) {
			c, results := open(t, method)
			if used, why := c.Method(); used != method || why != "" {
				t.Fatalf("held by %s, because %s", used, why)
			}
			cell, err := c.Cell()
			if err != nil {
				t.Fatal(err)
			}
			if err := daemon(cell, results, "").Run(); err != nil {
				t.Fatal(err)
			}
			eventually(t, func() string { // a process shows no environment while it executes another program
				if held, err := cell.Processes(); len(held) != 1 || err != nil {
					return fmt.Sprintf("it holds %v, %v", held, err)
				}
				return ""
			})
			if killed, err := cell.Kill(t.Context()); killed != 1 || err != nil {
				t.Errorf("killed %d, %v", killed, err)
			}
			if held, err := cell.Processes(); len(held) != 0 || err != nil {
				t.Errorf("it still holds %v, %v", held, err)
			}
			if err := cell.Close(t.Context()); err != nil || cell.Cgroups() != 0 {
				t.Errorf("closed with %v, %d cgroups", err, cell.Cgroups())
			}
		})
	}
}

// TestOnlyACgroupHoldsWhatClearsItsEnvironment is why a cgroup is the better method.
func TestOnlyACgroupHoldsWhatClearsItsEnvironment(t *testing.T) {
	c, results := open(t, ByCgroup)
	cell, err := c.Cell()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon(cell, results, "env -i").Run(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string { // until env has done its work
		if len(cell.mark.processes()) > 0 {
			return "the daemon still carries the mark"
		}
		return ""
	})
	if killed, err := cell.Kill(t.Context()); killed != 1 || err != nil {
		t.Errorf("killed %d, %v", killed, err)
	}
	used, known := cell.CPU()
	if !known || used <= 0 {
		t.Errorf("CPU time %v, %v", used, known)
	}
	if err := cell.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCloseTakesEverythingAway(t *testing.T) {
	for _, method := range []Method{ByCgroup, ByGroup} {
		t.Run(string(method), func(t *testing.T) {
			state, results := t.TempDir(), t.TempDir()
			c, err := Open(t.Context(), Options{State: state, Results: results, Method: method})
			if err != nil {
				t.Skip(err)
			}
			if err := fill(c, results); err != nil {
				t.Fatal(err)
			}
			j := ownerIn(t, state)
			if j.remains(t) == "" {
				t.Fatal("nothing was made")
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			if left := j.remains(t); left != "" {
				t.Errorf("left: %s", left)
			}
			if left, err := os.ReadDir(journalFolder(state)); len(left) != 0 || err != nil {
				t.Errorf("journals %v, %v", left, err)
			}
			if _, err := os.Stat(filepath.Join(results, "mesh/run-01/node-0", LogFile)); err != nil {
				t.Errorf("what is to stay is gone: %v", err)
			}
		})
	}
}

// TestTheGuardCleansUpWhenPerfgateIsKilled kills the process with the signal that nothing can answer.
func TestTheGuardCleansUpWhenPerfgateIsKilled(t *testing.T) {
	for _, method := range []Method{ByCgroup, ByGroup} {
		t.Run(string(method), func(t *testing.T) {
			state, results := t.TempDir(), t.TempDir()
			cmd, used, _ := startVictim(t, state, results, method, nil)
			j := ownerIn(t, state)
			if used != method || j.remains(t) == "" {
				t.Fatalf("held by %s; there is %q", used, j.remains(t))
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			eventually(t, func() string { return j.remains(t) })
			eventually(t, func() string {
				if left, err := os.ReadDir(journalFolder(state)); len(left) != 0 || err != nil {
					return "the journal is still there"
				}
				return ""
			})
		})
	}
}

// TestTheNextStartCleansUpWhenTheGuardIsKilledToo shows the count without --dry-run, with it, and by another start.
func TestTheNextStartCleansUpWhenTheGuardIsKilledToo(t *testing.T) {
	state, results := patternFolder(t), patternFolder(t)
	cmd, used, guard := startVictim(t, state, results, "", nil)
	j := ownerIn(t, state)
	markOf(j.Owner).settled(t)
	if left, err := Clean(t.Context(), state, false); err != nil || len(left) != 1 || !left[0].Alive || !left[0].Nothing() {
		t.Fatalf("of a living one: %+v, %v", left, err)
	}
	for _, pid := range []int{guard, cmd.Process.Pid} {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	_ = cmd.Wait() // killed
	want := Report{Processes: 1, Folders: 2}
	if used == ByCgroup {
		want.Cgroups = 1
	}
	for range 2 { // counting changes nothing
		left, err := Clean(t.Context(), state, true)
		if err != nil || len(left) != 1 || left[0].Alive || left[0].Report != want || left[0].PID != cmd.Process.Pid {
			t.Fatalf("counted %+v, %v, want %+v", left, err, want)
		}
	}
	next, err := Open(t.Context(), Options{State: state, Results: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if next.Cleaned() != want {
		t.Errorf("the next start has removed %v, want %v", next.Cleaned(), want)
	}
	if err := next.Close(); err != nil {
		t.Error(err)
	}
	if left := j.remains(t); left != "" {
		t.Errorf("left: %s", left)
	}
}

func TestWithoutPrivilegesProcessesAreHeldByGroup(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	state, results := t.TempDir(), t.TempDir()
	const nobody = 65534
	for _, dir := range []string{state, results, filepath.Dir(state), filepath.Dir(filepath.Dir(state))} {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	cmd, used, _ := startVictim(t, state, results, "", &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}})
	j := ownerIn(t, state)
	if used != ByGroup || j.remains(t) == "" {
		t.Fatalf("held by %s; there is %q", used, j.remains(t))
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string { return j.remains(t) })
}

func TestOpenWithoutAFolderForItsJournal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := Open(t.Context(), Options{State: file, Results: t.TempDir()})
	if c != nil || err == nil || !strings.Contains(err.Error(), "XDG_STATE_HOME") {
		t.Errorf("%v, %v", c, err)
	}
}

func TestAFolderThatIsThereIsNeitherTakenNorRemoved(t *testing.T) {
	results := t.TempDir()
	c, err := Open(t.Context(), Options{State: t.TempDir(), Results: results})
	if err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(results, FolderPrefix+"subject")
	if err := os.Mkdir(mine, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Folder("subject"); !errors.Is(err, os.ErrExist) {
		t.Errorf("got %v", err)
	}
	own, err := c.Folder("own")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Folder("own"); !errors.Is(err, os.ErrExist) {
		t.Errorf("the second time: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Errorf("what somebody else has made: %v", err)
	}
	if _, err := os.Stat(own); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what the container has made: %v", err)
	}
}

// TestAFolderThatCannotBeRemovedStaysInTheJournal: what keeps it may be gone when the container is closed.
func TestAFolderThatCannotBeRemovedStaysInTheJournal(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may remove everything")
	}
	c, results := open(t, "")
	folder, err := c.Folder("subject")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(results, 0o555); err != nil {
		t.Fatal(err)
	}
	failure := c.RemoveFolder(folder)
	j, err := readJournal(c.journal.path())
	if failure == nil || err != nil || len(j.open) != 1 {
		t.Errorf("removed with %v, journal %+v, %v", failure, j.open, err)
	}
	if err := errors.Join(os.Chmod(results, 0o755), c.RemoveFolder(folder)); err != nil {
		t.Error(err)
	}
}

// TestALinkLeadsNowhere has a node that puts a link in the place of its folder.
func TestALinkLeadsNowhere(t *testing.T) {
	c, results := open(t, "")
	treasure := t.TempDir()
	if err := os.WriteFile(filepath.Join(treasure, "gold"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(results, "mesh", "run-01")
	if err := errors.Join(c.Run(run), os.MkdirAll(run, 0o755), os.Symlink(treasure, filepath.Join(run, "node-0"))); err != nil {
		t.Fatal(err)
	}
	outside := entry{Kind: aRun, Path: filepath.Join(results, "out", "run")}
	if err := errors.Join(os.Mkdir(filepath.Join(treasure, "run"), 0o755), os.Symlink(treasure, filepath.Join(results, "out"))); err != nil {
		t.Fatal(err)
	}
	if n, err := outside.clear(results); n != 0 || err == nil {
		t.Errorf("followed a link out of the results: %d, %v", n, err)
	}
	if n, err := Sweep(run); n != 0 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if _, err := os.Stat(filepath.Join(treasure, "gold")); err != nil {
		t.Error(err)
	}
}

// TestACgroupThatDoesNotGoStaysInTheJournal: who comes later has to remove it.
func TestACgroupThatDoesNotGoStaysInTheJournal(t *testing.T) {
	c, results := open(t, ByCgroup)
	cell, err := c.Cell()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon(cell, results, "").Run(); err != nil {
		t.Fatal(err)
	}
	entries := func() int {
		j, err := readJournal(c.journal.path())
		if err != nil {
			t.Fatal(err)
		}
		return len(j.open)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel() // there is no time to wait until the daemon is gone
	if err := c.drop(over, c.top); err == nil || entries() != 1 {
		t.Errorf("error %v, and %d entries in the journal", err, entries())
	}
	if err := c.drop(t.Context(), c.top); err != nil || entries() != 0 || c.top.exists() {
		t.Errorf("in the end: error %v, %d entries, there %v", err, entries(), c.top.exists())
	}
	if err := cell.folder.Close(); err != nil {
		t.Error(err)
	}
}

func TestHoldKeepsWhatWasSet(t *testing.T) {
	c, _ := open(t, "")
	cell, err := c.Cell()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: "/bin/true", Env: []string{"A=b"}, SysProcAttr: &syscall.SysProcAttr{Setpgid: true}}
	cell.Hold(cmd)
	if !cmd.SysProcAttr.Setpgid || len(cmd.Env) != 2 || cmd.Env[0] != "A=b" || !strings.HasPrefix(cmd.Env[1], markVariable+"=") {
		t.Errorf("%v %+v", cmd.Env, cmd.SysProcAttr)
	}
	if err := errors.Join(cmd.Run(), cell.Close(t.Context())); err != nil {
		t.Error(err)
	}
}
