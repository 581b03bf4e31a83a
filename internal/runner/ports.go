package runner

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Ports hands out the ports of nodes. Chosen ports lie in blocks below the range from which the kernel takes ports for
// outgoing connections; a block belongs to the process that listens on its first port, so that two invocations on one
// machine never share one and a killed one leaves nothing behind. It serves one run at a time.
type Ports struct {
	// listen and control are the first ports when a person fixed them, 0 when they are chosen.
	listen, control int
	guards          []net.Listener
	// queue has the ports of all blocks, those first that were not used for longest: a program may not be able to bind
	// a port that was in use a moment ago.
	queue []int
}

// address is where one node listens, both on the loopback interface.
type address struct{ listen, control int }

const (
	lowestPort  = 20000
	highestPort = 32767
	blockSize   = 128
)

// ErrPortTaken says that a port that a person chose is in use.
var ErrPortTaken = errors.New("is taken")

// NewPorts hands out chosen ports, or with bases above 0 the ports base, base+1, … for the nodes in their order.
func NewPorts(listenBase, controlBase int) (*Ports, error) {
	for _, base := range []int{listenBase, controlBase} {
		if base < 0 || base > 65535 {
			return nil, fmt.Errorf("port %d is none: ports go from 1 to 65535", base)
		}
	}
	return &Ports{listen: listenBase, control: controlBase}, nil
}

// Close gives the blocks back.
func (p *Ports) Close() {
	for _, guard := range p.guards {
		guard.Close()
	}
	p.guards, p.queue = nil, nil
}

// Check tells whether there are ports for n nodes now: nil, or the error that a run would meet.
func (p *Ports) Check(n int) error {
	_, err := p.take(n)
	return err
}

// take returns free addresses for n nodes. Ports that were handed out before may be handed out again.
func (p *Ports) take(n int) ([]address, error) {
	listen, err := p.fixed("BASE_PORT", p.listen, n, probeBoth)
	if err != nil {
		return nil, err
	}
	control, err := p.fixed("BASE_METRICS_PORT", p.control, n, probeTCP)
	if err != nil {
		return nil, err
	}
	if listen != nil && control != nil && max(p.listen, p.control)-min(p.listen, p.control) < n {
		return nil, fmt.Errorf("%d nodes from BASE_PORT %d and BASE_METRICS_PORT %d on would share ports: set them at least %d apart",
			n, p.listen, p.control, n)
	}
	taken := map[int]bool{}
	for _, port := range append(listen, control...) {
		taken[port] = true
	}
	if listen == nil {
		if listen, err = p.choose(n, taken); err != nil {
			return nil, err
		}
	}
	if control == nil {
		if control, err = p.choose(n, taken); err != nil {
			return nil, err
		}
	}
	addresses := make([]address, n)
	for i := range addresses {
		addresses[i] = address{listen[i], control[i]}
	}
	return addresses, nil
}

// fixed returns the ports from a base on that a person chose, nil when the base is 0.
func (p *Ports) fixed(name string, base, n int, probe func(int) error) ([]int, error) {
	if base == 0 {
		return nil, nil
	}
	if last := base + n - 1; last > 65535 {
		return nil, fmt.Errorf("%s %d: %d nodes need the ports up to %d, and 65535 is the last (choose another %s)", name, base, n, last, name)
	}
	ports := make([]int, n)
	for i := range ports {
		ports[i] = base + i
		err := probe(ports[i])
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("port %d for node %d %w (choose another %s, or leave it unset)", ports[i], i, ErrPortTaken, name)
		}
		if err != nil {
			return nil, fmt.Errorf("port %d for node %d: %w (choose another %s, or leave it unset)", ports[i], i, err, name)
		}
	}
	return ports, nil
}

// choose returns n ports of the blocks that can be bound and are not taken, and notes them as taken. They go to the end of
// the queue.
func (p *Ports) choose(n int, taken map[int]bool) ([]int, error) {
	var chosen []int
	tried := 0
	for ; len(chosen) < n; tried++ {
		if tried == len(p.queue) {
			if err := p.grow(taken); err != nil {
				return nil, err
			}
		}
		if port := p.queue[tried]; !taken[port] && probeBoth(port) == nil {
			chosen, taken[port] = append(chosen, port), true
		}
	}
	p.queue = append(p.queue[tried:len(p.queue):len(p.queue)], p.queue[:tried]...)
	return chosen, nil
}

// grow takes one more block for this process, one without a port that is taken.
func (p *Ports) grow(taken map[int]bool) error {
	for first := lowestPort; first+blockSize <= ceiling()+1; first += blockSize {
		if slices.ContainsFunc(slices.Collect(maps.Keys(taken)), func(port int) bool { return port >= first && port < first+blockSize }) {
			continue
		}
		guard, err := net.Listen("tcp", join(first))
		if err != nil {
			continue
		}
		p.guards = append(p.guards, guard)
		for port := first + 1; port < first+blockSize; port++ {
			p.queue = append(p.queue, port)
		}
		return nil
	}
	return fmt.Errorf("no free ports between %d and %d (set BASE_PORT and BASE_METRICS_PORT)", lowestPort, ceiling())
}

// ceiling is the highest port that no outgoing connection takes by itself.
func ceiling() int {
	raw, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return highestPort
	}
	fields := strings.Fields(string(raw))
	if len(fields) != 2 {
		return highestPort
	}
	low, err := strconv.Atoi(fields[0])
	if err != nil || low <= lowestPort+blockSize {
		return highestPort
	}
	return min(highestPort, low-1)
}

// inUse counts the ports that cannot be bound: for UDP those alone that nodes listen on, since beside a control address that a
// person fixed another program may have the port of that number.
func inUse(addresses []address) int {
	n := 0
	for _, a := range addresses {
		if probeBoth(a.listen) != nil {
			n++
		}
		if probeTCP(a.control) != nil {
			n++
		}
	}
	return n
}

// probeBoth tells whether a port can be bound for TCP and UDP.
func probeBoth(port int) error {
	if err := probeTCP(port); err != nil {
		return err
	}
	conn, err := net.ListenPacket("udp", join(port))
	if err != nil {
		return err
	}
	return conn.Close()
}

func probeTCP(port int) error {
	listener, err := net.Listen("tcp", join(port))
	if err != nil {
		return err
	}
	return listener.Close()
}
