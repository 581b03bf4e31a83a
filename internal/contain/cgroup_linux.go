package contain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/communitas/perfgate/internal/proc"
)

// cgroup is a folder of the cgroup file system (version 2). No controller is needed: what counts is that a process is born
// into one, that its children are too, and that all of it can be killed at once (see the kernel's cgroup-v2.rst, cgroup.kill).
type cgroup string

// ownCgroup is the one in which this process is.
func ownCgroup() (cgroup, error) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	membership, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	own, err := proc.FindCgroup(string(mounts), string(membership), "")
	return cgroup(own.Folder), err
}

func (c cgroup) make() error { return os.Mkdir(string(c), 0o755) }

// processes lists those in the cgroup and below it. A cgroup that is gone has none.
func (c cgroup) processes() ([]int, error) {
	var all []int
	err := c.walk(func(c cgroup) error {
		raw, err := os.ReadFile(filepath.Join(string(c), "cgroup.procs"))
		for field := range strings.FieldsSeq(string(raw)) {
			if pid, err := strconv.Atoi(field); err == nil {
				all = append(all, pid)
			}
		}
		return err
	})
	return all, err
}

// walk visits the cgroup and those below it, the outer before the inner. What goes meanwhile is passed over.
func (c cgroup) walk(visit func(cgroup) error) error {
	return filepath.WalkDir(string(c), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = visit(cgroup(path))
		}
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENODEV) {
			return nil
		}
		return err
	})
}

// killWithin bounds how long processes may take to be gone once they are killed: the kernel frees their memory meanwhile.
const killWithin = 5 * time.Second

// kill kills all processes in the cgroup and below it, waits until they are gone, and returns how many there were at first. A
// caller whose context is over has no time to wait.
func (c cgroup) kill(ctx context.Context) (int, error) {
	found, err := c.processes()
	if err != nil {
		return 0, err
	}
	limited, cancel := context.WithTimeout(ctx, killWithin)
	defer cancel()
	for late := false; c.populated(); {
		if err := c.killOnce(); err != nil {
			return len(found), fmt.Errorf("kill cgroup %s: %w", c, err)
		}
		if late || ctx.Err() != nil {
			left, err := c.processes()
			return len(found), fmt.Errorf("kill cgroup %s: processes %v do not go (%w)", c, left, errors.Join(limited.Err(), err))
		}
		select {
		case <-limited.Done():
			late = true // one more look: the machine may have stood still, and not the processes
		case <-time.After(time.Millisecond):
		}
	}
	return len(found), nil
}

// populated tells whether processes are in the cgroup or below it, also those that are on their way out and are no longer
// listed: until they are through, the cgroup cannot be removed.
func (c cgroup) populated() bool {
	raw, err := os.ReadFile(filepath.Join(string(c), "cgroup.events"))
	return err == nil && slices.Contains(strings.Split(string(raw), "\n"), "populated 1")
}

// killOnce has the kernel kill all at once, or kills one by one where it cannot (before Linux 5.14).
func (c cgroup) killOnce() error {
	err := os.WriteFile(filepath.Join(string(c), "cgroup.kill"), []byte("1"), 0)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	pids, err := c.processes()
	for _, pid := range pids {
		_ = unix.Kill(pid, unix.SIGKILL) // ESRCH: it has ended meanwhile
	}
	return err
}

// remove kills what is in the cgroup and removes it with those below it. Killed says how many processes there were.
func (c cgroup) remove(ctx context.Context) (killed int, err error) {
	killed, err = c.kill(ctx)
	if err != nil {
		return killed, err
	}
	var all []cgroup
	if err := c.walk(func(c cgroup) error { all = append(all, c); return nil }); err != nil {
		return killed, fmt.Errorf("remove cgroup %s: %w", c, err)
	}
	for _, inner := range slices.Backward(all) {
		if err := unix.Rmdir(string(inner)); err != nil && !errors.Is(err, unix.ENOENT) {
			return killed, fmt.Errorf("remove cgroup %s: %w", inner, err)
		}
	}
	return killed, nil
}

// exists tells whether the cgroup is there.
func (c cgroup) exists() bool {
	info, err := os.Stat(string(c))
	return err == nil && info.IsDir()
}

// cpu is the CPU time of all that ever was in the cgroup: cpu.stat is there without the controller.
func (c cgroup) cpu() (time.Duration, error) {
	raw, err := os.ReadFile(filepath.Join(string(c), "cpu.stat"))
	if err != nil {
		return 0, fmt.Errorf("read CPU time of cgroup %s: %w", c, err)
	}
	for line := range strings.Lines(string(raw)) {
		if text, ok := strings.CutPrefix(line, "usage_usec "); ok {
			us, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read CPU time of cgroup %s: %w", c, err)
			}
			return time.Duration(us) * time.Microsecond, nil
		}
	}
	return 0, fmt.Errorf("read CPU time of cgroup %s: cpu.stat shows no usage_usec", c)
}
