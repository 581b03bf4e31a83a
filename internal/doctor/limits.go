package doctor

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/runner"
)

// threadsPerNode is a generous number of threads of a node and of what perfgate does for it.
const threadsPerNode = 32

// checkProcesses says whether the largest network may have as many threads as it needs. own is the limit of this user, -1 when
// there is none. The kernel counts threads as processes.
func checkProcesses(root fs.FS, own int64, nodes int) outcome {
	limit, source := int64(-1), ""
	narrow := func(n int64, from string) {
		if n >= 0 && (limit < 0 || n < limit) {
			limit, source = n, from
		}
	}
	narrow(own, "ulimit -u")
	for _, file := range []string{"kernel/pid_max", "kernel/threads-max"} {
		if n, ok := number(root, "proc/sys/"+file); ok {
			narrow(n, strings.ReplaceAll(file, "/", "."))
		}
	}
	if n, file, ok := pidsLeft(root); ok {
		narrow(n, file)
	}
	if limit < 0 {
		return fine("no limit")
	}
	text := fmt.Sprintf("at most %d threads (%s)", limit, source)
	if want := int64(256 + threadsPerNode*nodes); limit < want {
		mend := fmt.Sprintf("raise it to %d or more: %s", want, source)
		if source == "ulimit -u" {
			mend = fmt.Sprintf("ulimit -u %d", want)
		}
		return doubtful(fmt.Sprintf("%s, %d are wanted for %d nodes", text, want, nodes), "nodes of large networks cannot start, or crash", mend)
	}
	return fine(text)
}

// pidsLeft is how many threads perfgate's control group and those above it still allow, and which file says so.
func pidsLeft(root fs.FS) (left int64, file string, ok bool) {
	g, err := ownCgroup(root, "pids")
	if err != nil {
		g, err = ownCgroup(root, "")
	}
	if err != nil {
		return 0, "", false
	}
	for folder := g.Folder; strings.HasPrefix(folder, g.Mount) && folder != "/"; folder = path.Dir(folder) {
		inside := strings.TrimPrefix(folder, "/")
		most, limited := number(root, inside+"/pids.max")
		now, _ := number(root, inside+"/pids.current")
		if limited && (!ok || most-now < left) {
			left, file, ok = max(0, most-now), folder+"/pids.max", true
		}
	}
	return left, file, ok
}

// What programs that speak QUIC ask of the kernel for their sockets, in bytes: less than enough is felt on the loopback
// interface, too.
const (
	enoughBuffer = 2_500_000
	wantedBuffer = 7 << 20
)

// checkBuffers says how large a socket's buffers may be.
func checkBuffers(root fs.FS) outcome {
	receive, okReceive := number(root, "proc/sys/net/core/rmem_max")
	send, okSend := number(root, "proc/sys/net/core/wmem_max")
	if !okReceive || !okSend {
		return fine("not visible here")
	}
	text := fmt.Sprintf("at most %s to receive, %s to send", metric.Format(float64(receive), metric.Bytes), metric.Format(float64(send), metric.Bytes))
	const mend = "sysctl net.core.rmem_max=7500000 net.core.wmem_max=7500000"
	switch least := min(receive, send); {
	case least < enoughBuffer:
		return doubtful(text, "QUIC loses packets to full buffers: formation of large networks and throughput are slower and differ more", mend)
	case least < wantedBuffer:
		return lacking(text, "QUIC asks for 7.34MB: throughput may be lower", mend)
	}
	return fine(text)
}

// checkPortRange says whether outgoing connections may take the ports that are meant for nodes.
func checkPortRange(root fs.FS) outcome {
	low, high := runner.PortRange()
	text, _ := word(root, "proc/sys/net/ipv4/ip_local_port_range")
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return doubtful("not visible: ip_local_port_range cannot be read", "an outgoing connection may take a node's port", "")
	}
	from, errFrom := strconv.Atoi(fields[0])
	to, errTo := strconv.Atoi(fields[1])
	if errFrom != nil || errTo != nil {
		return doubtful(fmt.Sprintf("ip_local_port_range shows %q", text), "an outgoing connection may take a node's port", "")
	}
	const room = 1000 // ports for the largest networks, twice over
	if from <= high && from >= low+room {
		high = from - 1 // the runner stays below
	}
	shown := fmt.Sprintf("outgoing connections take %d to %d, nodes %d to %d", from, to, low, high)
	if from > high || to < low {
		return fine(shown)
	}
	return doubtful(shown, "an outgoing connection may take a node's port before the node does, and the node crashes",
		`sysctl net.ipv4.ip_local_port_range="32768 60999"`)
}
