package main

import (
	"os/exec"
	"syscall"
)

// ownSession makes the command the leader of a new session.
func ownSession(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}
