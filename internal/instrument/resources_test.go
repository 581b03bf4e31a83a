package instrument

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/testnode"
)

// alone measures one node that does what it is told, for a steady window.
func alone(b *testing.B, does testnode.Node, window time.Duration) (observed, cost) {
	b.Helper()
	l := newLab(b, 1, testnode.Script{LifetimeMS: (5 * time.Minute).Milliseconds(), Defaults: does})
	l.Suite.Node.Args = append([]string{"--truth", filepath.Join(l.truth, "0")}, l.Suite.Node.Args...)
	l.Suite.Node.Args[3] = "{dir}/storage" // on a disk, where there is one
	l.scenario().Duration = window
	c := measureCost(b, l)
	return l.run(1)[0].must(b), *c
}

// BenchmarkMemoryTruth says how far the private memory of a node that holds so much lies above one that holds nothing.
func BenchmarkMemoryTruth(b *testing.B) {
	private := func(mib int) float64 {
		does := testnode.Node{Memory: &testnode.Memory{MiB: mib}, Start: &testnode.Start{ReadyAfterMS: 500}}
		if mib == 0 {
			does.Memory = nil
		}
		o, _ := alone(b, does, 2*time.Second)
		return o.named(b, "memory_private").Value
	}
	for _, mib := range []int{1, 8, 64, 256} {
		b.Run(fmt.Sprintf("MiB=%d", mib), func(b *testing.B) {
			var worst float64
			for b.Loop() {
				off := (private(mib)-private(0))/(1<<20) - float64(mib)
				if abs(off) > abs(worst) {
					worst = off
				}
			}
			b.ReportMetric(worst, "MiB-off")
			b.ReportMetric(abs(worst)/(0.02*float64(mib)+0.5), "of-what-is-allowed")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkCPUTruth says how far the share of a core that perfgate reports of a node lies from what its burning threads got
// in the same window, above that of a node that only shows its pages.
func BenchmarkCPUTruth(b *testing.B) {
	const window = 10 * time.Second
	idle, _ := alone(b, testnode.Node{}, window)
	base := idle.named(b, "cpu_idle").Value
	for _, cores := range []float64{0.05, 0.25, 0.5, 1} {
		b.Run(fmt.Sprintf("cores=%v", cores), func(b *testing.B) {
			var worst float64
			for b.Loop() {
				o, c := alone(b, testnode.Node{CPU: &testnode.CPU{Cores: cores}}, window)
				truth := burned(b, o, c)
				off := 100 * (o.named(b, "cpu_idle").Value - base - truth) / truth
				if abs(off) > abs(worst) {
					worst = off
				}
				b.ReportMetric(truth, "cores-true")
			}
			b.ReportMetric(worst, "%off")
			b.ReportMetric(base, "cores-idle")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// burned is the share of a core that the burning threads of the only node got in the steady window.
func burned(b *testing.B, o observed, c cost) float64 {
	b.Helper()
	from, to := proc.MonotonicNS(c.opened.at), proc.MonotonicNS(c.closed.at)
	var times, values []float64
	for _, e := range o.Truth[0] {
		if e.Event != testnode.EventBurned {
			continue
		}
		got, err := strconv.ParseFloat(e.Value, 64)
		if err != nil {
			b.Fatal(err)
		}
		times, values = append(times, float64(e.MonotonicNS)), append(values, got)
	}
	at := func(ns int64) float64 { // on the straight line between two events
		i, _ := slices.BinarySearch(times, float64(ns))
		i = min(max(i, 1), len(times)-1)
		share := (float64(ns) - times[i-1]) / (times[i] - times[i-1])
		return values[i-1] + share*(values[i]-values[i-1])
	}
	if len(times) < 2 {
		b.Fatal("the node did not say what it burned")
	}
	return (at(to) - at(from)) / float64(to-from)
}

// BenchmarkDiskTruth says how many bytes perfgate reads for files of some sizes, less their whole pages.
func BenchmarkDiskTruth(b *testing.B) {
	page := int64(os.Getpagesize())
	for _, size := range []int64{1, page, page + 1, 100_001, 5<<20 + 17} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			storage := b.TempDir()
			if proc.Volatile(storage) {
				b.Skip("nothing is written to a disk here")
			}
			want := (size + page - 1) / page * page
			var worst int64
			for b.Loop() {
				off := wrote(b, storage, size) - want
				if max(off, -off) >= max(worst, -worst) {
					worst = off
				}
			}
			b.ReportMetric(float64(worst), "bytes-off")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// wrote is how much a node wrote by perfgate's reading, from before its script has it write to after.
func wrote(b *testing.B, storage string, size int64) int64 {
	b.Helper()
	truth := quietFolder(b)
	script := testnode.Script{LifetimeMS: time.Minute.Milliseconds(), Defaults: testnode.Node{Writes: []testnode.Write{{AtMS: 400, Bytes: size}}}}
	node := testnode.Launch(b, testnode.Build(b, testnode.Scripted), script.Env(0), "--storage", storage, "--truth", truth)
	await(b, truth, testnode.EventReady)
	before, err := proc.ReadUsage(node.PID())
	if err != nil {
		b.Fatal(err)
	}
	if events := events(b, truth); len(events) != 2 {
		b.Fatalf("it wrote before it was looked at: %v", events)
	}
	await(b, truth, testnode.EventWriteEnd)
	after, err := proc.ReadUsage(node.PID())
	if err != nil {
		b.Fatal(err)
	}
	node.Signal(os.Interrupt)
	node.Wait()
	return after.WriteBytes - before.WriteBytes
}

// events are those of a truth file so far, but for one that is being written.
func events(b *testing.B, folder string) []testnode.Event {
	b.Helper()
	for range 100 {
		if events, err := testnode.ReadTruth(filepath.Join(folder, testnode.TruthFile)); err == nil {
			return events
		}
		time.Sleep(time.Millisecond)
	}
	b.Fatal("the truth cannot be read")
	return nil
}

// await waits for an event of a node.
func await(b *testing.B, folder, name string) {
	b.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if raw, err := os.ReadFile(filepath.Join(folder, testnode.TruthFile)); err == nil && len(raw) > 0 {
			if _, ok := testnode.Find(events(b, folder), name); ok {
				return
			}
		}
	}
	b.Fatalf("no event %s", name)
}

func abs(v float64) float64 { return max(v, -v) }
