package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// process is a running refnode.
type process struct {
	command *exec.Cmd
	lines   *bufio.Scanner
	started string // the line that says that the node is ready
}

// build compiles the program that is tested.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "refnode")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, output)
	}
	return binary
}

// launch starts refnode and waits until it says that it is ready.
func launch(t *testing.T, binary string, args ...string) *process {
	t.Helper()
	p := &process{command: exec.CommandContext(t.Context(), binary, args...)}
	stderr, err := p.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.command.Process.Kill() // only after a failure is it still there
		_ = p.command.Wait()
	})
	p.lines = bufio.NewScanner(stderr)
	for p.lines.Scan() {
		if strings.Contains(p.lines.Text(), `msg="node ready"`) {
			p.started = p.lines.Text()
			go func() { // the node must not block on a full pipe
				for p.lines.Scan() {
				}
			}()
			return p
		}
	}
	t.Fatal("refnode ended before it was ready")
	return nil
}

// address is one of the addresses in the line that says that the node is ready.
func (p *process) address(t *testing.T, key string) string {
	t.Helper()
	match := regexp.MustCompile(` ` + key + `=(\S+)`).FindStringSubmatch(p.started)
	if match == nil {
		t.Fatalf("no %s in %q", key, p.started)
	}
	return match[1]
}

func (p *process) get(t *testing.T, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.address(t, "control")+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func (p *process) hasPeers(t *testing.T, count int) bool {
	t.Helper()
	_, body := p.get(t, "/metrics")
	return strings.Contains(body, fmt.Sprintf("\ncommunitas_peers_connected %d\n", count))
}

// checkSockets looks at every internet socket of a process: none may be able to leave the machine.
func checkSockets(t *testing.T, p *process) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return // the kernel's list of sockets is read from /proc
	}
	udp := 0
	for _, socket := range p.sockets(t) {
		if strings.HasPrefix(socket, "udp ") {
			udp++
		}
		if !strings.Contains(socket, " 0100007F:") { // 127.0.0.1
			t.Errorf("socket %s is not bound to loopback", socket)
		}
	}
	if udp != 1 {
		t.Errorf("%d UDP sockets, want 1 for listening and dialling", udp)
	}
}

// sockets are protocol and local address of the internet sockets of a process, as the kernel writes them.
func (p *process) sockets(t *testing.T) []string {
	t.Helper()
	proc := filepath.Join("/proc", fmt.Sprint(p.command.Process.Pid))
	files, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		t.Fatal(err)
	}
	own := make(map[string]bool)
	for _, file := range files {
		target, _ := os.Readlink(filepath.Join(proc, "fd", file.Name())) // closed meanwhile: no socket of ours
		if inode, ok := strings.CutPrefix(target, "socket:["); ok {
			own[strings.TrimSuffix(inode, "]")] = true
		}
	}
	var sockets []string
	for _, table := range []string{"udp", "udp6", "tcp", "tcp6"} {
		for _, row := range socketTable(t, filepath.Join(proc, "net", table)) {
			if own[row[9]] {
				sockets = append(sockets, table+" "+row[1])
			}
		}
	}
	return sockets
}

// socketTable reads the rows of /proc/PID/net/{udp,tcp}*: field 1 is the local address, field 9 the inode.
func socketTable(t *testing.T, path string) [][]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil // a kernel without IPv6
	}
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 9 && strings.HasSuffix(fields[0], ":") {
			rows = append(rows, fields)
		}
	}
	return rows
}
