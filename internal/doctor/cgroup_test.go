package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/diagnosis"
)

// Mounts as machines show them in /proc/self/mountinfo.
const (
	unifiedMount = `29 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
`
	hybridMounts = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`
	containerMounts = `1471 1466 0:27 /docker/4f1c /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw
`
	spacedMount = `29 23 0:26 / /my\040groups rw - cgroup2 cgroup2 rw
`
)

func TestOwnCgroup(t *testing.T) {
	for _, tc := range []struct {
		name, mounts, own, controller string
		want                          string // the folder, "" for none
	}{
		{"a user's session", unifiedMount, "0::/user.slice/user-1000.slice/session-3.scope\n", "", "/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope"},
		{"beside version 1", hybridMounts, "8:pids:/\n4:memory:/init/a:b\n0::/\n", "", "/sys/fs/cgroup/unified"},
		{"of version 1", hybridMounts, "8:pids:/\n4:memory:/init/a:b\n0::/\n", "memory", "/sys/fs/cgroup/memory/init/a:b"},
		{"two controllers in one", "35 31 0:32 / /cpu rw - cgroup cgroup rw,cpu,cpuacct\n", "4:cpu,cpuacct:/x\n", "cpuacct", "/cpu/x"},
		{"a container that sees the host's paths", containerMounts, "0::/docker/4f1c/sub\n", "", "/sys/fs/cgroup/sub"},
		{"a container with a namespace", "29 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "0::/\n", "", "/sys/fs/cgroup"},
		{"a group beside what is mounted", containerMounts, "0::/docker/4f1c22\n", "", "/sys/fs/cgroup"},
		{"a mount with a blank", spacedMount, "0::/a\n", "", "/my groups/a"},
		{"version 1 alone", "35 31 0:32 / /cpu rw - cgroup cgroup rw,cpu\n", "4:cpu:/\n", "", ""},
		{"a controller that is not there", hybridMounts, "8:pids:/\n", "cpuset", ""},
		{"nothing", "", "", "", ""},
		{"half lines", "29 23 0:26 /\n29 23 0:26 / /sys/fs/cgroup rw -\n - cgroup2\n", "0::/\n0:\n", "", ""},
	} {
		got := ownCgroup(files("proc/self/mountinfo", tc.mounts, "proc/self/cgroup", tc.own), tc.controller, nil)
		if got.folder != tc.want || (got.err == nil) != (tc.want != "") {
			t.Errorf("%s: %q, %v, want %q", tc.name, got.folder, got.err, tc.want)
		}
	}
}

func TestCgroupSaysWhatCannotBeDone(t *testing.T) {
	machine := files("proc/self/mountinfo", hybridMounts, "proc/self/cgroup", "0::/\n")
	try := func(kill bool, err error) func(string) (bool, error) {
		return func(folder string) (bool, error) {
			if folder != "/sys/fs/cgroup/unified" {
				t.Errorf("tried in %s", folder)
			}
			return kill, err
		}
	}
	says(t, judgeCgroup(ownCgroup(machine, "", try(true, nil))), diagnosis.OK, "v2 (beside v1) at /sys/fs/cgroup/unified", "", "")
	says(t, judgeCgroup(ownCgroup(machine, "", try(false, nil))), diagnosis.Warn, "without cgroup.kill", cgroupCost, "5.14")
	says(t, judgeCgroup(ownCgroup(machine, "", try(false, errors.New("permission denied")))), diagnosis.Warn, "permission denied", cgroupCost, "systemd-run")
	says(t, judgeCgroup(ownCgroup(files(), "", nil)), diagnosis.Warn, "no cgroup v2", cgroupCost, "mount")
}

// What is tried leaves no group behind.
func TestTryingACgroupLeavesNone(t *testing.T) {
	g := ownCgroup(os.DirFS("/"), "", nil)
	if g.err != nil {
		t.Skip(g.err)
	}
	parent := fmt.Sprintf("%s/perfgate-test-%d", g.folder, os.Getpid()) // others may be trying in our own group
	if err := os.Mkdir(parent, 0o755); err != nil {
		t.Skipf("no group can be made here: %v", err)
	}
	defer func() {
		if err := os.Remove(parent); err != nil {
			t.Errorf("not empty: %v", err)
		}
	}()
	if _, err := tryCgroup(parent); err != nil {
		t.Errorf("a group that was made for it: %v", err)
	}
	left, err := filepath.Glob(parent + "/perfgate-doctor-*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for _, group := range left {
		_ = os.Remove(group)
	}
}

func TestPids(t *testing.T) {
	const group = "sys/fs/cgroup/user.slice/a"
	machine := func(inner, outer, pidMax string) outcome {
		return checkProcesses(files("proc/self/mountinfo", unifiedMount, "proc/self/cgroup", "0::/user.slice/a\n",
			group+"/pids.max", inner, group+"/pids.current", "20\n",
			"sys/fs/cgroup/user.slice/pids.max", outer, "sys/fs/cgroup/user.slice/pids.current", "100\n",
			"proc/sys/kernel/pid_max", pidMax, "proc/sys/kernel/threads-max", "190000\n"), -1, 10)
	}
	says(t, machine("max\n", "max\n", "32768\n"), diagnosis.OK, "at most 32768 threads (kernel.pid_max)", "", "")
	says(t, machine("1020\n", "max\n", "32768\n"), diagnosis.OK, "at most 1000 threads (/sys/fs/cgroup/user.slice/a/pids.max)", "", "")
	says(t, machine("1020\n", "300\n", "32768\n"), diagnosis.Warn, "at most 200 threads (/sys/fs/cgroup/user.slice/pids.max), 576 are wanted for 10 nodes", "cannot start", "user.slice/pids.max")
	says(t, machine("10\n", "max\n", "32768\n"), diagnosis.Warn, "at most 0 threads", "cannot start", "pids.max")
	says(t, checkProcesses(files(), 100, 10), diagnosis.Warn, "ulimit -u", "cannot start", "ulimit -u 576")
	says(t, checkProcesses(files(), -1, 10), diagnosis.OK, "no limit", "", "")
}

func FuzzOwnCgroup(f *testing.F) {
	f.Add(unifiedMount, "0::/user.slice\n")
	f.Add(hybridMounts+containerMounts+spacedMount, "8:pids:/\n0::/docker/4f1c\n")
	f.Fuzz(func(t *testing.T, mounts, own string) {
		machine := files("proc/self/mountinfo", mounts, "proc/self/cgroup", own)
		for _, controller := range []string{"", "pids"} {
			g := ownCgroup(machine, controller, nil)
			if found := g.err == nil; found != strings.HasPrefix(g.folder, "/") {
				t.Errorf("folder %q beside %v", g.folder, g.err)
			}
		}
		if o := checkProcesses(machine, -1, 1); o.severity != diagnosis.OK {
			t.Errorf("a limit out of nothing: %+v", o)
		}
	})
}
