package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
	"github.com/google/go-cmp/cmp"
)

// serve serves the pages of a node in this process, after all that the script says for time 0.
func serve(t *testing.T, script testnode.Script, index int) *httptest.Server {
	t.Helper()
	n, err := newNode(options{storage: t.TempDir(), index: index, script: script}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	n.schedulePages()
	n.scheduleReady()
	n.timeline.run()
	server := httptest.NewServer(n.pages())
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		_ = n.truth.file.Close()
	})
	return server
}

func get(t *testing.T, client *http.Client, url string) (status int, body string) {
	t.Helper()
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

const head = "# HELP communitas_peers_connected Number of connected peers\n# TYPE communitas_peers_connected gauge\n"

func TestMetricsPage(t *testing.T) {
	four := []testnode.Peers{{Peers: "4"}}
	for name, test := range map[string]struct {
		node   testnode.Node
		status int
		want   string
	}{
		"a new node":      {testnode.Node{}, 200, head + "communitas_peers_connected 0\n"},
		"a number":        {testnode.Node{Peers: four}, 200, head + "communitas_peers_connected 4\n"},
		"the last counts": {testnode.Node{Peers: []testnode.Peers{{Peers: "4"}, {Peers: "4e0"}}}, 200, head + "communitas_peers_connected 4e0\n"},
		"a lie":           {testnode.Node{Peers: []testnode.Peers{{Peers: "NaN"}}}, 200, head + "communitas_peers_connected NaN\n"},
		"another series": {testnode.Node{Peers: four, Gauge: &testnode.Gauge{Series: `x{a="b c"}`}}, 200,
			"# HELP x Number of connected peers\n# TYPE x gauge\nx{a=\"b c\"} 4\n"},
		"more series":     {testnode.Node{Gauge: &testnode.Gauge{Extra: "y 1\n"}}, 200, "y 1\n" + head + "communitas_peers_connected 0\n"},
		"without gauge":   {testnode.Node{Gauge: &testnode.Gauge{Absent: true, Extra: "y 1\n"}}, 200, "y 1\n"},
		"empty":           {testnode.Node{Pages: []testnode.Page{{Mode: testnode.PageEmpty}}}, 200, ""},
		"with status 500": {testnode.Node{Pages: []testnode.Page{{Mode: testnode.PageStatus500}}}, 500, head + "communitas_peers_connected 0\n"},
		"a web page": {testnode.Node{Pages: []testnode.Page{{Mode: testnode.PageHTML}}}, 200,
			"<!DOCTYPE html>\n<html><body><h1>It works!</h1></body></html>\n"},
		"mended": {testnode.Node{Pages: []testnode.Page{{Mode: testnode.PageReset}, {Mode: testnode.PageMetrics}}}, 200,
			head + "communitas_peers_connected 0\n"},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, testnode.Script{Defaults: test.node}, 0)
			status, body := get(t, server.Client(), server.URL+"/metrics")
			if diff := cmp.Diff(test.want, body); diff != "" || status != test.status {
				t.Errorf("HTTP %d, want %d; page (-want +got):\n%s", status, test.status, diff)
			}
		})
	}
}

func TestHugePageHasTheGaugeAtItsEnd(t *testing.T) {
	server := serve(t, testnode.Script{Defaults: testnode.Node{Pages: []testnode.Page{{Mode: testnode.PageHuge}}}}, 0)
	_, body := get(t, server.Client(), server.URL+"/metrics")
	if len(body) < 10<<20 || !strings.HasSuffix(body, head+"communitas_peers_connected 0\n") {
		t.Errorf("%d bytes that end with %q", len(body), body[max(0, len(body)-40):])
	}
}

func TestBrokenConnections(t *testing.T) {
	page := head + "communitas_peers_connected 12\n"
	for mode, test := range map[testnode.Mode]struct {
		want error
		body string // before the error
	}{
		testnode.PageReset:     {want: syscall.ECONNRESET},
		testnode.PageTruncated: {want: io.ErrUnexpectedEOF, body: strings.TrimSuffix(page, "2\n")},
		testnode.PageHang:      {want: context.DeadlineExceeded},
		testnode.PageDrip:      {want: context.Canceled, body: "a beginning"},
	} {
		t.Run(string(mode), func(t *testing.T) {
			server := serve(t, testnode.Script{Defaults: testnode.Node{
				Peers: []testnode.Peers{{Peers: "12"}}, Pages: []testnode.Page{{Mode: mode}},
			}}, 0)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if mode == testnode.PageHang {
				ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
			}
			enough := func(body string) {
				if mode == testnode.PageDrip && body != "" {
					cancel()
				}
			}
			body, err := read(ctx, server, enough)
			more, begun := strings.CutPrefix(page, body)
			dripped := mode == testnode.PageDrip && begun && more != "" // on a busy machine further drops may have come
			if !errors.Is(err, test.want) || body != test.body && !dripped {
				t.Errorf("body %q and error %v, want %q and %v", body, err, test.body, test.want)
			}
		})
	}
}

// read returns what came of the metrics page before the error, and shows it as it comes.
func read(ctx context.Context, server *httptest.Server, show func(body string)) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/metrics", http.NoBody)
	if err != nil {
		return "", err
	}
	answer, err := server.Client().Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, buffer := "", make([]byte, 512)
	for {
		n, err := answer.Body.Read(buffer)
		body += string(buffer[:n])
		show(body)
		if err != nil {
			return body, err
		}
	}
}

func TestNeverReady(t *testing.T) {
	server := serve(t, testnode.Script{Defaults: testnode.Node{Start: &testnode.Start{Never: true}}}, 0)
	if status, _ := get(t, server.Client(), server.URL+"/health"); status != http.StatusServiceUnavailable {
		t.Errorf("HTTP %d, want 503", status)
	}
}

func TestProbePage(t *testing.T) {
	for name, test := range map[string]struct {
		node testnode.Node
		want peersAnswer
	}{
		"no peers":      {testnode.Node{}, peersAnswer{ID: "node-1", Peers: []string{}}},
		"by count":      {testnode.Node{Peers: []testnode.Peers{{Peers: "2"}}}, peersAnswer{ID: "node-1", Peers: []string{"node-2", "node-0"}}},
		"by script":     {testnode.Node{Peers: []testnode.Peers{{Peers: "2", IDs: []string{"a"}}}}, peersAnswer{ID: "node-1", Peers: []string{"a"}}},
		"after a lie":   {testnode.Node{Peers: []testnode.Peers{{Peers: "1"}, {Peers: "NaN"}}}, peersAnswer{ID: "node-1", Peers: []string{"node-0"}}},
		"after a loss":  {testnode.Node{Peers: []testnode.Peers{{Peers: "2"}, {Peers: "0"}}}, peersAnswer{ID: "node-1", Peers: []string{}}},
		"a phantom":     {testnode.Node{Probe: &testnode.Probe{Phantom: []string{"ghost"}}}, peersAnswer{ID: "node-1", Peers: []string{"ghost"}}},
		"an id":         {testnode.Node{Probe: &testnode.Probe{ID: "me"}}, peersAnswer{ID: "me", Peers: []string{}}},
		"a stale entry": {testnode.Node{Probe: &testnode.Probe{KeepStale: true}, Peers: []testnode.Peers{{Peers: "2"}, {Peers: "0"}}}, peersAnswer{ID: "node-1", Peers: []string{"node-0", "node-2"}}},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, testnode.Script{Defaults: test.node}, 1)
			_, body := get(t, server.Client(), server.URL+"/probe/peers")
			var got peersAnswer
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProbePageAbsent(t *testing.T) {
	server := serve(t, testnode.Script{Defaults: testnode.Node{Probe: &testnode.Probe{Absent: true}}}, 0)
	if status, _ := get(t, server.Client(), server.URL+"/probe/peers"); status != http.StatusNotFound {
		t.Errorf("HTTP %d, want 404", status)
	}
}

// TestNeighboursAreSymmetric checks every graph that can exist up to nine nodes.
func TestNeighboursAreSymmetric(t *testing.T) {
	for size := 1; size <= 9; size++ {
		for count := range size {
			if count*size%2 == 1 {
				continue
			}
			knows := make(map[[2]string]bool)
			for index := range size {
				ids := neighbours(index, count, size)
				for _, id := range ids {
					knows[[2]string{nodeID(index), id}] = true
				}
				if knows[[2]string{nodeID(index), nodeID(index)}] {
					t.Errorf("size %d, count %d: node %d knows itself", size, count, index)
				}
			}
			if len(knows) != size*count {
				t.Errorf("size %d, count %d: %d different pairs, want %d", size, count, len(knows), size*count)
			}
			for pair := range knows {
				if !knows[[2]string{pair[1], pair[0]}] {
					t.Errorf("size %d, count %d: %s knows %s, not the other way", size, count, pair[0], pair[1])
				}
			}
		}
	}
}

func TestNeighboursAboveTheNetworkDoNotExist(t *testing.T) {
	if diff := cmp.Diff([]string{"node-1", "node-2", "node-3", "node-4"}, neighbours(0, 4, 3)); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}
