package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"os"
)

// checkNamespaces says whether a process can get a user and a PID namespace of its own.
func (e *Examination) checkNamespaces(ctx context.Context) outcome {
	return judgeNamespaces(e.Root, tryNamespaces(ctx))
}

const namespacesCost = "an extra: without it only root can give nodes a network of their own, and nothing that is measured today needs one"

// judgeNamespaces says what came of trying; of a failure it names the switch that forbids it.
func judgeNamespaces(root fs.FS, err error) outcome {
	if err == nil {
		return fine("a process can have user and PID namespaces of its own")
	}
	text := fmt.Sprintf("a process cannot have namespaces of its own: %v", err)
	for _, knob := range []struct {
		file string
		bad  func(int64) bool
		mend string
	}{
		{"proc/sys/user/max_user_namespaces", func(n int64) bool { return n == 0 }, "sysctl user.max_user_namespaces=10000"},
		{"proc/sys/kernel/unprivileged_userns_clone", func(n int64) bool { return n == 0 }, "sysctl kernel.unprivileged_userns_clone=1"},
		{"proc/sys/kernel/apparmor_restrict_unprivileged_userns", func(n int64) bool { return n == 1 }, "sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
	} {
		if n, ok := number(root, knob.file); ok && knob.bad(n) {
			return lacking(text, namespacesCost, knob.mend)
		}
	}
	mend := "run perfgate as root, or outside of the container or sandbox that forbids it"
	if os.Geteuid() == 0 {
		mend = "run perfgate outside of the container or sandbox that forbids it"
	}
	return lacking(text, namespacesCost, mend)
}
