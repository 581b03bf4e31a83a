package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/proc"
)

// looks are what could not be read of a child: nil is what could.
type looks struct{ memory, usage, environment error }

// checkChildren starts a process and tries to read what a measurement reads of a node.
func (e *Examination) checkChildren(ctx context.Context) outcome {
	seen, err := lookAtChild(ctx)
	if err != nil {
		return doubtful(fmt.Sprintf("no process to try it with: %v", err), "whether the memory of nodes can be read is unknown", "")
	}
	return judgeChildren(e.Root, seen)
}

// judgeChildren says what the missing looks cost.
func judgeChildren(root fs.FS, seen looks) outcome {
	var faults, costs []string
	for _, l := range []struct {
		err  error
		cost string
	}{
		{seen.memory, "memory"},
		{seen.usage, "CPU time and disk_write"},
		{seen.environment, "the strays of nodes"},
	} {
		if l.err != nil {
			faults, costs = append(faults, l.err.Error()), append(costs, l.cost)
		}
	}
	if len(faults) == 0 {
		return fine("memory, CPU time, disk use and environment of a child can be read")
	}
	cost := strings.Join(costs, ", ") + " cannot be read"
	mend := "run perfgate outside of the container or sandbox that forbids it, or as root"
	if scope, ok := number(root, "proc/sys/kernel/yama/ptrace_scope"); ok && scope > 1 {
		mend = "sysctl kernel.yama.ptrace_scope=1"
	} else if hidesProcesses(root) {
		mend = "mount -o remount,hidepid=0 /proc"
	}
	return broken(strings.Join(faults, "; "), cost, mend)
}

// hidesProcesses tells whether /proc is mounted so that it shows no processes of others.
func hidesProcesses(root fs.FS) bool {
	text, _ := word(root, "proc/self/mountinfo")
	for _, m := range proc.ParseMounts(text) {
		if m.Kind != "proc" || m.Point != "/proc" {
			continue
		}
		for _, option := range m.Options {
			value, found := strings.CutPrefix(option, "hidepid=")
			if found && value != "0" && value != "off" {
				return true
			}
		}
	}
	return false
}

// trial bounds how long a program that does nothing may take.
const trial = 20 * time.Second

// lookAtChild starts a process that ends as soon as this one lets go of its input.
func lookAtChild(ctx context.Context) (seen looks, err error) {
	program, err := exec.LookPath("cat")
	if err != nil {
		return looks{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, trial)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	input, err := cmd.StdinPipe()
	if err != nil {
		return looks{}, err
	}
	if err := cmd.Start(); err != nil {
		return looks{}, err
	}
	pid := cmd.Process.Pid
	_, seen.memory = proc.ReadMemory(pid)
	_, seen.usage = proc.ReadUsage(pid)
	if _, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid)); err != nil {
		seen.environment = err
	}
	if err := errors.Join(input.Close(), cmd.Wait()); err != nil {
		return looks{}, err
	}
	return seen, nil
}
