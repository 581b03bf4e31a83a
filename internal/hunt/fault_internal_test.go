package hunt

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/build"
	"github.com/communitas/perfgate/internal/result"
)

func TestEqualFaultsHaveEqualReasons(t *testing.T) {
	for name, tail := range map[string][]string{
		"a compiler's": {"error[E0432]: unresolved import `x`", " --> src/main.rs:3:5", "error: could not compile `x` (bin \"x\") due to 1 previous error"},
		"in colours":   {"\x1b[1;31merror[E0432]\x1b[0m: unresolved import `x`"},
	} {
		if got := lastError(tail); got != "error[E0432]: unresolved import `x`" {
			t.Errorf("%s: %q", name, got)
		}
	}
	one := lastError([]string{"/state/perfgate/x-12ab/trees/1/x/main.go:12:3: error: bad at 0xc000012345"})
	other := lastError([]string{"/state/perfgate/x-12ab/trees/2/x/main.go:90: error: bad at 0xc0000fffff"})
	if one != other || one != "x/main.go: error: bad at …" {
		t.Errorf("%q and %q", one, other)
	}
	if one, other := normal("exited with status 3, 0.004s after"), normal("exited with status 3, 1s after"); one != other || one != "exited with status 3, …s after" {
		t.Errorf("%q and %q", one, other)
	}
	if got := lastError([]string{"make: *** [all] 2"}); got != "make: *** [all] 2" {
		t.Errorf("without the word: %q", got)
	}
}

func TestWhatABuildFailsByIsToldApart(t *testing.T) {
	exits := func(script string) error { return exec.CommandContext(t.Context(), "sh", "-c", script).Run() }
	for name, c := range map[string]struct {
		err    error
		broken bool
	}{
		"a compiler that refuses":     {&build.Error{Err: exits("exit 1"), Tail: []string{"error: no"}}, true},
		"one that says nothing":       {&build.Error{Err: exits("exit 7")}, true},
		"one that crashes":            {&build.Error{Err: exits("kill -SEGV $$")}, true},
		"one that takes too long":     {&build.Error{Err: fmt.Errorf("%w: it was ended after 1m0s", build.ErrTooLong), Tail: []string{"Compiling errors v1"}}, true},
		"one that was killed":         {&build.Error{Err: exits("kill -9 $$")}, false},
		"one that was asked to end":   {&build.Error{Err: exits("kill $$")}, false},
		"a shell whose child was":     {&build.Error{Err: exits("sh -c 'kill -9 $$'; exit $?")}, false},
		"one whose child was asked":   {&build.Error{Err: exits("sh -c 'kill $$'; exit $?")}, false},
		"a compiler that GCC calls":   {&build.Error{Err: exits("exit 1"), Tail: []string{"g++: fatal error: Killed signal terminated program cc1plus"}}, false},
		"one that Cargo calls":        {&build.Error{Err: exits("exit 101"), Tail: []string{"process didn't exit successfully: `rustc` (signal: 15, SIGTERM: termination signal)"}}, false},
		"one that Cargo sees crash":   {&build.Error{Err: exits("exit 101"), Tail: []string{"process didn't exit successfully: `rustc` (signal: 11, SIGSEGV: invalid memory reference)"}}, true},
		"a full disk":                 {&build.Error{Err: exits("exit 1"), Tail: []string{"ld: No space left on device", "error: ld"}}, false},
		"no memory":                   {&build.Error{Err: syscall.ENOMEM}, false},
		"a program that is not there": {&build.Error{Err: exec.ErrNotFound}, false},
		"no network":                  {&build.Error{Err: exits("exit 1"), Tail: []string{"curl: (6) Could not resolve host: example.org"}}, false},
		"git":                         {errors.New("git checkout: exit status 128"), false},
	} {
		t.Run(name, func(t *testing.T) {
			err := faultOfBuild(c.err)
			if fault, ok := broken(err); ok != c.broken || ok && fault.reason == "" {
				t.Errorf("%v", err)
			}
		})
	}
	if fault, _ := broken(faultOfBuild(&build.Error{Err: fmt.Errorf("%w: it was ended after 1m0s", build.ErrTooLong), Tail: []string{"error: unrelated"}})); !strings.Contains(fault.reason, "too long") {
		t.Errorf("a build that takes too long fails by %q", fault.reason)
	}
}

// TestABuildWithoutNetworkIsNotTheCommitsFault: as the tools say it.
func TestABuildWithoutNetworkIsNotTheCommitsFault(t *testing.T) {
	for name, tail := range map[string]string{
		"cargo, no name": `error: failed to get ¦serde¦ as a dependency of package ¦x v0.1.0¦
Caused by:
  failed to download from ¦https://crates.example.org/config.json¦
Caused by:
  [6] Could not resolve hostname (Could not resolve host: crates.example.org)`,
		"cargo, refused": `error: failed to download from ¦https://crates.example.org/crates/serde/1.0.0/download¦
Caused by:
  [7] Could not connect to server (Failed to connect to crates.example.org port 443 after 0 ms: Couldn't connect to server)`,
		"cargo, git":       "error: failed to load source for dependency `x`\nCaused by:\n  failed to fetch into: /c\n  network failure; class=Net (12); failed to resolve address for github.com: Temporary failure in name resolution",
		"go, no name":      `main.go:3:8: example.org/m@v1.0.0: Get "https://modules.example.org/example.org/m/@v/v1.0.0.zip": dial tcp: lookup modules.example.org: no such host`,
		"go, refused":      `go: example.org/m@v1.0.0: Get "http://127.0.0.1:9/example.org/m/@v/v1.0.0.mod": dial tcp 127.0.0.1:9: connect: connection refused`,
		"go, too slow":     `go: example.org/m@v1.0.0: Get "https://modules.example.org/example.org/m/@v/v1.0.0.mod": net/http: TLS handshake timeout`,
		"go, no resolver":  `go: example.org/m@v1: reading https://modules.example.org/m: dial tcp: lookup modules.example.org on 127.0.0.53:53: server misbehaving`,
		"npm, no name":     "npm ERR! code EAI_AGAIN\nnpm ERR! request to https://packages.example.org/x failed, reason: getaddrinfo EAI_AGAIN packages.example.org",
		"npm, reset":       "npm ERR! code ECONNRESET\nnpm ERR! network aborted",
		"pip":              "WARNING: Retrying after connection broken by 'NewConnectionError': Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
		"git":              "fatal: unable to access 'https://github.com/x/y/': Could not resolve host: github.com",
		"git by ssh":       "ssh: connect to host github.com port 22: Connection timed out\nfatal: Could not read from remote repository.",
		"curl":             "curl: (28) Failed to connect to example.org port 443 after 9 ms: Connection timed out, https://example.org",
		"wget":             "wget: unable to resolve host address 'example.org'",
		"a server in need": "error: failed to download https://example.org/x.tar.gz: 503 Service Unavailable",
	} {
		if lines := strings.Split(strings.ReplaceAll(tail, "¦", "`"), "\n"); unreachable(lines) == "" {
			t.Errorf("%s: the commit is blamed for %q", name, lines)
		}
	}
	for name, tail := range map[string]string{
		"what rustc shows":     "error[E0308]: mismatched types\n --> src/net.rs:3:5\n  |\n3 |     retry(\"no such host\", \"https://x: connection refused\")\n  |     ^^^^^ expected `u8`",
		"a test of its own":    "--- FAIL: TestDial\n    dial tcp 127.0.0.1:4001: connect: connection refused",
		"a version that is no": `go: example.org/m@v9.0.0: reading https://modules.example.org/example.org/m/@v/v9.0.0.info: 404 Not Found`,
		"a type":               "src/main.rs: error: cannot find type `ConnectionRefused` in this scope",
	} {
		if lines := strings.Split(tail, "\n"); unreachable(lines) != "" {
			t.Errorf("%s: the network is blamed for %q", name, lines)
		}
	}
}

// TestABenchmarkWithoutNetworkIsNotTheCommitsFault: cargo bench fetches and compiles what only benchmarks need.
func TestABenchmarkWithoutNetworkIsNotTheCommitsFault(t *testing.T) {
	s := &searching{target: Target{Benchmark: "codec", Metric: "codec/decode"}, journal: &journal{}}
	for failure, fault := range map[string]bool{
		"exit status 101; its last words: Caused by: | [6] Could not resolve host: crates.example.org": true,
		"exit status 101; its last words: thread 'main' panicked":                                      false,
	} {
		got, err := s.noValue(&result.Results{Runs: []result.Run{{Benchmark: "codec", Failure: failure}}}, result.Series{}, false, 1)
		if _, blamed := broken(err); blamed || (err != nil) != fault || (got.event.Type == bisect.Invalid) == fault {
			t.Errorf("%s: %+v, %v", failure, got, err)
		}
	}
}

func FuzzNormal(f *testing.F) {
	for _, seed := range []string{"", "error: x", "\x1b[31mred\x1b[0m", "a:1:2", "\x9b31m", "/a/trees/1/b", strings.Repeat("x", 500), "\xff\xfe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := normal(text)
		if !utf8.ValidString(got) || len([]rune(got)) > mostReason+1 || strings.ContainsAny(got, "\x1b\n\r\x00\u009b\u202e") {
			t.Errorf("%q", got)
		}
	})
}
