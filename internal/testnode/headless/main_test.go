//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
	"github.com/google/go-cmp/cmp"
)

func TestMain(m *testing.M) { os.Exit(testnode.CleanUpAfter(m).Run()) }

// running is a started node.
type running struct {
	*testnode.Process
	storage string
}

// launch starts a node on free ports with goodConfig, changed by replacing pairs of texts.
func launch(t *testing.T, replace []string, args ...string) running {
	t.Helper()
	folder := t.TempDir()
	configFile, storage := filepath.Join(folder, "config.toml"), filepath.Join(folder, "storage")
	text := strings.NewReplacer(append(replace, `"127.0.0.1:9000"`, "")...).Replace(goodConfig)
	if err := os.WriteFile(configFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args = append([]string{"--config", configFile, "--storage", storage, "--listen", "127.0.0.1:0",
		"--metrics", "--metrics-addr", "127.0.0.1:0"}, args...)
	return running{testnode.Launch(t, testnode.Build(t, testnode.Headless), []string{"RUST_LOG=info"}, args...), storage}
}

func (r running) control() string { return r.Field("Metrics server listening", "addr") }
func (r running) quic() string    { return r.Field("QUIC delta server listening", "addr") }

// get returns the body of a page, which must be 200.
func get(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, answer.Status, err)
	}
	return string(body)
}

func page(peers int) string {
	return fmt.Sprintf("# HELP communitas_peers_connected Number of connected peers\n"+
		"# TYPE communitas_peers_connected gauge\ncommunitas_peers_connected %d\n", peers)
}

func TestGaugeCountsOutboundConnectionsAndNeverFalls(t *testing.T) {
	first := launch(t, nil)
	second := launch(t, nil, "--bootstrap", first.quic())
	third := launch(t, nil, "--bootstrap", first.quic(), "--bootstrap", second.quic())

	check := func(when string) {
		t.Helper()
		for i, node := range []running{second, third} {
			if diff := cmp.Diff(page(i+1), get(t, "http://"+node.control()+"/metrics")); diff != "" {
				t.Errorf("node %d %s (-want +got):\n%s", i+1, when, diff)
			}
		}
	}
	check("after connecting")
	if diff := cmp.Diff(page(0), get(t, "http://"+first.control()+"/metrics")); diff != "" {
		t.Errorf("the node that all others dialled (-want +got):\n%s", diff)
	}
	first.Signal(syscall.SIGINT)
	if code := first.Wait().ExitCode(); code != 0 {
		t.Errorf("SIGINT ended the node with %d, want 0", code)
	}
	if cache, err := os.ReadFile(filepath.Join(first.storage, "peer_cache.json")); string(cache) != `{"peers":[]}` {
		t.Errorf("the peer cache of a node that dialled nobody is %q (%v)", cache, err)
	}
	check("after its bootstrap node is gone")
}

func TestBootstrapNodesOfTheConfigurationAreDialledToo(t *testing.T) {
	first := launch(t, nil)
	second := launch(t, []string{`"127.0.0.1:9000"`, `"` + first.quic() + `"`})
	if diff := cmp.Diff(page(1), get(t, "http://"+second.control()+"/metrics")); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
}

func TestHealthIsConstantAndItsUptimeIsTheTimeOfDay(t *testing.T) {
	node := launch(t, nil)
	before := time.Now().Unix()
	var health struct {
		Status, Version string
		Uptime          int64
	}
	if err := json.Unmarshal([]byte(get(t, "http://"+node.control()+"/health")), &health); err != nil {
		t.Fatal(err)
	}
	if health.Status != "healthy" || health.Version != version || health.Uptime < before || health.Uptime > time.Now().Unix() {
		t.Errorf("health is %+v at %d", health, before)
	}
}

// TestOrderOfStartingUp has a bootstrap address where nobody answers: the pages and the QUIC server wait for it to fail.
// It is given up after a time in which the other, which answers, has to be reached on a busy machine.
func TestOrderOfStartingUp(t *testing.T) {
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	answering := launch(t, nil)

	node := launch(t, []string{"quic_idle_timeout_ms = 30000", "quic_idle_timeout_ms = 3000"},
		"--bootstrap", silent.LocalAddr().String(), "--bootstrap", answering.quic())
	node.Line("Node is running")

	var got []string
	for line := range strings.Lines(node.Log()) {
		_, message, _ := strings.Cut(line, "communitas_headless: ")
		message, _, _ = strings.Cut(message, " addr=")
		message, _, _ = strings.Cut(message, " version=")
		got = append(got, strings.TrimSpace(message))
	}
	want := []string{
		"Starting communitas-headless",
		"Connecting to bootstrap node", "Failed to connect to bootstrap node",
		"Connecting to bootstrap node", "Connected to peer",
		"Metrics server listening", "QUIC delta server listening", "Node is running",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(page(1), get(t, "http://"+node.control()+"/metrics")); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
}

func TestOnlyInterruptSavesThePeerCache(t *testing.T) {
	first := launch(t, nil)
	peer := first.quic()
	for name, test := range map[string]struct {
		signal syscall.Signal
		killed bool
		cache  string
	}{
		"SIGINT":  {signal: syscall.SIGINT, cache: `{"peers":["` + peer + `"]}`},
		"SIGTERM": {signal: syscall.SIGTERM, killed: true},
	} {
		t.Run(name, func(t *testing.T) {
			node := launch(t, nil, "--bootstrap", peer)
			node.Line("Node is running")
			node.Signal(test.signal)
			status := node.Wait().Sys().(syscall.WaitStatus)
			if status.Signaled() != test.killed || test.killed && status.Signal() != test.signal || status.ExitStatus() > 0 {
				t.Errorf("wait status %#x, want killed %v", status, test.killed)
			}
			cache, err := os.ReadFile(filepath.Join(node.storage, "peer_cache.json"))
			if os.IsNotExist(err) != test.killed || string(cache) != test.cache {
				t.Errorf("peer cache %q (%v), want %q", cache, err, test.cache)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, test := range map[string]struct {
		replace, args []string
		code          int
		want          string
	}{
		"a missing table":       {replace: []string{"[update]", "[storage.update]"}, code: 1, want: "missing field `update`"},
		"auto-update":           {replace: []string{"auto_update = false", "auto_update = true"}, code: 1, want: "reach the internet"},
		"self-update":           {args: []string{"--self-update"}, code: 1, want: "reach the internet"},
		"no configuration":      {args: []string{"--config", "/nonexistent/config.toml"}, code: 1, want: "/nonexistent/config.toml"},
		"a control port in use": {args: []string{"--metrics-addr", taken.Addr().String()}, code: 1, want: "bind metrics address"},
		"an unknown flag":       {args: []string{"--verbose"}, code: 2, want: "-verbose"},
	} {
		t.Run(name, func(t *testing.T) {
			node := launch(t, test.replace, test.args...)
			if code := node.Wait().ExitCode(); code != test.code || !strings.Contains(node.Log(), test.want) {
				t.Errorf("exit code %d, want %d with %q in the log:\n%s", code, test.code, test.want, node.Log())
			}
		})
	}
}

func TestLogLevel(t *testing.T) {
	for directives, want := range map[string]string{
		"":                "WINFO",
		"error":           "",
		"warn":            "W",
		"hyper=off,DEBUG": "WINFODEBUG",
	} {
		t.Run(directives, func(t *testing.T) {
			var out strings.Builder
			log := newLog(&out, directives)
			log.warn("W")
			log.info("INFO")
			log.debug("DEBUG")
			var got strings.Builder
			for line := range strings.Lines(out.String()) {
				fields := strings.Fields(line)
				got.WriteString(fields[len(fields)-1])
			}
			if got.String() != want {
				t.Errorf("RUST_LOG=%s writes %q, want %q:\n%s", directives, got.String(), want, out.String())
			}
		})
	}
}
