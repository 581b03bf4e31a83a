//go:build !linux

package contain

import (
	"context"
	"io"
	"os/exec"
	"time"
)

// GuardName is the name under which a program is the guard; there is none here.
const GuardName = "perfgate-guard"

// Guard does nothing here.
func Guard([]string, io.Reader) int { return 0 }

// Container holds what one invocation makes; there is none here.
type Container struct{}

// Open returns ErrUnsupported.
func Open(context.Context, Options) (*Container, error) { return nil, ErrUnsupported }

// Method is none here.
func (*Container) Method() (method Method, why string) { return "", ErrUnsupported.Error() }

// Cleaned is nothing here.
func (*Container) Cleaned() Report { return Report{} }

// Folder returns ErrUnsupported.
func (*Container) Folder(string) (string, error) { return "", ErrUnsupported }

// RemoveFolder returns ErrUnsupported.
func (*Container) RemoveFolder(string) error { return ErrUnsupported }

// Run returns ErrUnsupported.
func (*Container) Run(string) error { return ErrUnsupported }

// RunEnded returns ErrUnsupported.
func (*Container) RunEnded(string) error { return ErrUnsupported }

// Cell returns ErrUnsupported.
func (*Container) Cell() (*Cell, error) { return nil, ErrUnsupported }

// Close does nothing here.
func (*Container) Close() error { return nil }

// Cell holds the processes of one network; there is none here.
type Cell struct{}

// Hold does nothing here.
func (*Cell) Hold(*exec.Cmd) {}

// Processes returns ErrUnsupported.
func (*Cell) Processes() ([]int, error) { return nil, ErrUnsupported }

// Kill returns ErrUnsupported.
func (*Cell) Kill(context.Context) (int, error) { return 0, ErrUnsupported }

// CPU is unknown here.
func (*Cell) CPU() (time.Duration, bool) { return 0, false }

// Cgroups is 0 here.
func (*Cell) Cgroups() int { return 0 }

// Close does nothing here.
func (*Cell) Close(context.Context) error { return nil }

// Clean finds nothing here.
func Clean(context.Context, string, bool) ([]Left, error) { return nil, nil }
