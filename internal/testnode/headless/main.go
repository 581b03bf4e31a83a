// Command headless stands in for communitas-headless, a Rust program, in tests: the same command line, strict configuration,
// order of starting up, pages and way of ending, over real QUIC. What is odd here is odd there:
//
//   - The bootstrap nodes are dialled one after the other before anything else, so a node whose /health answers has
//     dialled all that it ever will, while its own QUIC port may not yet be bound.
//   - The one gauge counts outbound connections and never falls; nobody reconnects. With all nodes bootstrapped to node 0 it
//     is 1 everywhere and 0 there.
//   - "uptime" of /health is the Unix time.
//   - SIGINT ends it in good order, SIGTERM kills it.
//
// It differs in one thing: where the original would reach the internet to update itself, this program refuses to start.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// lifetime bounds a node that a killed test has left.
const lifetime = time.Hour

// Exit codes.
const (
	exitOK      = 0
	exitRuntime = 1 // also a configuration that is refused
	exitUsage   = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv, os.Stderr))
}

func run(args []string, getenv func(string) string, stderr io.Writer) int {
	options, err := parseOptions(args, getenv, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		fmt.Fprintln(stderr, "error:", err)
		return exitUsage
	}
	if err := live(options, newLog(stderr, getenv("RUST_LOG"))); err != nil {
		fmt.Fprintln(stderr, "Error:", err)
		return exitRuntime
	}
	return exitOK
}

// live goes through the life of a node: configuration, bootstrap, pages, QUIC server, in that order, until SIGINT.
func live(o options, log *rustLog) error {
	time.AfterFunc(lifetime, func() { os.Exit(exitRuntime) })
	log.info("Starting communitas-headless", "version", version)
	if o.selfUpdate {
		return errors.New("--self-update would reach the internet; this stand-in never does")
	}
	config, err := loadConfig(o.config)
	if err != nil {
		return err
	}
	storage := o.storage
	if storage == "" {
		storage = config.Storage.BaseDir
	}
	if err := os.MkdirAll(storage, 0o755); err != nil {
		return fmt.Errorf("make storage: %w", err)
	}
	link, err := newLink(config.Network)
	if err != nil {
		return err
	}
	ctx := context.Background()
	peers := newPeers(link, log)
	for _, address := range append(config.BootstrapNodes, o.bootstrap...) {
		peers.connect(ctx, address)
	}
	if o.metrics {
		if err := servePages(o.metricsAddr, peers, log); err != nil {
			return err
		}
	}
	listen := o.listen
	if listen == "" {
		listen = config.Network.ListenAddrs[0]
	}
	if err := link.serve(ctx, listen, log); err != nil {
		return err
	}
	// Only here does the original begin to catch the signal: before, SIGINT kills it.
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	log.info("Node is running")
	<-interrupted
	log.info("Received shutdown signal")
	return peers.save(storage)
}
