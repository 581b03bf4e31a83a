package proc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Supported is nil where nodes can be measured.
func Supported() error { return nil }

// Launcher starts processes that die with perfgate: the kernel kills them when the thread that started them ends, so
// all are started from one thread that lives until Close.
type Launcher struct {
	requests chan func()
	done     chan struct{}
}

// NewLauncher starts the launching thread. Close it when every process has ended.
func NewLauncher() *Launcher {
	l := &Launcher{requests: make(chan func()), done: make(chan struct{})}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		defer close(l.done)
		for request := range l.requests {
			request()
		}
	}()
	return l
}

// Close ends the launching thread. Processes that still run are killed by the kernel.
func (l *Launcher) Close() {
	close(l.requests)
	<-l.done
}

// Start starts a process in a process group of its own. The error names the program and, where it is known, the mend.
func (l *Launcher) Start(command Command) (*Process, error) {
	cmd := &exec.Cmd{
		Path: command.Path, Args: append([]string{command.Path}, command.Args...), Env: command.Env, Dir: command.Dir,
		Stdout: command.Log, Stderr: command.Log,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	}
	if command.Hold != nil {
		command.Hold(cmd)
	}
	p := &Process{cmd: cmd, done: make(chan struct{})}
	var err error
	started := make(chan struct{})
	l.requests <- func() {
		defer close(started)
		p.started = time.Now()
		err = cmd.Start()
	}
	<-started
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", command.Path, explain(err))
	}
	go p.wait()
	return p, nil
}

func explain(err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w (build it, or name another with --subject)", err)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w (is it an executable file? chmod +x)", err)
	case errors.Is(err, syscall.ENOEXEC):
		return fmt.Errorf("%w (built for another system or processor?)", err)
	}
	return err
}

// Process is one started process.
type Process struct {
	cmd     *exec.Cmd
	started time.Time
	done    chan struct{}
	exit    Exit // written before done is closed
	once    sync.Once
}

func (p *Process) wait() {
	err := p.cmd.Wait()
	p.exit = Exit{Code: p.cmd.ProcessState.ExitCode(), At: time.Now()}
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		if status, ok := failed.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			p.exit.Signal = unix.SignalName(status.Signal())
		}
	}
	close(p.done)
}

// PID is the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Started is the instant before the program was executed.
func (p *Process) Started() time.Time { return p.started }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit is how the process ended; to be asked only after Done is closed.
func (p *Process) Exit() Exit { return p.exit }

// Signal sends a signal to the process alone. A process that has ended is no error.
func (p *Process) Signal(name string) error {
	signal := unix.SignalNum(name)
	if signal == 0 {
		return fmt.Errorf("signal %q is unknown", name)
	}
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal process %d: %w", p.PID(), err)
	}
	return nil
}

// Kill kills the process and whatever else is left of its process group.
func (p *Process) Kill() {
	p.once.Do(func() {
		_ = syscall.Kill(-p.PID(), syscall.SIGKILL) // ESRCH: nothing is left, which is what we want
	})
}
