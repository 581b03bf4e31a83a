package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

// config is the configuration file. Every key but identity must be there, and no other.
type config struct {
	BootstrapNodes []string      `toml:"bootstrap_nodes"`
	Identity       string        `toml:"identity"` // four words, or absent
	Storage        storageConfig `toml:"storage"`
	Network        networkConfig `toml:"network"`
	Update         updateConfig  `toml:"update"`
}

type storageConfig struct {
	BaseDir     string `toml:"base_dir"`
	CacheSizeMB uint32 `toml:"cache_size_mb"`
	EnableFEC   bool   `toml:"enable_fec"`
	FECK        uint32 `toml:"fec_k"`
	FECM        uint32 `toml:"fec_m"`
}

type networkConfig struct {
	ListenAddrs       []string `toml:"listen_addrs"`
	EnableIPv6        bool     `toml:"enable_ipv6"`
	EnableWebRTC      bool     `toml:"enable_webrtc"`
	QUICIdleTimeoutMS uint32   `toml:"quic_idle_timeout_ms"`
	QUICMaxStreams    uint32   `toml:"quic_max_streams"`
}

type updateConfig struct {
	Channel           string `toml:"channel"`
	CheckIntervalSecs uint32 `toml:"check_interval_secs"`
	AutoUpdate        bool   `toml:"auto_update"`
	JitterSecs        uint32 `toml:"jitter_secs"`
}

// requiredKeys has each table before its keys, so that a missing table is named as such.
var requiredKeys = [...]string{
	"bootstrap_nodes",
	"storage", "storage.base_dir", "storage.cache_size_mb", "storage.enable_fec", "storage.fec_k", "storage.fec_m",
	"network", "network.listen_addrs", "network.enable_ipv6", "network.enable_webrtc", "network.quic_idle_timeout_ms",
	"network.quic_max_streams",
	"update", "update.channel", "update.check_interval_secs", "update.auto_update", "update.jitter_secs",
}

var identityWords = regexp.MustCompile(`^[a-z]+(-[a-z]+){3}$`)

func loadConfig(path string) (config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return config{}, fmt.Errorf("no configuration %s: the original would write its default there, with auto_update = true, "+
			"and reach the internet; this stand-in needs --config", path)
	}
	if err != nil {
		return config{}, err
	}
	c, err := parseConfig(string(data))
	if err != nil {
		return config{}, fmt.Errorf("configuration %s: %w", path, err)
	}
	return c, nil
}

// parseConfig returns the first thing that is wrong as an error, and the zero config with it.
func parseConfig(text string) (config, error) {
	var c config
	meta, err := toml.Decode(text, &c)
	if err != nil {
		return config{}, err
	}
	for _, key := range requiredKeys {
		if !meta.IsDefined(strings.Split(key, ".")...) {
			return config{}, fmt.Errorf("missing field `%s`", key)
		}
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return config{}, fmt.Errorf("unknown field `%s`", unknown[0])
	}
	if err := c.check(meta.IsDefined("identity")); err != nil {
		return config{}, err
	}
	return c, nil
}

func (c config) check(hasIdentity bool) error {
	if c.Update.AutoUpdate {
		return errors.New("update.auto_update = true would reach the internet; set it to false")
	}
	if hasIdentity && !identityWords.MatchString(c.Identity) {
		return fmt.Errorf("identity %q: want four words joined by hyphens", c.Identity)
	}
	if len(c.Network.ListenAddrs) == 0 {
		return errors.New("network.listen_addrs is empty")
	}
	for _, addresses := range [][]string{c.BootstrapNodes, c.Network.ListenAddrs} {
		for _, text := range addresses {
			if _, err := netip.ParseAddrPort(text); err != nil {
				return fmt.Errorf("address %q: want IP:PORT: %w", text, err)
			}
		}
	}
	if c.Network.QUICIdleTimeoutMS == 0 {
		return errors.New("network.quic_idle_timeout_ms is 0")
	}
	return nil
}
