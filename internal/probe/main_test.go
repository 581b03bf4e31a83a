package probe_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/probe"
	"github.com/communitas/perfgate/internal/testnode"
)

func TestMain(m *testing.M) { os.Exit(testnode.CleanUpAfter(m).Run()) }

// subject is a node at a control address, as the two node programs answer.
func subject(name, control string) probe.Subject {
	return probe.Subject{
		Name: name, Control: control, Ready: "/health", Metrics: "/metrics", Probe: "/probe",
		PeerGauge: "communitas_peers_connected",
	}
}

// lasted is how long the work took, without the call.
func lasted(o probe.Outcome) time.Duration { return time.Duration(o.DoneNS - o.StartedNS) }

// refnodes starts a network of reference nodes, each a process, and waits until it is formed.
func refnodes(tb testing.TB, size int, env ...string) []probe.Subject {
	tb.Helper()
	program := testnode.BuildRefnode(tb)
	env = append([]string{"GOMAXPROCS=1", "RUST_LOG=info"}, env...)
	var nodes []probe.Subject
	var bootstrap string
	for i := range size {
		args := []string{"--listen", "127.0.0.1:0", "--metrics", "--metrics-addr", "127.0.0.1:0"}
		if i > 0 {
			args = append(args, "--bootstrap", bootstrap)
		}
		process := testnode.Launch(tb, program, env, args...)
		if i == 0 {
			bootstrap = process.Field("node ready", "listen")
		}
		nodes = append(nodes, subject(fmt.Sprintf("node-%d", i), process.Field("node ready", "control")))
	}
	awaitMesh(tb, nodes)
	return nodes
}

// awaitMesh waits until a message of every node reaches all others.
func awaitMesh(tb testing.TB, nodes []probe.Subject) {
	tb.Helper()
	client := probe.NewClient()
	defer client.Close()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	calls := dial(client, nodes)
	for round := 0; ; round++ {
		for i, n := range calls {
			if _, err := n.Publish(ctx, fmt.Sprintf("mesh-%d-%d", round, i), 128); err != nil {
				tb.Fatal(err)
			}
		}
		heard := 0
		for _, n := range calls {
			page, err := n.Received(ctx, 0, probe.MaxPage)
			if err != nil {
				tb.Fatal(err)
			}
			var from []string
			for _, m := range page.Messages {
				from = append(from, m.From)
			}
			slices.Sort(from)
			heard += len(slices.Compact(from))
		}
		if heard == len(nodes)*(len(nodes)-1) {
			return
		}
		select {
		case <-ctx.Done():
			tb.Fatalf("%d of %d pairs of nodes hear each other", heard, len(nodes)*(len(nodes)-1))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func dial(client *probe.Client, nodes []probe.Subject) []*probe.Node {
	var calls []*probe.Node
	for _, n := range nodes {
		calls = append(calls, client.Node(n.Name, "http://"+n.Control+n.Probe))
	}
	return calls
}

// scripted starts nodes that do what a script says, each a process, and returns where their truth is, too.
func scripted(tb testing.TB, size int, script testnode.Script) (nodes []probe.Subject, truths []string) {
	tb.Helper()
	program, mesh := testnode.Build(tb, testnode.Scripted), tb.TempDir()
	if script.Defaults.Peers == nil {
		script.Defaults.Peers = []testnode.Peers{{Peers: testnode.Value(fmt.Sprint(size - 1))}}
	}
	for i := range size {
		storage := tb.TempDir()
		env := append(script.Env(i), testnode.MeshVariable+"="+mesh)
		process := testnode.Launch(tb, program, env, "--storage", storage, "--metrics", "--metrics-addr", "127.0.0.1:0")
		nodes = append(nodes, subject(fmt.Sprintf("node-%d", i), process.Field("control server listening", "addr")))
		truths = append(truths, filepath.Join(storage, testnode.TruthFile))
	}
	return nodes, truths
}

// working is a script whose nodes offer L3; lies are those of the first node.
func working(work, lies testnode.Work) testnode.Script {
	return testnode.Script{
		Defaults: testnode.Node{Work: &work},
		Nodes:    map[int]testnode.Node{0: {Work: &lies}},
	}
}

func patch(call, field, value string) testnode.Work {
	return testnode.Work{Patch: map[string]map[string]json.RawMessage{call: {field: json.RawMessage(value)}}}
}
