package main

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// await asks done again and again until it reports true.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// launchNetwork starts a bootstrap and the nodes that join at it.
func launchNetwork(t *testing.T, size int) []*process {
	t.Helper()
	binary, dir := build(t), t.TempDir()
	config := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(config, []byte("idle_timeout_ms = 5000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var nodes []*process
	for i := range size {
		args := []string{
			"--listen", "127.0.0.1:0", "--config", config, "--storage", filepath.Join(dir, fmt.Sprint(i)),
			"--metrics", "--metrics-addr", "127.0.0.1:0",
		}
		if i > 0 {
			args = append(args, "--bootstrap", nodes[0].address(t, "listen"))
		}
		nodes = append(nodes, launch(t, binary, args...))
	}
	return nodes
}

func awaitPeers(t *testing.T, what string, count int, nodes []*process) {
	t.Helper()
	await(t, what, func() bool {
		return !slices.ContainsFunc(nodes, func(p *process) bool { return !p.hasPeers(t, count) })
	})
}

func TestProgram(t *testing.T) {
	nodes := launchNetwork(t, 4)
	awaitPeers(t, "three peers everywhere", 3, nodes)
	for _, node := range nodes {
		if code, body := node.get(t, "/health"); code != http.StatusOK || !strings.Contains(body, `"status":"healthy"`) {
			t.Errorf("health: %d %s", code, body)
		}
		checkSockets(t, node)
	}
	checkSymmetry(t, nodes)
	checkModules(t, nodes[0].command.Path)

	if err := nodes[3].command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	nodes = nodes[:3]
	awaitPeers(t, "the killed node missed", 2, nodes)
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt, os.Interrupt} {
		last := len(nodes) - 1
		if err := nodes[last].command.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := nodes[last].command.Wait(); err != nil {
			t.Errorf("after %v: %v, want exit code 0", signal, err)
		}
		nodes = nodes[:last]
		awaitPeers(t, "the stopped node missed", last-1, nodes)
	}
}

// checkSymmetry compares who knows whom at both ends, until it is the same: a connection may just have been lost, which one end
// notices before the other.
func checkSymmetry(t *testing.T, nodes []*process) {
	t.Helper()
	diff := "nobody was asked"
	defer func() {
		if diff != "" {
			t.Errorf("who knows whom (-from one end +from the other):\n%s", diff)
		}
	}()
	await(t, "symmetry", func() bool {
		diff = asymmetry(t, nodes)
		return diff == ""
	})
}

// asymmetry asks all nodes for their peers, and says how what one end knows differs from what the other does.
func asymmetry(t *testing.T, nodes []*process) string {
	t.Helper()
	knows := make(map[string][]string)
	for _, node := range nodes {
		_, body := node.get(t, "/probe/peers")
		var list struct {
			ID    string
			Peers []string
		}
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		knows[list.ID] = list.Peers
	}
	known := make(map[string][]string)
	for id, peers := range knows {
		for _, peer := range peers {
			known[peer] = append(known[peer], id)
		}
	}
	for _, ids := range known {
		slices.Sort(ids)
	}
	for _, ids := range knows {
		slices.Sort(ids)
	}
	return cmp.Diff(knows, known)
}

// checkModules looks for libraries that come in with the root package of libp2p and serve nothing here.
func checkModules(t *testing.T, binary string) {
	t.Helper()
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Deps) == 0 {
		t.Fatal("the binary names no modules")
	}
	for _, module := range info.Deps {
		for _, heavy := range []string{"github.com/pion/", "github.com/quic-go/webtransport-go", "go.uber.org/fx"} {
			if strings.HasPrefix(module.Path, heavy) {
				t.Errorf("%s is linked", module.Path)
			}
		}
	}
}

func TestTakenPortIsAnError(t *testing.T) {
	taken, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var stdout, stderr strings.Builder
	code := run(t.Context(), []string{"--listen", taken.LocalAddr().String()}, func(string) string { return "" }, &stdout, &stderr)
	if code != exitError || !strings.Contains(stderr.String(), taken.LocalAddr().String()) || stdout.Len() > 0 {
		t.Errorf("code %d, stdout %q, stderr %q; want code 1 and the address", code, &stdout, &stderr)
	}
}

func TestCommandLine(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.toml")
	unknown := filepath.Join(t.TempDir(), "unknown.toml")
	if err := os.WriteFile(unknown, []byte("max_peers = 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, args, env string
		code            int
		stdout, stderr  string
	}{
		{name: "help", args: "--help", stdout: "Usage:\n  refnode --listen"},
		{name: "version", args: "--version", stdout: "refnode "},
		{name: "unknown flag", args: "--frob", code: exitUsage, stderr: "frob"},
		{name: "argument", args: "extra", code: exitUsage, stderr: `unexpected argument "extra"`},
		{name: "listen without port", args: "--listen 127.0.0.1", code: exitUsage, stderr: "not IP:PORT"},
		{name: "bootstrap by name", args: "--bootstrap localhost:9000", code: exitUsage, stderr: "not IP:PORT"},
		{name: "metrics-addr", args: "--metrics --metrics-addr :9600", code: exitUsage, stderr: "not IP:PORT"},
		{name: "missing configuration", args: "--config " + missing, code: exitUsage, stderr: missing + ": no such file"},
		{name: "unknown key", args: "--config " + unknown, code: exitUsage, stderr: unknown + ": unknown key max_peers"},
		{name: "peers that are no number", args: "--min-peers many", code: exitUsage, stderr: `parsing "many": invalid syntax`},
		{name: "fewer than no peers", args: "--min-peers -1", code: exitUsage, stderr: "min_peers = -1: must be 0 (all) or more"},
		{name: "fault", env: "much", code: exitUsage, stderr: `REFNODE_FAULT_CPU_BURN_RATIO="much": not a number`},
		{name: "bootstrap of the other IP version", args: "--bootstrap [::1]:9000", code: exitUsage, stderr: "same IP version"},
		{name: "bootstrap without port", args: "--bootstrap 127.0.0.1:0", code: exitUsage, stderr: "can be dialled"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			getenv := func(name string) string {
				if name == "REFNODE_FAULT_CPU_BURN_RATIO" {
					return test.env
				}
				return ""
			}
			var stdout, stderr strings.Builder
			code := run(t.Context(), strings.Fields(test.args), getenv, &stdout, &stderr)
			if code != test.code || !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("code %d, stdout %q, stderr %q; want code %d, stdout with %q, stderr with %q",
					code, &stdout, &stderr, test.code, test.stdout, test.stderr)
			}
		})
	}
}

func TestEveryFlagAndVariableIsInTheHelp(t *testing.T) {
	for _, word := range []string{
		"--listen", "--bootstrap", "--storage", "--config", "--min-peers", "--metrics", "--metrics-addr", "--version", "--help",
		"min_peers", "parallel_dials", "idle_timeout_ms", "topic", "allow",
		"ballast_bytes", "cpu_burn_ratio", "accept_delay_ms", "startup_delay_ms",
		"BALLAST_BYTES", "CPU_BURN_RATIO", "ACCEPT_DELAY_MS", "STARTUP_DELAY_MS", "RUST_LOG",
	} {
		if !strings.Contains(usage, word) {
			t.Errorf("%s is not explained", word)
		}
	}
}
