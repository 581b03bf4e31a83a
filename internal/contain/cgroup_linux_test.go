package contain

import (
	"strings"
	"testing"
)

const (
	unified = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
	hybrid  = "35 34 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n41 34 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"
)

func TestFindCgroup(t *testing.T) {
	for name, tc := range map[string]struct {
		mounts, membership, want, err string
	}{
		"version 2 alone":         {unified, "0::/user.slice/user-1000.slice/session-2.scope\n", "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope", ""},
		"beside version 1":        {hybrid, "5:cpu:/a\n1:name=systemd:/b\n0::/\n", "/sys/fs/cgroup/unified", ""},
		"in a container":          {unified, "0::/\n", "/sys/fs/cgroup", ""},
		"a part of it is mounted": {"30 24 0:26 /docker/1f /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "0::/docker/1f/inner\n", "/sys/fs/cgroup/inner", ""},
		"another part is mounted": {"30 24 0:26 /docker/1f /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "0::/docker/2e\n", "", "no cgroup file system"},
		"outside of its root":     {unified, "0::/../../user.slice\n", "", "outside of its own cgroup namespace"},
		"an odd folder":           {"30 24 0:26 / /a\\040b rw - cgroup2 cgroup2 rw\n", "0::/x\n", "/a b/x", ""},
		"version 1 alone":         {strings.SplitAfter(hybrid, "\n")[0], "5:cpu:/a\n", "", "in no cgroup of version 2"},
		"not mounted":             {"", "0::/\n", "", "no cgroup file system"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := findCgroup([]byte(tc.mounts), []byte(tc.membership))
			if string(got) != tc.want || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%q, %v, want %q and an error with %q", got, err, tc.want, tc.err)
			}
		})
	}
}

func FuzzFindCgroup(f *testing.F) {
	f.Add([]byte(unified), []byte("0::/a\n"))
	f.Add([]byte(hybrid), []byte("0::/\n"))
	f.Fuzz(func(t *testing.T, mounts, membership []byte) {
		if found, err := findCgroup(mounts, membership); (found == "") != (err != nil) {
			t.Errorf("%q beside %v", found, err)
		}
	})
}
