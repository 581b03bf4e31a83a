package probe_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/probe"
)

func TestReconcile(t *testing.T) {
	sent := []probe.Sending{
		{ID: "m0", From: "a", Bytes: 128, ScheduledNS: 100, PublishedNS: 110},
		{ID: "m1", From: "b", Bytes: 200, ScheduledNS: 200, PublishedNS: 205},
	}
	page := func(lost uint64, messages ...probe.Message) []probe.Page {
		for i := range messages {
			messages[i].Seq = lost + uint64(i)
		}
		return []probe.Page{{Lost: lost, Messages: messages, Window: probe.Window{AnsweredNS: 1000}}}
	}
	m0 := probe.Message{ID: "m0", From: "a", Bytes: 128, ReceivedNS: 150}
	m1 := probe.Message{ID: "m1", From: "b", Bytes: 200, ReceivedNS: 300}
	change := func(m probe.Message, do func(*probe.Message)) probe.Message { do(&m); return m }
	good := probe.Delivery{ID: "m0", From: "a", To: "c", ScheduledNS: 100, PublishedNS: 110, ReceivedNS: 150}
	second := probe.Delivery{ID: "m1", From: "b", To: "c", ScheduledNS: 200, PublishedNS: 205, ReceivedNS: 300}
	for name, test := range map[string]struct {
		pages      []probe.Page
		deliveries []probe.Delivery
		anomalies  []string
	}{
		"all":     {page(0, m0, m1), []probe.Delivery{good, second}, nil},
		"one":     {page(0, m1), []probe.Delivery{second}, nil},
		"nothing": {page(0), nil, nil},
		"twice": {
			page(0, m0, m1, change(m0, func(m *probe.Message) { m.ReceivedNS = 400 })),
			[]probe.Delivery{good, second}, []string{"duplicate: message m0 (seq 2): is number 0 as well"},
		},
		"out of order": {
			page(0, m1, m0),
			[]probe.Delivery{good, second}, []string{"out of order: message m0 (seq 1): 150ns before the number before it"},
		},
		"foreign": {
			page(0, m0, change(m1, func(m *probe.Message) { m.ID = "x" })),
			[]probe.Delivery{good}, []string{"foreign: message x (seq 1): nobody was told to publish it"},
		},
		"of another": {
			page(0, m0, change(m1, func(m *probe.Message) { m.From = "a" })),
			[]probe.Delivery{good}, []string{"wrong sender: message m1 (seq 1): from a, and b was told to publish it"},
		},
		"cut": {
			page(0, m0, change(m1, func(m *probe.Message) { m.Bytes = 199 })),
			[]probe.Delivery{good}, []string{"wrong size: message m1 (seq 1): 199 bytes of 200"},
		},
		"before it was sent": {
			page(0, change(m0, func(m *probe.Message) { m.ReceivedNS = 109 }), m1),
			[]probe.Delivery{second}, []string{"before published: message m0 (seq 0): 1ns before it was published"},
		},
		"after it was told": {
			page(0, m0, change(m1, func(m *probe.Message) { m.ReceivedNS = 1001 })),
			[]probe.Delivery{good}, []string{"in the future: message m1 (seq 1): 1ns after the node told of it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := probe.Reconcile(sent, []probe.Arrivals{{Node: "c", Pages: test.pages}})
			if diff := cmp.Diff(test.deliveries, got.Deliveries); diff != "" || got.Expected != 2 {
				t.Errorf("expected %d; deliveries (-want +got):\n%s", got.Expected, diff)
			}
			var anomalies []string
			for _, a := range got.Anomalies {
				anomalies = append(anomalies, string(a.Kind)+": "+a.Text)
			}
			if diff := cmp.Diff(test.anomalies, anomalies); diff != "" {
				t.Errorf("anomalies (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("all nodes", func(t *testing.T) {
		forgetful := probe.Arrivals{Node: "a", Pages: append(page(7, m1), page(0)...)}
		if forgetful.Lost() != 7 {
			t.Errorf("%d arrivals were lost", forgetful.Lost())
		}
		got := probe.Reconcile(sent, []probe.Arrivals{
			forgetful,
			{Node: "b", Pages: page(0, m0, m1)},
			{Node: "c", Pages: page(0, m0)},
		})
		if got.Expected != 4 || len(got.Anomalies) != 1 || got.Anomalies[0].Kind != probe.Echo {
			t.Errorf("%+v", got)
		}
		toB, toA := good, second
		toB.To, toA.To = "b", "a"
		if diff := cmp.Diff([]probe.Delivery{toB, good, toA}, got.Deliveries); diff != "" {
			t.Errorf("deliveries (-want +got):\n%s", diff)
		}
	})
}
