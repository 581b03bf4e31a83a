package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const goodConfig = `bootstrap_nodes = ["127.0.0.1:9000"]
identity = "ocean-forest-moon-star"

[storage]
base_dir = "data"
cache_size_mb = 100
enable_fec = false
fec_k = 4
fec_m = 2

[network]
listen_addrs = ["127.0.0.1:0"]
enable_ipv6 = false
enable_webrtc = false
quic_idle_timeout_ms = 30000
quic_max_streams = 100

[update]
channel = "stable"
check_interval_secs = 86400
auto_update = false
jitter_secs = 0
`

func TestParseConfig(t *testing.T) {
	want := config{
		BootstrapNodes: []string{"127.0.0.1:9000"},
		Identity:       "ocean-forest-moon-star",
		Storage:        storageConfig{BaseDir: "data", CacheSizeMB: 100, FECK: 4, FECM: 2},
		Network: networkConfig{
			ListenAddrs: []string{"127.0.0.1:0"}, QUICIdleTimeoutMS: 30000, QUICMaxStreams: 100,
		},
		Update: updateConfig{Channel: "stable", CheckIntervalSecs: 86400},
	}
	got, err := parseConfig(goodConfig)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestParseConfigWithoutIdentity(t *testing.T) {
	got, err := parseConfig(strings.Replace(goodConfig, `identity = "ocean-forest-moon-star"`, "", 1))
	if err != nil || got.Identity != "" {
		t.Errorf("config with identity %q and error %v, want none of both", got.Identity, err)
	}
}

// TestParseConfigNeedsEveryKey takes out each line in turn, and each table with its keys.
func TestParseConfigNeedsEveryKey(t *testing.T) {
	for _, key := range requiredKeys {
		t.Run(key, func(t *testing.T) {
			text := without(goodConfig, key)
			if text == goodConfig {
				t.Fatalf("%s is not in the good configuration", key)
			}
			_, err := parseConfig(text)
			if want := "missing field `" + key + "`"; err == nil || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
}

// without returns the configuration without the key, or without the whole table of that name.
func without(text, key string) string {
	table, name, isInTable := strings.Cut(key, ".")
	var kept strings.Builder
	current := ""
	for line := range strings.Lines(text) {
		if header, ok := strings.CutPrefix(line, "["); ok {
			current = strings.TrimSuffix(header, "]\n")
		}
		isKey := isInTable && current == table && strings.HasPrefix(line, name+" =")
		isTop := !isInTable && strings.HasPrefix(line, table+" =")
		isTable := !isInTable && current == table
		if !isKey && !isTop && !isTable {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

func TestParseConfigRefuses(t *testing.T) {
	for name, test := range map[string]struct{ old, new, want string }{
		"auto-update":        {"auto_update = false", "auto_update = true", "would reach the internet"},
		"an unknown key":     {"[update]", "[update]\nmirror = true", "unknown field `update.mirror`"},
		"an unknown table":   {"[update]", "[metrics]\n[update]", "unknown field `metrics`"},
		"a wrong type":       {"fec_k = 4", `fec_k = "4"`, "incompatible types"},
		"below zero":         {"fec_k = 4", `fec_k = -4`, "out of range"},
		"a key given twice":  {"fec_k = 4", "fec_k = 4\nfec_k = 4", "already been defined"},
		"an identity":        {"ocean-forest-moon-star", "ocean-forest", "four words"},
		"an empty identity":  {"ocean-forest-moon-star", "", "four words"},
		"no listen address":  {`listen_addrs = ["127.0.0.1:0"]`, "listen_addrs = []", "listen_addrs is empty"},
		"a name to resolve":  {"127.0.0.1:9000", "localhost:9000", `address "localhost:9000"`},
		"no idle timeout":    {"quic_idle_timeout_ms = 30000", "quic_idle_timeout_ms = 0", "quic_idle_timeout_ms is 0"},
		"what is not TOML":   {"[storage]", "[storage", "expected"},
		"another case of it": {"[storage]", "[Storage]", "missing field `storage`"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseConfig(strings.Replace(goodConfig, test.old, test.new, 1))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if diff := cmp.Diff(config{}, got); diff != "" {
				t.Errorf("with an error (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add(goodConfig)
	f.Add("[storage]\nbase_dir = 1")
	f.Add("identity = \"\"")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseConfig(text)
		if err != nil && !cmp.Equal(config{}, got) {
			t.Errorf("with the error %v: %+v", err, got)
		}
		if err == nil && got.Update.AutoUpdate {
			t.Error("auto-update got through")
		}
	})
}

func TestParseOptions(t *testing.T) {
	all := []string{"--config", "c.toml", "--storage", "s", "--listen", "127.0.0.1:9001", "--bootstrap", "127.0.0.1:9000",
		"--bootstrap", "127.0.0.1:9002", "--metrics", "--metrics-addr", "127.0.0.1:9601", "--self-update"}
	whole := options{
		config: "c.toml", storage: "s", listen: "127.0.0.1:9001", bootstrap: []string{"127.0.0.1:9000", "127.0.0.1:9002"},
		metrics: true, metricsAddr: "127.0.0.1:9601", selfUpdate: true,
	}
	bare := options{config: "/etc/communitas/config.toml", metricsAddr: "127.0.0.1:9600"}
	rebound, replaced := bare, bare
	rebound.listen, replaced.listen = "0.0.0.0:7000", "127.0.0.1:7001"
	for name, test := range map[string]struct {
		args    []string
		env     map[string]string
		want    options
		wantErr string
	}{
		"all flags":                     {args: all, want: whole},
		"no flags":                      {want: bare},
		"a port of the environment":     {env: map[string]string{"COMMUNITAS_QUIC_PORT": "7000"}, want: rebound},
		"an address of the environment": {env: map[string]string{"COMMUNITAS_QUIC_LISTEN": "127.0.0.1:7001"}, want: replaced},
		"a name for an address":         {args: []string{"--bootstrap", "localhost:9000"}, wantErr: "want IP:PORT"},
		"an argument too many":          {args: []string{"start"}, wantErr: "unexpected argument 'start'"},
		"an unknown flag":               {args: []string{"--nodes", "5"}, wantErr: "not defined"},
		"a wrong port":                  {env: map[string]string{"COMMUNITAS_QUIC_PORT": "x"}, wantErr: "COMMUNITAS_QUIC_PORT"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr strings.Builder
			got, err := parseOptions(test.args, func(name string) string { return test.env[name] }, &stderr)
			if (err == nil) != (test.wantErr == "") || err != nil && !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("error %v, want %q", err, test.wantErr)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(options{})); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}
