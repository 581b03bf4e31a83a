package refnode

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

// get asks a running node by HTTP.
func get(t testing.TB, node *Node, path string) (int, string) {
	t.Helper()
	return reply(t, node, http.MethodGet, path, nil)
}

// reply is what a running node answers by HTTP.
func reply(t testing.TB, node *Node, method, path string, body io.Reader) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+node.ControlAddr().String()+path, body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func withControl(o *Options) { o.Control = loopback(0) }

func TestHealth(t *testing.T) {
	node := startMesh(t, 1, withControl)[0]
	code, body := get(t, node, "/health")
	var fields map[string]any
	if err := json.Unmarshal([]byte(body), &fields); err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	uptime, isNumber := fields["uptime"].(float64)
	delete(fields, "uptime")
	if diff := cmp.Diff(map[string]any{"status": "healthy", "version": "test"}, fields); diff != "" || code != http.StatusOK {
		t.Errorf("code %d, fields (-want +got):\n%s", code, diff)
	}
	if !isNumber || uptime < 0 || uptime > 3600 {
		t.Errorf("uptime %v, want the seconds since the start of this test", uptime)
	}
}

func TestNodeThatIsNotReadySaysSo(t *testing.T) {
	var node Node // as it is while Start still works
	for path, want := range map[string]string{"/health": `"status":"starting"`, "/metrics": "not ready", "/probe/peers": "not ready"} {
		answer := httptest.NewRecorder()
		node.routes().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if answer.Code != http.StatusServiceUnavailable || !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%s: %d %s; want 503 and %s", path, answer.Code, answer.Body, want)
		}
	}
}

func TestMetrics(t *testing.T) {
	nodes := startMesh(t, 3, withControl)
	awaitFullMesh(t, nodes)
	await(t, "routing tables", func() bool { return nodes[0].table.size() == 2 })
	code, body := get(t, nodes[0], "/metrics")
	var series []string
	for line := range strings.Lines(body) {
		if !strings.HasPrefix(line, "#") {
			series = append(series, strings.TrimSpace(line))
		}
	}
	want := []string{
		"communitas_dht_records 0",
		"communitas_peers_connected 2",
		fmt.Sprintf(`refnode_build_info{go_version="%s",version="test"} 1`, runtime.Version()),
		`refnode_connections{direction="inbound"} 2`,
		`refnode_connections{direction="outbound"} 0`,
		"refnode_dht_routing_peers 2",
		"refnode_dial_failures_total 0",
		"refnode_gossip_received_total 0",
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(series))); diff != "" || code != http.StatusOK {
		t.Errorf("code %d, series (-want +got):\n%s", code, diff)
	}
	// Gatherers check what a registry would: names, labels, types and that no series comes twice.
	families, err := prometheus.Gatherers{prometheus.GathererFunc(nodes[0].gather)}.Gather()
	if err != nil || len(families) != 7 {
		t.Errorf("%d families, %v; want 7 that are consistent", len(families), err)
	}
	stop(t, nodes[1])
	await(t, "the gauge to fall", func() bool {
		_, body := get(t, nodes[0], "/metrics")
		return strings.Contains(body, "\ncommunitas_peers_connected 1\n")
	})
}

func TestProbePeersIsSymmetric(t *testing.T) {
	nodes := startMesh(t, 4, withControl)
	awaitFullMesh(t, nodes)
	got := make(map[string][]string)
	for _, node := range nodes {
		_, body := get(t, node, "/probe/peers")
		var list peerList
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		got[list.ID] = list.Peers
	}
	if diff := cmp.Diff(fullMesh(nodes), got); diff != "" {
		t.Errorf("peers (-want +got):\n%s", diff)
	}
}

func TestLonelyNodeHasAnEmptyListOfPeers(t *testing.T) {
	node := startMesh(t, 1, withControl)[0]
	if _, body := get(t, node, "/probe/peers"); body != `{"id":"`+node.ID()+`","peers":[]}`+"\n" {
		t.Errorf("body %s", body)
	}
}

func TestOtherRequestsAreRefused(t *testing.T) {
	node := startMesh(t, 1, withControl)[0]
	if code, _ := get(t, node, "/probe/nothing"); code != http.StatusNotFound {
		t.Errorf("GET of a path that does not exist: %d, want 404", code)
	}
	answer := httptest.NewRecorder()
	node.routes().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/metrics", nil))
	if answer.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST /metrics: %d, want 405", answer.Code)
	}
}

func TestTakenAddressesAreNamed(t *testing.T) {
	taken := startMesh(t, 1, withControl)[0]
	tests := []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"listen", func(o *Options) { o.Listen = taken.ListenAddr() }, taken.ListenAddr().String()},
		{"control", func(o *Options) { o.Control = taken.ControlAddr() }, taken.ControlAddr().String()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			options := testOptions()
			test.change(&options)
			node, err := Start(t.Context(), options)
			if node != nil || !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %v; want an error that the address is in use and names %s", node, err, test.want)
			}
		})
	}
}

func BenchmarkScrape(b *testing.B) {
	nodes := startMesh(b, 5, withControl)
	awaitFullMesh(b, nodes)
	handler := nodes[0].routes()
	request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", nil)
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(httptest.NewRecorder(), request)
	}
}

// dialControl connects to the control address without speaking HTTP yet.
func dialControl(t testing.TB, node *Node) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", node.ControlAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
