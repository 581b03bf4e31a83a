package refnode

import (
	"context"
	"fmt"
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
}

// FaultEnv are the environment variables that ApplyEnv reads, in the order of the fields of Fault.
func FaultEnv() []string {
	return []string{
		"REFNODE_FAULT_BALLAST_BYTES", "REFNODE_FAULT_CPU_BURN_RATIO",
		"REFNODE_FAULT_ACCEPT_DELAY_MS", "REFNODE_FAULT_STARTUP_DELAY_MS",
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
	const most = 60_000
	switch {
	case f.BallastBytes < 0 || f.BallastBytes > 16<<30:
		return fmt.Errorf("fault.ballast_bytes = %d: must be 0..%d", f.BallastBytes, int64(16<<30))
	case !(f.CPUBurnRatio >= 0 && f.CPUBurnRatio <= 1):
		return fmt.Errorf("fault.cpu_burn_ratio = %v: must be 0..1", f.CPUBurnRatio)
	case f.AcceptDelayMS < 0 || f.AcceptDelayMS > most:
		return fmt.Errorf("fault.accept_delay_ms = %d: must be 0..%d", f.AcceptDelayMS, most)
	case f.StartupDelayMS < 0 || f.StartupDelayMS > most:
		return fmt.Errorf("fault.startup_delay_ms = %d: must be 0..%d", f.StartupDelayMS, most)
	}
	return nil
}

func (f Fault) acceptDelay() time.Duration {
	return time.Duration(f.AcceptDelayMS) * time.Millisecond
}

func (f Fault) startupDelay() time.Duration {
	return time.Duration(f.StartupDelayMS) * time.Millisecond
}

// ballast returns memory of the wished size with every page written to, so that it is private and resident.
func (f Fault) ballast() []byte {
	if f.BallastBytes == 0 {
		return nil
	}
	const page = 4096
	memory := make([]byte, f.BallastBytes)
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
