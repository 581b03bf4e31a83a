//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// privateKiB returns the private dirty memory of a process.
func privateKiB(t *testing.T, pid int) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		t.Skipf("no memory accounting here: %v", err)
	}
	for line := range strings.Lines(string(data)) {
		var kib int
		if n, _ := fmt.Sscanf(line, "Private_Dirty: %d kB", &kib); n == 1 {
			return kib
		}
	}
	t.Fatalf("no Private_Dirty in:\n%s", data)
	return 0
}

func TestMemoryIsHeldAndGrows(t *testing.T) {
	idle := launch(t, testnode.Script{})
	idle.await(testnode.EventListening)
	base := privateKiB(t, idle.PID())
	const held, uneven = 48, 512 // KiB by which two nodes that hold the same may differ
	node := launch(t, only(testnode.Node{Memory: &testnode.Memory{MiB: held}}))
	node.await(testnode.EventMemoryEnd)
	if more := privateKiB(t, node.PID()) - base; more < held<<10-uneven || more > held<<10+uneven {
		t.Errorf("%d KiB more than an idle node, want %d", more, held<<10)
	}
	growing := launch(t, only(testnode.Node{Memory: &testnode.Memory{MiB: 1, GrowKiBPerSecond: 64 << 10}}))
	growing.await(testnode.EventMemoryEnd)
	first := privateKiB(t, growing.PID())
	eventually(t, func() string {
		if now := privateKiB(t, growing.PID()); now < first+8<<10 {
			return fmt.Sprintf("memory does not grow: %d KiB at first, and now %d", first, now)
		}
		return ""
	})
}

// TestBurn compares CPU time with the time between two events, which holds on a busy machine too: due is due.
func TestBurn(t *testing.T) {
	node := launch(t, only(testnode.Node{CPU: &testnode.CPU{UntilMS: 600, Cores: 0.5}}))
	end := node.await(testnode.EventBurnEnd)
	begin := node.await(testnode.EventBurn)
	node.Signal(syscall.SIGINT)
	state := node.Wait()
	used, window := state.UserTime()+state.SystemTime(), time.Duration(end.MonotonicNS-begin.MonotonicNS)
	if window < 600*time.Millisecond {
		t.Errorf("burned for %v, want 600 ms or more", window)
	}
	const startingUp = 150 * time.Millisecond
	const starving = 10 // a busy machine gives less than is asked for
	if used < window/2/starving || used > window/2+startingUp {
		t.Errorf("used %v of CPU in %v, want half of it", used, window)
	}
	var told []time.Duration
	for _, event := range node.events() {
		if event.Event == testnode.EventBurned {
			ns, err := strconv.ParseInt(event.Value, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			told = append(told, time.Duration(ns))
		}
	}
	if len(told) == 0 || !slices.IsSorted(told) || told[len(told)-1] <= 0 || told[len(told)-1] > used {
		t.Errorf("told that it burned %v, and used %v", told, used)
	}
}

func TestWriteAndLog(t *testing.T) {
	node := launch(t, only(testnode.Node{
		Writes: []testnode.Write{{Bytes: 100_001}, {AtMS: 50, Bytes: 5}},
		Log:    []testnode.Line{{AtMS: 10, Text: "WARN slow", Repeat: 3}, {AtMS: 20, Text: "panicked at 'x'"}},
	}))
	awaitCount(node, testnode.EventWriteEnd, 2)
	for i, want := range []int64{100_001, 5} {
		info, err := os.Stat(filepath.Join(node.storage, fmt.Sprintf("written-%d.bin", i)))
		if err != nil || info.Size() != want {
			t.Errorf("file %d: %v, %v, want %d bytes", i, info, err, want)
		}
	}
	node.Line("panicked")
	if got := strings.Count(node.Log(), "WARN slow\n"); got != 3 {
		t.Errorf("the line came %d times, want 3:\n%s", got, node.Log())
	}
	truth := names(node.events())
	for _, want := range []string{"write=100001", "write_end=100001", "write=5", "write_end=5", "log=3", "log=1"} {
		if !strings.Contains(" "+truth+" ", " "+want+" ") {
			t.Errorf("no %s in the truth: %s", want, truth)
		}
	}
}
