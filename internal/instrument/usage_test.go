package instrument

import (
	"os"
	"testing"
	"time"

	"github.com/communitas/perfgate/internal/proc"
)

// ownCPU is the CPU time that this process has used.
func ownCPU(tb testing.TB) time.Duration {
	tb.Helper()
	used, err := proc.ReadCPU(os.Getpid())
	if err != nil {
		tb.Fatal(err)
	}
	return used
}

// peakMemory is the most that this process ever had in memory, in bytes.
func peakMemory(tb testing.TB) int64 {
	tb.Helper()
	memory, err := proc.ReadMemory(os.Getpid())
	if err != nil {
		tb.Fatal(err)
	}
	return memory.Peak
}
