// Command perfgate measures networks of real peer-to-peer nodes and decides whether they got slower, fatter or less
// connected.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/communitas/perfgate/internal/contain"
)

func main() {
	if os.Args[0] == contain.GuardName {
		os.Exit(contain.Guard(os.Args, os.Stdin))
	}
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// endings are the signals that end an invocation in good order. A terminal that is closed is one, unless nohup keeps it away.
func endings() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}
