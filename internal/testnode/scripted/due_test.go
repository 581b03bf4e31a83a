package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/testnode"
)

func TestWorkIsDoneWhenTheScriptSays(t *testing.T) {
	for _, test := range []struct {
		schedule         string
		offered          bool
		published, truth bool // not before the instant, by its word and by the truth
	}{
		{testnode.ScheduleKept, true, true, true},
		{testnode.ScheduleUnknown, false, false, false},
		{testnode.ScheduleIgnored, true, false, false},
		{testnode.ScheduleLied, true, true, false},
	} {
		t.Run("schedule "+test.schedule, func(t *testing.T) {
			servers, truths := workers(t, 2, testnode.Work{Schedule: test.schedule, PutMS: []float64{1}})
			_, described := ask(t, servers[0], "", "")
			if limit := described["limits"].(map[string]any)["ahead_ms"]; (limit == json.Number("60000")) != test.offered {
				t.Errorf("ahead_ms: %v, want it offered: %v", limit, test.offered)
			}
			due, told, events := askAhead(t, servers[0], truths[0], test.published)
			published, _ := testnode.Find(events, testnode.EventPublished)
			if (told >= due) != test.published || (published.MonotonicNS >= due) != test.truth {
				t.Errorf("due at %d: told %d, in truth at %d", due, told, published.MonotonicNS)
			}
			due = testnode.MonotonicNS() + 1e8
			_, answer := ask(t, servers[0], "/dht/put", fmt.Sprintf(`{"key": "k", "bytes": 200, "at_ns": %d}`, due))
			if test.schedule == testnode.ScheduleKept && instant(t, answer["started_ns"]) < due {
				t.Errorf("put due at %d: %v", due, answer)
			}
		})
	}
}

// askAhead has a message published a second later, and returns when it was due, when the node says that it was published, and what its
// truth has of it. Where the machine stood still meanwhile, so that nobody was asked ahead, it does so again.
func askAhead(t *testing.T, server *httptest.Server, truth string, waits bool) (due, told int64, events []testnode.Event) {
	t.Helper()
	for attempt := 1; ; attempt++ {
		const ahead = 1e9
		due = testnode.MonotonicNS() + ahead
		_, answer := ask(t, server, "/publish", fmt.Sprintf(`{"id": "m%d", "bytes": 200, "at_ns": %d}`, attempt, due))
		late := !waits && testnode.MonotonicNS() >= due
		all, err := testnode.ReadTruth(truth)
		if err != nil {
			t.Fatal(err)
		}
		begun := slices.IndexFunc(all, func(e testnode.Event) bool {
			return e.Event == testnode.EventAsked && e.Value == fmt.Sprintf("%d m%d", due, attempt)
		})
		if begun < 0 {
			t.Fatalf("nobody was asked: %+v", all)
		}
		late = late || all[begun].MonotonicNS > due-ahead/2
		if !late || attempt == 10 {
			return due, instant(t, answer["published_ns"]), all[begun:]
		}
	}
}

func TestInstantsTooFarAheadAreRefused(t *testing.T) {
	servers, _ := workers(t, 1, testnode.Work{})
	for _, at := range []int64{-1, testnode.MonotonicNS() + 2*maxAhead.Nanoseconds()} {
		if code, answer := ask(t, servers[0], "/publish", fmt.Sprintf(`{"id": "m", "bytes": 200, "at_ns": %d}`, at)); code != 400 {
			t.Errorf("at %d: %d %v", at, code, answer)
		}
	}
}

func TestPacedStreamsAreRealAndNotFaster(t *testing.T) {
	const rate, size, warmup = 20e6, 400_000, 50_000
	servers, _ := workers(t, 2, testnode.Work{Paced: true, SendBytesPerSecond: rate})
	before := testnode.MonotonicNS()
	_, answer := ask(t, servers[0], "/send", fmt.Sprintf(`{"to": "node-1", "bytes": %d, "warmup_bytes": %d}`, size, warmup))
	took, lead := instant(t, answer["done_ns"])-instant(t, answer["started_ns"]), instant(t, answer["started_ns"])-before
	least := func(bytes float64) int64 { return int64(bytes / rate * 1e9) }
	if answer["ok"] != true || took < least(size) || lead < least(warmup) {
		t.Errorf("%v: took %d ns of at least %d, after %d ns of at least %d", answer, took, least(size), lead, least(warmup))
	}
	if _, traffic := ask(t, servers[1], "/traffic", ""); instant(t, traffic["payload_received"]) != size+warmup {
		t.Errorf("traffic of the receiver: %v", traffic)
	}
	if _, answer := ask(t, servers[0], "/send", `{"to": "node-7", "bytes": 5}`); answer["ok"] != false || !strings.Contains(fmt.Sprint(answer["error"]), "no other node") {
		t.Errorf("to nobody: %v", answer)
	}
}

func TestEachByteMakesAsManyAsScripted(t *testing.T) {
	servers, _ := workers(t, 3, testnode.Work{WireFactor: 1.5, SendBytesPerSecond: 1e9})
	for path, body := range map[string]string{
		"/publish": `{"id": "m", "bytes": 1000}`, "/dht/put": `{"key": "k", "bytes": 100}`, "/send": `{"to": "node-1", "bytes": 5000, "warmup_bytes": 400}`,
	} {
		ask(t, servers[0], path, body)
	}
	ask(t, servers[1], "/dht/get", `{"key": "k"}`)
	ask(t, servers[1], "/dht/get", `{"key": "k", "from": "local"}`)
	for node, want := range []int64{1.5 * (2*1000 + 100 + 5400), 1.5 * 100} {
		if _, traffic := ask(t, servers[node], "/traffic", ""); instant(t, traffic["bytes_sent"]) != want || instant(t, traffic["packets_sent"]) != want/1000 {
			t.Errorf("node %d: %v, want %d bytes sent", node, traffic, want)
		}
	}
}

func TestOneNodeReceivesLaterThanAnother(t *testing.T) {
	servers, _ := workers(t, 2, testnode.Work{DelaysMS: []float64{1}, ReceiveAfterMS: 2})
	_, published := ask(t, servers[0], "/publish", `{"id": "m", "bytes": 128}`)
	for {
		_, page := ask(t, servers[1], "/received", "")
		if listed := page["messages"].([]any); len(listed) > 0 {
			if at := instant(t, listed[0].(map[string]any)["received_ns"]); at != instant(t, published["published_ns"])+3e6 {
				t.Errorf("received %d ns after it was published", at-instant(t, published["published_ns"]))
			}
			return
		}
	}
}
