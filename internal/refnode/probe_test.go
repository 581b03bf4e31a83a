package refnode

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// post asks a running node to work.
func post(t testing.TB, node *Node, path, body string) (int, string) {
	t.Helper()
	return reply(t, node, http.MethodPost, path, strings.NewReader(body))
}

// ask is post for a request that must be worked on.
func ask[Answer any](t testing.TB, node *Node, path, format string, args ...any) Answer {
	t.Helper()
	before := monotonicNS()
	code, body := post(t, node, path, fmt.Sprintf(format, args...))
	var answer Answer
	if err := json.Unmarshal([]byte(body), &answer); err != nil || code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, code, body)
	}
	var times struct {
		Published *int64 `json:"published_ns"`
		Started   *int64 `json:"started_ns"`
		Done      *int64 `json:"done_ns"`
	}
	if err := json.Unmarshal([]byte(body), &times); err != nil {
		t.Fatal(err)
	}
	last := before
	for _, at := range []*int64{times.Published, times.Started, times.Done} {
		if at != nil {
			if *at < last {
				t.Errorf("%s: %s: %d comes after %d", path, body, *at, last)
			}
			last = *at
		}
	}
	if now := monotonicNS(); last > now {
		t.Errorf("%s: %s: it is %d", path, body, now)
	}
	return answer
}

func receivedBy(t testing.TB, node *Node, since uint64) page {
	t.Helper()
	code, body := get(t, node, fmt.Sprintf("/probe/received?since=%d", since))
	var answer page
	if err := json.Unmarshal([]byte(body), &answer); err != nil || code != http.StatusOK {
		t.Fatalf("received: %d %s", code, body)
	}
	return answer
}

// workingMesh is a mesh of nodes that all know each other in every protocol.
func workingMesh(t testing.TB, size int, change func(*Options)) []*Node {
	t.Helper()
	nodes := startMesh(t, size, func(o *Options) { withControl(o); change(o) })
	awaitFullMesh(t, nodes)
	for _, node := range nodes {
		await(t, "the topic and the table known everywhere", func() bool {
			return len(node.gossip.topic.ListPeers()) == size-1 && node.table.size() == size-1
		})
	}
	return nodes
}

func TestPublishedMessageIsReceivedOnceByEverybodyElse(t *testing.T) {
	nodes := workingMesh(t, 4, unchanged)
	const messages = 100
	published := make(map[string]int64)
	var mu sync.Mutex
	var asking sync.WaitGroup
	for i := range messages { // at once: none may be lost in a queue
		asking.Go(func() {
			id := fmt.Sprint("m-", i)
			answer := ask[publishAnswer](t, nodes[0], "/probe/publish", `{"id": %q, "bytes": %d, "unknown": 1}`, id, 200+i)
			if !answer.OK || answer.ID != id {
				t.Errorf("%+v", answer)
			}
			mu.Lock()
			published[id] = answer.PublishedNS
			mu.Unlock()
		})
	}
	asking.Wait()
	for _, node := range nodes[1:] {
		await(t, "all messages", func() bool { return receivedBy(t, node, 0).Next == messages })
		got := receivedBy(t, node, 0)
		ids := make(map[string]bool)
		for i, m := range got.Messages {
			ids[m.ID] = true
			var number int
			fmt.Sscanf(m.ID, "m-%d", &number)
			if m.Seq != uint64(i) || m.From != nodes[0].ID() || m.Bytes != 200+number || m.ReceivedNS < published[m.ID] {
				t.Errorf("message %d: %+v, published at %d", i, m, published[m.ID])
			}
		}
		if len(ids) != messages || got.Lost != 0 {
			t.Errorf("%d different messages, %d lost", len(ids), got.Lost)
		}
	}
	if own := receivedBy(t, nodes[0], 0); own.Next != 0 {
		t.Errorf("the publisher received %+v", own)
	}
}

func TestInboxPages(t *testing.T) {
	var b inbox
	if diff := cmp.Diff(page{Messages: []arrival{}}, b.since(0, 10)); diff != "" {
		t.Errorf("empty (-want +got):\n%s", diff)
	}
	for i := range inboxSize + 5 {
		b.add(arrival{ID: fmt.Sprint(i)})
	}
	summary := func(p page) string {
		first, last := "", ""
		if n := len(p.Messages); n > 0 {
			first, last = p.Messages[0].ID, p.Messages[n-1].ID
			for i, m := range p.Messages {
				if m.ID != fmt.Sprint(m.Seq) || m.Seq != p.Messages[0].Seq+uint64(i) {
					t.Fatalf("message %d is %+v", i, m)
				}
			}
		}
		return fmt.Sprintf("next %d lost %d: %d messages %s..%s", p.Next, p.Lost, len(p.Messages), first, last)
	}
	for _, test := range []struct {
		since uint64
		limit int
		want  string
	}{
		{0, 2, "next 7 lost 5: 2 messages 5..6"},
		{7, 3, "next 10 lost 0: 3 messages 7..9"},
		{inboxSize, 100, "next 65541 lost 0: 5 messages 65536..65540"},
		{inboxSize + 5, 100, "next 65541 lost 0: 0 messages .."},
		{inboxSize + 500, 100, "next 65541 lost 0: 0 messages .."},
	} {
		if got := summary(b.since(test.since, test.limit)); got != test.want {
			t.Errorf("since %d, limit %d: %s, want %s", test.since, test.limit, got, test.want)
		}
	}
}

func TestValueIsPutAndFoundByOthers(t *testing.T) {
	nodes := workingMesh(t, 3, unchanged)
	missing := ask[getAnswer](t, nodes[1], "/probe/dht/get", `{"key": "k"}`)
	if !missing.OK || missing.Found {
		t.Errorf("before the put: %+v", missing)
	}
	put := ask[putAnswer](t, nodes[0], "/probe/dht/put", `{"key": "k", "bytes": 1000}`)
	if !put.OK || put.Bytes != 1000 {
		t.Fatalf("put: %+v", put)
	}
	want := getAnswer{Found: true, Bytes: 1000, SHA256: put.SHA256}
	for i, node := range nodes {
		for _, from := range []string{"network", "local"} {
			got := ask[getAnswer](t, node, "/probe/dht/get", `{"key": "k", "from": %q}`, from)
			if !got.OK {
				t.Errorf("node %d, %s: %s", i, from, got.Error)
			}
			got.outcome = outcome{}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(getAnswer{})); diff != "" {
				t.Errorf("node %d, %s (-want +got):\n%s", i, from, diff)
			}
		}
	}
	sum := sha256.Sum256([]byte("hello"))
	given := ask[putAnswer](t, nodes[0], "/probe/dht/put", `{"key": "given", "value": "aGVsbG8="}`)
	if given.SHA256 != hex.EncodeToString(sum[:]) || given.Bytes != 5 {
		t.Errorf("a given value: %+v", given)
	}
}

func TestGetFromTheNetworkDoesNotReadTheOwnStore(t *testing.T) {
	nodes := workingMesh(t, 3, unchanged)
	if put := ask[putAnswer](t, nodes[0], "/probe/dht/put", `{"key": "k", "bytes": 10}`); !put.OK {
		t.Fatal(put.Error)
	}
	stop(t, nodes[1])
	stop(t, nodes[2])
	await(t, "the others gone", func() bool { return len(nodes[0].Peers()) == 0 })
	if got := ask[getAnswer](t, nodes[0], "/probe/dht/get", `{"key": "k", "from": "network"}`); got.Found {
		t.Errorf("alone and from the network: %+v", got)
	}
	if got := ask[getAnswer](t, nodes[0], "/probe/dht/get", `{"key": "k", "from": "local"}`); !got.OK || !got.Found {
		t.Errorf("alone and local: %+v", got)
	}
	if put := ask[putAnswer](t, nodes[0], "/probe/dht/put", `{"key": "l", "bytes": 10}`); put.OK || put.Error == "" {
		t.Errorf("alone: %+v", put)
	}
}

func TestFaultsOfMessagesAndTable(t *testing.T) {
	nodes := workingMesh(t, 2, func(o *Options) {
		o.Config.Fault = Fault{MessageDelayMS: 30, MessageDropRatio: 0.25, DHTDelayMS: 20}
	})
	const messages = 8
	published := make(map[string]int64)
	for i := range messages {
		answer := ask[publishAnswer](t, nodes[0], "/probe/publish", `{"id": "m%d", "bytes": 128}`, i)
		published[answer.ID] = answer.PublishedNS
	}
	await(t, "the messages", func() bool { return nodes[1].gossip.received.Load() == messages })
	await(t, "three of four", func() bool { return receivedBy(t, nodes[1], 0).Next == messages*3/4 })
	for _, m := range receivedBy(t, nodes[1], 0).Messages {
		if m.ReceivedNS-published[m.ID] < 30e6 {
			t.Errorf("%+v came %d ns after it was published, and not delayed", m, m.ReceivedNS-published[m.ID])
		}
	}
	put := ask[putAnswer](t, nodes[0], "/probe/dht/put", `{"key": "k", "bytes": 10}`)
	found := ask[getAnswer](t, nodes[0], "/probe/dht/get", `{"key": "k"}`)
	for _, took := range []outcome{put.outcome, found.outcome} {
		if !took.OK || took.DoneNS-took.StartedNS < 20e6 {
			t.Errorf("%+v: not delayed", took)
		}
	}
	own := ask[getAnswer](t, nodes[0], "/probe/dht/get", `{"key": "k", "from": "local"}`)
	if !own.Found {
		t.Errorf("%+v", own)
	}
}

func TestTimeoutsOfTheServerDoNotEndWork(t *testing.T) {
	node := startMesh(t, 1, func(o *Options) { withControl(o); o.Config.Fault.MessageDelayMS = 300 })[0]
	server := httptest.NewUnstartedServer(node.routes())
	server.Config.ReadTimeout, server.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	server.Start()
	defer server.Close()
	publish := func() (*http.Response, error) {
		return http.Post(server.URL+"/probe/publish", "", strings.NewReader(`{"id": "m", "bytes": 128}`))
	}
	response, err := publish()
	for attempt := 1; err != nil && attempt < 20; attempt++ { // on a busy machine a request may not be read within the time-out
		response, err = publish()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer publishAnswer
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || !answer.OK {
		t.Errorf("%+v, %v", answer, err)
	}
}

func TestCloseWaitsForCalls(t *testing.T) {
	node := startMesh(t, 1, unchanged)[0]
	var entered, ended atomic.Bool
	go node.counted(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		entered.Store(true)
		<-node.life.Done()
		time.Sleep(100 * time.Millisecond)
		ended.Store(true)
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	await(t, "the call", entered.Load)
	stop(t, node)
	if !ended.Load() {
		t.Error("the node has ended before the call")
	}
	late := httptest.NewRecorder()
	node.counted(http.NotFoundHandler()).ServeHTTP(late, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	if late.Code != http.StatusServiceUnavailable {
		t.Errorf("a call after the end: %d, want 503", late.Code)
	}
}

func TestOneCallTooManyIsRefused(t *testing.T) {
	node := startMesh(t, 1, withControl)[0]
	node.calls.Store(maxCalls - 1)
	if answer := ask[publishAnswer](t, node, "/probe/publish", `{"id": "last", "bytes": 128}`); !answer.OK {
		t.Errorf("the last call: %+v", answer)
	}
	node.calls.Store(maxCalls)
	if code, body := post(t, node, "/probe/publish", `{"id": "more", "bytes": 128}`); code != http.StatusServiceUnavailable {
		t.Errorf("one call more: %d %s", code, body)
	}
	if under := node.calls.Load(); under != maxCalls {
		t.Errorf("%d calls are under way after it was refused, want %d", under, maxCalls)
	}
}

func TestRequestsThatCannotBeMeant(t *testing.T) {
	node := startMesh(t, 1, withControl)[0]
	long := strings.Repeat("x", 65)
	for _, test := range []struct {
		path, body string
		code       int
		want       string
	}{
		{"publish", ``, 400, "read request"},
		{"publish", `{"id": "a", "bytes": 200`, 400, "read request"},
		{"publish", `{"id": "a", "bytes": 200} {}`, 400, "read request"},
		{"publish", `{"id": 1, "bytes": 200}`, 400, "read request"},
		{"publish", `{"id": "a", "bytes": 1.5}`, 400, "read request"},
		{"publish", `{"bytes": 200}`, 400, "id: must have 1..64"},
		{"publish", `{"id": "` + long + `", "bytes": 200}`, 400, "id: must have 1..64"},
		{"publish", `{"id": "a b", "bytes": 200}`, 400, "id: must be printable"},
		{"publish", `{"id": "a", "bytes": 127}`, 400, "bytes = 127: must be 128..262144"},
		{"publish", `{"id": "a", "bytes": 262145}`, 400, "bytes = 262145: must be"},
		{"publish", `{"id": "` + strings.Repeat("x", maxRequestBytes) + `"}`, 413, "read request"},
		{"dht/put", `{"key": "", "bytes": 10}`, 400, "key: must have"},
		{"dht/put", `{"key": "k"}`, 400, "bytes = 0: must be 1..65536"},
		{"dht/put", `{"key": "k", "bytes": 65537}`, 400, "bytes = 65537"},
		{"dht/put", `{"key": "k", "bytes": 1, "value": "AA=="}`, 400, "one of them"},
		{"dht/put", `{"key": "k", "value": "?"}`, 400, "read request"},
		{"dht/get", `{"key": "k", "from": "afar"}`, 400, "must be network or local"},
		{"dht/get", `{}`, 400, "key: must have"},
		{"send", `{"to": "x"}`, 400, "bytes = 0: must be 1..4294967296"},
		{"send", `{"to": "x", "bytes": 1, "warmup_bytes": -1}`, 400, "warmup_bytes = -1"},
		{"connect", `{}`, 400, "to: missing"},
		{"other", `{}`, 404, "not found"},
		{"received", `{}`, 405, "Method Not Allowed"},
	} {
		code, body := post(t, node, "/probe/"+test.path, test.body)
		if code != test.code || !strings.Contains(body, test.want) {
			t.Errorf("%s %.60s: %d %s; want %d with %q", test.path, test.body, code, body, test.code, test.want)
		}
	}
	for _, query := range []string{"since=-1", "since=x", "limit=0", "limit=10001", "limit=x"} {
		if code, body := get(t, node, "/probe/received?"+query); code != 400 || !strings.Contains(body, "not a number from") {
			t.Errorf("%s: %d %s", query, code, body)
		}
	}
}

func TestMessageCarriesItsID(t *testing.T) {
	for _, id := range []string{"a", strings.Repeat("x", maxMessageID)} {
		for _, size := range []int{minMessageBytes, minMessageBytes + 1, 1000} {
			message := newMessage(id, size)
			if got, ok := messageID(message); !ok || got != id || len(message) != size {
				t.Errorf("%d bytes: %q, %v, want %q", len(message), got, ok, id)
			}
		}
	}
	if bytes.Equal(newMessage("a", 200), newMessage("a", 200)) {
		t.Error("two messages have the same noise")
	}
}

func FuzzMessageID(f *testing.F) {
	f.Add(newMessage("id", 128))
	f.Add([]byte(messageMagic))
	f.Add(append([]byte(messageMagic+"\xff"), make([]byte, 200)...))
	f.Fuzz(func(t *testing.T, payload []byte) {
		id, ok := messageID(payload)
		if ok != (validName("id", id) == nil) {
			t.Errorf("%q, %v", id, ok)
		}
	})
}
