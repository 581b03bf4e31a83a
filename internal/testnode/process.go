package testnode

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds every wait for a process: far beyond what any of them needs, on a machine that stands still for a while too, so
// that only a hang meets it.
const patience = 3 * time.Minute

// Process is a program that a test started. It is killed when the test ends.
type Process struct {
	tb      testing.TB
	command *exec.Cmd
	log     watchedLog
	ended   chan struct{} // closed once the process was waited for
}

// Launch starts the program with the arguments; env, as "NAME=value", is added to the test's own environment. It ends the
// test when the program does not start. The caller need not wait for the process.
func Launch(tb testing.TB, program string, env []string, args ...string) *Process {
	tb.Helper()
	p := &Process{tb: tb, command: exec.Command(program, args...), ended: make(chan struct{})}
	p.log.changed = make(chan struct{})
	p.command.Env = append(os.Environ(), env...)
	p.command.Stderr = &p.log
	p.command.WaitDelay = 200 * time.Millisecond // a child may hold stderr open
	if err := p.command.Start(); err != nil {
		tb.Fatalf("testnode: start %s: %v", program, err)
	}
	go func() {
		_ = p.command.Wait() // what it says is in ProcessState
		close(p.ended)
	}()
	tb.Cleanup(func() {
		_ = p.command.Process.Kill()
		<-p.ended
	})
	return p
}

// PID returns the process id.
func (p *Process) PID() int { return p.command.Process.Pid }

// Log returns what the process has written to stderr so far; all of it once Wait has returned.
func (p *Process) Log() string { return p.log.String() }

// Signal sends the signal. Only tests for one system should send others than os.Interrupt and os.Kill.
func (p *Process) Signal(signal os.Signal) {
	p.tb.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		p.tb.Fatalf("testnode: send %v: %v", signal, err)
	}
}

// Wait returns how the process ended. It ends the test when that does not happen.
func (p *Process) Wait() *os.ProcessState {
	p.tb.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.tb.Fatalf("testnode: process %d does not end; its log:\n%s", p.PID(), p.Log())
	}
	return p.command.ProcessState
}

// Line waits for a line of the log with the text in it and returns the first. It ends the test when none comes.
func (p *Process) Line(text string) string {
	p.tb.Helper()
	timeout := time.After(patience)
	for {
		log, changed := p.log.snapshot()
		for line := range strings.Lines(log) {
			if strings.Contains(line, text) && strings.HasSuffix(line, "\n") {
				return strings.TrimSuffix(line, "\n")
			}
		}
		select {
		case <-changed:
		case <-p.ended:
			if log, _ := p.log.snapshot(); !strings.Contains(log, text) {
				p.tb.Fatalf("testnode: process ended (%v) without a line %q; its log:\n%s", p.command.ProcessState, text, log)
			}
		case <-timeout:
			p.tb.Fatalf("testnode: no line %q; the log:\n%s", text, log)
		}
	}
}

// Field waits for a line with the text in it, as Line does, and returns the value of its field name=value.
func (p *Process) Field(text, name string) string {
	p.tb.Helper()
	line := p.Line(text)
	for field := range strings.FieldsSeq(line) {
		if value, ok := strings.CutPrefix(field, name+"="); ok {
			return value
		}
	}
	p.tb.Fatalf("testnode: no field %s= in the line %q", name, line)
	return ""
}

// watchedLog collects what is written and tells who waits for more.
type watchedLog struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed and replaced at each write
}

func (l *watchedLog) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
	return l.text.Write(data)
}

func (l *watchedLog) String() string {
	text, _ := l.snapshot()
	return text
}

func (l *watchedLog) snapshot() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String(), l.changed
}
