package probe_test

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/probe"
)

// BenchmarkNetwork prints what a network of reference nodes does at level L3: 1 KiB messages in an open loop of 20 a second,
// values of 1 KiB, a stream of 64 MiB between two nodes, and fresh connections.
//
//	go test -run '^$' -bench Network -benchtime 1x ./internal/probe
func BenchmarkNetwork(b *testing.B) {
	for _, size := range []int{5, 20} {
		b.Run(fmt.Sprintf("nodes=%d", size), func(b *testing.B) {
			client := probe.NewClient()
			defer client.Close()
			net := network(b, client, refnodes(b, size))
			for b.Loop() {
				net.messages(b, 200, 50*time.Millisecond)
				net.table(b, 50)
				net.streams(b, 3)
				net.connections(b, 50)
			}
			b.ReportMetric(0, "ns/op") // the pace is the benchmark's own
		})
	}
}

// benchNetwork is a network that works.
type benchNetwork struct {
	nodes []*probe.Node
	ids   []string
	run   int
}

func network(b *testing.B, client *probe.Client, subjects []probe.Subject) *benchNetwork {
	b.Helper()
	net := &benchNetwork{nodes: dial(client, subjects)}
	for _, n := range net.nodes {
		d, err := n.Describe(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		net.ids = append(net.ids, d.ID)
	}
	return net
}

func (net *benchNetwork) messages(b *testing.B, count int, every time.Duration) {
	b.Helper()
	net.run++
	inboxes := make([]probe.Inbox, len(net.nodes))
	arrived := make([]probe.Arrivals, len(net.nodes))
	for i, n := range net.nodes {
		inboxes[i], arrived[i].Node = probe.Inbox{Node: n}, net.ids[i]
		if _, err := inboxes[i].Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	sent := make([]probe.Sending, count)
	answers := make(chan error, count)
	begin, beginNS := time.Now(), probe.NowNS()
	for k := range sent {
		due := time.Duration(k) * every
		time.Sleep(time.Until(begin.Add(due)))
		from := k % len(net.nodes)
		sent[k] = probe.Sending{ID: fmt.Sprintf("r%d-m%d", net.run, k), From: net.ids[from], Bytes: 1024, ScheduledNS: beginNS + due.Nanoseconds()}
		go func() {
			p, err := net.nodes[from].Publish(b.Context(), sent[k].ID, 1024)
			sent[k].PublishedNS = p.PublishedNS
			answers <- err
		}()
	}
	for range count {
		if err := <-answers; err != nil {
			b.Fatal(err)
		}
	}
	time.Sleep(500 * time.Millisecond)
	for i := range inboxes {
		pages, err := inboxes[i].Read(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		arrived[i].Pages = pages
	}
	got := probe.Reconcile(sent, arrived)
	b.ReportMetric(float64(len(got.Deliveries))/float64(got.Expected), "delivered")
	b.ReportMetric(float64(len(got.Anomalies)), "anomalies")
	var latencies []time.Duration
	for _, d := range got.Deliveries {
		latencies = append(latencies, time.Duration(d.ReceivedNS-d.ScheduledNS))
	}
	report(b, "message", latencies)
}

func (net *benchNetwork) table(b *testing.B, count int) {
	b.Helper()
	var puts, gets []time.Duration
	for k := range count {
		key := fmt.Sprintf("r%d-k%d", net.run, k)
		put, err := net.nodes[k%len(net.nodes)].Put(b.Context(), key, 1024)
		if err != nil || !put.OK() {
			b.Fatal(put.Failure, err)
		}
		got, err := net.nodes[(k+1)%len(net.nodes)].Get(b.Context(), key, probe.FromNetwork)
		if err != nil || !got.Found {
			b.Fatal(got.Failure, err)
		}
		puts, gets = append(puts, lasted(put.Outcome)), append(gets, lasted(got.Outcome))
	}
	report(b, "put", puts)
	report(b, "get", gets)
}

func (net *benchNetwork) streams(b *testing.B, count int) {
	b.Helper()
	var rates []float64
	for range count {
		sent, err := net.nodes[1].Send(b.Context(), net.ids[2], 64<<20, 8<<20)
		if err != nil || !sent.OK() {
			b.Fatal(sent.Failure, err)
		}
		rates = append(rates, float64(sent.Bytes)/lasted(sent.Outcome).Seconds()/1e6)
	}
	slices.Sort(rates)
	b.ReportMetric(rates[len(rates)/2], "send-MB/s")
}

func (net *benchNetwork) connections(b *testing.B, count int) {
	b.Helper()
	var took []time.Duration
	for k := range count {
		done, err := net.nodes[k%len(net.nodes)].Connect(b.Context(), net.ids[(k+1)%len(net.nodes)])
		if err != nil || !done.OK() {
			b.Fatal(done.Failure, err)
		}
		took = append(took, lasted(done))
	}
	report(b, "connect", took)
}

// report prints the median and the 99th percentile, by nearest rank.
func report(b *testing.B, name string, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	for _, p := range []int{50, 99} {
		at := took[(len(took)*p+99)/100-1]
		b.ReportMetric(float64(at)/1e6, fmt.Sprintf("%s-p%d-ms", name, p))
	}
}

// BenchmarkClient prints what a call costs the one who asks, in CPU time of this process.
func BenchmarkClient(b *testing.B) {
	client := probe.NewClient()
	defer client.Close()
	net := network(b, client, refnodes(b, 2))
	calls := map[string]func(k int) error{
		"publish": func(k int) error {
			_, err := net.nodes[0].Publish(b.Context(), fmt.Sprint("c-", k), 1024)
			return err
		},
		"traffic": func(int) error { _, err := net.nodes[0].Traffic(b.Context()); return err },
		"received": func(int) error {
			_, err := net.nodes[1].Received(b.Context(), 0, 100) // of which there are, after publish
			return err
		},
	}
	for _, name := range []string{"publish", "traffic", "received"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpuTime(b)
			for k := 0; b.Loop(); k++ {
				if err := calls[name](k); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}

// cpuTime is what this process has used so far, in user and system mode.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
