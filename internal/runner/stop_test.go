package runner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// TestStop has shells that take the signal to stop in their own ways.
func TestStop(t *testing.T) {
	t.Parallel()
	const forever = "; echo up; while :; do sleep 0.01; done"
	for name, test := range map[string]struct {
		commands, signal string
		timeout          time.Duration
		kind, want       string
	}{
		"ends":                    {"trap 'exit 0' INT", "SIGINT", 0, "", ""},
		"dies of it":              {"true", "SIGTERM", 0, "", ""},
		"ends as shells do":       {"trap 'exit 130' INT", "SIGINT", 0, "", ""},
		"is killed on purpose":    {"true", "SIGKILL", 0, "", ""},
		"does not care":           {"trap '' INT", "SIGINT", 100 * time.Millisecond, result.FindingStop, "did not stop within 100ms of SIGINT and was killed"},
		"ends badly":              {"trap 'echo no peers saved; exit 1' INT", "SIGINT", 0, result.FindingStop, "exited with status 1 on SIGINT; its last words: up | no peers saved"},
		"crashes":                 {"trap 'kill -SEGV $$' INT", "SIGINT", 0, result.FindingCrash, "killed by SIGSEGV when it was to stop on SIGINT; its last words: up"},
		"panics":                  {`trap 'echo "thread main panicked at x"; echo note; exit 101' INT`, "SIGINT", 0, result.FindingCrash, "exited with status 101 when it was to stop on SIGINT; its last words: thread main panicked at x | note"},
		"panics, and ends well":   {`trap 'echo "thread worker panicked at x"; exit 0' INT`, "SIGINT", 0, "", ""},
		"leaves files and a link": {"mkdir -p a/b; echo x >a/b/c; ln -s / root; echo y >.hidden", "SIGTERM", 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := shell(t, 2, test.commands+forever)
			b.scenario().Duration = 200 * time.Millisecond
			b.afterWord("up")
			b.Suite.Node.StopSignal = test.signal
			b.Suite.Node.Config = "dir = {dir}"
			if test.timeout > 0 {
				b.Suite.Node.StopTimeout = test.timeout
			}

			run := b.one()

			var want []result.Finding
			failure := ""
			if test.kind != "" {
				want = []result.Finding{{Kind: test.kind, Node: 0, Text: test.want}, {Kind: test.kind, Node: 1, Text: test.want}}
			}
			if test.kind == result.FindingCrash {
				failure = "node 0: " + test.want
			}
			if diff := cmp.Diff(want, run.Findings); diff != "" || run.Failure != failure {
				t.Errorf("failure %q; findings: -want +got\n%s", run.Failure, diff)
			}
			files := []string{
				"quick", "quick/run-01", "quick/run-01/machine.jsonl", "quick/run-01/metrics.jsonl", "quick/run-01/node-0", "quick/run-01/node-0/config.toml",
				"quick/run-01/node-0/node.log", "quick/run-01/node-1", "quick/run-01/node-1/config.toml", "quick/run-01/node-1/node.log",
				"quick/run-01/summary.json",
			}
			if diff := cmp.Diff(files, tree(t, b.Dir)); diff != "" {
				t.Errorf("files: -want +got\n%s", diff)
			}
		})
	}
}

// TestChildrenOfNodesAreStopped has nodes that start processes which outlive them; run looks for what is left.
func TestChildrenOfNodesAreStopped(t *testing.T) {
	t.Parallel()
	crash := &testnode.End{AtMS: 1500, Signal: "SIGKILL"}
	for name, test := range map[string]struct {
		kind testnode.ChildKind
		end  *testnode.End
	}{
		"a child":                    {testnode.ChildPlain, nil},
		"a child of a crashed node":  {testnode.ChildPlain, crash},
		"a daemon":                   {testnode.ChildDaemon, nil},
		"a daemon of a crashed node": {testnode.ChildDaemon, crash},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := mesh(2, 0)
			script.Defaults.Child = &testnode.Child{Kind: test.kind, Stubborn: true, LifetimeMS: 600_000}
			script.Defaults.End = test.end
			b := scripted(t, 2, script)
			b.scenario().Duration = 2 * time.Second
			run := b.one()
			if (run.Failure == "") != (test.end == nil) {
				t.Errorf("failure %q", run.Failure)
			}
			if proof := run.Cleanup; proof == nil || !proof.Before.Empty() || proof.During.Empty() || !proof.After.Empty() {
				t.Errorf("inventories: %+v", proof)
			}
			if daemons := test.kind == testnode.ChildDaemon; daemons && run.Cleanup.Killed != 2 {
				t.Errorf("%d processes were killed at the end, want the two daemons", run.Cleanup.Killed)
			}
			for node := range 2 {
				if _, ok := testnode.Find(b.events(node), testnode.EventChild); !ok {
					t.Errorf("node %d had no child", node)
				}
			}
		})
	}
}

// TestANodeThatHasStoppedWasNotKilled, be it that nobody saw it in time.
func TestANodeThatHasStoppedWasNotKilled(t *testing.T) {
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	launcher := proc.NewLauncher()
	defer launcher.Close()
	process, err := launcher.Start(proc.Command{Path: "/bin/true"})
	if err != nil {
		t.Fatal(err)
	}
	<-process.Done()
	s := &session{Runner: &Runner{Suite: &suite.Suite{Node: suite.Node{StopSignal: "SIGINT", StopTimeout: time.Nanosecond}}}}
	for range 100 { // of two that have come, either may be taken
		if s.stop(&node{process: process}) {
			t.Fatal("it counts as killed")
		}
	}
}

// TestInterrupt ends the context in each stage.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, phase := range []Phase{Starting, Forming, Steady} {
		t.Run(string(phase), func(t *testing.T) {
			t.Parallel()
			script := mesh(3, 200)
			script.Defaults.Child = &testnode.Child{Kind: testnode.ChildPlain, LifetimeMS: 600_000}
			b := scripted(t, 3, script)
			b.scenario().Duration, b.scenario().FormationTimeout, b.scenario().Runs = 10*time.Minute, 10*time.Minute, 3
			if phase == Starting {
				b.Suite.Node.Ready = "/nowhere"
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			b.Progress = func(p Progress) {
				if p.Phase == phase {
					time.AfterFunc(100*time.Millisecond, cancel) // in the middle of it
				}
			}

			runs, err := b.measure(ctx)

			if !errors.Is(err, context.Canceled) || len(runs) != 0 {
				t.Errorf("%d runs and %v", len(runs), err)
			}
			if _, err := os.Stat(filepath.Join(b.Dir, "quick/run-01/summary.json")); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCrashAtTheEnd has nodes that die when everything is measured and nobody has asked them to.
func TestCrashAtTheEnd(t *testing.T) {
	t.Parallel()
	b := shell(t, 2, "while :; do sleep 0.01; done")
	b.scenario().Duration = 100 * time.Millisecond
	b.Progress = func(p Progress) {
		if p.Phase == Stopping {
			b.killNodes()
		}
	}
	if run := b.one(); !strings.Contains(run.Failure, "killed by SIGKILL") || len(run.findings(result.FindingCrash)) != 2 {
		t.Errorf("failure %q, findings %v", run.Failure, run.Findings)
	}
}

// killNodes kills all processes of this test and waits until they have ended.
func (b *bench) killNodes() {
	for _, line := range b.processes() {
		pid, _, _ := strings.Cut(line, " ")
		number, err := strconv.Atoi(pid)
		if err != nil {
			b.t.Fatal(err)
		}
		if process, err := os.FindProcess(number); err == nil {
			_ = process.Kill() // what was short-lived may be gone
		}
	}
	b.nothingIsLeft()
}

// TestWhatIsSeenAfterTheEndIsDropped: a look that was cut short must not count as one that failed.
func TestWhatIsSeenAfterTheEndIsDropped(t *testing.T) {
	s := &session{events: make(chan event, 100)}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		s.send(ctx, func(*session) {})
	}
	if taken := len(s.events); taken != 0 {
		t.Errorf("%d events were sent", taken)
	}
}

// TestACompleteRunIsKept: an interrupt that comes while its nodes are stopped takes nothing away from it.
func TestACompleteRunIsKept(t *testing.T) {
	t.Parallel()
	b := scripted(t, 2, mesh(2, 0))
	b.scenario().Runs = 2
	var runs []Run
	var err error
	testnode.Unstalled(t, func() {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		b.Progress = func(p Progress) {
			if p.Phase == Stopping {
				cancel()
			}
		}
		runs, err = b.measure(ctx)
	})
	if !errors.Is(err, context.Canceled) || len(runs) != 1 || isMeasured(runs[0]) != "" {
		t.Errorf("%d runs and %v", len(runs), err)
	}
}

// TestNoGoroutineIsLeft runs alone, since it looks at all of this program's.
func TestNoGoroutineIsLeft(t *testing.T) {
	ended := mesh(3, 0)
	ended.Nodes = map[int]testnode.Node{1: {End: &testnode.End{AtMS: 500}}}
	hanging := mesh(3, 0)
	hanging.Defaults.Pages = []testnode.Page{{Mode: testnode.PageHang}}
	for name, script := range map[string]testnode.Script{"calm": mesh(3, 0), "a crash": ended, "hanging": hanging} {
		scripted(t, 3, script).one()
		eventually(t, func() string {
			if left := ours(); left != "" {
				return name + ": goroutines are left:\n" + left
			}
			return ""
		})
	}
}

// ours are the goroutines that belong to a run: its own, its processes' and its connections'.
func ours() string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var all []string
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		for _, part := range []string{"runner.(*session)", "runner.(*Runner)", "proc.(*", "http.(*persistConn)"} {
			if strings.Contains(stack, part) {
				all = append(all, stack)
				break
			}
		}
	}
	return strings.Join(all, "\n\n")
}
