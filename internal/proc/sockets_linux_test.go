package proc_test

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/communitas/perfgate/internal/proc"
)

// own reads the sockets of this process.
func own(t testing.TB) []proc.Socket {
	t.Helper()
	held := proc.ReadSockets([]int{os.Getpid()})
	if len(held) != 1 || held[0].Err != nil {
		t.Fatalf("%+v", held)
	}
	return held[0].Sockets
}

func end(address net.Addr) netip.AddrPort {
	a := netip.MustParseAddrPort(address.String())
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// TestReadSocketsShowsBothEnds opens real sockets of every kind that is told apart.
func TestReadSocketsShowsBothEnds(t *testing.T) {
	for _, family := range []struct{ tcp, udp, address string }{{"tcp4", "udp4", "127.0.0.1:0"}, {"tcp6", "udp6", "[::1]:0"}, {"tcp", "udp", "127.0.0.1:0"}} {
		t.Run(family.tcp, func(t *testing.T) {
			listener, err := net.Listen(family.tcp, family.address)
			if err != nil {
				t.Skip(err) // no IPv6
			}
			defer listener.Close()
			dialled, err := net.Dial(family.tcp, listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer dialled.Close()
			accepted, err := listener.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer accepted.Close()
			open, err := net.ListenPacket(family.udp, family.address)
			if err != nil {
				t.Fatal(err)
			}
			defer open.Close()
			connected, err := net.Dial(family.udp, open.LocalAddr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer connected.Close()

			sockets := own(t)

			nobody := netip.AddrPortFrom(end(listener.Addr()).Addr(), 0)
			for what, want := range map[string]proc.Socket{
				"listening": {Protocol: proc.TCP, Local: end(listener.Addr()), Remote: nobody, State: proc.Listening},
				"dialled":   {Protocol: proc.TCP, Local: end(dialled.LocalAddr()), Remote: end(dialled.RemoteAddr()), State: proc.Established},
				"accepted":  {Protocol: proc.TCP, Local: end(accepted.LocalAddr()), Remote: end(accepted.RemoteAddr()), State: proc.Established},
				"connected": {Protocol: proc.UDP, Local: end(connected.LocalAddr()), Remote: end(connected.RemoteAddr()), State: proc.Established},
				"open":      {Protocol: proc.UDP, Local: end(open.LocalAddr()), Remote: nobody, State: 7},
			} {
				matches := func(s proc.Socket) bool {
					unbound := want.Remote.Port() == 0 && s.Remote.Port() == 0 // the address of nobody is of the kernel's choosing
					return s.Protocol == want.Protocol && s.Local == want.Local && s.State == want.State && (unbound || s.Remote == want.Remote)
				}
				if !slices.ContainsFunc(sockets, matches) {
					t.Errorf("%s: %+v is not among %+v", what, want, sockets)
				}
			}
		})
	}
}

// TestReadSocketsOfDescendants has a socket that only the child of a process holds, and one of another kind.
func TestReadSocketsOfDescendants(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	shell := exec.Command("/bin/sh", "-c", "sleep 1000 & exec 3<&-; echo up; wait")
	shell.ExtraFiles = []*os.File{file}
	out, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	pid := shell.Process.Pid
	defer func() { _ = shell.Wait() }()
	defer func() {
		_ = exec.Command("/bin/sh", "-c", fmt.Sprintf("kill -9 $(cat /proc/%d/task/%d/children) %d", pid, pid, pid)).Run()
	}()
	if _, err := out.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}

	held := proc.ReadSockets([]int{pid})

	if held[0].Err != nil || len(held[0].Sockets) != 1 || held[0].Sockets[0].Local != end(listener.Addr()) {
		t.Errorf("%+v, want the listener at %v", held[0], listener.Addr())
	}
}

func TestReadSocketsOfOtherKindsAndOfNobody(t *testing.T) {
	unix, err := net.Listen("unix", t.TempDir()+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()
	if !slices.ContainsFunc(own(t), func(s proc.Socket) bool { return s.Protocol == "" && s.Inode != 0 }) {
		t.Error("a Unix socket is not there")
	}
	gone := exec.Command("/bin/true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	held := proc.ReadSockets([]int{gone.Process.Pid, os.Getpid()})
	if held[0].Err == nil || held[0].Sockets != nil || held[1].Err != nil {
		t.Errorf("%+v", held)
	}
}

// BenchmarkReadSockets reads the sockets of a process that holds a thousand connections, and tells the time for one.
func BenchmarkReadSockets(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	const connections = 1000
	for range connections {
		dialled, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer dialled.Close()
		accepted, err := listener.Accept()
		if err != nil {
			b.Fatal(err)
		}
		defer accepted.Close()
	}
	for b.Loop() {
		if got := len(own(b)); got < 2*connections {
			b.Fatalf("%d sockets", got)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(2*connections), "ns/socket")
}
