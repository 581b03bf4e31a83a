package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/communitas/perfgate/internal/runner"
)

// checkPorts takes ports for the largest network, as a run would.
func (e *Examination) checkPorts() outcome {
	ports, err := runner.NewPorts(e.BasePort, e.BaseMetricsPort)
	if err == nil {
		defer ports.Close()
		err = ports.Check(e.nodes())
	}
	if err != nil {
		return broken(err.Error(), "nodes cannot listen", "free them, or choose others with BASE_PORT and BASE_METRICS_PORT")
	}
	how := "perfgate chooses them, as BASE_PORT and BASE_METRICS_PORT are not set"
	switch {
	case e.BasePort > 0 && e.BaseMetricsPort > 0:
		how = fmt.Sprintf("from BASE_PORT %d and BASE_METRICS_PORT %d on", e.BasePort, e.BaseMetricsPort)
	case e.BasePort > 0:
		how = fmt.Sprintf("from BASE_PORT %d on; perfgate chooses those of the control addresses", e.BasePort)
	case e.BaseMetricsPort > 0:
		how = fmt.Sprintf("control addresses from BASE_METRICS_PORT %d on; perfgate chooses the others", e.BaseMetricsPort)
	}
	return fine(fmt.Sprintf("%s can have ports, TCP and UDP: %s", counted(e.nodes(), "node"), how))
}

// roundTrip is how long data may take from this process to itself.
const roundTrip = 10 * time.Second

const apart = "nodes cannot reach one another"

// checkLoopback sends data over the loopback interface on ports that a node would get: a firewall may forbid that.
func (e *Examination) checkLoopback(ctx context.Context) outcome {
	ports, err := runner.NewPorts(e.BasePort, e.BaseMetricsPort)
	if err != nil {
		return broken(err.Error(), apart, "choose another BASE_PORT")
	}
	defer ports.Close()
	listen, control, err := ports.First()
	if err != nil {
		return doubtful("not tried: "+err.Error(), "whether nodes can reach one another is unknown", "free the ports")
	}
	ctx, cancel := context.WithTimeout(ctx, roundTrip)
	defer cancel()
	if err := errors.Join(overTCP(ctx, listen), overUDP(ctx, listen), overTCP(ctx, control)); err != nil {
		return broken(err.Error(), apart, "let the firewall pass the loopback interface: iptables -I INPUT -i lo -j ACCEPT, and OUTPUT -o lo likewise")
	}
	text := fmt.Sprintf("TCP and UDP pass on %s and %s", listen, control)
	if overTCP(ctx, "[::1]:0") != nil {
		return fine(text + "; not over IPv6, which no node is given")
	}
	return fine(text + ", and over IPv6")
}

const sent = "perfgate"

var errGarbled = errors.New("what arrived is not what was sent")

// overTCP sends data to this process itself through a port of an address.
func overTCP(ctx context.Context, address string) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("TCP: %w", err)
	}
	defer listener.Close()
	near, err := (&net.Dialer{}).DialContext(ctx, "tcp", listener.Addr().String())
	if err != nil {
		return fmt.Errorf("TCP: %w", err)
	}
	defer closed(near)
	far, err := listener.Accept() // the kernel has made the connection already
	if err != nil {
		return fmt.Errorf("TCP: %w", err)
	}
	defer closed(far)
	if err := pass(ctx, near, far); err != nil {
		return fmt.Errorf("TCP: %w", err)
	}
	return nil
}

// overUDP sends a packet to this process itself through a port of an address.
func overUDP(ctx context.Context, address string) error {
	packets, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", address)
	if err != nil {
		return fmt.Errorf("UDP: %w", err)
	}
	defer packets.Close()
	far, ok := packets.(*net.UDPConn)
	if !ok {
		return fmt.Errorf("UDP: a socket of type %T", packets)
	}
	near, err := (&net.Dialer{}).DialContext(ctx, "udp", packets.LocalAddr().String())
	if err != nil {
		return fmt.Errorf("UDP: %w", err)
	}
	defer closed(near)
	if err := pass(ctx, near, far); err != nil {
		return fmt.Errorf("UDP: %w", err)
	}
	return nil
}

// pass sends a word from one end and wants it at the other while there is time. A word fits into one packet.
func pass(ctx context.Context, near, far net.Conn) error {
	if deadline, ok := ctx.Deadline(); ok {
		if err := errors.Join(near.SetDeadline(deadline), far.SetDeadline(deadline)); err != nil {
			return err
		}
	}
	if _, err := near.Write([]byte(sent)); err != nil {
		return err
	}
	got := make([]byte, len(sent))
	n, err := far.Read(got)
	if err != nil {
		return err
	}
	if string(got[:n]) != sent {
		return errGarbled
	}
	return nil
}

// closed closes a connection over which all that matters has passed.
func closed(c net.Conn) { _ = c.Close() }
