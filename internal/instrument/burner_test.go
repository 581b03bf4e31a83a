package instrument

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
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

// What this program is called when it is started to burn CPU time: like any other program, or before all others.
const (
	burnerName = "perfgate-burner"
	urgentName = "perfgate-urgent-burner"
)

// burnerPeriod is in which time a thread that is to be busy for a part burns for that part.
const burnerPeriod = 1 * time.Millisecond

// burner is a process that keeps as many threads busy as it is told, and ends with its input. Of 1.25 threads the second burns
// for a quarter of the time; of an urgent burner all threads do, one for each processor, for the same part of it.
type burner struct {
	tb      testing.TB
	command *exec.Cmd
	input   io.WriteCloser
}

// newBurner starts a burner of that name, which is idle; it is gone when the test or benchmark ends.
func newBurner(tb testing.TB, name string) *burner {
	tb.Helper()
	program, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	bl := &burner{tb: tb, command: exec.Command(program)}
	bl.command.Args = []string{name}
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
func (b *burner) burn(threads float64) error {
	_, err := fmt.Fprintln(b.input, threads)
	return err
}

// toggle turns a burner of so many threads on and off, for 0.2 to 6 s each, as the seed says, until the returned function is called.
func (b *burner) toggle(seed uint64, threads float64) (stop func()) {
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
func beBurner(name string, input io.Reader) int {
	var wanted atomic.Uint64 // the bits of a float64
	started, processors := 0, runtime.NumCPU()
	for lines := bufio.NewScanner(input); lines.Scan(); {
		threads, err := strconv.ParseFloat(strings.TrimSpace(lines.Text()), 64)
		if err != nil || !(threads >= 0 && threads <= 1000) {
			fmt.Fprintf(os.Stderr, "%s: %q is no number of threads\n", name, lines.Text())
			return 2
		}
		wanted.Store(math.Float64bits(threads))
		needed := int(math.Ceil(threads))
		if name == urgentName {
			needed = processors
		}
		runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), needed+1)) // each is to be a thread of its own to the system
		for ; started < needed; started++ {
			if number := float64(started); name == urgentName {
				go keepUrgentlyBusy(func() float64 { return math.Float64frombits(wanted.Load()) / float64(processors) })
			} else {
				go keepBusy(func() float64 { return math.Float64frombits(wanted.Load()) - number }, time.Sleep)
			}
		}
	}
	return 0
}

// keepBusy burns for the part of the time that is wanted.
func keepBusy(wanted func() float64, sleep func(time.Duration)) {
	for {
		part := min(max(wanted(), 0), 1)
		begun := time.Now()
		for time.Since(begun) < time.Duration(part*float64(burnerPeriod)) {
		}
		if part < 1 {
			sleep(time.Until(begun.Add(burnerPeriod)))
		}
	}
}

// keepUrgentlyBusy goes before all others on its processor, so that what it leaves of each period is what they have of it, however
// many they are.
func keepUrgentlyBusy(wanted func() float64) {
	runtime.LockOSThread()
	if err := goFirst(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", urgentName, err)
		os.Exit(2)
	}
	keepBusy(wanted, sleepAsThread)
}
