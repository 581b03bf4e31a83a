package runner

import (
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/communitas/perfgate/internal/suite"
	"github.com/communitas/perfgate/internal/testnode"
)

func newPorts(t *testing.T, listen, control int) *Ports {
	t.Helper()
	ports, err := NewPorts(listen, control)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ports.Close)
	return ports
}

// taken is a port that something listens on.
func taken(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

func TestChosenPortsAreDisjoint(t *testing.T) {
	seen := map[int]string{}
	for _, owner := range []string{"one", "another"} {
		ports := newPorts(t, 0, 0)
		for _, nodes := range []int{1, 100, 3} { // more than a block has
			addresses, err := ports.take(nodes)
			if err != nil {
				t.Fatal(err)
			}
			now := map[int]bool{}
			for _, a := range addresses {
				for _, port := range []int{a.listen, a.control} {
					if port < lowestPort || port > highestPort || now[port] || seen[port] != "" && seen[port] != owner {
						t.Errorf("port %d for %s is out of range, given twice, or %s's", port, owner, seen[port])
					}
					now[port], seen[port] = true, owner
				}
			}
			if len(addresses) != nodes {
				t.Errorf("%d addresses for %d nodes", len(addresses), nodes)
			}
		}
	}
}

// TestPortsRest: the next network gets others, as long as there are any.
func TestPortsRest(t *testing.T) {
	ports := newPorts(t, 0, 0)
	seen := map[int]bool{}
	for range 12 {
		addresses, err := ports.take(5)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range addresses {
			if seen[a.listen] || seen[a.control] {
				t.Fatalf("%v was just in use", a)
			}
			seen[a.listen], seen[a.control] = true, true
		}
	}
}

// TestAControlPortIsTakenForTCPAlone: what another program does with the port of that number for UDP is nothing that a run left.
func TestAControlPortIsTakenForTCPAlone(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	other := conn.LocalAddr().(*net.UDPAddr).Port
	addresses, err := newPorts(t, 0, other).take(1)
	if err != nil {
		t.Skipf("somebody else has the port %d for TCP: %v", other, err)
	}
	if n := inUse(addresses); n != 0 {
		t.Errorf("of %v %d are in use", addresses, n)
	}
	if n := inUse([]address{{listen: other, control: taken(t)}}); n != 2 {
		t.Errorf("of two that are %d are in use", n)
	}
}

func TestAPortThatIsInUseIsNotChosen(t *testing.T) {
	ports := newPorts(t, 0, 0)
	first, err := ports.take(1)
	if err != nil {
		t.Fatal(err)
	}
	var held []net.PacketConn
	for port := first[0].control + 1; port < first[0].control+4; port++ {
		if conn, err := net.ListenPacket("udp", join(port)); err == nil {
			held = append(held, conn)
			defer conn.Close()
		}
	}
	next, err := ports.take(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, conn := range held {
		if port := conn.LocalAddr().(*net.UDPAddr).Port; port == next[0].listen || port == next[0].control {
			t.Errorf("port %d is in use and was chosen", port)
		}
	}
}

func TestPortsThatAPersonChose(t *testing.T) {
	busy := taken(t)
	base := newPorts(t, 0, 0)
	free, err := base.take(40) // as a range: all that is free from the first on
	if err != nil {
		t.Fatal(err)
	}
	from := free[0].listen
	for name, test := range map[string]struct {
		listen, control, nodes int
		want                   []string // of the error; none: no error
		taken                  bool
	}{
		"both":                 {from, from + 10, 3, nil, false},
		"nodes only":           {from, 0, 3, nil, false},
		"pages only":           {0, from, 3, nil, false},
		"a taken port":         {busy, 0, 1, []string{"port " + strconv.Itoa(busy) + " for node 0 is taken", "another BASE_PORT"}, true},
		"a taken second port":  {busy - 1, 0, 2, []string{" is taken", "another BASE_PORT"}, true},
		"a taken page":         {0, busy, 1, []string{"port " + strconv.Itoa(busy), "another BASE_METRICS_PORT"}, true},
		"ranges that overlap":  {from, from + 2, 3, []string{"BASE_PORT", "BASE_METRICS_PORT", "at least 3 apart"}, false},
		"beyond the last port": {65534, 0, 3, []string{"BASE_PORT 65534", "up to 65536"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			ports := newPorts(t, test.listen, test.control)
			for range 2 { // what was handed out and is free again can be had again
				addresses, err := ports.take(test.nodes)
				if checkErr := ports.Check(test.nodes); (err == nil) != (checkErr == nil) {
					t.Errorf("take says %v and Check %v", err, checkErr)
				}
				if len(test.want) == 0 && err != nil {
					t.Fatal(err)
				}
				for _, want := range test.want {
					if err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, ErrPortTaken) != test.taken {
						t.Errorf("error %v, want one with %q", err, want)
					}
				}
				for i, a := range addresses {
					if test.listen > 0 && a.listen != test.listen+i || test.control > 0 && a.control != test.control+i || a.listen == a.control {
						t.Errorf("node %d: %+v", i, a)
					}
				}
			}
		})
	}
	for _, base := range []int{-1, 65536} {
		if _, err := NewPorts(base, 0); err == nil || !strings.Contains(err.Error(), "1 to 65535") {
			t.Errorf("base %d: %v", base, err)
		}
	}
}

// TestChosenPortsKeepAwayFromFixedOnes: no guard listens on a fixed port, and no block has one.
func TestChosenPortsKeepAwayFromFixedOnes(t *testing.T) {
	probe := newPorts(t, 0, 0)
	if err := probe.grow(nil); err != nil {
		t.Fatal(err)
	}
	first := probe.guards[0].Addr().(*net.TCPAddr).Port
	probe.Close()
	for _, fixed := range []int{first, first + 1, first + blockSize - 1} {
		ports := newPorts(t, 0, 0)
		if err := ports.grow(map[int]bool{fixed: true}); err != nil {
			t.Fatal(err)
		}
		if guard := ports.guards[0].Addr().(*net.TCPAddr).Port; guard == first || slices.Contains(ports.queue, fixed) {
			t.Errorf("a block from %d on, although %d is fixed", guard, fixed)
		}
	}
}

// TestBlocksGoBack: after Close another can have the block.
func TestBlocksGoBack(t *testing.T) {
	ports := newPorts(t, 0, 0)
	if _, err := ports.take(1); err != nil {
		t.Fatal(err)
	}
	first := ports.guards[0].Addr().String()
	ports.Close()
	listener, err := net.Listen("tcp", first)
	if errors.Is(err, syscall.EADDRINUSE) {
		t.Skip("another on this machine has it already")
	}
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
}

func TestATakenPortStopsBeforeAnythingIsMade(t *testing.T) {
	b := shell(t, 1, "true")
	b.Ports = newPorts(t, 0, taken(t))
	runs, err := b.measure(t.Context())
	if !errors.Is(err, ErrPortTaken) || len(runs) != 0 || len(tree(t, b.Dir)) != 0 {
		t.Errorf("%d runs, %v, files %v", len(runs), err, tree(t, b.Dir))
	}
}

// TestTwoMeasurementsAtOnce have networks of their own.
func TestTwoMeasurementsAtOnce(t *testing.T) {
	t.Parallel()
	benches := []*bench{scripted(t, 3, mesh(3, 100)), scripted(t, 3, mesh(3, 100))}
	runs := make([][]Run, len(benches))
	errs := make([]error, len(benches))
	testnode.Unstalled(t, func() {
		var both sync.WaitGroup
		for i, b := range benches {
			b.scenario().Runs, runs[i] = 2, nil
			both.Go(func() {
				errs[i] = b.Measure(t.Context(), func(_ suite.Scenario, r Run) error {
					runs[i] = append(runs[i], r)
					return nil
				})
			})
		}
		both.Wait()
	})
	for i := range benches {
		if errs[i] != nil || len(runs[i]) != 2 || isMeasured(runs[i][0]) != "" || isMeasured(runs[i][1]) != "" {
			t.Errorf("%v, %+v", errs[i], runs[i])
		}
	}
}
