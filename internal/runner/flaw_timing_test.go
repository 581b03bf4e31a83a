package runner

import (
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/scrape"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// The tests named after flaws hold perfgate against what was wrong with the script that it replaces; archtest has the list.

// TestFlaw01ClockStartsBeforeTheFirstNode has nodes that take long to come up and are a full mesh as soon as they are: a
// clock that starts when all are up would show next to nothing. All joiners get the same time.
func TestFlaw01ClockStartsBeforeTheFirstNode(t *testing.T) {
	t.Parallel()
	script := mesh(4, 0)
	script.Defaults.Start = &testnode.Start{ListenAfterMS: 3000}
	script.Nodes = map[int]testnode.Node{0: {Start: &testnode.Start{ListenAfterMS: 500}}}
	b := scripted(t, 4, script)

	run := b.one()

	if wrong := isMeasured(run); wrong != "" {
		t.Fatal(wrong)
	}
	started, listening := b.last(testnode.EventStart), b.last(testnode.EventListening)
	up := b.sinceStart(slices.Max(listening)).Seconds()
	for _, name := range []string{"startup_time", "formation_time"} {
		if m := run.named(t, name); m.Value < up {
			t.Errorf("%s is %v s, and the last node was not up before %v s", name, m.Value, up)
		}
	}
	if slices.Max(started[1:]) > slices.Min(listening[1:]) {
		t.Errorf("a joiner was started at %d when another was already up at %d", slices.Max(started[1:]), slices.Min(listening[1:]))
	}
}

// TestFlaw02TimesAreMonotonicAndFine holds a formation against instants that nodes took of CLOCK_MONOTONIC, and sets the
// wall clock between two moments.
func TestFlaw02TimesAreMonotonicAndFine(t *testing.T) {
	t.Parallel()
	b := scripted(t, 3, mesh(3, 1250))
	run := b.one()
	if wrong := isMeasured(run); wrong != "" {
		t.Fatal(wrong)
	}
	b.checkFormation(run, false)
	if m := run.named(t, "formation_time"); m.Value == math.Trunc(m.Value) {
		t.Errorf("formed after %v s, as if there were whole seconds only", m.Value)
	}

	s := &session{t0: time.Now()}
	if got := s.since(set(t, s.t0.Add(1500*time.Millisecond), -time.Hour)); got != 1500*time.Millisecond {
		t.Errorf("with the wall clock set back an hour, 1.5 s become %v", got)
	}
	for what, moment := range moments(t) {
		if !strings.Contains(moment.String(), " m=") {
			t.Errorf("%s is of the wall clock alone", what)
		}
	}
}

// set is a moment after somebody has set the wall clock: the monotonic reading stays what it is.
func set(t *testing.T, moment time.Time, by time.Duration) time.Time {
	t.Helper()
	changed := moment
	// Package time has no way to say this: of its first word, 33 bits above the 30 of the nanoseconds are wall seconds.
	*(*uint64)(unsafe.Pointer(&changed)) += uint64(by/time.Second) << 30
	if changed.Unix()-moment.Unix() != int64(by/time.Second) || changed.Sub(moment) != 0 {
		t.Skip("time.Time has another layout than this test knows")
	}
	return changed
}

// moments are those that times are made of.
func moments(t *testing.T) map[string]time.Time {
	t.Helper()
	launcher := proc.NewLauncher()
	defer launcher.Close()
	process, err := launcher.Start(proc.Command{Path: "/bin/true"})
	if err != nil {
		t.Fatal(err)
	}
	<-process.Done()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	page, err := scrape.New().Get(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]time.Time{
		"the start of a process": process.Started(), "its end": process.Exit().At, "a page's request": page.Sent, "its answer": page.Received,
	}
}

// besideOneThatHangs measures four nodes for 4.9 s. In sweeps, and only there, they are asked for a page that the first one
// never answers, so that its looks last for as long as any may. It returns when the others were asked for that page, as
// CLOCK_MONOTONIC in nanoseconds, and wants some of that to be while the first one hangs.
func besideOneThatHangs(t *testing.T) (b *bench, sweeps [][]int64) {
	t.Helper()
	script := mesh(4, 0)
	script.Requests = true
	script.Defaults.Start = &testnode.Start{Body: "communitas_peers_connected 3\n"}
	script.Nodes = map[int]testnode.Node{0: {Pages: []testnode.Page{{Mode: testnode.PageHang}}}}
	b = scripted(t, 4, script)
	b.scenario().Duration = 4900 * time.Millisecond
	b.Suite.Node.Metrics = b.Suite.Node.Ready
	b.Suite.Node.Custom = []suite.CustomMetric{{
		Metric: metric.Describe("slow", metric.Count, metric.Higher), Series: "communitas_peers_connected", Path: "/metrics",
	}}
	if run := b.one(); !run.Formed || run.Failure != "" {
		t.Fatalf("formed %v, failure %q", run.Formed, run.Failure)
	}
	hangs := b.requests(0, "/metrics")[0]
	meanwhile := 0
	for node := 1; node < 4; node++ {
		asked := b.requests(node, "/metrics")
		sweeps = append(sweeps, asked)
		for _, moment := range asked {
			if moment > hangs && moment < hangs+lookTimeout.Nanoseconds() {
				meanwhile++
			}
		}
	}
	if meanwhile == 0 {
		t.Errorf("no node was swept while the first one hung: they were asked at %v, and it from %d on", sweeps, hangs)
	}
	return b, sweeps
}

// TestFlaw03WindowEndsOnTime: the window is no multiple of the time between two sweeps, and a node that hangs for two
// seconds at each look takes nothing of it away from the others.
func TestFlaw03WindowEndsOnTime(t *testing.T) {
	t.Parallel()
	b, sweeps := besideOneThatHangs(t)
	for i, asked := range sweeps {
		// Six of them: at its beginning, each second, and at its end. A machine that is busy may miss a second, not an end.
		if len(asked) < 2 || len(asked) > 6 {
			t.Errorf("node %d was swept %d times in 4.9 s", i+1, len(asked))
		}
		if length := time.Duration(asked[len(asked)-1] - b.steady); length < 4900*time.Millisecond {
			t.Errorf("the window of node %d ends after %v", i+1, length)
		}
	}
}

// TestFlaw04SweepHasOneMomentForAllNodes: no node waits for another within a sweep, and the time of a sweep is that at
// which all were asked.
func TestFlaw04SweepHasOneMomentForAllNodes(t *testing.T) {
	t.Parallel()
	b, sweeps := besideOneThatHangs(t)
	stamps := make([][]int64, 4)
	for _, o := range b.observations() {
		stamps[o.Node] = append(stamps[o.Node], o.Timestamp)
	}
	toWall := time.Now().UnixNano() - testnode.MonotonicNS()
	asked := map[int64][]int64{} // by the time that the lines have; a machine that is busy may miss a sweep of a node
	for i, node := range sweeps {
		for k, moment := range node {
			stamp := stamps[i+1][k]
			asked[stamp] = append(asked[stamp], moment)
			if off := time.Duration(moment + toWall - stamp*int64(time.Second)); off < -time.Second || off > 5*time.Second {
				t.Errorf("sweep %d: node %d was asked %v after the time that its line has", k, i+1, off)
			}
		}
	}
	times := slices.Sorted(maps.Keys(asked))
	if len(times) < 2 || len(times) > 6 || len(asked[times[0]]) != 3 || len(asked[times[len(times)-1]]) != 3 {
		t.Errorf("sweeps at %v: all nodes were asked at the beginning and at the end, and up to six times", times)
	}
	for i, stamp := range times[1:] {
		if slices.Max(asked[times[i]]) >= slices.Min(asked[stamp]) {
			t.Errorf("the sweep of %d goes on when that of %d has begun", times[i], stamp)
		}
	}
}

// TestFlaw06FormationIsInNoAverage has nodes that gain and lose peers for a while before the network has formed.
func TestFlaw06FormationIsInNoAverage(t *testing.T) {
	t.Parallel()
	script := mesh(3, 1500)
	script.Nodes = map[int]testnode.Node{2: {Peers: []testnode.Peers{{Peers: "2"}, {AtMS: 600, Peers: "0"}, {AtMS: 1500, Peers: "2"}}}}
	b := scripted(t, 3, script)

	run := b.one()

	if wrong := isMeasured(run); wrong != "" {
		t.Fatal(wrong)
	}
	for name, want := range map[string]float64{"average_peers": 2, "disconnections": 0} {
		if m := run.named(t, name); math.Abs(m.Value-want) > 1e-9 {
			t.Errorf("%s = %v, want %v: what was before the network had formed counts", name, m.Value, want)
		}
	}
	for _, o := range b.observations() {
		if o.Peers == nil || *o.Peers != 2 {
			t.Errorf("a line of the steady window shows node %d on its way: %v", o.Node, o.Peers)
		}
	}
}
