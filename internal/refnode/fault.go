package refnode

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"time"
)

// Fault makes the node worse on purpose, by a known amount, so that a gate can be seen to find it. The zero value is
// a sound node.
type Fault struct {
	// BallastBytes is memory that the node holds and has written to, 0..16 GiB.
	BallastBytes int64 `toml:"ballast_bytes"`
	// CPUBurnRatio is the share of one core that the node wastes, 0..1.
	CPUBurnRatio float64 `toml:"cpu_burn_ratio"`
	// AcceptDelayMS is how many milliseconds each incoming connection waits before it is accepted, 0..60000.
	AcceptDelayMS int `toml:"accept_delay_ms"`
	// StartupDelayMS is how many milliseconds pass before the node binds its QUIC listener, 0..60000.
	StartupDelayMS int `toml:"startup_delay_ms"`
	// MessageDelayMS is how many milliseconds each message that the node is told to publish waits before it is handed to
	// gossipsub, 0..60000. Messages do not wait for one another.
	MessageDelayMS int `toml:"message_delay_ms"`
	// MessageDropRatio is the share of the messages that reach the node and of which it then tells nobody, 0..1, evenly
	// spread: 0.25 is every fourth.
	MessageDropRatio float64 `toml:"message_drop_ratio"`
	// DHTDelayMS is how many milliseconds each request of another node for a DHT record waits, to read or to store one,
	// 0..60000.
	DHTDelayMS int `toml:"dht_delay_ms"`
	// TransferDelayMS is how many milliseconds each MiB of a measured stream that the node sends waits, 0..60000; less than
	// a MiB waits its share.
	TransferDelayMS int `toml:"transfer_delay_ms"`
	// LeakBytesPerSecond is memory that the node takes in each second, writes to and keeps, 0..1 GiB.
	LeakBytesPerSecond int64 `toml:"leak_bytes_per_second"`
	// DropPeerEveryMS is after how many milliseconds the node closes the connection to one of the peers that it dials, again
	// and again, and dials it anew soon after; 0..60000, 0 is never. A node that dials nobody, like the first one, drops nobody.
	DropPeerEveryMS int `toml:"drop_peer_every_ms"`
}

// FaultEnv are the environment variables that ApplyEnv reads, in the order of the fields of Fault.
func FaultEnv() []string {
	return []string{
		"REFNODE_FAULT_BALLAST_BYTES", "REFNODE_FAULT_CPU_BURN_RATIO",
		"REFNODE_FAULT_ACCEPT_DELAY_MS", "REFNODE_FAULT_STARTUP_DELAY_MS",
		"REFNODE_FAULT_MESSAGE_DELAY_MS", "REFNODE_FAULT_MESSAGE_DROP_RATIO", "REFNODE_FAULT_DHT_DELAY_MS",
		"REFNODE_FAULT_TRANSFER_DELAY_MS", "REFNODE_FAULT_LEAK_BYTES_PER_SECOND", "REFNODE_FAULT_DROP_PEER_EVERY_MS",
	}
}

// ApplyEnv sets the faults whose environment variable is set, over what the file says.
func (f *Fault) ApplyEnv(getenv func(string) string) error {
	names := FaultEnv()
	set := []func(string) error{
		func(s string) (err error) { f.BallastBytes, err = strconv.ParseInt(s, 10, 64); return err },
		func(s string) (err error) { f.CPUBurnRatio, err = strconv.ParseFloat(s, 64); return err },
		func(s string) (err error) { f.AcceptDelayMS, err = strconv.Atoi(s); return err },
		func(s string) (err error) { f.StartupDelayMS, err = strconv.Atoi(s); return err },
		func(s string) (err error) { f.MessageDelayMS, err = strconv.Atoi(s); return err },
		func(s string) (err error) { f.MessageDropRatio, err = strconv.ParseFloat(s, 64); return err },
		func(s string) (err error) { f.DHTDelayMS, err = strconv.Atoi(s); return err },
		func(s string) (err error) { f.TransferDelayMS, err = strconv.Atoi(s); return err },
		func(s string) (err error) { f.LeakBytesPerSecond, err = strconv.ParseInt(s, 10, 64); return err },
		func(s string) (err error) { f.DropPeerEveryMS, err = strconv.Atoi(s); return err },
	}
	for i, name := range names {
		text := getenv(name)
		if text == "" {
			continue
		}
		if err := set[i](text); err != nil {
			return fmt.Errorf("environment %s=%q: not a number", name, text)
		}
	}
	return f.validate()
}

func (f Fault) validate() error {
	if f.BallastBytes < 0 || f.BallastBytes > 16<<30 {
		return fmt.Errorf("fault.ballast_bytes = %d: must be 0..%d", f.BallastBytes, int64(16<<30))
	}
	if f.LeakBytesPerSecond < 0 || f.LeakBytesPerSecond > 1<<30 {
		return fmt.Errorf("fault.leak_bytes_per_second = %d: must be 0..%d", f.LeakBytesPerSecond, int64(1<<30))
	}
	for _, ratio := range []struct {
		name  string
		value float64
	}{{"cpu_burn_ratio", f.CPUBurnRatio}, {"message_drop_ratio", f.MessageDropRatio}} {
		if !(ratio.value >= 0 && ratio.value <= 1) {
			return fmt.Errorf("fault.%s = %v: must be 0..1", ratio.name, ratio.value)
		}
	}
	const most = 60_000
	for _, delay := range []struct {
		name  string
		value int
	}{
		{"accept_delay_ms", f.AcceptDelayMS},
		{"startup_delay_ms", f.StartupDelayMS},
		{"message_delay_ms", f.MessageDelayMS},
		{"dht_delay_ms", f.DHTDelayMS},
		{"transfer_delay_ms", f.TransferDelayMS},
		{"drop_peer_every_ms", f.DropPeerEveryMS},
	} {
		if delay.value < 0 || delay.value > most {
			return fmt.Errorf("fault.%s = %d: must be 0..%d", delay.name, delay.value, most)
		}
	}
	return nil
}

func (f Fault) acceptDelay() time.Duration {
	return time.Duration(f.AcceptDelayMS) * time.Millisecond
}

func (f Fault) startupDelay() time.Duration {
	return time.Duration(f.StartupDelayMS) * time.Millisecond
}

func (f Fault) messageDelay() time.Duration {
	return time.Duration(f.MessageDelayMS) * time.Millisecond
}

func (f Fault) dhtDelay() time.Duration {
	return time.Duration(f.DHTDelayMS) * time.Millisecond
}

// transferDelay is how long so many bytes of a stream wait.
func (f Fault) transferDelay(bytes int) time.Duration {
	return time.Duration(float64(f.TransferDelayMS) * float64(time.Millisecond) * float64(bytes) / (1 << 20))
}

// share picks an even share of what comes by. Its zero value begins with what is not picked. It serves one goroutine.
type share struct{ due float64 }

func (s *share) next(ratio float64) bool {
	s.due += ratio
	if s.due < 1 {
		return false
	}
	s.due--
	return true
}

// ballast returns memory of the wished size.
func (f Fault) ballast() []byte { return written(f.BallastBytes) }

// written returns memory with every page written to, so that it is private and resident; nil of no bytes.
func written(bytes int64) []byte {
	if bytes == 0 {
		return nil
	}
	const page = 4096
	memory := make([]byte, bytes)
	for i := 0; i < len(memory); i += page {
		memory[i] = 1
	}
	return memory
}

// burn keeps one core busy for the given share of each period, until ctx ends.
func burn(ctx context.Context, ratio float64) {
	const period = 20 * time.Millisecond
	busy := time.Duration(ratio * float64(period))
	for ctx.Err() == nil {
		for start := time.Now(); time.Since(start) < busy; {
		}
		if pause(ctx, period-busy) != nil {
			return
		}
	}
}

// leak takes so many bytes more in each second, until ctx ends.
func leak(ctx context.Context, perSecond int64) {
	const period = 100 * time.Millisecond
	var kept [][]byte
	begin := time.Now()
	for taken := int64(0); pause(ctx, period) == nil; {
		due := int64(time.Since(begin).Seconds() * float64(perSecond))
		kept = append(kept, written(due-taken))
		taken = due
	}
	runtime.KeepAlive(kept)
}
