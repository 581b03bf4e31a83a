package probe_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/testnode"
)

// broken are the steps that a node does not keep, as "section: problem".
func broken(e probe.Examination) []string {
	var all []string
	for _, step := range e.Steps {
		for _, problem := range step.Problems {
			all = append(all, fmt.Sprintf("%s, %s: %s", step.Status, problem.Section, problem.Text))
		}
	}
	return all
}

func TestReferenceNodeKeepsAllRules(t *testing.T) {
	nodes := refnodes(t, 3)
	got := probe.Examine(t.Context(), nodes[0], &nodes[2])
	if diff := cmp.Diff([]string(nil), broken(got)); diff != "" || got.Level != 3 || got.Partly || len(got.Steps) != 16 {
		t.Errorf("%v, partly %v, %d steps; (-want +got):\n%s", got.Level, got.Partly, len(got.Steps), diff)
	}
}

func TestOneNodeAloneIsExaminedInPart(t *testing.T) {
	nodes := refnodes(t, 1)
	got := probe.Examine(t.Context(), nodes[0], nil)
	for _, text := range broken(got) {
		if !strings.HasPrefix(text, "skipped") || !strings.HasSuffix(text, "needs a second node of the same network") {
			t.Error(text)
		}
	}
	if got.Level != 3 || !got.Partly || len(broken(got)) != 5 {
		t.Errorf("%v, partly %v: %v", got.Level, got.Partly, broken(got))
	}
}

func TestScriptedNodeKeepsAllRules(t *testing.T) {
	nodes, _ := scripted(t, 2, working(testnode.Work{}, testnode.Work{DelaysMS: []float64{1, 5}, PutMS: []float64{2}}))
	got := probe.Examine(t.Context(), nodes[0], &nodes[1])
	if diff := cmp.Diff([]string(nil), broken(got)); diff != "" || got.Level != 3 || got.Partly {
		t.Errorf("%v, partly %v; (-want +got):\n%s", got.Level, got.Partly, diff)
	}
}

func TestANodeNeedNotWait(t *testing.T) {
	nodes, _ := scripted(t, 2, working(testnode.Work{}, testnode.Work{Schedule: testnode.ScheduleUnknown}))
	got := probe.Examine(t.Context(), nodes[0], &nodes[1])
	if all := broken(got); got.Level != 3 || got.Partly || len(all) != 1 || !strings.HasPrefix(all[0], "absent, Ground rules: limits.ahead_ms is missing") {
		t.Errorf("%v, partly %v: %v", got.Level, got.Partly, all)
	}
}

func TestLowerLevelsAreRecognised(t *testing.T) {
	absent := &testnode.Probe{Absent: true}
	for name, test := range map[string]struct {
		node testnode.Node
		want probe.Level
		text string
	}{
		"not ready":    {testnode.Node{Start: &testnode.Start{Never: true}}, 0, "503"},
		"no gauge":     {testnode.Node{Gauge: &testnode.Gauge{Absent: true, Extra: "peers 1\n"}}, 0, "series communitas_peers_connected: not on the page (it shows peers)"},
		"half a peer":  {testnode.Node{Peers: []testnode.Peers{{Peers: "0.5"}}}, 0, "0.5 is no number of peers"},
		"no probe":     {testnode.Node{Probe: absent}, 1, "peers: HTTP status 404"},
		"lists itself": {testnode.Node{Probe: &testnode.Probe{Phantom: []string{"node-0"}}}, 1, "the node lists itself"},
		"no work":      {testnode.Node{}, 2, "describe: HTTP status 404"},
	} {
		t.Run(name, func(t *testing.T) {
			nodes, _ := scripted(t, 1, testnode.Script{Nodes: map[int]testnode.Node{0: test.node}})
			got := probe.Examine(t.Context(), nodes[0], nil)
			if all := strings.Join(broken(got), "\n"); got.Level != test.want || !strings.Contains(all, test.text) {
				t.Errorf("%v, want %v and %q in:\n%s", got.Level, test.want, test.text, all)
			}
		})
	}
}

func TestEachViolationIsNamedWithItsSection(t *testing.T) {
	for name, test := range map[string]struct {
		lies testnode.Work
		want string
	}{
		"it does not wait":         {testnode.Work{Schedule: testnode.ScheduleIgnored}, "violated, Ground rules: publish: published_ns: begins"},
		"it says that it waited":   {testnode.Work{Schedule: testnode.ScheduleLied}, "violated, Ground rules: at_ns: the other node had the message"},
		"it publishes in future":   {patch("publish", "published_ns", `9000000000000000000`), "violated, POST {probe}/publish: publish: published_ns: lies"},
		"it published long ago":    {patch("publish", "published_ns", `1`), "violated, POST {probe}/publish: publish: published_ns: told"},
		"its clock is ahead":       {testnode.Work{ClockOffsetMS: 3600e3}, "violated, GET {probe}: describe: now_ns: lies 59m"},
		"its clock is behind":      {testnode.Work{ClockOffsetMS: -30e3}, "violated, GET {probe}: describe: now_ns: told "},
		"another id":               {patch("", "id", `"node-9"`), `violated, GET {probe}: id: is "node-9" here and "node-0" at peers`},
		"an operation is missing":  {patch("", "operations", `["publish"]`), "violated, GET {probe}: operations: dht is missing"},
		"no published_ns":          {patch("publish", "published_ns", `null`), "violated, POST {probe}/publish: publish: published_ns: missing"},
		"no message goes out":      {testnode.Work{DelaysMS: []float64{3600e3}}, "violated, POST {probe}/publish: the message had not reached the other node"},
		"answers another message":  {patch("publish", "id", `"x"`), `violated, POST {probe}/publish: publish: id: is "x", of another message`},
		"nothing is published":     {patch("publish", "ok", `false`), "violated, POST {probe}/publish: publish: ok is false, and error does not say why"},
		"put ends before it began": {patch("dht/put", "done_ns", `1`), "violated, POST {probe}/dht/put: dht/put: done_ns is"},
		"put goes on":              {patch("dht/put", "done_ns", `9000000000000000000`), "violated, POST {probe}/dht/put: dht/put: started_ns, done_ns: lies"},
		"everything is found":      {patch("dht/get", "found", `true`), "violated, POST {probe}/dht/get: dht/get: sha256: has 0 bytes"},
		"a stream is cut":          {patch("send", "bytes", `17`), "violated, POST {probe}/send: send: bytes: the receiver counted 17 of 4194304"},
		"it connects to anybody":   {patch("connect", "ok", `true`), "violated, POST {probe}/connect: connect: ok is true, and error says"},
		"traffic is not counted":   {patch("traffic", "payload_sent", `0`), "violated, GET {probe}/traffic: payload_sent: grew by 0 for a message of 1000 bytes"},
		"a counter is negative":    {patch("traffic", "bytes_sent", `-4`), "violated, GET {probe}/traffic: traffic: bytes_sent: -4 is negative"},
		"it takes nonsense":        {testnode.Work{Lenient: true}, "violated, POST {probe}/send: send {\"to\": \"perfgate-no-such-node\", \"bytes\": 0}: is not refused; status 400 is right"},
		"it is too strict":         {testnode.Work{Strict: true}, `violated, Ground rules: publish: HTTP status 400 Bad Request: json: unknown field`},
		"an operation is refused":  {testnode.Work{Status: map[string]int{"send": 501}}, "send: HTTP status 501 Not Implemented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nodes, _ := scripted(t, 2, working(testnode.Work{}, test.lies))
			got := probe.Examine(t.Context(), nodes[0], &nodes[1])
			if all := strings.Join(broken(got), "\n"); got.Level != 2 || !strings.Contains(all, test.want) {
				t.Errorf("%v; want %q in:\n%s", got.Level, test.want, all)
			}
		})
	}
}

// TestViolationsAreToldInOneOrder examines the same faults again and again.
func TestViolationsAreToldInOneOrder(t *testing.T) {
	nodes, _ := scripted(t, 2, working(testnode.Work{}, testnode.Work{Schedule: testnode.ScheduleIgnored, Lenient: true}))
	want := []string{
		"violated, Ground rules: at_ns below 0: is not refused with status 400",
		"violated, Ground rules: at_ns farther ahead than it may be: is not refused with status 400",
	}
	for range 8 {
		var got []string
		for _, text := range broken(probe.Examine(t.Context(), nodes[0], nil)) {
			if strings.Contains(text, ": at_ns ") {
				got = append(got, text)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-want +got\n%s", diff)
		}
	}
}

func TestViolationsOfTheReceiverAreNamed(t *testing.T) {
	for name, test := range map[string]struct {
		lies testnode.Work
		want string
	}{
		"twice":            {testnode.Work{TwiceEvery: 1}, "violated, GET {probe}/received: duplicate: message"},
		"its clock jumped": {testnode.Work{ClockJumpMS: -30e3}, "violated, GET {probe}/received: before published: message"},
		"gaps in pages":    {patch("received", "next", `70`), "violated, GET {probe}/received: received: next: 70 after 0 does not fit"},
		"begun anew":       {patch("received", "lost", `-1`), "violated, GET {probe}/received: received: lost: -1 is negative"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nodes, _ := scripted(t, 2, working(testnode.Work{}, test.lies))
			got := probe.Examine(t.Context(), nodes[1], &nodes[0])
			if all := strings.Join(broken(got), "\n"); got.Level != 2 || !strings.Contains(all, test.want) {
				t.Errorf("%v; want %q in:\n%s", got.Level, test.want, all)
			}
		})
	}
}
