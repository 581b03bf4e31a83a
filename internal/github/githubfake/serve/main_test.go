package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	world := filepath.Join(t.TempDir(), "world.json")
	if err := os.WriteFile(world, []byte(`{"repositories": [{"owner": "octo", "name": "perf"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/repos/octo/perf/issues": 0, "/repos/octo/perf/nonesuch": 1} {
		ctx, cancel := context.WithCancel(t.Context())
		out, in := io.Pipe()
		var errors strings.Builder
		code := make(chan int)
		go func() { code <- run(ctx, []string{"-world", world}, in, &errors) }()
		url, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.Get(strings.TrimSpace(url) + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		cancel()
		if got := <-code; got != want || (want == 1) != strings.Contains(errors.String(), "no such operation") {
			t.Errorf("%s: exit %d and %q, %d was wanted", path, got, errors.String(), want)
		}
	}
	for _, args := range [][]string{{"-world", "none.json"}, {"-contract", "none"}, {"-faults", "x"}, {"-listen", "nowhere:x"}} {
		if got := run(t.Context(), args, io.Discard, io.Discard); got != 2 {
			t.Errorf("%v: exit %d", args, got)
		}
	}
}
