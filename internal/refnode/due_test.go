package refnode

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestWorkBeginsWhenItIsDue(t *testing.T) {
	nodes := workingMesh(t, 2, unchanged)
	due := monotonicNS() + (200 * time.Millisecond).Nanoseconds()
	var asking sync.WaitGroup
	for path, body := range map[string]string{
		"publish": `"id": "m", "bytes": 128`,
		"dht/put": `"key": "k", "bytes": 10`,
		"dht/get": `"key": "k"`,
		"send":    fmt.Sprintf(`"to": %q, "bytes": 1000, "warmup_bytes": 10`, nodes[1].ID()),
		"connect": fmt.Sprintf(`"to": %q`, nodes[1].ID()),
	} {
		asking.Go(func() {
			code, body := post(t, nodes[0], "/probe/"+path, fmt.Sprintf(`{%s, "at_ns": %d}`, body, due))
			var answer struct {
				outcome
				PublishedNS int64 `json:"published_ns"`
			}
			if err := json.Unmarshal([]byte(body), &answer); err != nil || code != http.StatusOK || !answer.OK || max(answer.StartedNS, answer.PublishedNS) < due {
				t.Errorf("%s: %d %s, due at %d", path, code, body, due)
			}
		})
	}
	asking.Wait()
	if late := ask[publishAnswer](t, nodes[0], "/probe/publish", `{"id": "late", "bytes": 128, "at_ns": %d}`, due); !late.OK {
		t.Errorf("due before: %+v", late)
	}
}

func TestInstantsThatCannotBeMeant(t *testing.T) {
	node := startMesh(t, 1, withControl)[0]
	for _, at := range []int64{-1, monotonicNS() + 2*maxAhead.Nanoseconds()} {
		for path, body := range map[string]string{
			"publish": `"id": "m", "bytes": 128`, "dht/put": `"key": "k", "bytes": 10`, "dht/get": `"key": "k"`, "send": `"to": "x", "bytes": 1`, "connect": `"to": "x"`,
		} {
			if code, answer := post(t, node, "/probe/"+path, fmt.Sprintf(`{%s, "at_ns": %d}`, body, at)); code != http.StatusBadRequest || !strings.Contains(answer, "at_ns = ") {
				t.Errorf("%s at %d: %d %s", path, at, code, answer)
			}
		}
	}
}

// leave asks a node for something that is due much later, and returns when the node waits for it.
func leave(ctx context.Context, t *testing.T, node *Node) (due int64) {
	t.Helper()
	due = monotonicNS() + maxAhead.Nanoseconds()
	body := fmt.Sprintf(`{"id": "m", "bytes": 128, "at_ns": %d}`, due)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+node.ControlAddr().String()+"/probe/publish", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
			_ = response.Body.Close()
		}
	}()
	await(t, "the call", func() bool { return node.calls.Load() == 1 })
	return due
}

func TestACallThatWaitsEndsWithItsClient(t *testing.T) {
	node := startMesh(t, 1, withControl)[0]
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	due := leave(ctx, t, node)
	if now := ask[publishAnswer](t, node, "/probe/publish", `{"id": "now", "bytes": 128}`); !now.OK || now.PublishedNS >= due {
		t.Errorf("%+v waits for what is due at %d", now, due)
	}
	cancel()
	await(t, "the end of the call", func() bool { return node.calls.Load() == 0 })
	if monotonicNS() >= due {
		t.Error("the call has waited for its instant")
	}
}

func TestACallThatWaitsEndsWithTheNode(t *testing.T) {
	node := startMesh(t, 1, withControl)[0]
	due := leave(t.Context(), t, node)
	stop(t, node)
	if monotonicNS() >= due {
		t.Error("the call has waited for its instant")
	}
	if under := node.calls.Load(); under != 0 {
		t.Errorf("%d calls are under way", under)
	}
}
