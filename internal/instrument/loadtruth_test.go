package instrument

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/testnode"
	"github.com/communitas/perfgate/internal/workload"
)

// loadTruth is what became of a plan, by what the nodes wrote down. Times are in milliseconds.
type loadTruth struct {
	// latencies are from when a message was due until it was received, of each receiver; infinite where it was lost. It counts
	// as due when its node learnt of it where that was later: for what is between, perfgate has to answer. Those of one
	// message are in byMessage, in order. In scripted the node publishes at once when it is due.
	latencies, scripted []float64
	byMessage           [][]float64
	// delivered and expected count the same receptions.
	delivered, expected float64
	// payload is what the nodes sent, each message once for each receiver, arrived what came to others, in bytes.
	payload, arrived float64
	// late is how long after its instant a node learnt of each message, 0 where it was in time; slow how long after that,
	// or after the instant, it published.
	late, slow []float64
}

// learn reads the truth of a plan.
func learn(plan []workload.Operation, truth [][]testnode.Event) loadTruth {
	var t loadTruth
	for _, o := range plan {
		switch o.Kind {
		case workload.Publish:
			t.message(o, truth)
		case workload.Put:
			t.payload += float64(o.Bytes)
		case workload.Get, workload.Transfer:
			t.payload += float64(o.Bytes + o.Bytes/8*int64(count(o.Kind == workload.Transfer)))
			t.arrived += float64(o.Bytes + o.Bytes/8*int64(count(o.Kind == workload.Transfer)))
		}
	}
	return t
}

func count(is bool) (n int) {
	if is {
		n++
	}
	return n
}

func (t *loadTruth) message(o workload.Operation, truth [][]testnode.Event) {
	published, ok := stamped(truth[o.Node], testnode.EventPublished, o.Key)
	due := t.asked(truth[o.Node], o.Key, published)
	var latencies []float64
	for i, events := range truth {
		if i == o.Node {
			continue
		}
		latency := math.Inf(1)
		if received, arrived := stamped(events, testnode.EventReceived, o.Key); arrived && ok {
			latency = float64(received-due) / 1e6
			t.arrived += float64(o.Bytes)
		}
		t.payload += float64(o.Bytes)
		latencies = append(latencies, latency)
	}
	if o.Warmup {
		return
	}
	slices.Sort(latencies)
	t.byMessage, t.latencies = append(t.byMessage, latencies), append(t.latencies, latencies...)
	for _, latency := range latencies {
		t.scripted = append(t.scripted, latency-float64(published-due)/1e6)
	}
	t.expected += float64(len(latencies))
	for _, latency := range latencies {
		t.delivered += float64(count(!math.IsInf(latency, 1)))
	}
}

// stamped is the instant of a node's first event of that name and value.
func stamped(events []testnode.Event, name, value string) (int64, bool) {
	for _, e := range events {
		if e.Event == name && e.Value == value {
			return e.MonotonicNS, true
		}
	}
	return 0, false
}

// asked is the instant from which on a node could publish a message: when it was due and the node knew. A message without an
// instant counts from when it was published.
func (t *loadTruth) asked(events []testnode.Event, key string, published int64) int64 {
	for _, e := range events {
		at, id, _ := strings.Cut(e.Value, " ")
		due, err := strconv.ParseInt(at, 10, 64)
		if e.Event != testnode.EventAsked || err != nil || id != key {
			continue
		}
		t.late = append(t.late, float64(max(e.MonotonicNS-due, 0))/1e6)
		due = max(due, e.MonotonicNS)
		t.slow = append(t.slow, float64(published-due)/1e6)
		return due
	}
	return published
}

// spread is the median over messages of the time until a share of the other nodes have it.
func (t *loadTruth) spread(share float64) float64 {
	var reached []float64
	for _, latencies := range t.byMessage {
		reached = append(reached, latencies[int(math.Ceil(share*float64(len(latencies))))-1])
	}
	return quantile(reached, 0.5)
}

// quantile is the mean of the values on both sides of a share, weighted by how near they are; 0 of none.
func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	place := share * float64(len(sorted)-1)
	below := int(place)
	if place == float64(below) {
		return sorted[below]
	}
	return sorted[below] + (place-float64(below))*(sorted[below+1]-sorted[below])
}

func TestLearn(t *testing.T) {
	event := func(name string, ms int64, value string) testnode.Event {
		return testnode.Event{Event: name, MonotonicNS: ms * 1e6, Value: value}
	}
	plan := []workload.Operation{
		{Kind: workload.Publish, Node: 0, Key: "warm", Bytes: 100, Warmup: true},
		{Kind: workload.Publish, Node: 0, Key: "m", Bytes: 100},
		{Kind: workload.Publish, Node: 1, Key: "n", Bytes: 200},
		{Kind: workload.Put, Node: 0, Key: "k", Bytes: 10},
		{Kind: workload.Get, Node: 1, Key: "k", Bytes: 10},
		{Kind: workload.Transfer, Node: 1, To: 2, Bytes: 8000},
		{Kind: workload.Connect, Node: 1, To: 2},
	}
	got := learn(plan, [][]testnode.Event{
		{event("asked", 5, "8000000 m"), event("published", 9, "m"), event("received", 24, "n"), event("published", 1, "warm")},
		{event("received", 11, "m"), event("asked", 22, "20000000 n"), event("published", 23, "n"), event("received", 2, "warm")},
		{event("received", 13, "m"), event("received", 99, "warm")},
	})
	want := loadTruth{
		latencies: []float64{3, 5, 2, math.Inf(1)}, scripted: []float64{2, 4, 1, math.Inf(1)}, byMessage: [][]float64{{3, 5}, {2, math.Inf(1)}},
		delivered: 3, expected: 4,
		payload: 2*100 + 2*100 + 2*200 + 10 + 10 + 9000, arrived: 4*100 + 200 + 10 + 9000, late: []float64{0, 2}, slow: []float64{1, 1},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(loadTruth{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if half, all := got.spread(0.5), got.spread(1); half != 2.5 || !math.IsInf(all, 1) {
		t.Errorf("half of the nodes after %v ms, all after %v ms", half, all)
	}
	if quantile([]float64{4, 1, 2}, 0.5) != 2 || quantile([]float64{4, 1, 2}, 0.75) != 3 || quantile([]float64{4}, 0.99) != 4 {
		t.Error("quantiles")
	}
}
