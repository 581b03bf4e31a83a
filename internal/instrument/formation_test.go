package instrument

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/testnode"
)

// formation is a way in which a network gets its full mesh.
type formation struct {
	name   string
	script func(nodes, run int) testnode.Script
}

// peersAt are the changes of a node's count: pairs of milliseconds and peers.
func peersAt(pairs ...int) testnode.Node {
	var changes []testnode.Peers
	for pair := range slices.Chunk(pairs, 2) {
		changes = append(changes, testnode.Peers{AtMS: int64(pair[0]), Peers: testnode.Value(strconv.Itoa(pair[1]))})
	}
	return testnode.Node{Peers: changes}
}

// formations are the ways. The later a run, the later the moment, so that it falls on every part of the schedule.
func formations() []formation {
	return []formation{
		{"at-once", func(nodes, run int) testnode.Script {
			return testnode.Script{Size: nodes, Defaults: peersAt(400+run, nodes-1)}
		}},
		{"staggered", func(nodes, run int) testnode.Script {
			s := testnode.Script{Size: nodes, Nodes: map[int]testnode.Node{}}
			for i := range nodes {
				s.Nodes[i] = peersAt(200+run+5*i, nodes/2, 500+run+7*i, nodes-1)
			}
			return s
		}},
		{"one-late", func(nodes, run int) testnode.Script {
			return testnode.Script{Size: nodes, Defaults: peersAt(300, nodes-1), Nodes: map[int]testnode.Node{nodes / 2: peersAt(300, 1, 600+run, nodes-1)}}
		}},
		{"lose-and-gain", func(nodes, run int) testnode.Script {
			return testnode.Script{Size: nodes, Defaults: peersAt(300, nodes-1, 420, nodes-2, 520+run, nodes-1), Nodes: map[int]testnode.Node{
				0: peersAt(350, nodes-1), nodes - 1: peersAt(300, nodes-2, 480+run, nodes-1),
			}}
		}},
	}
}

// BenchmarkFormation says how often the truth of a formation lies in the interval that perfgate reports, how wide that is,
// and how far its upper end, the value, lies after the truth.
func BenchmarkFormation(b *testing.B) {
	for _, burning := range []bool{false, true} {
		for _, size := range []struct{ nodes, runs int }{{2, 10}, {5, 10}, {20, 8}, {100, 2}} {
			name := "calm"
			if burning {
				name = "busy"
			}
			b.Run(fmt.Sprintf("%s/nodes=%d", name, size.nodes), func(b *testing.B) {
				if burning {
					burnEveryCore(b)
				}
				var t tally
				for b.Loop() {
					for _, way := range formations() {
						l := newLab(b, size.nodes, testnode.Script{})
						for run := range size.runs {
							script := way.script(size.nodes, run*3)
							script.LifetimeMS = time.Minute.Milliseconds()
							l.perform(script)
							t.add(b, way.name, l.run(1)[0])
						}
					}
				}
				t.report(b)
			})
		}
	}
}

// tally collects intervals and truths, in milliseconds.
type tally struct {
	runs, inside, narrow int
	widths, late         []float64
}

// reach is how wide an interval is to be at most, in seconds.
func reach(nodes int) float64 {
	if nodes <= 20 {
		return 0.020
	}
	return 0.100
}

func (t *tally) add(b *testing.B, way string, o observed) {
	b.Helper()
	t.runs++
	at, ok := held(o.Truth, len(o.Truth)-1)
	m := o.named(b, "formation_time")
	if !ok || !o.Formed || o.Failure != "" || m.Low == nil || m.High == nil {
		b.Logf("%s: no interval or no truth: formed %v, failure %q, %d findings", way, o.Formed, o.Failure, len(o.Findings))
		return
	}
	truth := float64(at-o.T0MonotonicNS) / 1e9
	t.widths, t.late = append(t.widths, (*m.High-*m.Low)*1000), append(t.late, (*m.High-truth)*1000)
	inside, narrow := *m.Low <= truth && truth <= *m.High, *m.High-*m.Low <= reach(len(o.Truth))
	if inside {
		t.inside++
	}
	if narrow {
		t.narrow++
	}
	if !inside || !narrow {
		b.Logf("%s: formed in [%.1f, %.1f] ms, in truth at %.1f ms", way, *m.Low*1000, *m.High*1000, truth*1000)
	}
}

func (t *tally) report(b *testing.B) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // the scripts decide how long it takes
	b.ReportMetric(100*float64(t.inside)/float64(t.runs), "%inside")
	b.ReportMetric(100*float64(t.narrow)/float64(t.runs), "%narrow")
	b.ReportMetric(float64(t.runs), "runs")
	if len(t.widths) == 0 {
		return
	}
	slices.Sort(t.widths)
	slices.Sort(t.late)
	b.ReportMetric(t.widths[len(t.widths)/2], "ms-wide-median")
	b.ReportMetric(t.widths[len(t.widths)-1], "ms-wide-max")
	b.ReportMetric(t.late[len(t.late)/2], "ms-late-median")
}
