//go:build unix

package testnode

import (
	"errors"
	"syscall"
)

func isDead(pid int) bool {
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
