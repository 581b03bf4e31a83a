package main

import (
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// scheduleEnd puts in the end that the script says and the one that no script can put off.
func (n *node) scheduleEnd() {
	lifetime := defaultLifetime
	if ms := n.options.script.LifetimeMS; ms > 0 {
		lifetime = time.Duration(ms) * time.Millisecond
	}
	time.AfterFunc(lifetime, func() {
		n.truth.last(testnode.EventLifetime, "")
		os.Exit(exitLifetime)
	})
	end := n.does.End
	if end == nil {
		return
	}
	n.timeline.at(end.AtMS, func() {
		if end.Signal != "" {
			n.truth.last(testnode.EventEnd, end.Signal)
			dieOf(end.Number())
		}
		n.exit(end.Code)
	})
}

// exit ends the program in the middle of whatever it does.
func (n *node) exit(code int) {
	n.truth.last(testnode.EventEnd, strconv.Itoa(code))
	os.Exit(code)
}

func (n *node) watchSignals() <-chan os.Signal {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	return signals
}

// obey takes signals as the script says. It returns the exit code once one ends the program in good order.
func (n *node) obey(signals <-chan os.Signal) int {
	var how testnode.Signals
	if n.does.Signals != nil {
		how = *n.does.Signals
	}
	var stopped <-chan time.Time
	for {
		select {
		case <-stopped:
			n.truth.last(testnode.EventEnd, strconv.Itoa(exitOK))
			return exitOK
		case received := <-signals:
			if received == syscall.SIGTERM {
				n.terminate(how.IgnoreTERM)
				continue
			}
			n.truth.write(testnode.EventSignal, "SIGINT")
			if stopped == nil && !how.IgnoreINT {
				stopped = time.After(time.Duration(how.StopAfterMS) * time.Millisecond)
			}
		}
	}
}

func (n *node) terminate(ignore bool) {
	n.truth.write(testnode.EventSignal, "SIGTERM")
	if !ignore {
		n.truth.last(testnode.EventEnd, "SIGTERM")
		dieOf(syscall.SIGTERM)
	}
}
