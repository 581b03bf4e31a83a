package doctor

import (
	"io/fs"
	"os"
	"path/filepath"
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
)

func TestCgroupSaysWhatCannotBeDone(t *testing.T) {
	machine := files("proc/self/mountinfo", hybridMounts, "proc/self/cgroup", "0::/\n")
	judge := func(root fs.FS, why string) outcome {
		own, err := ownCgroup(root, "")
		return judgeCgroup(own, err, why)
	}
	says(t, judge(machine, ""), diagnosis.OK, "v2 (beside v1) at /sys/fs/cgroup/unified", "", "")
	says(t, judge(machine, "permission denied"), diagnosis.Warn, "permission denied", cgroupCost, "systemd-run")
	says(t, judge(files(), ""), diagnosis.Warn, "no cgroup v2", cgroupCost, "mount")
	outside := files("proc/self/mountinfo", hybridMounts, "proc/self/cgroup", "0::/../a\n")
	says(t, judge(outside, ""), diagnosis.Warn, "outside of the cgroup namespace", cgroupCost, "systemd-run")
}

// What is tried leaves nothing behind.
func TestTryingACgroupLeavesNone(t *testing.T) {
	e := &Examination{Root: os.DirFS("/"), State: t.TempDir()}
	if got := e.checkCgroup(t.Context()); got.severity == diagnosis.Bad {
		t.Errorf("%+v", got)
	}
	if left, err := filepath.Glob(filepath.Join(e.State, "live", "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
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

func FuzzPids(f *testing.F) {
	f.Add(unifiedMount, "0::/user.slice\n")
	f.Add(hybridMounts, "8:pids:/\n0::/docker/4f1c\n")
	f.Fuzz(func(t *testing.T, mounts, own string) {
		machine := files("proc/self/mountinfo", mounts, "proc/self/cgroup", own)
		if o := checkProcesses(machine, -1, 1); o.severity != diagnosis.OK {
			t.Errorf("a limit out of nothing: %+v", o)
		}
	})
}
