//go:build linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/communitas/perfgate/internal/testnode"
)

func TestEnd(t *testing.T) {
	const up = "start ready listening=127.0.0.1:0"
	ending := func(end testnode.End) testnode.Script { return only(testnode.Node{End: &end}) }
	brief, hung, early := testnode.Script{LifetimeMS: 2000}, testnode.Script{LifetimeMS: 50}, ending(testnode.End{Code: 9})
	hung.Defaults.Start = &testnode.Start{ListenAfterMS: 60000}
	early.Defaults.Child = &testnode.Child{Kind: testnode.ChildPlain}
	for name, test := range map[string]struct {
		script testnode.Script
		code   int // -1: of the signal
		signal syscall.Signal
		truth  string
	}{
		"at once":        {ending(testnode.End{}), 0, 0, "start end=0"},
		"with a code":    {ending(testnode.End{AtMS: 50, Code: 3}), 3, 0, up + " end=3"},
		"of SIGSEGV":     {ending(testnode.End{Signal: "SIGSEGV"}), -1, syscall.SIGSEGV, "start end=SIGSEGV"},
		"of SIGABRT":     {ending(testnode.End{Signal: "SIGABRT"}), -1, syscall.SIGABRT, "start end=SIGABRT"},
		"of SIGKILL":     {ending(testnode.End{Signal: "SIGKILL"}), -1, syscall.SIGKILL, "start end=SIGKILL"},
		"its lifetime":   {brief, exitLifetime, 0, up + " lifetime"},
		"even if hung":   {hung, exitLifetime, 0, "start lifetime"},
		"before a child": {early, 9, 0, "start end=9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := launch(t, test.script)
			status := node.Wait().Sys().(syscall.WaitStatus)
			if status.ExitStatus() != test.code || status.Signaled() && status.Signal() != test.signal || status.CoreDump() {
				t.Errorf("wait status %#x (code %d), want code %d, signal %v, no core", status, status.ExitStatus(), test.code, test.signal)
			}
			if got := names(node.events()); got != test.truth {
				t.Errorf("truth is %s, want %s", got, test.truth)
			}
		})
	}
}

func TestSignals(t *testing.T) {
	ignoring := only(testnode.Node{Signals: &testnode.Signals{IgnoreINT: true, IgnoreTERM: true}})
	slow := only(testnode.Node{Signals: &testnode.Signals{StopAfterMS: 50}})
	for name, test := range map[string]struct {
		script testnode.Script
		send   []syscall.Signal
		code   int // -1: of the last signal sent
		truth  string
	}{
		"SIGINT ends in good order": {testnode.Script{}, []syscall.Signal{syscall.SIGINT}, 0, "signal=SIGINT end=0"},
		"SIGINT may take its time":  {slow, []syscall.Signal{syscall.SIGINT}, 0, "signal=SIGINT end=0"},
		"SIGTERM kills":             {testnode.Script{}, []syscall.Signal{syscall.SIGTERM}, -1, "signal=SIGTERM end=SIGTERM"},
		"both may be ignored": {ignoring, []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL}, -1,
			"signal=SIGINT signal=SIGTERM"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := launch(t, test.script)
			url := node.url("/health")
			for i, sent := range test.send {
				if status, _ := get(t, http.DefaultClient, url); status != http.StatusOK {
					t.Fatalf("HTTP %d before %v", status, sent)
				}
				node.Signal(sent)
				if sent != syscall.SIGKILL {
					awaitCount(node, testnode.EventSignal, i+1)
				}
			}
			status := node.Wait().Sys().(syscall.WaitStatus)
			last := test.send[len(test.send)-1]
			if status.ExitStatus() != test.code || status.Signaled() && status.Signal() != last {
				t.Errorf("wait status %#x, want code %d", status, test.code)
			}
			if got := names(node.events()); !strings.HasSuffix(got, "listening=127.0.0.1:0 "+test.truth) {
				t.Errorf("truth is %s, want %s at the end", got, test.truth)
			}
		})
	}
}

// awaitCount waits until there are that many events of the name.
func awaitCount(node running, name string, count int) {
	node.t.Helper()
	node.await(name)
	eventually(node.t, func() string {
		if told := names(node.events()); strings.Count(" "+told, " "+name) < count {
			return fmt.Sprintf("no %d events %s in %s", count, name, told)
		}
		return ""
	})
}

func TestChildOutlivesTheNode(t *testing.T) {
	for name, test := range map[string]struct {
		child    testnode.Child
		ownGroup bool
	}{
		"plain":           {child: testnode.Child{Kind: testnode.ChildPlain}},
		"daemon":          {child: testnode.Child{Kind: testnode.ChildDaemon}, ownGroup: true},
		"stubborn daemon": {child: testnode.Child{Kind: testnode.ChildDaemon, Stubborn: true}, ownGroup: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.child.LifetimeMS = 600_000
			node := launch(t, only(testnode.Node{Child: &test.child}))
			pid, err := strconv.Atoi(node.await(testnode.EventChild).Value)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
			node.url("/health")
			node.Signal(syscall.SIGINT)
			if code := node.Wait().ExitCode(); code != 0 {
				t.Errorf("the node ended with %d", code)
			}
			own, err := syscall.Getpgid(os.Getpid())
			if err != nil {
				t.Fatal(err)
			}
			group, err := syscall.Getpgid(pid)
			if err != nil || (group != own) != test.ownGroup {
				t.Errorf("the child is in group %d (%v); a group of its own: want %v", group, err, test.ownGroup)
			}
			if test.ownGroup && group == pid {
				t.Error("the daemon leads its session, so it was not forked twice")
			}
			signal := syscall.SIGTERM
			if test.child.Stubborn {
				signal = syscall.SIGKILL
			}
			if ignores(t, pid, syscall.SIGTERM) != test.child.Stubborn {
				t.Errorf("the child ignores SIGTERM: %v, want %v", !test.child.Stubborn, test.child.Stubborn)
			}
			if err := syscall.Kill(pid, signal); err != nil {
				t.Errorf("%v: %v", signal, err)
			}
			awaitGone(t, pid)
		})
	}
}

func TestChildEndsItself(t *testing.T) {
	node := launch(t, only(testnode.Node{Child: &testnode.Child{Kind: testnode.ChildDaemon, LifetimeMS: 100, Stubborn: true}}))
	pid, err := strconv.Atoi(node.await(testnode.EventChild).Value)
	if err != nil {
		t.Fatal(err)
	}
	awaitGone(t, pid)
}

// ignores reports whether the process ignores the signal.
func ignores(t *testing.T, pid int, signal syscall.Signal) bool {
	t.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	_, mask, _ := strings.Cut(string(status), "SigIgn:")
	ignored, err := strconv.ParseUint(strings.Fields(mask)[0], 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return ignored>>(signal-1)&1 == 1
}

func awaitGone(t *testing.T, pid int) {
	t.Helper()
	eventually(t, func() string {
		if !isGone(pid) {
			return fmt.Sprintf("process %d is still there", pid)
		}
		return ""
	})
}

// isGone reports whether the process has ended, also when nobody has waited for it.
func isGone(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return true
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(rest, "Z") || strings.HasPrefix(rest, "X")
}
