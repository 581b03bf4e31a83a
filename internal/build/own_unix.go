//go:build unix

package build

import (
	"os/exec"
	"syscall"
)

// own puts the command into a process group of its own, so that an interrupt ends the compilers too.
func own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
