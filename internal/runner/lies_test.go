package runner

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/measure"
	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/proc"
	"github.com/communitas/perfgate/internal/result"
	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

// timeless are findings without what no test can know: when, and how often.
func timeless(findings []result.Finding) []result.Finding {
	times := regexp.MustCompile(`,? (from \d+\.\d+s to|at) \d+\.\d+s( \(\d+ of \d+ times\))?`)
	var all []result.Finding
	for _, f := range findings {
		f.Text = times.ReplaceAllString(f.Text, "")
		all = append(all, f)
	}
	return all
}

// peers is a node whose gauge changes like that.
func peers(changes ...testnode.Peers) testnode.Node { return testnode.Node{Peers: changes} }

// TestLiesOfOneNode has three honest nodes that know each other, of which one begins to lie.
func TestLiesOfOneNode(t *testing.T) {
	t.Parallel()
	lists := func(value testnode.Value, ids ...string) testnode.Peers {
		return testnode.Peers{Peers: value, IDs: append([]string{}, ids...)}
	}
	later := func(p testnode.Peers) testnode.Peers { p.AtMS = 1300; return p }
	all := lists("2", "node-0", "node-1")
	for name, test := range map[string]struct {
		nodes map[int]testnode.Node
		want  []result.Finding
	}{
		"a phantom in its list": {
			map[int]testnode.Node{1: {Probe: &testnode.Probe{Phantom: []string{"ghost"}}}},
			[]result.Finding{
				{Kind: result.FindingPhantom, Node: 1, Text: "claims the peer ghost, which is none of this network"},
				{Kind: result.FindingGaugeDisagrees, Node: 1, Text: "shows 2 peers in its gauge and lists 3"},
			},
		},
		"another name": {
			map[int]testnode.Node{1: {Probe: &testnode.Probe{ID: "somebody"}}},
			[]result.Finding{
				{Kind: result.FindingAsymmetric, Node: 1, Text: "claims node 0 as a peer, which does not claim it"},
				{Kind: result.FindingAsymmetric, Node: 1, Text: "claims node 2 as a peer, which does not claim it"},
				{Kind: result.FindingPhantom, Node: 0, Text: "claims the peer node-1, which is none of this network"},
				{Kind: result.FindingPhantom, Node: 2, Text: "claims the peer node-1, which is none of this network"},
			},
		},
		"stale peers": {
			map[int]testnode.Node{
				0: {Peers: []testnode.Peers{{Peers: "2"}, later(lists("1", "node-1"))}},
				2: {Peers: []testnode.Peers{all, later(lists("1", "node-1"))}, Probe: &testnode.Probe{KeepStale: true}},
			},
			[]result.Finding{
				{Kind: result.FindingStale, Node: 2, Text: "keeps node 0 as a peer, which dropped it"},
				{Kind: result.FindingGaugeDisagrees, Node: 2, Text: "shows 1 peer in its gauge and lists 2"},
			},
		},
		"a gauge that counts who is gone": {
			map[int]testnode.Node{
				0: {Peers: []testnode.Peers{{Peers: "2"}, later(lists("1", "node-1"))}},
				2: {Peers: []testnode.Peers{all, later(lists("2", "node-1"))}},
			},
			[]result.Finding{
				{Kind: result.FindingGaugeDisagrees, Node: 2, Text: "shows 2 peers in its gauge and lists 1"},
				{Kind: result.FindingGaugeDisagrees, Node: -1, Text: "the gauges show what no graph has: nodes: 2 with 2 peers, 1 with 1 peer, " +
					"together 5 ends of links, which is odd (or one end of a link has not noticed that it is lost)"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := mesh(3, 0)
			script.Nodes = test.nodes
			b := scripted(t, 3, script)
			b.scenario().Duration, b.scenario().Quiet = 4*time.Second, time.Second

			run := b.oneThatFormed(1200 * time.Millisecond)

			if diff := cmp.Diff(test.want, timeless(run.Findings)); diff != "" || run.Failure != "" {
				t.Errorf("failure %q, findings: -want +got\n%s", run.Failure, diff)
			}
			if m := run.named(t, "average_peers"); !believed(m) {
				t.Errorf("a remark voids a sample: %s%s", m.Reason, m.Invalid)
			}
		})
	}
}

// TestGaugeThatCountsWhoWasNotLaunched has gauges that are frozen at N-1: right as soon as all nodes run, and seen before in at
// least one of several networks, however the looks fall.
func TestGaugeThatCountsWhoWasNotLaunched(t *testing.T) {
	t.Parallel()
	script := mesh(20, 0)
	script.Together = false
	b := scripted(t, 20, script)
	b.Suite.Node.Probe = ""
	var run Run
	for range 5 {
		if run = b.one(); len(run.findings(result.FindingGaugeInvalid)) > 0 {
			break
		}
	}
	found := run.findings(result.FindingGaugeInvalid)
	if len(found) != 1 || !strings.Contains(found[0].Text, "the gauge shows 19 peers") || !strings.Contains(found[0].Text, "of 20 nodes were launched") {
		t.Errorf("findings %v", run.Findings)
	}
	for _, m := range run.Measurements {
		if m.Metric.Level == metric.L1 && believed(m) {
			t.Errorf("%s: %v is believed", m.Metric.Name, m.Value)
		}
	}
}

// TestGaugeAgainstConnections has networks of real TCP connections, a star around node 0, beside gauges that tell of them or
// do not.
func TestGaugeAgainstConnections(t *testing.T) {
	t.Parallel()
	one := []testnode.Link{{}}
	gauges := func(first, others testnode.Value) testnode.Script {
		return testnode.Script{
			Size: 3, Together: true,
			Defaults: testnode.Node{Links: one, Peers: []testnode.Peers{{AtMS: 100, Peers: others}}},
			Nodes:    map[int]testnode.Node{0: peers(testnode.Peers{AtMS: 100, Peers: first})},
		}
	}
	more := func(script testnode.Script, node int, change func(*testnode.Node)) testnode.Script {
		n := script.Nodes[node]
		change(&n)
		script.Nodes[node] = n
		return script
	}
	disagrees := func(node int, text string) []result.Finding {
		return []result.Finding{{Kind: result.FindingGaugeDisagrees, Node: node, Text: text}}
	}
	for name, test := range map[string]struct {
		script testnode.Script
		change func(*bench)
		want   []result.Finding
	}{
		"that tell of them": {script: gauges("2", "1")},
		"twice to the same": {script: more(gauges("2", "1"), 1, func(n *testnode.Node) { n.Links = []testnode.Link{{Count: 3}} })},
		"fewer than there are": {
			script: gauges("1", "1"), // odd, for which the quiet period is too long here
			want:   disagrees(0, "shows 1 peer in its gauge, and the kernel established connections with 2 nodes"),
		},
		"more than there are": {
			script: more(gauges("2", "1"), 2, func(n *testnode.Node) { n.Peers = []testnode.Peers{{AtMS: 100, Peers: "2"}} }),
			want:   disagrees(2, "shows 2 peers in its gauge, and the kernel connections for 1 at most and no socket that could carry more"),
		},
		"that stay when a connection is lost": {
			script: more(gauges("2", "1"), 2, func(n *testnode.Node) { n.Links = []testnode.Link{{UntilMS: 500}} }),
			want: append(
				disagrees(0, "shows 2 peers in its gauge, and the kernel connections for 1 at most and no socket that could carry more"),
				disagrees(2, "shows 1 peer in its gauge, and the kernel connections for 0 at most and no socket that could carry more")...),
		},
		"of nodes without a socket": {
			script: testnode.Script{Defaults: peers(testnode.Peers{AtMS: 2000, Peers: "1"})},
			change: func(b *bench) {
				node := &b.Suite.Node
				i := slices.Index(node.Args, "--listen")
				node.Args, node.BootstrapArgs = slices.Delete(slices.Clone(node.Args), i, i+2), nil
			},
			want: slices.Concat(
				disagrees(0, "shows 1 peer in its gauge, and the kernel no socket but those of the control address"),
				disagrees(1, "shows 1 peer in its gauge, and the kernel no socket but those of the control address"),
				disagrees(2, "shows 1 peer in its gauge, and the kernel no socket but those of the control address")),
		},
		"of outbound connections, of which some tell of fewer": {
			script: gauges("0", "1"), change: func(b *bench) { b.Suite.Node.PeersCount = suite.PeersOutbound },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := scripted(t, 3, test.script)
			b.Suite.Node.Probe = ""
			b.scenario().Expect = suite.Expectation{Graph: suite.MinPeers, Min: 1}
			b.scenario().Duration, b.scenario().Quiet = 3*time.Second, time.Minute
			if test.change != nil {
				test.change(b)
			}

			run := b.one()

			if diff := cmp.Diff(test.want, timeless(run.Findings)); diff != "" || run.Failure != "" {
				t.Errorf("failure %q, findings: -want +got\n%s", run.Failure, diff)
			}
		})
	}
}

// TestReferenceNodeContradictsNobody has real libp2p nodes under all examinations.
func TestReferenceNodeContradictsNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t, testnode.BuildRefnode(t), 4)
	b.Suite.Node = suite.Node{
		Args:          []string{"--listen", "{listen}", "--storage", "{dir}/storage", "--metrics", "--metrics-addr", "{control}"},
		BootstrapArgs: []string{"--bootstrap", "{bootstrap}"},
		Env:           map[string]string{"OF_THIS_TEST": b.truth},
		Ready:         "/health", Metrics: "/metrics", Peers: "communitas_peers_connected", PeersCount: suite.PeersAll, Probe: "/probe",
		StopSignal: "SIGINT", StopTimeout: 20 * time.Second,
	}
	b.scenario().Duration, b.scenario().Quiet = 3*time.Second, time.Second
	if run := b.one(); !run.Formed || len(run.Findings) > 0 || run.Failure != "" {
		t.Errorf("formed %v, failure %q, findings %v", run.Formed, run.Failure, run.Findings)
	}
}

// TestLinksOf finds who is connected with whom in sockets of two nodes and a stranger.
func TestLinksOf(t *testing.T) {
	end := netip.MustParseAddrPort
	controls := []netip.AddrPort{end("127.0.0.1:21000"), end("127.0.0.1:21001")}
	tcp := func(local, remote string) proc.Socket {
		return proc.Socket{Protocol: proc.TCP, Local: end(local), Remote: end(remote), State: proc.Established}
	}
	udp := func(local, remote string) proc.Socket {
		return proc.Socket{Protocol: proc.UDP, Local: end(local), Remote: end(remote)}
	}
	listens := func(local string) proc.Socket {
		return proc.Socket{Protocol: proc.TCP, Local: end(local), Remote: end("0.0.0.0:0"), State: proc.Listening}
	}
	sockets := func(all ...proc.Socket) []proc.Socket { return all }
	for name, test := range map[string]struct {
		first, second []proc.Socket
		want          []measure.NodeSockets
	}{
		"nothing": {nil, nil, []measure.NodeSockets{{}, {}}},
		"only what perfgate itself talks to": {
			sockets(listens("0.0.0.0:21000"), tcp("127.0.0.1:21000", "127.0.0.1:40000")), sockets(listens("[::]:21001")), []measure.NodeSockets{{}, {}},
		},
		"a connection, twice": {
			sockets(listens("127.0.0.1:20000"), tcp("127.0.0.1:20000", "127.0.0.1:40000"), tcp("127.0.0.1:20000", "127.0.0.1:40001")),
			sockets(tcp("127.0.0.1:40000", "127.0.0.1:20000"), tcp("127.0.0.1:40001", "127.0.0.1:20000")),
			[]measure.NodeSockets{{Own: 3, Linked: []int{1}}, {Own: 2, Linked: []int{0}}},
		},
		"a connection that is not yet taken": {
			sockets(listens("0.0.0.0:20000")), sockets(tcp("127.0.0.1:40000", "127.0.0.1:20000")),
			[]measure.NodeSockets{{Own: 1}, {Own: 1, Linked: []int{0}}},
		},
		"half closed": {
			sockets(proc.Socket{Protocol: proc.TCP, Local: end("127.0.0.1:20000"), Remote: end("127.0.0.1:40000"), State: 8}), nil,
			[]measure.NodeSockets{{Own: 1}, {}},
		},
		"with somebody else": {
			sockets(tcp("127.0.0.1:40000", "127.0.0.1:50000"), tcp("127.0.0.1:40001", "127.0.0.1:50000"), tcp("127.0.0.1:40002", "127.0.0.1:50001")), nil,
			[]measure.NodeSockets{{Own: 3, Further: 2}, {}},
		},
		"with itself": {
			sockets(listens("127.0.0.1:20000"), tcp("127.0.0.1:20000", "127.0.0.1:40000"), tcp("127.0.0.1:40000", "127.0.0.1:20000")), nil,
			[]measure.NodeSockets{{Own: 3, Further: 2}, {}},
		},
		"with the other's control address": {
			sockets(tcp("127.0.0.1:40000", "127.0.0.1:21001")), sockets(listens("127.0.0.1:21001"), tcp("127.0.0.1:21001", "127.0.0.1:40000")),
			[]measure.NodeSockets{{Own: 1, Further: 1}, {}},
		},
		"UDP": {
			sockets(udp("127.0.0.1:20000", "0.0.0.0:0")), sockets(udp("127.0.0.1:40000", "127.0.0.1:20000")),
			[]measure.NodeSockets{{Own: 1, Open: true}, {Own: 1, Further: 1}},
		},
		"UDP at the port of the control address": {
			sockets(udp("127.0.0.1:21000", "0.0.0.0:0")), nil, []measure.NodeSockets{{Own: 1, Open: true}, {}},
		},
		"of another kind": {sockets(proc.Socket{Inode: 1}), nil, []measure.NodeSockets{{Own: 1, Open: true}, {}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := linksOf([]proc.Held{{Sockets: test.first}, {Sockets: test.second}}, controls)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	failed := linksOf([]proc.Held{{Err: proc.ErrUnsupported}, {}}, controls)
	if diff := cmp.Diff([]measure.NodeSockets{{Err: proc.ErrUnsupported.Error()}, {}}, failed); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
