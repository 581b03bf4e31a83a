//go:build unix

package gitrepo

import (
	"os/exec"
	"syscall"
)

// own gives a git a session of its own: it has no terminal to ask questions at, and when it is to end, so are those that it has called. They
// are asked to, and not killed, so that they take away their locks and what they have half made.
func own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}
