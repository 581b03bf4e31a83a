package instrument

import (
	"bufio"
	"context"
	"fmt"
	"io"
	chance "math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// burnerName is what this program is called when it is started to burn CPU time.
const burnerName = "perfgate-burner"

// burner is a process that keeps as many threads busy as it is told, and ends with its input.
type burner struct {
	tb      testing.TB
	command *exec.Cmd
	input   io.WriteCloser
}

// newBurner starts a burner that is idle; it is gone when the test or benchmark ends.
func newBurner(tb testing.TB) *burner {
	tb.Helper()
	program, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	bl := &burner{tb: tb, command: exec.Command(program)}
	bl.command.Args = []string{burnerName}
	bl.command.Stderr = os.Stderr
	if bl.input, err = bl.command.StdinPipe(); err != nil {
		tb.Fatal(err)
	}
	if err := bl.command.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = bl.input.Close() // it ends by this, and by the signal at the latest
		timer := time.AfterFunc(10*time.Second, func() { _ = bl.command.Process.Kill() })
		defer timer.Stop()
		if err := bl.command.Wait(); err != nil {
			tb.Errorf("the burner: %v", err)
		}
	})
	return bl
}

// burn tells it how many threads to keep busy from now on.
func (b *burner) burn(threads int) error {
	_, err := fmt.Fprintln(b.input, threads)
	return err
}

// toggle turns a burner of so many threads on and off, for 0.2 to 6 s each, as the seed says, until the returned function is called.
func (b *burner) toggle(seed uint64, threads int) (stop func()) {
	ctx, cancel := context.WithCancel(b.tb.Context())
	done := make(chan error, 1)
	random := chance.New(chance.NewPCG(seed, 0))
	go func() {
		for busy := threads; ; busy = threads - busy {
			if err := b.burn(busy); err != nil {
				done <- err
				return
			}
			timer := time.NewTimer(time.Duration(200+random.IntN(5800)) * time.Millisecond)
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				done <- b.burn(0)
				return
			}
		}
	}()
	return func() {
		cancel()
		if err := <-done; err != nil {
			b.tb.Errorf("the load: %v", err)
		}
	}
}

// beBurner is the process of a burner: each line of its input is a number of threads to keep busy. It ends with its input.
func beBurner(input io.Reader) int {
	var wanted atomic.Int64
	started := int64(0)
	for lines := bufio.NewScanner(input); lines.Scan(); {
		threads, err := strconv.ParseInt(strings.TrimSpace(lines.Text()), 10, 32)
		if err != nil || threads < 0 {
			fmt.Fprintf(os.Stderr, "%s: %q is no number of threads\n", burnerName, lines.Text())
			return 2
		}
		wanted.Store(threads)
		runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), int(threads)+1)) // each is to be a thread of its own to the system
		for ; started < threads; started++ {
			go keepBusy(started, &wanted)
		}
	}
	return 0
}

// keepBusy burns while more threads are wanted than have a lower number.
func keepBusy(number int64, wanted *atomic.Int64) {
	for {
		for wanted.Load() <= number {
			time.Sleep(10 * time.Millisecond)
		}
		for range 100_000 {
			if wanted.Load() <= number {
				break
			}
		}
	}
}
