package contain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// GuardName is the name under which this program, started by itself, is the guard. Every program that opens a container
// calls Guard first when its os.Args[0] is this.
const GuardName = "perfgate-guard"

// trialArgument makes a guard that ends at once: whether a process can be started in a cell is found by starting one.
const trialArgument = "trial"

// guard is the process that watches over this one.
type guard struct {
	cmd  *exec.Cmd
	pipe *os.File // its other end closes when this process ends, however that comes
}

// guardCommand starts this very program, even if the file has been replaced since.
func guardCommand(argument string) *exec.Cmd {
	return &exec.Cmd{
		Path: "/proc/self/exe", Args: []string{GuardName, argument}, Env: []string{"GOMAXPROCS=1"}, Dir: "/",
		SysProcAttr: &syscall.SysProcAttr{Setsid: true}, // what ends the user's terminal or process group does not end it
	}
}

func startGuard(journal string) (*guard, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the guard: %w", err)
	}
	defer read.Close()
	g := &guard{cmd: guardCommand(journal), pipe: write}
	g.cmd.Stdin = read
	if err := g.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the guard: %w", errors.Join(err, write.Close()))
	}
	return g, nil
}

// end lets the guard go and waits for it.
func (g *guard) end() error {
	err := errors.Join(g.pipe.Close(), g.cmd.Wait())
	if err != nil {
		return fmt.Errorf("end the guard: %w", err)
	}
	return nil
}

const (
	// guardFor bounds what the guard does once perfgate is gone.
	guardFor = time.Minute
	// guardRetry is how long it waits when something could not be taken away.
	guardRetry = 100 * time.Millisecond
)

// Guard is the guard's program: args are os.Args, stdin the pipe from perfgate. It returns the exit code.
func Guard(args []string, stdin io.Reader) int {
	if len(args) != 2 || args[1] == trialArgument {
		return 0
	}
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE, syscall.SIGTSTP)
	_, _ = io.Copy(io.Discard, stdin) // an error is an end like any other
	ctx, cancel := context.WithTimeout(context.Background(), guardFor)
	defer cancel()
	for {
		if _, err := cleanJournal(ctx, args[1]); err == nil {
			return 0
		}
		select {
		case <-ctx.Done():
			return 1 // the journal stays for the next start
		case <-time.After(guardRetry):
		}
	}
}
