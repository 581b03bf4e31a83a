//go:build unix

package bench

import (
	"os/exec"
	"syscall"
)

// own puts the command into a process group of its own, so that an interrupt ends its children too.
func own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
