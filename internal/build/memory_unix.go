//go:build unix

package build

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory is the most resident memory, in bytes, of any single process among a command and those children that it waited
// for. The kernels disagree on the unit.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss) //nolint:unconvert // of 32 bits on some systems
	}
	return int64(usage.Maxrss) << 10 //nolint:unconvert // as above
}
