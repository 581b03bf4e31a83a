package contain

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// self is this process, with a name for one more container of it.
func self() (owner, error) {
	o := owner{PID: os.Getpid(), Nonce: rand.Text()[:8]}
	var err error
	if o.StartTicks, err = startTicks(o.PID); err != nil {
		return owner{}, fmt.Errorf("name this process: %w", err)
	}
	if o.Boot, err = bootID(); err != nil {
		return owner{}, fmt.Errorf("name this process: %w", err)
	}
	if o.Namespace, err = os.Readlink("/proc/self/ns/pid"); err != nil {
		return owner{}, fmt.Errorf("name this process: %w", err)
	}
	return o, nil
}

// alive tells whether the process still runs. One of another PID namespace cannot be seen from here and counts as alive,
// unless the machine was started anew since.
func (o owner) alive() bool {
	if boot, err := bootID(); err == nil && o.Boot != boot {
		return false
	}
	if namespace, err := os.Readlink("/proc/self/ns/pid"); err == nil && o.Namespace != namespace {
		return true
	}
	ticks, err := startTicks(o.PID)
	return err == nil && ticks == o.StartTicks
}

func bootID() (string, error) {
	raw, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(raw)), err
}

// startTicks reads when a process was started, in ticks since the machine was: field 22 of /proc/PID/stat. A process that
// has ended and is not yet waited for is an error like one that is gone.
func startTicks(pid int) (uint64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:])) // the name before it may hold anything
	const state, started = 0, 22 - 3                                        // the state is field 3, the first after the name
	if len(fields) <= started {
		return 0, fmt.Errorf("/proc/%d/stat shows %q", pid, raw)
	}
	if fields[state] == "Z" || fields[state] == "X" {
		return 0, os.ErrProcessDone
	}
	return strconv.ParseUint(fields[started], 10, 64)
}
