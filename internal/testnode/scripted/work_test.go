package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/testnode"
	"github.com/google/go-cmp/cmp"
)

// workers serves a network of nodes in this process.
func workers(t *testing.T, size int, does testnode.Work) (servers []*httptest.Server, truths []string) {
	t.Helper()
	mesh := t.TempDir()
	for i := range size {
		storage := t.TempDir()
		script := testnode.Script{Defaults: testnode.Node{Work: &does}}
		n, err := newNode(options{storage: storage, index: i, mesh: mesh, script: script}, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(n.pages())
		t.Cleanup(func() {
			server.Close()
			_ = n.truth.file.Close()
		})
		if err := n.joinMesh(server.Listener.Addr().String()); err != nil {
			t.Fatal(err)
		}
		servers, truths = append(servers, server), append(truths, filepath.Join(storage, testnode.TruthFile))
	}
	return servers, truths
}

func ask(t *testing.T, server *httptest.Server, path, body string) (int, map[string]any) {
	t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	request, err := http.NewRequest(method, server.URL+"/probe"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	decoder := json.NewDecoder(response.Body)
	decoder.UseNumber()
	var answer map[string]any
	if err := decoder.Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

func instant(t *testing.T, value any) int64 {
	t.Helper()
	number, ok := value.(json.Number)
	at, err := number.Int64()
	if !ok || err != nil {
		t.Fatalf("%v is no instant", value)
	}
	return at
}

// publishAll has the first node publish messages, and returns what the second then lists as "ID after MS".
func publishAll(t *testing.T, servers []*httptest.Server, messages int) []string {
	t.Helper()
	published := make(map[string]int64)
	for i := range messages {
		id := fmt.Sprintf("m%d", i+1)
		_, answer := ask(t, servers[0], "/publish", fmt.Sprintf(`{"id": %q, "bytes": 200}`, id))
		published[id] = instant(t, answer["published_ns"])
	}
	var last map[string]any
	for range 3 { // pages do not depend on how often they are asked for
		_, last = ask(t, servers[1], "/received?since=0", "")
	}
	var listed []string
	for i, m := range last["messages"].([]any) {
		m := m.(map[string]any)
		id := m["id"].(string)
		if m["from"] != "node-0" || instant(t, m["seq"]) != int64(i) || instant(t, m["bytes"]) != 200 {
			t.Errorf("message %d: %v", i, m)
		}
		if at, ok := published[id]; ok {
			id += fmt.Sprintf(" after %v", float64(instant(t, m["received_ns"])-at)/1e6)
		}
		listed = append(listed, id)
	}
	return listed
}

func TestMessagesArriveAsScripted(t *testing.T) {
	for name, test := range map[string]struct {
		does testnode.Work
		want []string
	}{
		"at once":    {testnode.Work{}, []string{"m1 after 0", "m2 after 0", "m3 after 0", "m4 after 0"}},
		"lost":       {testnode.Work{LoseEvery: 2}, []string{"m1 after 0", "m3 after 0"}},
		"twice":      {testnode.Work{TwiceEvery: 3}, []string{"m1 after 0", "m2 after 0", "m3 after 0", "m3 after 0", "m4 after 0"}},
		"foreign":    {testnode.Work{ForeignEvery: 4}, []string{"m1 after 0", "m2 after 0", "m3 after 0", "m4 after 0", "foreign-4"}},
		"swapped":    {testnode.Work{SwapEvery: 2}, []string{"m1 after 0", "m3 after 0", "m2 after 0"}}, // m4 waits for the next
		"by a clock": {testnode.Work{ClockOffsetMS: 3600e3}, []string{"m1 after 0", "m2 after 0", "m3 after 0", "m4 after 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			servers, _ := workers(t, 2, test.does)
			if diff := cmp.Diff(test.want, publishAll(t, servers, 4)); diff != "" {
				t.Errorf("listed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessagesAreListedFromTheirInstantOn(t *testing.T) {
	servers, truths := workers(t, 2, testnode.Work{DelaysMS: []float64{0.5, 3600e3}})
	_, first := ask(t, servers[0], "/publish", `{"id": "soon", "bytes": 128}`)
	_, second := ask(t, servers[0], "/publish", `{"id": "late", "bytes": 128}`)
	for {
		_, page := ask(t, servers[1], "/received", "")
		if listed := page["messages"].([]any); len(listed) > 0 {
			m := listed[0].(map[string]any)
			if m["id"] != "soon" || instant(t, m["received_ns"]) != instant(t, first["published_ns"])+500_000 || len(listed) != 1 {
				t.Errorf("listed %v", listed)
			}
			break
		}
	}
	events, err := testnode.ReadTruth(truths[1])
	if err != nil {
		t.Fatal(err)
	}
	want := []testnode.Event{
		{Event: testnode.EventReceived, MonotonicNS: instant(t, first["published_ns"]) + 500_000, Value: "soon"},
		{Event: testnode.EventReceived, MonotonicNS: instant(t, second["published_ns"]) + 3600e9, Value: "late"},
	}
	if diff := cmp.Diff(want, events[1:]); diff != "" { // after the start
		t.Errorf("truth (-want +got):\n%s", diff)
	}
}

func TestWorkTakesAsLongAsScripted(t *testing.T) {
	servers, _ := workers(t, 2, testnode.Work{PutMS: []float64{2}, GetMS: []float64{1, 4}, ConnectMS: []float64{3}, SendBytesPerSecond: 1e9, FailEvery: 6})
	for i, call := range []struct {
		path, body string
		ok         bool
		ns         int64
		has        string
	}{
		{"/dht/get", `{"key": "k"}`, true, 1e6, `"found":false`},
		{"/dht/put", `{"key": "k", "bytes": 100}`, true, 2e6, `"bytes":100`},
		{"/dht/get", `{"key": "k"}`, true, 4e6, `"found":true`},
		{"/send", `{"to": "node-1", "bytes": 5000000}`, true, 5e6, `"bytes":5000000`},
		{"/connect", `{"to": "node-1"}`, true, 3e6, ``},
		{"/connect", `{"to": "node-1"}`, false, 3e6, `"error":"failed by script"`},
		{"/connect", `{"to": "node-7"}`, false, 3e6, `"error":"no other node`},
		{"/dht/get", `{"key": "k"}`, true, 1e6, `"found":true`},
	} {
		before := testnode.MonotonicNS()
		_, answer := ask(t, servers[0], call.path, call.body)
		text, _ := json.Marshal(answer)
		took := instant(t, answer["done_ns"]) - instant(t, answer["started_ns"])
		if answer["ok"] != call.ok || took != call.ns || !strings.Contains(string(text), call.has) ||
			instant(t, answer["started_ns"]) < before || instant(t, answer["done_ns"]) > testnode.MonotonicNS() {
			t.Errorf("%d: %s: %s; want ok=%v in %d ns and %s", i, call.path, text, call.ok, call.ns, call.has)
		}
	}
	_, traffic := ask(t, servers[1], "/traffic", "")
	if instant(t, traffic["payload_received"]) != 5_000_000 {
		t.Errorf("traffic of the receiver: %v", traffic)
	}
}

func TestAnswersLieAsScripted(t *testing.T) {
	servers, _ := workers(t, 1, testnode.Work{
		Patch:  map[string]map[string]json.RawMessage{"publish": {"published_ns": json.RawMessage(`-1`), "id": json.RawMessage(`null`)}},
		Status: map[string]int{"traffic": 500}, Strict: true,
	})
	if _, answer := ask(t, servers[0], "/publish", `{"id": "m", "bytes": 128}`); len(answer) != 2 || answer["published_ns"] != json.Number("-1") {
		t.Errorf("patched: %v", answer)
	}
	if code, _ := ask(t, servers[0], "/traffic", ""); code != 500 {
		t.Errorf("status %d, want 500", code)
	}
	if code, _ := ask(t, servers[0], "/publish", `{"id": "m", "bytes": 128, "more": 1}`); code != 400 {
		t.Errorf("strict: status %d, want 400", code)
	}
	if code, _ := ask(t, servers[0], "/publish", `{"id": "m", "bytes": 1}`); code != 400 {
		t.Errorf("too small: status %d, want 400", code)
	}
	lenient, _ := workers(t, 1, testnode.Work{Lenient: true})
	if code, _ := ask(t, lenient[0], "/publish", `{`); code != 200 {
		t.Errorf("lenient: status %d, want 200", code)
	}
}
