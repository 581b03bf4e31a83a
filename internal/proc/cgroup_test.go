package proc_test

import (
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/proc"
)

// Mounts as machines show them in /proc/self/mountinfo.
const (
	unifiedMount = "29 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
	hybridMounts = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`
	containerMounts = "1471 1466 0:27 /docker/4f1c /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw\n"
)

func TestFindCgroup(t *testing.T) {
	for name, tc := range map[string]struct {
		mounts, membership, controller string
		want                           proc.Cgroup
		err                            string
	}{
		"a user's session": {unifiedMount, "0::/user.slice/user-1000.slice/session-3.scope\n", "",
			proc.Cgroup{Folder: "/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope", Mount: "/sys/fs/cgroup"}, ""},
		"beside version 1": {hybridMounts, "8:pids:/\n4:memory:/init/a:b\n0::/\n", "",
			proc.Cgroup{Folder: "/sys/fs/cgroup/unified", Mount: "/sys/fs/cgroup/unified", Hybrid: true}, ""},
		"of version 1": {hybridMounts, "8:pids:/\n4:memory:/init/a:b\n0::/\n", "memory",
			proc.Cgroup{Folder: "/sys/fs/cgroup/memory/init/a:b", Mount: "/sys/fs/cgroup/memory", Hybrid: true}, ""},
		"two controllers in one": {"35 31 0:32 / /cpu rw - cgroup cgroup rw,cpu,cpuacct\n", "4:cpu,cpuacct:/x\n", "cpuacct",
			proc.Cgroup{Folder: "/cpu/x", Mount: "/cpu", Hybrid: true}, ""},
		"a container that sees the host's paths": {containerMounts, "0::/docker/4f1c/sub\n", "",
			proc.Cgroup{Folder: "/sys/fs/cgroup/sub", Mount: "/sys/fs/cgroup"}, ""},
		"a container with a namespace":   {unifiedMount, "0::/\n", "", proc.Cgroup{Folder: "/sys/fs/cgroup", Mount: "/sys/fs/cgroup"}, ""},
		"a mount with a blank":           {"29 23 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n", "0::/a\n", "", proc.Cgroup{Folder: "/my groups/a", Mount: "/my groups"}, ""},
		"a group beside what is mounted": {containerMounts, "0::/docker/4f1c22\n", "", proc.Cgroup{}, "lies outside of what is mounted at /sys/fs/cgroup"},
		"mounted twice, once without it": {unifiedMount + containerMounts, "0::/a\n", "", proc.Cgroup{Folder: "/sys/fs/cgroup/a", Mount: "/sys/fs/cgroup"}, ""},
		"a mount with a dot":             {"0 0 0 / /. 0 - cgroup2 0\n", "0::/\n", "", proc.Cgroup{Folder: "/", Mount: "/"}, ""},
		"a group above its namespace":    {unifiedMount, "0::/../../user.slice\n", "", proc.Cgroup{}, "outside of the cgroup namespace"},
		"version 1 alone":                {"35 31 0:32 / /cpu rw - cgroup cgroup rw,cpu\n", "4:cpu:/\n", "", proc.Cgroup{}, "no such hierarchy"},
		"a controller that is not there": {hybridMounts, "8:pids:/\n", "cpuset", proc.Cgroup{}, "no such hierarchy"},
		"not mounted":                    {"", "0::/\n", "", proc.Cgroup{}, "no such hierarchy"},
		"half lines":                     {"29 23 0:26 /\n29 23 0:26 / /sys/fs/cgroup rw -\n - cgroup2\n", "0:\n0::/\n", "", proc.Cgroup{}, "no such hierarchy"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := proc.FindCgroup(tc.mounts, tc.membership, tc.controller)
			if got != tc.want || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%+v, %v, want %+v and an error with %q", got, err, tc.want, tc.err)
			}
		})
	}
}

func FuzzFindCgroup(f *testing.F) {
	f.Add(unifiedMount, "0::/user.slice\n")
	f.Add(hybridMounts+containerMounts, "8:pids:/\n0::/docker/4f1c\n")
	f.Fuzz(func(t *testing.T, mounts, membership string) {
		for _, controller := range []string{"", "pids"} {
			g, err := proc.FindCgroup(mounts, membership, controller)
			if (err == nil) != strings.HasPrefix(g.Folder, "/") || !strings.HasPrefix(g.Folder, g.Mount) {
				t.Errorf("%+v beside %v", g, err)
			}
		}
	})
}
