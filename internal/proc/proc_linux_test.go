package proc_test

import (
	"bytes"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/testnode"
)

func launch(t *testing.T, script string) (*proc.Process, string) {
	t.Helper()
	launcher := proc.NewLauncher()
	t.Cleanup(launcher.Close)
	path := filepath.Join(t.TempDir(), "log")
	log, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p, err := launcher.Start(proc.Command{Path: "/bin/sh", Args: []string{"-c", script}, Env: os.Environ(), Dir: t.TempDir(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Kill(); <-p.Done() })
	return p, path
}

// printed waits until the log holds a word.
func printed(t *testing.T, path, word string) {
	t.Helper()
	for t.Context().Err() == nil {
		if raw, _ := os.ReadFile(path); strings.Contains(string(raw), word) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%q was never printed", word)
}

func TestExitTellsHowAProcessEnded(t *testing.T) {
	for _, tc := range []struct{ script, want string }{
		{"exit 0", "exited with status 0"},
		{"exit 101", "exited with status 101"},
		{"kill -SEGV $$", "killed by SIGSEGV"},
	} {
		p, _ := launch(t, tc.script)
		<-p.Done()
		if got := p.Exit().String(); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.script, got, tc.want)
		}
	}
}

// runs tells whether a process is there that has not ended. Not every container has an init that waits for orphans.
func runs(pid string) bool {
	raw, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	return fields[0] != "Z" && fields[0] != "X"
}

func TestKillTakesTheWholeGroup(t *testing.T) {
	p, log := launch(t, "sleep 1000 & echo child $!; echo up; wait")
	printed(t, log, "up")
	raw, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	child := strings.Fields(string(raw))[1]
	p.Kill()
	<-p.Done()
	for t.Context().Err() == nil && runs(child) {
		time.Sleep(time.Millisecond)
	}
	if got := p.Exit().Signal; got != "SIGKILL" {
		t.Errorf("ended by %q", got)
	}
}

func TestSignalReachesTheProcess(t *testing.T) {
	if signal.Ignored(os.Interrupt) { // as in the background of a shell, where no shell could trap it; the children of one that catches it can
		caught := make(chan os.Signal, 1)
		signal.Notify(caught, os.Interrupt)
		defer signal.Stop(caught)
	}
	p, log := launch(t, "trap 'echo bye; exit 7' INT; echo up; while :; do sleep 0.01; done")
	printed(t, log, "up")
	if err := p.Signal("SIGINT"); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if diff := cmp.Diff([]string{"up", "bye"}, proc.Tail(log, 5)); diff != "" || p.Exit().Code != 7 {
		t.Errorf("%s; -want +got\n%s", p.Exit(), diff)
	}
	if err := p.Signal("SIGINT"); err != nil {
		t.Errorf("signal after the end: %v", err)
	}
	if err := p.Signal("SIGNONE"); err == nil {
		t.Error("an unknown signal is no error")
	}
}

func TestStartExplainsWhatIsWrongWithTheProgram(t *testing.T) {
	launcher := proc.NewLauncher()
	defer launcher.Close()
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("no program"), 0o644); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(dir, "broken")
	if err := os.WriteFile(broken, []byte{1, 2, 3}, 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none"): "--subject", plain: "chmod", broken: "another system",
	} {
		if _, err := launcher.Start(proc.Command{Path: path, Dir: dir}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want a hint with %q", filepath.Base(path), err, want)
		}
	}
}

func TestUsageCountsReapedChildrenAndWrites(t *testing.T) {
	p, log := launch(t, `i=0; (while [ $i -lt 300000 ]; do i=$((i+1)); done); head -c 1048576 /dev/zero >file; sync file; echo up; sleep 1000`)
	printed(t, log, "up")
	usage, err := proc.ReadUsage(p.PID())
	if err != nil {
		t.Fatal(err)
	}
	if usage.CPU < 20*time.Millisecond {
		t.Errorf("CPU %v: the child's loop is missing", usage.CPU)
	}
	memory, err := proc.ReadMemory(p.PID())
	if err != nil {
		t.Fatal(err)
	}
	if memory.RSS <= 0 || memory.PSS > memory.RSS || memory.Private > memory.PSS || memory.Peak < memory.RSS {
		t.Errorf("impossible memory: %+v", memory)
	}
	p.Kill()
	<-p.Done()
	if _, err := proc.ReadUsage(p.PID()); err == nil {
		t.Error("an ended process is no error")
	}
}

// TestMonotonicNS holds a time of this process between two looks at the clock that all processes share.
func TestMonotonicNS(t *testing.T) {
	before := testnode.MonotonicNS()
	moment := time.Now()
	after := testnode.MonotonicNS()
	const off = 50_000 // half of what separates the looks at both clocks, in nanoseconds
	if got := proc.MonotonicNS(moment); got < before-off || got > after+off {
		t.Errorf("%d, want between %d and %d", got, before, after)
	}
	if got := proc.MonotonicNS(moment.Add(time.Second)) - proc.MonotonicNS(moment); got < 1e9-off || got > 1e9+off {
		t.Errorf("a second has %d ns", got)
	}
}
