package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// tryNamespaces runs a program that does nothing in namespaces of its own.
func tryNamespaces(ctx context.Context) error {
	program, err := exec.LookPath("true")
	if err != nil {
		return fmt.Errorf("no program to try it with: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, trial)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	if err := cmd.Run(); err != nil {
		return reason(err)
	}
	return nil
}

// reason cuts the operation and the path out of an error.
func reason(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}
