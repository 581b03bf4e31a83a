// Package proc starts the processes of a network, watches them end, reads what they use, and makes sure that none of
// them outlives the measurement. Measuring processes needs Linux; elsewhere every call says so.
package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// ErrUnsupported says that this operating system cannot be measured.
var ErrUnsupported = errors.New("measuring nodes needs Linux; on this system perfgate can compare and report, not measure")

// Command is a process to start.
type Command struct {
	// Path is the program, Args its arguments without the name.
	Path string
	Args []string
	// Env is the whole environment.
	Env []string
	// Dir is the working folder.
	Dir string
	// Log takes standard output and standard error.
	Log *os.File
	// Hold has the last word on the command before it is started: whoever holds the processes of a network together sees
	// to it here. Nil for nobody.
	Hold func(*exec.Cmd)
}

// Exit is how a process ended.
type Exit struct {
	// Code is the exit status, -1 when a signal ended it.
	Code int
	// Signal is the name of the ending signal, such as "SIGKILL"; "" when the process exited by itself.
	Signal string
	// At is when the end was noticed.
	At time.Time
}

// String tells a person how the process ended.
func (e Exit) String() string {
	if e.Signal != "" {
		return "killed by " + e.Signal
	}
	return fmt.Sprintf("exited with status %d", e.Code)
}

// Usage is what a process has used since it started.
type Usage struct {
	// CPU is user and system time, of the process to the nanosecond and of its reaped children to the tick.
	CPU time.Duration
	// WriteBytes is what was sent to the disk, less what was truncated before it got there; whole pages.
	WriteBytes int64
}

// Memory is what a process holds now, in bytes.
type Memory struct {
	RSS     int64 // resident set size
	PSS     int64 // proportional set size: shared pages divided among those who map them
	Private int64 // Private_Clean + Private_Dirty
	Peak    int64 // highest RSS so far
}

// Tail returns the last lines of a log, at most n of them and 8 KiB; what cannot be read is left out.
func Tail(path string, n int) []string {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	const limit = 8 << 10
	if info, err := file.Stat(); err == nil && info.Size() > limit {
		if _, err := file.Seek(-limit, io.SeekEnd); err != nil {
			return nil
		}
	}
	raw, err := io.ReadAll(io.LimitReader(file, limit))
	if err != nil {
		return nil
	}
	return lastLines(string(raw), n)
}
