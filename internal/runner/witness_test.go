package runner

import (
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/proc"
)

// TestANodeThatHasEndedKeepsItsTime: what it had used is not to be taken for somebody else's.
func TestANodeThatHasEndedKeepsItsTime(t *testing.T) {
	if err := proc.Supported(); err != nil {
		t.Skip(err)
	}
	launcher := proc.NewLauncher()
	defer launcher.Close()
	process, err := launcher.Start(proc.Command{Path: "/bin/sh", Args: []string{"-c", "while :; do :; done"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { process.Kill(); <-process.Done() }()
	nodes := []*node{{index: 0, process: process}, {index: 1}} // the second is yet to be started
	seen := cpuOf{last: map[int]time.Duration{}}
	var used time.Duration
	for used < 20*time.Millisecond {
		used = seen.sum(nodes)
	}
	process.Kill()
	<-process.Done()
	if got := seen.sum(nodes); got != used {
		t.Errorf("%v when it had ended, %v before", got, used)
	}
}
