package refnode

import (
	"context"
	"runtime"
	"testing"
)

func TestTransferDelaySlowsEachMiB(t *testing.T) {
	nodes := workingMesh(t, 2, func(o *Options) { o.Config.Fault.TransferDelayMS = 40 })
	sent := ask[sendAnswer](t, nodes[0], "/probe/send", `{"to": %q, "bytes": %d}`, nodes[1].ID(), 5<<19)
	if took := sent.DoneNS - sent.StartedNS; !sent.OK || sent.Bytes != 5<<19 || took < 100e6 {
		t.Errorf("%+v: took %d ns of at least 100 ms", sent, took)
	}
}

func TestDroppedPeersComeBack(t *testing.T) {
	log := &testLog{}
	nodes := startMesh(t, 3, func(o *Options) { o.Config.Fault.DropPeerEveryMS, o.Log = 20, log.logger() })
	await(t, "three drops", func() bool { return log.count("peer dropped on purpose") >= 3 })
	if log.count("peer lost") == 0 || log.count("peer left") > 0 {
		t.Errorf("%d peers lost, %d left", log.count("peer lost"), log.count("peer left"))
	}
	if _, ok := nodes[0].mesh.oneOfOurs(); ok {
		t.Error("the first node dials somebody")
	}
	before := log.count("peer connected")
	await(t, "connections anew", func() bool { return log.count("peer connected") >= before+2 })
}

func TestLeakIsKept(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { leak(ctx, 1<<28); close(ended) }()
	const least = 16 << 20
	held := func() uint64 {
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return memory.HeapAlloc
	}
	begin := held()
	await(t, "memory that is held", func() bool { return held() >= begin+least })
	cancel()
	<-ended
}
