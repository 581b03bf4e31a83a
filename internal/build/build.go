// Package build makes the subject's binary and measures the making: wall time, CPU time, size and hash.
package build

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// MaxDuration is how long a command may take unless the plan says otherwise.
const MaxDuration = 2 * time.Hour

// ErrTooLong is why a command was ended that took longer than it may.
var ErrTooLong = errors.New("it took too long")

// Plan says what to build.
type Plan struct {
	// Dir is the folder in which the commands run and to which Binary is relative.
	Dir string
	// Clean runs before Build; empty when the build is not measured from clean.
	Clean []string
	Build []string
	// Binary is the file that the build leaves; "" examines none.
	Binary string
	// Cache is a folder of perfgate's own for the caches of a build, given to the commands as PERFGATE_CACHE.
	Cache string
	// Environment are variables, NAME=value, for the commands beside the caller's.
	Environment []string
	// Log takes what the commands print.
	Log io.Writer
	// Hold has the last word on each command before it is started: whoever holds its processes together sees to it here. Nil
	// for nobody.
	Hold func(*exec.Cmd)
	// Limit is how long each command may take; 0 is MaxDuration.
	Limit time.Duration
}

// Built is a binary and what making it took.
type Built struct {
	// Path is the absolute path of the binary, SHA256 the hash of the file, Size its bytes; all are empty where the plan names
	// none.
	Path   string
	SHA256 string
	Size   int64
	// Wall and CPU (user and system, children included) are those of the build command alone; zero for a binary that
	// was found and not built.
	Wall time.Duration
	CPU  time.Duration
	// PeakMemory is the most resident memory, in bytes, that any single process of the build command had at any time; not the
	// sum of those that ran at once. It cannot be less than what perfgate itself held when it started the command. 0 where
	// the system does not tell, and for a binary that was found.
	PeakMemory int64
	// FromClean says that the clean command ran before.
	FromClean bool
}

// Error is a build that failed, with the last lines that it printed.
type Error struct {
	Command []string
	Err     error
	Tail    []string
}

func (e *Error) Error() string {
	text := fmt.Sprintf("build: %s: %v", strings.Join(e.Command, " "), e.Err)
	if len(e.Tail) > 0 {
		text += "\n  " + strings.Join(e.Tail, "\n  ")
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// noProgramError says of a file that is there why it can not be started.
type noProgramError string

func (e noProgramError) Error() string { return "examine binary: " + string(e) }

// Run cleans, builds, and examines the binary. A command that fails is an *Error, with ErrTooLong where its time was over, and so is a build
// that leaves no binary, or one that can not be started, or one from clean that leaves the file that was there before.
func Run(ctx context.Context, plan Plan) (Built, error) {
	if plan.Cache != "" {
		if err := os.MkdirAll(plan.Cache, 0o755); err != nil {
			return Built{}, fmt.Errorf("build: %w", err)
		}
	}
	if len(plan.Clean) > 0 {
		if _, err := command(ctx, plan, plan.Clean); err != nil {
			return Built{}, err
		}
	}
	path := plan.Binary
	if !filepath.IsAbs(path) {
		path = filepath.Join(plan.Dir, path)
	}
	before := modified(path)
	made, err := command(ctx, plan, plan.Build)
	if err != nil {
		return Built{}, err
	}
	if plan.Binary == "" {
		return Built{Wall: made.wall, CPU: made.cpu, PeakMemory: made.peak, FromClean: len(plan.Clean) > 0}, nil
	}
	built, err := plan.left(path)
	if err != nil {
		return Built{}, err
	}
	built.Wall, built.CPU, built.PeakMemory, built.FromClean = made.wall, made.cpu, made.peak, len(plan.Clean) > 0
	if built.FromClean && modified(path).Equal(before) {
		return Built{}, &Error{Command: plan.Build, Err: fmt.Errorf("it left the old binary at %s untouched, although clean ran before (does subject.clean remove it, and does subject.build make it?)", plan.Binary)}
	}
	return built, nil
}

// left examines the binary that the build has left.
func (p Plan) left(path string) (Built, error) {
	built, err := Examine(path)
	if errors.Is(err, os.ErrNotExist) {
		return Built{}, &Error{Command: p.Build, Err: fmt.Errorf("it left no binary at %s (check subject.binary)", p.Binary)}
	}
	if unfit, ok := errors.AsType[noProgramError](err); ok {
		return Built{}, &Error{Command: p.Build, Err: unfit}
	}
	return built, err
}

// modified is when a file was last written, the zero time when it is not there.
func modified(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// Examine looks at a binary that is already built: it must be an executable file.
func Examine(path string) (Built, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return Built{}, fmt.Errorf("examine binary: %w", err)
	}
	file, err := os.Open(absolute)
	if err != nil {
		return Built{}, fmt.Errorf("examine binary: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return Built{}, fmt.Errorf("examine binary: %w", err)
	case !info.Mode().IsRegular():
		return Built{}, noProgramError(path + " is no file")
	case info.Mode().Perm()&0o111 == 0:
		return Built{}, noProgramError(path + " is not executable (chmod +x)")
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return Built{}, fmt.Errorf("examine binary: %w", err)
	}
	return Built{Path: absolute, Size: info.Size(), SHA256: hex.EncodeToString(hash.Sum(nil))}, nil
}

// taken is what a command took, its children included.
type taken struct {
	wall, cpu time.Duration
	peak      int64 // bytes of its largest process
}

// command runs one command of the plan and returns what it took.
func command(ctx context.Context, plan Plan, argv []string) (taken, error) {
	if len(argv) == 0 {
		return taken{}, errors.New("build: no command (give subject.build, or a binary with --subject)")
	}
	limit := cmp.Or(plan.Limit, MaxDuration)
	within, stop := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w: it was ended after %v", ErrTooLong, limit))
	defer stop()
	tail := &tail{}
	cmd := exec.CommandContext(within, argv[0], argv[1:]...)
	cmd.Dir = plan.Dir
	cmd.Env = append(os.Environ(), plan.Environment...)
	if plan.Cache != "" {
		cmd.Env = append(cmd.Env, "PERFGATE_CACHE="+plan.Cache)
	}
	var out io.Writer = tail
	if plan.Log != nil {
		out = io.MultiWriter(tail, plan.Log)
	}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = 5 * time.Second
	own(cmd)
	if plan.Hold != nil {
		plan.Hold(cmd)
	}
	started := time.Now()
	if err := cmd.Run(); err != nil {
		switch {
		case ctx.Err() != nil:
			err = ctx.Err()
		case within.Err() != nil:
			err = context.Cause(within)
		case errors.Is(err, exec.ErrWaitDelay):
			err = errors.New("it ended and left a process behind that holds its output open (let it start no daemon, or wait for its children)")
		}
		return taken{}, &Error{Command: argv, Err: err, Tail: tail.lines()}
	}
	state := cmd.ProcessState
	return taken{wall: time.Since(started), cpu: state.UserTime() + state.SystemTime(), peak: peakMemory(state)}, nil
}
