package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// tryCgroup makes a child of a group, looks whether it can be killed as a whole, and removes it.
func tryCgroup(folder string) (kill bool, err error) {
	child, err := os.MkdirTemp(folder, "perfgate-doctor-")
	if err != nil {
		return false, reason(err)
	}
	defer func() { err = errors.Join(err, os.Remove(child)) }()
	if err := unix.Access(filepath.Join(child, "cgroup.procs"), unix.W_OK); err != nil {
		return false, fmt.Errorf("no process can be moved into it: %w", err)
	}
	_, missing := os.Stat(filepath.Join(child, "cgroup.kill"))
	return missing == nil, nil
}

// reason cuts the operation and a random name out of an error.
func reason(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}
