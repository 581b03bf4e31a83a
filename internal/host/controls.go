package host

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/communitas/perfgate/internal/result"
)

// Negative controls are fixed work that no subject has a part in, done just before a run. Where the machine needs longer for
// them on one side of a comparison than on the other, what differs there is not the subject's.

// How much work a control is: some milliseconds each.
const (
	spinSteps  = 3_000_000 // of arithmetic, each of which waits for the one before
	roundTrips = 101       // of a datagram
	diskBytes  = 256 << 10 // written and synced
	// controlLimit ends a round trip on a loopback that loses datagrams.
	controlLimit = time.Second
)

// Controls does the work and says how long it took, in seconds. What could not be done is nil. dir is where a small file may be
// written for a moment.
func Controls(ctx context.Context, dir string) *result.Controls {
	return &result.Controls{Spin: spin(), Loopback: loopback(ctx), Disk: disk(dir)}
}

// spin does arithmetic on one core.
func spin() *float64 {
	begun := time.Now()
	x := uint64(begun.UnixNano()) | 1 // not a constant, so that no compiler does it beforehand
	for range spinSteps {
		x ^= x << 13 // Marsaglia (2003), "Xorshift RNGs": never 0 from an odd beginning
		x ^= x >> 7
		x ^= x << 17
	}
	took := time.Since(begun).Seconds()
	if x == 0 {
		return nil
	}
	return &took
}

// loopback is the median round trip of a datagram between two sockets of this process.
func loopback(ctx context.Context) *float64 {
	echo, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", "127.0.0.1:0")
	if err != nil {
		return nil
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		answer(echo)
	}()
	defer func() {
		_ = echo.Close() // ends the other side
		<-done
	}()
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp", echo.LocalAddr().String())
	if err != nil {
		return nil
	}
	defer func() { _ = conn.Close() }() // nothing was written that could be lost
	took := make([]float64, roundTrips)
	buffer := make([]byte, 64)
	for i := range took {
		begun := time.Now()
		if err := conn.SetDeadline(begun.Add(controlLimit)); err != nil {
			return nil
		}
		if _, err := conn.Write(buffer); err != nil {
			return nil
		}
		if _, err := conn.Read(buffer); err != nil {
			return nil
		}
		took[i] = time.Since(begun).Seconds()
	}
	slices.Sort(took)
	return &took[len(took)/2]
}

// answer sends each datagram back until the socket is closed.
func answer(echo net.PacketConn) {
	buffer := make([]byte, 64)
	for {
		n, from, err := echo.ReadFrom(buffer)
		if err != nil {
			return
		}
		if _, err := echo.WriteTo(buffer[:n], from); err != nil {
			return
		}
	}
}

// disk writes a file, syncs it and removes it.
func disk(dir string) *float64 {
	path := filepath.Join(dir, ".control")
	begun := time.Now()
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil
	}
	_, err = file.Write(make([]byte, diskBytes))
	err = errors.Join(err, file.Sync())
	took := time.Since(begun).Seconds()
	if errors.Join(err, file.Close(), os.Remove(path)) != nil {
		return nil
	}
	return &took
}
