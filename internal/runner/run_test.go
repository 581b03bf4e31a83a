package runner

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/testnode"
)

// TestEveryMetricOfAFullMesh lets five nodes find each other, work a little, and be measured for ten seconds.
func TestEveryMetricOfAFullMesh(t *testing.T) {
	t.Parallel()
	script := mesh(5, 300)
	script.Defaults.Peers = append([]testnode.Peers{{AtMS: 100, Peers: "1"}, {AtMS: 200, Peers: "2"}}, script.Defaults.Peers...)
	script.Defaults.Memory = &testnode.Memory{MiB: 8}
	script.Defaults.CPU = &testnode.CPU{Cores: 0.05}
	script.Defaults.Writes = []testnode.Write{{AtMS: 5000, Bytes: 1 << 20}}
	script.Defaults.Log = []testnode.Line{{Text: "WARN slow", Repeat: 3}}
	script.Nodes = map[int]testnode.Node{3: {Peers: []testnode.Peers{{AtMS: 450, Peers: "4"}}}}
	b := scripted(t, 5, script)
	b.scenario().Duration, b.scenario().Quiet = 10*time.Second, 5*time.Second

	run := b.one()

	if wrong := isMeasured(run); wrong != "" {
		t.Fatal(wrong)
	}
	for _, m := range run.Measurements {
		notHere := m.Metric.Level == metric.L3 || m.Metric.Name == "disk_write" && proc.Volatile(b.Dir) ||
			strings.HasPrefix(m.Metric.Name, "quic_") // these nodes hold their port and say nothing
		if (m.Status == result.NotMeasurable) != notHere {
			t.Errorf("%s: %s %s", m.Metric.Name, m.Status, m.Reason)
		}
	}
	for name, want := range map[string]struct{ least, most float64 }{
		"formation_time": {0.45, 30}, "topology_convergence_time": {0.45, 30}, "formation_cpu": {0.001, 10},
		"formation_success": {1, 1}, "discovery_success_rate": {1, 1}, "average_peers": {4, 4}, "disconnections": {0, 0},
		"memory_private": {8 << 20, 30 << 20}, "cpu_idle": {0.02, 0.5}, "disk_write": {1 << 16, 1 << 20},
		"log_errors": {0, 0}, "log_warnings": {15, 15}, "log_slow": {15, 15},
	} {
		if m := run.named(t, name); m.Status == result.Measured && (m.Value < want.least-1e-9 || m.Value > want.most+1e-9) {
			t.Errorf("%s = %v, want it in [%v, %v]", name, m.Value, want.least, want.most)
		}
	}
	b.checkFormation(run, false)
	b.checkFiles(11)
}

// checkFormation compares the interval of the formation with the truth: the network formed when the last of the nodes, or
// with anyOne the first, got its last peers. The instant t0 lies between the moment at which the runner was about to start
// and the one at which the first node runs.
func (b *bench) checkFormation(run Run, anyOne bool) {
	b.t.Helper()
	got := b.last(testnode.EventPeers)
	formed := slices.Max(got)
	if anyOne {
		formed = slices.Min(got)
	}
	least, most := b.sinceStart(formed), time.Duration(formed-b.starting)
	m := run.named(b.t, "formation_time")
	if *m.High < least.Seconds() || *m.Low > most.Seconds() {
		b.t.Errorf("formed in [%v, %v] s, and in truth between %v and %v", *m.Low, *m.High, least, most)
	}
}

// sinceStart is the time from when the first node ran.
func (b *bench) sinceStart(monotonicNS int64) time.Duration {
	b.t.Helper()
	return time.Duration(monotonicNS - b.last(testnode.EventStart)[0])
}

// last is when each node had its last event of a name, as CLOCK_MONOTONIC in nanoseconds.
func (b *bench) last(name string) []int64 {
	b.t.Helper()
	var all []int64
	for node := range b.scenario().Nodes {
		events := b.events(node)
		slices.Reverse(events)
		event, ok := testnode.Find(events, name)
		if !ok {
			b.t.Fatalf("node %d: no %s in its truth", node, name)
		}
		all = append(all, event.MonotonicNS)
	}
	return all
}

// checkFiles checks what is left on the disk: the guide's files and nothing else.
func (b *bench) checkFiles(sweeps int) {
	b.t.Helper()
	want := []string{"quick", "quick/run-01", "quick/run-01/machine.jsonl", "quick/run-01/metrics.jsonl", "quick/run-01/summary.json"}
	for node := range b.scenario().Nodes {
		dir := "quick/run-01/node-" + strconv.Itoa(node)
		want = append(want, dir, dir+"/node.log")
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, tree(b.t, b.Dir)); diff != "" {
		b.t.Errorf("files: -want +got\n%s", diff)
	}
	nodes := map[int64][]int{}
	for _, o := range b.observations() {
		var health struct{ Status string }
		if err := json.Unmarshal(o.Health, &health); err != nil || health.Status != "healthy" || o.Peers == nil || *o.Peers != 4 {
			b.t.Errorf("line %+v with health %s", o, o.Health)
		}
		nodes[o.Timestamp] = append(nodes[o.Timestamp], o.Node)
	}
	// A machine that is busy may miss a sweep of a node, except the first and the last.
	times := slices.Sorted(maps.Keys(nodes))
	for _, timestamp := range times {
		seen := nodes[timestamp]
		slices.Sort(seen)
		if end := timestamp == times[0] || timestamp == times[len(times)-1]; end && !slices.Equal(seen, []int{0, 1, 2, 3, 4}) || len(slices.Compact(seen)) != len(nodes[timestamp]) {
			b.t.Errorf("sweep of %d: nodes %v", timestamp, nodes[timestamp])
		}
	}
	if len(times) < 2 || len(times) > sweeps {
		b.t.Errorf("%d sweeps, want %d", len(times), sweeps)
	}
	b.checkSummary()
}

func (b *bench) checkSummary() {
	b.t.Helper()
	got := b.summary()
	got.FormationTime, got.FormationTimeMS, got.Timestamp = nil, nil, 0
	average := 4.0
	want := result.Summary{Nodes: 5, FormationComplete: true, TestDuration: 10, AveragePeers: &average}
	if diff := cmp.Diff(want, got, approximately); diff != "" {
		b.t.Errorf("summary: -want +got\n%s", diff)
	}
}

// tree lists everything below a folder.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if path != dir {
			relative, _ := filepath.Rel(dir, path)
			all = append(all, relative)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}
