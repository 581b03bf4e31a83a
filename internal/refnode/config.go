package refnode

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Config is the file behind --config: what the command line of the contract has no flag for.
type Config struct {
	// MinPeers is the number of earlier nodes that a newcomer dials, its bootstraps among them: with K every node of
	// a network of N has at least min(N-1, K) peers. Zero means all of them: a full mesh.
	MinPeers int `toml:"min_peers"`
	// ParallelDials is how many mesh connections are dialled at the same time, 1..64. More of them make a large network
	// on a busy machine fail in handshake time-outs.
	ParallelDials int `toml:"parallel_dials"`
	// IdleTimeoutMS is after how many milliseconds without a packet a connection counts as lost, 1000..600000. Peers
	// that stop in order are noticed at once; this is for those that were killed or cut off.
	IdleTimeoutMS int `toml:"idle_timeout_ms"`
	// Topic is the gossipsub topic that the node subscribes to.
	Topic string `toml:"topic"`
	// Allow are networks that may be dialled besides those of the addresses that the node was given.
	Allow []netip.Prefix `toml:"allow"`
	// Fault makes the node worse on purpose.
	Fault Fault `toml:"fault"`
}

// DefaultConfig is what a node uses without a configuration file.
func DefaultConfig() Config {
	return Config{ParallelDials: 2, IdleTimeoutMS: 10_000, Topic: "refnode"}
}

// UnknownKeyError names the keys of a configuration file that mean nothing to this program.
type UnknownKeyError struct {
	Keys []string // dotted, in the order of the file
}

func (e *UnknownKeyError) Error() string {
	return "unknown key " + strings.Join(e.Keys, ", ")
}

// ParseConfig reads a configuration file over the defaults. An unknown key is an *UnknownKeyError; a syntax error
// names its line.
func ParseConfig(text string) (Config, error) {
	config := DefaultConfig()
	meta, err := toml.Decode(text, &config)
	if err != nil {
		if syntax, ok := errors.AsType[toml.ParseError](err); ok {
			return Config{}, fmt.Errorf("line %d: %s", syntax.Position.Line, syntax.Message)
		}
		return Config{}, err
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		keys := make([]string, len(unknown))
		for i, key := range unknown {
			keys[i] = key.String()
		}
		return Config{}, &UnknownKeyError{Keys: keys}
	}
	if err := config.validate(); err != nil {
		return Config{}, err
	}
	return config, nil
}

func (c Config) validate() error {
	switch {
	case c.MinPeers < 0:
		return fmt.Errorf("min_peers = %d: must be 0 (all) or more", c.MinPeers)
	case c.ParallelDials < 1 || c.ParallelDials > 64:
		return fmt.Errorf("parallel_dials = %d: must be 1..64", c.ParallelDials)
	case c.IdleTimeoutMS < 1000 || c.IdleTimeoutMS > 600_000:
		return fmt.Errorf("idle_timeout_ms = %d: must be 1000..600000", c.IdleTimeoutMS)
	case c.Topic == "":
		return errors.New("topic: must not be empty")
	}
	for _, prefix := range c.Allow {
		if !prefix.IsValid() {
			return errors.New("allow: not a network such as 10.0.0.0/8")
		}
	}
	return c.Fault.validate()
}

func (c Config) idleTimeout() time.Duration { return time.Duration(c.IdleTimeoutMS) * time.Millisecond }
