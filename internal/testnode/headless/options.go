package main

import (
	"flag"
	"fmt"
	"io"
	"net/netip"
)

// options is the command line with what the environment overrides.
type options struct {
	config      string
	storage     string // "": storage.base_dir of the configuration
	listen      string // "": the first of network.listen_addrs
	bootstrap   []string
	metrics     bool
	metricsAddr string
	selfUpdate  bool
}

func parseOptions(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("communitas-headless", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.config, "config", "/etc/communitas/config.toml", "configuration `file`")
	flags.StringVar(&o.storage, "storage", "", "storage `folder`")
	flags.Func("listen", "`IP:PORT` of the QUIC server", address(&o.listen))
	flags.Func("bootstrap", "`IP:PORT` of a node to dial; repeatable", func(value string) error {
		var bootstrap string
		err := address(&bootstrap)(value)
		o.bootstrap = append(o.bootstrap, bootstrap)
		return err
	})
	flags.BoolVar(&o.metrics, "metrics", false, "serve /health and /metrics")
	o.metricsAddr = "127.0.0.1:9600"
	flags.Func("metrics-addr", "`IP:PORT` of /health and /metrics (default 127.0.0.1:9600)", address(&o.metricsAddr))
	flags.BoolVar(&o.selfUpdate, "self-update", false, "update and exit")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument '%s' found", flags.Arg(0))
	}
	return o.override(getenv)
}

// override applies the environment, which wins over the command line. A port alone rebinds to all interfaces without a word.
func (o options) override(getenv func(string) string) (options, error) {
	if value := getenv("COMMUNITAS_QUIC_LISTEN"); value != "" {
		if err := address(&o.listen)(value); err != nil {
			return options{}, fmt.Errorf("COMMUNITAS_QUIC_LISTEN: %w", err)
		}
	}
	if port := getenv("COMMUNITAS_QUIC_PORT"); port != "" {
		if err := address(&o.listen)("0.0.0.0:" + port); err != nil {
			return options{}, fmt.Errorf("COMMUNITAS_QUIC_PORT: %w", err)
		}
	}
	return o, nil
}

// address returns a function that sets target to a value that is IP:PORT. Names are refused: nothing is to be resolved.
func address(target *string) func(string) error {
	return func(value string) error {
		parsed, err := netip.ParseAddrPort(value)
		if err != nil {
			return fmt.Errorf("want IP:PORT: %w", err)
		}
		*target = parsed.String()
		return nil
	}
}
