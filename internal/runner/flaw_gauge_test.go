package runner

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// TestFlaw07FailedScrapeIsNotZero has a node that really loses all its peers, and nodes of which one cannot know: dead, slow,
// or answering with an error. Each looks different, none but the first like a 0, and nobody waits for ever.
func TestFlaw07FailedScrapeIsNotZero(t *testing.T) {
	t.Parallel()
	const at = 2500
	full := testnode.Peers{Peers: "2"}
	page := func(mode testnode.Mode) testnode.Node {
		return testnode.Node{Peers: []testnode.Peers{full}, Pages: []testnode.Page{{AtMS: at, Mode: mode}}}
	}
	for name, test := range map[string]struct {
		node testnode.Node
		kind string // of what is found, "" for nothing
		want string // in it
	}{
		"a real 0":  {testnode.Node{Peers: []testnode.Peers{full, {AtMS: at, Peers: "0"}}}, "", ""},
		"dead":      {testnode.Node{Peers: []testnode.Peers{full}, End: &testnode.End{AtMS: at, Code: 7}}, result.FindingCrash, "exited with status 7"},
		"slow":      {page(testnode.PageHang), result.FindingUnreadable, "no answer in time"},
		"an error":  {page(testnode.PageStatus500), result.FindingUnreadable, "HTTP status 500"},
		"cut short": {page(testnode.PageTruncated), result.FindingUnreadable, "the answer was cut"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := mesh(3, 0)
			script.Nodes = map[int]testnode.Node{1: test.node}
			b := scripted(t, 3, script)
			b.scenario().Duration = 4 * time.Second

			run := b.oneThatFormed(at * time.Millisecond)

			zero := test.kind == ""
			found := run.findings(test.kind)
			if !zero && (len(found) != 1 || found[0].Node != 1 || !strings.Contains(found[0].Text, test.want)) {
				t.Errorf("findings %v, want one of kind %s at node 1 with %q", run.Findings, test.kind, test.want)
			}
			shown := map[string]bool{}
			for _, o := range b.observations() {
				if o.Node == 1 {
					shown[written(o.Peers)] = true
				}
			}
			if zero && (!shown["0"] || shown["null"]) || !zero && shown["0"] {
				t.Errorf("the lines of node 1 show %v", shown)
			}
			average, lost := run.named(t, "average_peers"), run.named(t, "disconnections")
			if believed(average) != zero || believed(lost) != zero || zero && lost.Value != 2 {
				t.Errorf("average_peers %+v, disconnections %+v", average, lost)
			}
			if summary := b.summary(); (summary.AveragePeers != nil) != zero || (summary.Reason == "") != zero {
				t.Errorf("summary %+v", summary)
			}
		})
	}
}

// written is a peer count as a line has it.
func written(peers *float64) string {
	if peers == nil {
		return "null"
	}
	return strconv.FormatFloat(*peers, 'g', -1, 64)
}

// TestFlaw08GaugeIsFoundAmongItsLikes has series whose names begin like the gauge's before it on the page, and the gauge with
// a label that has a space and in every way in which a number may be written.
func TestFlaw08GaugeIsFoundAmongItsLikes(t *testing.T) {
	t.Parallel()
	script := mesh(3, 0)
	script.Defaults.Gauge = &testnode.Gauge{
		Series: `communitas_peers_connected{listen="all addresses"}`,
		Extra:  "communitas_peers_connected_total 7\ncommunitas_peers_connected_max{node=\"a b\"} 9\ncommunitas_peers 1\n",
	}
	script.Nodes = map[int]testnode.Node{1: {Peers: []testnode.Peers{{Peers: "2.0"}}}, 2: {Peers: []testnode.Peers{{Peers: "2e0"}}}}

	run := scripted(t, 3, script).one()

	if wrong := isMeasured(run); wrong != "" {
		t.Fatal(wrong)
	}
	if m := run.named(t, "average_peers"); !cmp.Equal(m.Value, 2., approximately) {
		t.Errorf("average_peers = %v, want 2", m.Value)
	}
}

// TestFlaw09HealthIsNotCounted has a page of health with a field of the name of ours in it.
func TestFlaw09HealthIsNotCounted(t *testing.T) {
	t.Parallel()
	b, run := withHealth(t, `{"status": "healthy", "peers": 1, "detail": {"peers": 99}}`)
	if m := run.named(t, "average_peers"); !cmp.Equal(m.Value, 2., approximately) {
		t.Errorf("average_peers = %v, want 2", m.Value)
	}
	for _, o := range b.observations() {
		if written(o.Peers) != "2" || string(o.Health) != `{"status":"healthy","peers":1,"detail":{"peers":99}}` {
			t.Errorf("line %+v with health %s", o, o.Health)
		}
	}
}

// TestFlaw10HealthOfAnyKindKeepsLinesReadable: what is no JSON becomes a text of JSON.
func TestFlaw10HealthOfAnyKindKeepsLinesReadable(t *testing.T) {
	t.Parallel()
	b, _ := withHealth(t, "up\n\"and\" well}, {\\ \x01 <br>\n")
	lines := b.observations() // each is read as JSON
	for _, o := range lines {
		if want := `"up\n\"and\" well}, {\\ \u0001 \u003cbr\u003e\n"`; string(o.Health) != want {
			t.Errorf("health %s, want %s", o.Health, want)
		}
	}
	if len(lines) != 6 { // two sweeps of three nodes
		t.Errorf("%d lines, want 6", len(lines))
	}
}

// withHealth measures three nodes whose page of health says that.
func withHealth(t *testing.T, body string) (*bench, Run) {
	t.Helper()
	script := mesh(3, 0)
	script.Defaults.Start = &testnode.Start{Body: body}
	b := scripted(t, 3, script)
	run := b.one()
	if wrong := isMeasured(run); wrong != "" {
		t.Fatal(wrong)
	}
	return b, run
}

// TestFlaw11EachPageIsFetchedOnceASweep counts what a node was really asked. Two series of one page cost one request, and the
// peer gauge is looked at ten times a second, the sweep included.
func TestFlaw11EachPageIsFetchedOnceASweep(t *testing.T) {
	t.Parallel()
	script := mesh(2, 0)
	script.Requests = true
	script.Defaults.Gauge = &testnode.Gauge{Extra: "a 1\nb 2\n"}
	b := scripted(t, 2, script)
	b.scenario().Duration = 3 * time.Second
	for _, series := range []string{"a", "b"} {
		m := metric.Describe("series_"+series, metric.Count, metric.Higher)
		b.Suite.Node.Custom = append(b.Suite.Node.Custom, suite.CustomMetric{Metric: m, Series: series, Path: "/metrics"})
	}
	if wrong := isMeasured(b.one()); wrong != "" {
		t.Fatal(wrong)
	}
	sweeps := map[int]int{}
	for _, o := range b.observations() {
		sweeps[o.Node]++
	}
	for node := range 2 {
		health := b.requests(node, "/health")
		if got, want := len(health), sweeps[node]+1; got != want { // one until it was ready
			t.Errorf("node %d was asked %d times for its health, want %d: once for each of %d sweeps", node, got, want, sweeps[node])
		}
		first, last := health[1], health[len(health)-1] // the ends of the first and last sweep
		within := func(path string) (n int) {
			for _, asked := range b.requests(node, path) {
				if asked > first && asked <= last {
					n++
				}
			}
			return n
		}
		if got, want := within("/probe/peers"), sweeps[node]-1; got != want {
			t.Errorf("node %d was asked %d times whom it knows, want %d", node, got, want)
		}
		if got := within("/metrics"); got > 30 || got < sweeps[node]-1 {
			t.Errorf("node %d was asked %d times for its metrics in 3 s, want 30 at most", node, got)
		}
	}
}

// TestFlaw12EveryNodeCounts has networks in which all gauges together show as many peers as a full mesh of five has, 20, and
// in which one node has none, or too few.
func TestFlaw12EveryNodeCounts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		counts [5]string
		want   []result.Finding
	}{
		"one has what another lacks": {[5]string{"8", "4", "4", "4", "0"}, []result.Finding{{
			Kind: result.FindingGaugeInvalid, Node: -1,
			Text: "gauge_invalid: node 0: the gauge shows 8 peers in a network of 5 nodes, where 4 is the most",
		}}},
		"one peer more than there are": {[5]string{"5", "4", "4", "4", "4"}, []result.Finding{{
			Kind: result.FindingGaugeInvalid, Node: -1,
			Text: "gauge_invalid: node 0: the gauge shows 5 peers in a network of 5 nodes, where 4 is the most",
		}}},
		"one has none": {[5]string{"4", "4", "4", "4", "0"}, nil},
		"one has less": {[5]string{"4", "4", "4", "4", "3"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := testnode.Script{Size: 5, Together: true, Nodes: map[int]testnode.Node{}}
			for i, count := range test.counts {
				script.Nodes[i] = testnode.Node{Peers: []testnode.Peers{{Peers: testnode.Value(count)}}}
			}
			b := scripted(t, 5, script)
			b.Suite.Node.Probe = "" // gauges alone
			b.scenario().FormationTimeout = 5 * time.Second

			run := b.one()

			want := append(test.want, result.Finding{
				Kind: result.FindingNotFormed, Node: -1,
				Text: fmt.Sprintf("the network did not form within 5s: last peer counts %v", test.counts),
			})
			if diff := cmp.Diff(want, run.Findings); diff != "" || run.Formed {
				t.Errorf("formed %v; findings: -want +got\n%s", run.Formed, diff)
			}
			if m := run.named(t, "average_peers"); believed(m) {
				t.Errorf("average_peers = %v is believed", m.Value)
			}
		})
	}
}
