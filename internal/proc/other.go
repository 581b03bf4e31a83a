//go:build !linux

package proc

import "time"

// Supported is nil where nodes can be measured.
func Supported() error { return ErrUnsupported }

// Launcher starts processes; only on Linux.
type Launcher struct{}

// NewLauncher makes a launcher that can start nothing here.
func NewLauncher() *Launcher { return &Launcher{} }

// Close does nothing here.
func (*Launcher) Close() {}

// Start returns ErrUnsupported.
func (*Launcher) Start(Command) (*Process, error) { return nil, ErrUnsupported }

// Process is one started process; there is none here.
type Process struct{}

// PID is 0 here.
func (*Process) PID() int { return 0 }

// Started is the zero time here.
func (*Process) Started() time.Time { return time.Time{} }

// Done is nil here.
func (*Process) Done() <-chan struct{} { return nil }

// Exit is the zero value here.
func (*Process) Exit() Exit { return Exit{} }

// Signal returns ErrUnsupported.
func (*Process) Signal(string) error { return ErrUnsupported }

// Kill does nothing here.
func (*Process) Kill() {}

// ReadUsage returns ErrUnsupported.
func ReadUsage(int) (Usage, error) { return Usage{}, ErrUnsupported }

// ReadCPU returns ErrUnsupported.
func ReadCPU(int) (time.Duration, error) { return 0, ErrUnsupported }

// ReadMemory returns ErrUnsupported.
func ReadMemory(int) (Memory, error) { return Memory{}, ErrUnsupported }

// ReadSockets returns ErrUnsupported for every process.
func ReadSockets(pids []int) []Held {
	all := make([]Held, len(pids))
	for i := range all {
		all[i].Err = ErrUnsupported
	}
	return all
}

// Volatile is false here.
func Volatile(string) bool { return false }

// MonotonicNS is 0 here.
func MonotonicNS(time.Time) int64 { return 0 }
