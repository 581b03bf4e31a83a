package contain

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The programs that this test binary is when it is started under their names.
const victimName = "victim"

func TestMain(m *testing.M) {
	switch os.Args[0] {
	case GuardName:
		os.Exit(Guard(os.Args, os.Stdin))
	case victimName:
		os.Exit(victim())
	}
	os.Exit(m.Run())
}

// lifetime is after how long what a test starts ends itself, should nobody have killed it.
const lifetime = 10 * time.Minute

// victim opens a container, fills it, says so, and waits to be killed.
func victim() int {
	c, err := Open(context.Background(), Options{State: os.Args[1], Results: os.Args[2], Method: Method(os.Args[3])})
	if err == nil {
		err = fill(c, os.Args[2])
	}
	method, why := "", ""
	if err == nil {
		var m Method
		m, why = c.Method()
		method = string(m)
	}
	fmt.Println(method, c.guardPID(), err, why)
	time.Sleep(lifetime)
	return 1
}

// guardPID is the process id of the guard, 0 when there is none.
func (c *Container) guardPID() int {
	if c == nil || c.guard == nil {
		return 0
	}
	return c.guard.cmd.Process.Pid
}

// fill makes one of everything: a folder, a run with what a node left, and a daemon that ignores every polite signal.
func fill(c *Container, results string) error {
	if _, err := c.Folder("subject"); err != nil {
		return err
	}
	run := filepath.Join(results, "mesh", "run-01")
	if err := c.Run(run); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(run, "node-0", "storage"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(run, "node-0", LogFile), nil, 0o644); err != nil {
		return err
	}
	cell, err := c.Cell()
	if err != nil {
		return err
	}
	return daemon(cell, results, "").Run()
}

// daemon is a command that leaves a process in a session of its own behind, named by the tag, which ends itself after its lifetime.
// Prefix goes before the program that stays: "env -i" takes its environment away.
func daemon(cell *Cell, tag, prefix string) *exec.Cmd {
	script := `trap '' INT TERM HUP; setsid ` + prefix + ` sh -c 'exec sleep ` + strconv.Itoa(int(lifetime.Seconds())) + ` #` + tag + `' </dev/null >/dev/null 2>&1 & exit 0`
	cmd := exec.Command("/bin/sh", "-c", script)
	cell.Hold(cmd)
	return cmd
}

func open(t *testing.T, method Method) (*Container, string) {
	t.Helper()
	results := t.TempDir()
	c, err := Open(t.Context(), Options{State: t.TempDir(), Results: results, Method: method})
	if err != nil {
		if method == ByCgroup {
			t.Skipf("no cgroup can be made here: %v", err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, results
}

// sleepers lists the processes of daemons that carry the mark, of any container.
func (m mark) living(t *testing.T) []int {
	t.Helper()
	var found []int
	for _, pid := range m.processes() {
		if _, err := startTicks(pid); err == nil {
			found = append(found, pid)
		}
	}
	return found
}

// eventually waits until nothing is wrong any more; far longer than it should take, since the machine may be busy.
func eventually(t *testing.T, wrong func() string) {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		late := time.Since(begin) > 2*time.Minute // before the look: the machine may stand still between the two
		last := wrong()
		if last == "" {
			return
		}
		if late {
			t.Fatal(last)
		}
	}
}

// settled waits until the daemon of an owner is the program that it is to be: while it executes others it shows no environment.
func (m mark) settled(t *testing.T) {
	t.Helper()
	eventually(t, func() string {
		var names []string
		for _, pid := range m.living(t) {
			name, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm")) // it may have ended meanwhile
			names = append(names, strings.TrimSpace(string(name)))
		}
		if !slices.Equal(names, []string{"sleep"}) {
			return fmt.Sprintf("the daemon is %v", names)
		}
		return ""
	})
}

// startVictim starts a victim and returns it with the method that it uses and its guard's process id.
func startVictim(t *testing.T, state, results string, method Method, attr *syscall.SysProcAttr) (cmd *exec.Cmd, used Method, guardPID int) {
	t.Helper()
	cmd = &exec.Cmd{Path: "/proc/self/exe", Args: []string{victimName, state, results, string(method)}, SysProcAttr: attr, Env: os.Environ()}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	buffer := make([]byte, 4096)
	n, _ := out.Read(buffer)
	words := strings.Fields(string(buffer[:n]))
	if len(words) < 3 || words[2] != "<nil>" {
		if method == ByCgroup {
			t.Skipf("no cgroup can be made here: %s", buffer[:n])
		}
		t.Fatalf("the victim says %q", buffer[:n])
	}
	guardPID, err = strconv.Atoi(words[1])
	if err != nil {
		t.Fatal(err)
	}
	return cmd, Method(words[0]), guardPID
}

// patternFolder makes a folder whose name, taken for a pattern, matches another one.
func patternFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "of [me]")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

// ownerIn is the owner whose journal is in the state folder.
func ownerIn(t *testing.T, state string) journal {
	t.Helper()
	files, err := os.ReadDir(journalFolder(state))
	if err != nil || len(files) != 1 {
		t.Fatalf("journals %v, %v", files, err)
	}
	j, err := readJournal(filepath.Join(journalFolder(state), files[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// remains says what is left of an invocation, "" when nothing is.
func (j journal) remains(t *testing.T) string {
	t.Helper()
	var left []string
	for _, pid := range markOf(j.Owner).living(t) {
		left = append(left, "process "+strconv.Itoa(pid))
	}
	for _, e := range j.open {
		switch e.Kind {
		case aCgroup:
			if cgroup(e.Path).exists() {
				left = append(left, e.Path)
			}
		case aFolder:
			if _, err := os.Stat(e.Path); err == nil {
				left = append(left, e.Path)
			}
		case aRun:
			files, err := Leftovers(e.Path)
			if err != nil {
				t.Fatal(err)
			}
			left = append(left, files...)
		}
	}
	slices.Sort(left)
	return strings.Join(left, ", ")
}
