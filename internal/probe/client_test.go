package probe_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/testnode"
)

func TestWorkOfRealNodes(t *testing.T) {
	subjects := refnodes(t, 3)
	client := probe.NewClient()
	defer client.Close()
	nodes := dial(client, subjects)
	ids := make([]string, len(nodes))
	inboxes := make([]probe.Inbox, len(nodes))
	for i, n := range nodes {
		d, err := n.Describe(t.Context())
		if err != nil || d.Level != "L3" || len(d.Missing()) > 0 || d.Limits.Calls != 512 {
			t.Fatalf("%+v, %v", d, err)
		}
		ids[i], inboxes[i] = d.ID, probe.Inbox{Node: n}
		if _, err := inboxes[i].Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("messages", func(t *testing.T) {
		var sent []probe.Sending
		arrived := make([]probe.Arrivals, len(nodes))
		for k := range 30 {
			s := probe.Sending{ID: fmt.Sprint("m", k), From: ids[k%3], Bytes: 1024, ScheduledNS: probe.NowNS()}
			p, err := nodes[k%3].Publish(t.Context(), s.ID, int(s.Bytes))
			if err != nil || !p.OK() {
				t.Fatalf("%+v, %v", p, err)
			}
			s.PublishedNS = p.PublishedNS
			sent = append(sent, s)
		}
		var got probe.Reconciliation
		begun := time.Now()
		for t.Context().Err() == nil {
			for i := range inboxes {
				pages, err := inboxes[i].Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				arrived[i].Node, arrived[i].Pages = ids[i], append(arrived[i].Pages, pages...)
			}
			if got = probe.Reconcile(sent, arrived); len(got.Deliveries) == got.Expected || time.Since(begun) > time.Minute {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if got.Expected != 60 || len(got.Deliveries) != 60 || len(got.Anomalies) != 0 {
			t.Errorf("%d of %d delivered, %v", len(got.Deliveries), got.Expected, got.Anomalies)
		}
		for _, d := range got.Deliveries {
			if d.ReceivedNS < d.PublishedNS || d.PublishedNS < d.ScheduledNS {
				t.Errorf("%+v", d)
			}
		}
	})
	t.Run("table", func(t *testing.T) {
		put, err := nodes[0].Put(t.Context(), "key", 700)
		if err != nil || !put.OK() || lasted(put.Outcome) <= 0 || put.Window.AnsweredNS-put.Window.SentNS < put.DoneNS-put.StartedNS {
			t.Fatalf("%+v, %v", put, err)
		}
		for _, n := range nodes {
			got, err := n.Get(t.Context(), "key", probe.FromNetwork)
			if err != nil || !got.Found || got.Bytes != 700 || got.SHA256 != put.SHA256 {
				t.Errorf("%+v, %v", got, err)
			}
		}
	})
	t.Run("stream and connection", func(t *testing.T) {
		before, err := nodes[2].Traffic(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sent, err := nodes[0].Send(t.Context(), ids[2], 8<<20, 1<<20)
		if err != nil || !sent.OK() || sent.Bytes != 8<<20 || lasted(sent.Outcome) <= 0 {
			t.Errorf("%+v, %v", sent, err)
		}
		after, err := nodes[2].Traffic(t.Context())
		if err != nil || after.PayloadReceived-before.PayloadReceived != 9<<20 || after.BytesReceived-before.BytesReceived <= 9<<20 {
			t.Errorf("%+v, then %+v, %v", before, after, err)
		}
		if done, err := nodes[1].Connect(t.Context(), ids[2]); err != nil || !done.OK() || lasted(done) <= 0 {
			t.Errorf("%+v, %v", done, err)
		}
		if done, err := nodes[1].Connect(t.Context(), "nobody"); err != nil || done.OK() {
			t.Errorf("to nobody: %+v, %v", done, err)
		}
	})
	t.Run("refusals", func(t *testing.T) {
		_, err := nodes[1].Publish(t.Context(), "a", 1)
		refused, ok := errors.AsType[*probe.RefusedError](err)
		if !ok || refused.Code != http.StatusBadRequest || err.Error() != "probe node-1: publish: HTTP status 400 Bad Request: bytes = 1: must be 128..262144" {
			t.Errorf("%v", err)
		}
	})
}

// The truth is computed by the script, so that no load of the machine can move it.
func TestLatenciesOfScriptedNodesAreExact(t *testing.T) {
	delays := []float64{0.25, 1, 2.5, 40, 0.25, 7.75}
	subjects, truths := scripted(t, 3, working(testnode.Work{}, testnode.Work{DelaysMS: delays}))
	client := probe.NewClient()
	defer client.Close()
	nodes := dial(client, subjects)
	const messages = 24
	sent := make([]probe.Sending, messages)
	published := make(map[string]int64)
	for k := range sent {
		sent[k] = probe.Sending{ID: fmt.Sprint("m", k), From: "node-0", Bytes: 200, ScheduledNS: probe.NowNS()}
		p, err := nodes[0].Publish(t.Context(), sent[k].ID, 200)
		if err != nil {
			t.Fatal(err)
		}
		sent[k].PublishedNS = p.PublishedNS
	}
	for _, e := range truthOf(t, truths[0], testnode.EventPublished) {
		published[e.Value] = e.MonotonicNS
	}
	arrived := []probe.Arrivals{{Node: "node-1"}, {Node: "node-2"}}
	inboxes := []probe.Inbox{{Node: nodes[1]}, {Node: nodes[2]}}
	var got probe.Reconciliation
	for got.Expected == 0 || len(got.Deliveries) < got.Expected {
		for i := range inboxes {
			pages, err := inboxes[i].Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			arrived[i].Pages = append(arrived[i].Pages, pages...)
		}
		got = probe.Reconcile(sent, arrived)
	}
	if len(got.Deliveries) != 2*messages || len(got.Anomalies) > 0 {
		t.Fatalf("%d deliveries, %v", len(got.Deliveries), got.Anomalies)
	}
	for i, d := range got.Deliveries {
		k := i / 2
		want := published[d.ID] + int64(delays[k%len(delays)]*1e6) - sent[k].ScheduledNS
		if got := d.ReceivedNS - d.ScheduledNS; got != want {
			t.Errorf("%s to %s: %v, want %v", d.ID, d.To, time.Duration(got), time.Duration(want))
		}
	}
}

func truthOf(t *testing.T, path, name string) []testnode.Event {
	t.Helper()
	events, err := testnode.ReadTruth(path)
	if err != nil {
		t.Fatal(err)
	}
	var found []testnode.Event
	for _, e := range events {
		if e.Event == name {
			found = append(found, e)
		}
	}
	return found
}

func TestEveryMisbehaviourOfAnInboxIsNoticed(t *testing.T) {
	for name, test := range map[string]struct {
		receiver testnode.Work
		want     map[probe.AnomalyKind]int
		missing  int
	}{
		"sound":        {testnode.Work{}, nil, 0},
		"loses":        {testnode.Work{LoseEvery: 4}, nil, 3},
		"twice":        {testnode.Work{TwiceEvery: 3}, map[probe.AnomalyKind]int{probe.Duplicate: 4}, 0},
		"foreign":      {testnode.Work{ForeignEvery: 6}, map[probe.AnomalyKind]int{probe.Foreign: 2}, 0},
		"out of order": {testnode.Work{SwapEvery: 5}, map[probe.AnomalyKind]int{probe.OutOfOrder: 2}, 0},
		"clock behind": {testnode.Work{ClockJumpMS: -60e3}, map[probe.AnomalyKind]int{probe.BeforePublished: 12}, 12},
		"clock ahead":  {testnode.Work{ClockJumpMS: 60e3}, map[probe.AnomalyKind]int{probe.InFuture: 12}, 12},
	} {
		t.Run(name, func(t *testing.T) {
			subjects, _ := scripted(t, 2, working(testnode.Work{}, test.receiver))
			client := probe.NewClient()
			defer client.Close()
			nodes := dial(client, subjects)
			var sent []probe.Sending
			for k := range 12 {
				id := fmt.Sprint("m", k)
				p, err := nodes[1].Publish(t.Context(), id, 200)
				if err != nil {
					t.Fatal(err)
				}
				sent = append(sent, probe.Sending{ID: id, From: "node-1", Bytes: 200, PublishedNS: p.PublishedNS})
			}
			inbox := probe.Inbox{Node: nodes[0]}
			pages, err := inbox.Read(t.Context()) // all are with the receiver once they are published
			if err != nil {
				t.Fatal(err)
			}
			got := probe.Reconcile(sent, []probe.Arrivals{{Node: "node-0", Pages: pages}})
			kinds := make(map[probe.AnomalyKind]int)
			for _, a := range got.Anomalies {
				kinds[a.Kind]++
			}
			if len(test.want) == 0 {
				test.want = map[probe.AnomalyKind]int{}
			}
			if diff := cmp.Diff(test.want, kinds); diff != "" || got.Expected-len(got.Deliveries) != test.missing {
				t.Errorf("%d missing, want %d; anomalies (-want +got):\n%s", got.Expected-len(got.Deliveries), test.missing, diff)
			}
		})
	}
}

func TestLateAnswersAreLateAndNotWrong(t *testing.T) {
	subjects, _ := scripted(t, 1, working(testnode.Work{}, testnode.Work{AnswerAfterMS: 50, AnswerLateMS: map[string]int64{"dht/get": 60_000}}))
	client := probe.NewClient()
	defer client.Close()
	node := dial(client, subjects)[0]
	p, err := node.Publish(t.Context(), "m", 128)
	if err != nil || p.Window.AnsweredNS-p.Window.SentNS < 50e6 || p.Window.AnsweredNS-p.PublishedNS < 50e6 {
		t.Errorf("%+v, %v", p, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := node.Get(ctx, "k", probe.FromLocal); !errors.Is(err, context.DeadlineExceeded) || err.Error() != "probe node-0: dht/get: no answer in time: context deadline exceeded" {
		t.Errorf("%v", err)
	}
}

func TestErrorsNameNodeAndCall(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/p/traffic":
			w.Write(make([]byte, probe.MaxAnswer+1))
		case "/p/dht/put":
			w.Header().Set("Content-Length", "100")
			w.Write([]byte(`{"ok"`))
		case "/p/dht/get":
			http.Redirect(w, r, "/p", http.StatusFound)
		default:
			http.Error(w, strings.Repeat("much too long ", 100), http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	client := probe.NewClient()
	defer client.Close()
	node := client.Node("n", server.URL+"/p/")
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	for name, test := range map[string]struct {
		call func() error
		want string
		is   error
	}{
		"too large":  {func() error { _, err := node.Traffic(t.Context()); return err }, "probe n: traffic: the answer has more than 4 MiB", nil},
		"cut":        {func() error { _, err := node.Put(t.Context(), "k", 1); return err }, "probe n: dht/put: the answer was cut", nil},
		"redirected": {func() error { _, err := node.Get(t.Context(), "k", probe.FromLocal); return err }, "probe n: dht/get: HTTP status 302 Found", nil},
		"an error page": {
			func() error { _, err := node.Describe(t.Context()); return err },
			"probe n: describe: HTTP status 500 Internal Server Error: " + strings.Repeat("much too long ", 14) + "much…", nil,
		},
		"nobody there": {
			func() error {
				_, err := client.Node("m", "http://"+gone.Addr().String()).Connect(t.Context(), "x")
				return err
			}, "probe m: connect: connection refused", syscall.ECONNREFUSED,
		},
	} {
		err := test.call()
		call, ok := errors.AsType[*probe.CallError](err)
		if !ok || call.Node == "" || err.Error() != test.want || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func TestConnectionsAreKept(t *testing.T) {
	var mu sync.Mutex
	opened := 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"ok": true, "id": "m", "published_ns": %d}`, probe.NowNS())
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			mu.Lock()
			opened++
			mu.Unlock()
		}
	}
	server.Start()
	defer server.Close()
	client := probe.NewClient()
	defer client.Close()
	node := client.Node("n", server.URL)
	const together = 32
	for range 10 {
		var calls sync.WaitGroup
		for range together {
			calls.Go(func() {
				if _, err := node.Publish(t.Context(), "m", 128); err != nil {
					t.Error(err)
				}
			})
		}
		calls.Wait()
	}
	mu.Lock()
	defer mu.Unlock()
	if opened > 5*together { // some are dialled and then not needed
		t.Errorf("%d connections for %d calls, %d at a time", opened, 10*together, together)
	}
}

// TestNoStreamTakesNoTime: its goodput would be infinite.
func TestNoStreamTakesNoTime(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		now := probe.NowNS()
		fmt.Fprintf(out, `{"ok": true, "started_ns": %d, "done_ns": %d, "bytes": 1024}`, now, now)
	}))
	defer server.Close()
	client := probe.NewClient()
	defer client.Close()
	_, err := client.Node("node 0", server.URL).Send(t.Context(), "b", 1024, 0)
	if violation, ok := errors.AsType[*probe.ViolationError](err); !ok || violation.Section != probe.SectionSend {
		t.Error(err)
	}
}
