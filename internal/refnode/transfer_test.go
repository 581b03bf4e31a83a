package refnode

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSendCountsAtTheReceiver(t *testing.T) {
	nodes := workingMesh(t, 2, unchanged)
	sent := ask[sendAnswer](t, nodes[0], "/probe/send", `{"to": %q, "bytes": 3000000, "warmup_bytes": 500000}`, nodes[1].ID())
	if !sent.OK || sent.Bytes != 3_000_000 {
		t.Errorf("%+v", sent)
	}
	if out, in := nodes[0].payload.sent.Load(), nodes[1].payload.received.Load(); out != 3_500_000 || in != out {
		t.Errorf("payload: %d sent, %d received, want 3500000 of both", out, in)
	}
	for _, to := range []string{"nobody", nodes[0].ID()} {
		if failed := ask[sendAnswer](t, nodes[0], "/probe/send", `{"to": %q, "bytes": 1}`, to); failed.OK || failed.Error == "" {
			t.Errorf("to %s: %+v", to, failed)
		}
	}
	stop(t, nodes[1])
	await(t, "the peer gone", func() bool { return len(nodes[0].Peers()) == 0 })
	if failed := ask[sendAnswer](t, nodes[0], "/probe/send", `{"to": %q, "bytes": 1}`, nodes[1].ID()); failed.OK || failed.Error == "" {
		t.Errorf("to a node that left: %+v", failed)
	}
}

func TestNodeEndsDuringATransfer(t *testing.T) {
	nodes := workingMesh(t, 2, unchanged)
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		body := strings.NewReader(fmt.Sprintf(`{"to": %q, "bytes": %d}`, nodes[1].ID(), int64(maxSendBytes)))
		if response, err := http.Post("http://"+nodes[0].ControlAddr().String()+"/probe/send", "", body); err == nil {
			response.Body.Close()
		}
	}()
	await(t, "the transfer", func() bool { return nodes[1].payload.received.Load() > 1<<20 })
	stop(t, nodes[0])
	<-asked
	await(t, "the receiver's end", func() bool { return len(nodes[1].Peers()) == 0 })
}

func TestCancelledTransferEnds(t *testing.T) {
	nodes := workingMesh(t, 2, unchanged)
	conn := dialControl(t, nodes[0])
	body := fmt.Sprintf(`{"to": %q, "bytes": %d}`, nodes[1].ID(), int64(maxSendBytes))
	fmt.Fprintf(conn, "POST /probe/send HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	await(t, "the transfer", func() bool { return nodes[1].payload.received.Load() > 1<<20 })
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, "the call to end", func() bool { return nodes[0].calls.Load() == 0 })
	if sent := nodes[0].payload.sent.Load(); sent >= maxSendBytes {
		t.Errorf("%d bytes were sent, all that was asked for", sent)
	}
}

func TestFreshConnectionLeavesTheNetworkAlone(t *testing.T) {
	nodes := workingMesh(t, 3, unchanged)
	before := peersOf(nodes)
	conns, out := connectionIDs(nodes[1]), nodes[0].stack.wire.bytesSent.Load()
	for range 5 {
		if done := ask[outcome](t, nodes[0], "/probe/connect", `{"to": %q}`, nodes[1].ID()); !done.OK {
			t.Errorf("%+v", done)
		}
	}
	if diff := cmp.Diff(before, peersOf(nodes)); diff != "" {
		t.Errorf("peers (-before +after):\n%s", diff)
	}
	if grown := nodes[0].stack.wire.bytesSent.Load() - out; grown < 5*1200 { // the first packet of each has 1200 bytes or more
		t.Errorf("%d bytes were counted for five handshakes", grown)
	}
	if diff := cmp.Diff(conns, connectionIDs(nodes[1])); diff != "" {
		t.Errorf("connections (-before +after):\n%s", diff)
	}
	await(t, "all of them over", func() bool { return len(nodes[1].stack.fresh.slots) == 0 })
	stop(t, nodes[1])
	await(t, "the peer gone", func() bool { return len(nodes[0].Peers()) == 1 })
	if failed := ask[outcome](t, nodes[0], "/probe/connect", `{"to": %q}`, nodes[1].ID()); failed.OK || failed.Error == "" {
		t.Errorf("to a node that left: %+v", failed)
	}
}

func connectionIDs(node *Node) []string {
	var ids []string
	for _, conn := range node.stack.swarm.Conns() {
		ids = append(ids, conn.ID())
	}
	slices.Sort(ids)
	return ids
}

func TestTrafficCountsBothEnds(t *testing.T) {
	nodes := workingMesh(t, 2, unchanged)
	read := func(node *Node) trafficAnswer {
		_, body := get(t, node, "/probe/traffic")
		var answer trafficAnswer
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		return answer
	}
	before := [2]trafficAnswer{read(nodes[0]), read(nodes[1])}
	if before[0].PacketsSent == 0 || before[0].BytesReceived == 0 || before[0].HeaderBytes != 28 {
		t.Errorf("after the handshake: %+v", before[0])
	}
	const size = 20 << 20
	if answer := ask[sendAnswer](t, nodes[0], "/probe/send", `{"to": %q, "bytes": %d}`, nodes[1].ID(), size); !answer.OK {
		t.Fatal(answer.Error)
	}
	// The receiver first: what it has counted, the sender has counted too. Only packets that were on their way when
	// the work began can have come in without having gone out.
	received, sent := read(nodes[1]), read(nodes[0])
	out := sent.BytesSent - before[0].BytesSent
	packets := sent.PacketsSent - before[0].PacketsSent
	in := received.BytesReceived - before[1].BytesReceived
	const onTheirWay = size / 100
	if out < size || in < size || in > out+onTheirWay {
		t.Errorf("%d bytes went out and %d came in for a payload of %d", out, in, size)
	}
	// A packet has at most 1452 bytes of payload, and one that is full of a stream at least 1200.
	if packets < out/1452 || packets > out/1200+size/100_000 {
		t.Errorf("%d packets for %d bytes", packets, out)
	}
}
