package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/communitas/perfgate/internal/refnode"
)

// Exit codes of refnode.
const (
	exitOK    = 0 // stopped by SIGINT or SIGTERM, or --help and --version
	exitError = 1 // the node could not start
	exitUsage = 2 // command line or configuration file
)

const usage = `refnode is a real peer-to-peer node (libp2p over QUIC, Kademlia DHT, gossipsub) to be measured by perfgate.

Usage:
  refnode --listen IP:PORT [--bootstrap IP:PORT]... [--storage DIR] [--config FILE] [--min-peers K]
          [--metrics --metrics-addr IP:PORT]

Flags:
  --listen IP:PORT        UDP address of the QUIC listener (default 127.0.0.1:0, a free port)
  --bootstrap IP:PORT     node to join at; repeatable
  --storage DIR           keeps the identity in DIR; without it every start is a new node
  --config FILE           configuration, TOML (below)
  --min-peers K           over min_peers of the configuration
  --metrics               serve HTTP: /health, /metrics, and the probe API of level L3 below /probe (docs/PROBE.md)
  --metrics-addr IP:PORT  where (default 127.0.0.1:0, a free port)
  --version, --help

Configuration, with its defaults; an unknown key is an error:
  min_peers       = 0        # earlier nodes that a newcomer dials; 0 is all of them, a full mesh
  parallel_dials  = 2        # at the same time
  idle_timeout_ms = 10000    # silence after which a connection is lost
  topic           = "refnode"
  allow           = []       # networks that may be dialled besides those of the given addresses
  [fault]                    # makes the node worse on purpose
  ballast_bytes    = 0       # memory held and written to
  cpu_burn_ratio   = 0.0     # share of one core wasted, 0..1
  accept_delay_ms  = 0       # before an incoming connection is accepted
  startup_delay_ms = 0       # before the listener is bound
  message_delay_ms = 0       # before a message is published
  message_drop_ratio = 0.0   # share of the messages that arrive and are not told, 0..1
  dht_delay_ms     = 0       # before a DHT record is read or stored for another node
  transfer_delay_ms = 0      # for each MiB of a stream that is sent
  leak_bytes_per_second = 0  # memory taken, written to and kept
  drop_peer_every_ms = 0     # a peer that this node dials is dropped, and dialled again

Environment:
  RUST_LOG         off, error, warn, info (default) or debug
  GOMAXPROCS       cores to use; 1 is right for many nodes on one machine
  REFNODE_FAULT_*  BALLAST_BYTES, CPU_BURN_RATIO, ACCEPT_DELAY_MS, STARTUP_DELAY_MS, MESSAGE_DELAY_MS,
                   MESSAGE_DROP_RATIO, DHT_DELAY_MS, TRANSFER_DELAY_MS, LEAK_BYTES_PER_SECOND,
                   DROP_PEER_EVERY_MS: over [fault]

The node dials only into the networks of --listen and --bootstrap: loopback, or their /24 (IPv4) or /64 (IPv6).
With several bootstraps give all of them to every node, and the first to the second.

Exit codes: 0 stopped by SIGINT or SIGTERM, 1 could not start, 2 usage or configuration.

Example:
  refnode --listen 127.0.0.1:9000 --metrics --metrics-addr 127.0.0.1:9600 &
  refnode --listen 127.0.0.1:9001 --bootstrap 127.0.0.1:9000 --metrics --metrics-addr 127.0.0.1:9601 &
  curl http://127.0.0.1:9601/probe/peers
`

// command is a parsed command line.
type command struct {
	options       refnode.Options
	configFile    string
	minPeers      *int // nil leaves it to the configuration
	help, version bool
}

// run is the program: it runs a node until ctx ends and returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	cmd, err := parse(args)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "refnode: %v\nrefnode --help shows the usage\n", err)
		return exitUsage
	case cmd.help:
		fmt.Fprint(stdout, usage)
		return exitOK
	case cmd.version:
		fmt.Fprintf(stdout, "refnode %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return exitOK
	}
	if cmd.options.Config, err = loadConfig(cmd.configFile, getenv); err == nil {
		if cmd.minPeers != nil {
			cmd.options.Config.MinPeers = *cmd.minPeers
		}
		err = cmd.options.Validate()
	}
	if err != nil {
		fmt.Fprintf(stderr, "refnode: %v\n", err)
		return exitUsage
	}
	cmd.options.Version = version()
	cmd.options.Log = refnode.NewLogger(stderr, getenv("RUST_LOG"))
	return serve(ctx, cmd.options)
}

// serve runs a node until ctx ends.
func serve(ctx context.Context, options refnode.Options) int {
	node, err := refnode.Start(ctx, options)
	if err != nil {
		if ctx.Err() != nil {
			return exitOK
		}
		options.Log.Error("node did not start", "err", err)
		return exitError
	}
	<-ctx.Done()
	if err := node.Close(); err != nil {
		options.Log.Error("node did not stop in order", "err", err)
		return exitError
	}
	options.Log.Info("node stopped")
	return exitOK
}

func parse(args []string) (command, error) {
	loopback := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
	cmd := command{options: refnode.Options{Listen: loopback}}
	var metrics bool
	control := loopback
	flags := flag.NewFlagSet("refnode", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.Func("listen", "", parseAddr(&cmd.options.Listen))
	flags.Func("bootstrap", "", func(text string) error {
		var addr netip.AddrPort
		if err := parseAddr(&addr)(text); err != nil {
			return err
		}
		cmd.options.Bootstrap = append(cmd.options.Bootstrap, addr)
		return nil
	})
	flags.StringVar(&cmd.options.Storage, "storage", "", "")
	flags.StringVar(&cmd.configFile, "config", "", "")
	flags.Func("min-peers", "", func(text string) error {
		k, err := strconv.Atoi(text)
		cmd.minPeers = &k
		return err
	})
	flags.BoolVar(&metrics, "metrics", false, "")
	flags.Func("metrics-addr", "", parseAddr(&control))
	flags.BoolVar(&cmd.version, "version", false, "")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		cmd.help = true
		return cmd, nil
	case err != nil:
		return command{}, err
	case flags.NArg() > 0:
		return command{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if metrics {
		cmd.options.Control = control
	}
	return cmd, nil
}

// parseAddr reads IP:PORT. Names are refused: looking one up would leave the machine.
func parseAddr(to *netip.AddrPort) func(string) error {
	return func(text string) error {
		addr, err := netip.ParseAddrPort(text)
		if err != nil {
			return errors.New("not IP:PORT, such as 127.0.0.1:9000")
		}
		*to = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
		return nil
	}
}

func loadConfig(file string, getenv func(string) string) (refnode.Config, error) {
	config := refnode.DefaultConfig()
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return refnode.Config{}, fmt.Errorf("read configuration: %w", err)
		}
		if config, err = refnode.ParseConfig(string(text)); err != nil {
			return refnode.Config{}, fmt.Errorf("configuration %s: %w", file, err)
		}
	}
	if err := config.Fault.ApplyEnv(getenv); err != nil {
		return refnode.Config{}, err
	}
	return config, nil
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
