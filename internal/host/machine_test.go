package host

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/result"
)

func environmentOf(pairs ...string) result.Environment {
	files := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		files[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	var e result.Environment
	readMachine(files, &e)
	return e
}

func TestReadMachine(t *testing.T) {
	const (
		unified = "29 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
		divided = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n" +
			"35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n" +
			"36 31 0:33 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
		cpus = "sys/devices/system/cpu/"
		v1   = "sys/fs/cgroup/"
	)
	for name, tc := range map[string]struct {
		files []string
		want  result.Environment
	}{
		"nothing to read": {nil, result.Environment{}},
		"a server": {
			[]string{
				"proc/sys/kernel/osrelease", "6.1.0\n", "proc/cpuinfo", "processor\t: 0\nmodel name\t: EPYC\nflags\t: b a\n\nprocessor\t: 1\nmodel name\t: other\n",
				"proc/meminfo", "MemTotal:       24682496 kB\nMemFree: 1 kB\n", cpus + "cpu0/cpufreq/scaling_governor", "performance\n",
				cpus + "cpu1/cpufreq/scaling_governor", "powersave\n", cpus + "cpu2/cpufreq/scaling_governor", "performance\n",
			},
			result.Environment{Kernel: "6.1.0", CPU: "EPYC", CPUFlags: digest([]string{"a", "b"}), MemoryBytes: 24682496 * 1024, Governor: "performance, powersave"},
		},
		"a board": {
			[]string{"proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd\n"},
			result.Environment{CPUFlags: digest([]string{"fp", "asimd"})},
		},
		"a container in a virtual machine": {
			[]string{
				"proc/cpuinfo", "flags\t: hypervisor\n", "sys/class/dmi/id/sys_vendor", "Example\n", "sys/class/dmi/id/product_name", "Large\n", ".dockerenv", "",
			},
			result.Environment{CPUFlags: digest([]string{"hypervisor"}), Virtualisation: "virtual machine (Example Large), container"},
		},
		"the least quota and limit above it count": {
			[]string{
				"proc/self/mountinfo", unified, "proc/self/cgroup", "0::/a/b\n", "proc/meminfo", "MemTotal: 8388608 kB\n",
				v1 + "a/cpu.max", "150000 100000\n", v1 + "a/b/cpu.max", "max 100000\n", v1 + "a/b/memory.max", "max\n", v1 + "a/memory.max", "1073741824\n",
			},
			result.Environment{MemoryBytes: 8 << 30, CPULimit: 1.5, MemoryLimitBytes: 1 << 30},
		},
		"version 1 without limits": {
			[]string{
				"proc/self/mountinfo", divided, "proc/self/cgroup", "4:memory:/a\n1:cpu:/a\n", "proc/meminfo", "MemTotal: 8388608 kB\n",
				v1 + "cpu/a/cpu.cfs_quota_us", "-1\n", v1 + "cpu/a/cpu.cfs_period_us", "100000\n", v1 + "memory/a/memory.limit_in_bytes", "9223372036854771712\n",
			},
			result.Environment{MemoryBytes: 8 << 30},
		},
		"version 1 with limits": {
			[]string{
				"proc/self/mountinfo", divided, "proc/self/cgroup", "4:memory:/a\n1:cpu:/a\n", "proc/meminfo", "MemTotal: 8388608 kB\n",
				v1 + "cpu/a/cpu.cfs_quota_us", "50000\n", v1 + "cpu/a/cpu.cfs_period_us", "100000\n", v1 + "memory/a/memory.limit_in_bytes", "1073741824\n",
			},
			result.Environment{MemoryBytes: 8 << 30, CPULimit: 0.5, MemoryLimitBytes: 1 << 30},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, environmentOf(tc.files...)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	if digest([]string{"a", "b"}) == digest([]string{"a", "c"}) || digest(nil) != "" {
		t.Error("the digest does not tell sets of words apart")
	}
}

func TestRunnerClass(t *testing.T) {
	for _, tc := range []struct {
		env  map[string]string
		want string
	}{
		{nil, ""},
		{map[string]string{"RUNNER_ENVIRONMENT": "self-hosted"}, ""},
		{map[string]string{"GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "github-hosted", "ImageOS": "ubuntu24", "RUNNER_ARCH": "X64"}, "github-hosted ubuntu24 X64"},
		{map[string]string{"GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "self-hosted", "RUNNER_ARCH": "ARM64"}, "self-hosted ARM64"},
		{map[string]string{"GITHUB_ACTIONS": "true", "RUNNER_ARCH": "X64", RunnerClassVariable: "rack 7"}, "rack 7"},
	} {
		if got := runnerClass(func(name string) string { return tc.env[name] }); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.env, got, tc.want)
		}
	}
}
