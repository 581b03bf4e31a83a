package proc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ticksPerSecond is USER_HZ, which Linux fixes at 100 for everything that it shows in /proc.
const ticksPerSecond = 100

// ReadUsage reads what a living process has used so far. An ended process is an error.
func ReadUsage(pid int) (Usage, error) {
	cpu, err := ReadCPU(pid)
	if err != nil {
		return Usage{}, err
	}
	written, err := readIO(pid)
	if err != nil {
		return Usage{}, err
	}
	return Usage{CPU: cpu, WriteBytes: written}, nil
}

// ReadCPU reads the CPU time of a living process and of its reaped children.
func ReadCPU(pid int) (time.Duration, error) {
	var now unix.Timespec
	// The clock of another process, see clock_getcpuclockid(3): the id is made of the pid's complement and 2 (CPUCLOCK_SCHED).
	if err := unix.ClockGettime(int32(^pid<<3|2), &now); err != nil {
		return 0, fmt.Errorf("read CPU time of process %d: %w", pid, err)
	}
	children, err := readChildren(pid)
	if err != nil {
		return 0, err
	}
	return time.Duration(now.Nano()) + children, nil
}

// readChildren reads cutime and cstime, fields 16 and 17 of /proc/PID/stat, see proc_pid_stat(5).
func readChildren(pid int) (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read CPU time of process %d: %w", pid, err)
	}
	end := bytes.LastIndexByte(raw, ')') // the name before it may hold anything
	fields := strings.Fields(string(raw[end+1:]))
	const cutime, cstime = 16 - 3, 17 - 3 // field 3 is the first after the name
	if end < 0 || len(fields) <= cstime {
		return 0, fmt.Errorf("read CPU time of process %d: /proc shows %q", pid, raw)
	}
	var ticks int64
	for _, field := range []string{fields[cutime], fields[cstime]} {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read CPU time of process %d: %w", pid, err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

func readIO(pid int) (int64, error) {
	values, err := readTable(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		return 0, fmt.Errorf("read disk use of process %d: %w", pid, err)
	}
	return values["write_bytes"] - values["cancelled_write_bytes"], nil
}

// ReadMemory reads what a living process holds.
func ReadMemory(pid int) (Memory, error) {
	maps, err := readTable(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return Memory{}, fmt.Errorf("read memory of process %d: %w", pid, err)
	}
	status, err := readTable(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, fmt.Errorf("read memory of process %d: %w", pid, err)
	}
	if maps["Rss"] == 0 {
		return Memory{}, fmt.Errorf("read memory of process %d: %w", pid, errEnding)
	}
	return Memory{
		RSS: maps["Rss"], PSS: maps["Pss"], Private: maps["Private_Clean"] + maps["Private_Dirty"],
		Peak: max(status["VmHWM"], maps["Rss"]), // since Linux 6.2 the former may lag behind by some pages for each core
	}, nil
}

var errEnding = errors.New("the process is ending")

// readTable reads the "Key: number [kB]" lines of a /proc file, in bytes.
func readTable(path string) (map[string]int64, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	table := map[string]int64{}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		name, rest, found := strings.Cut(lines.Text(), ":")
		fields := strings.Fields(rest)
		if !found || len(fields) == 0 {
			continue
		}
		n, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			continue
		}
		if len(fields) == 2 && fields[1] == "kB" {
			n *= 1024
		}
		table[name] = n
	}
	return table, lines.Err()
}

// Volatile tells whether a folder lies on a file system that never writes to a disk.
func Volatile(dir string) bool {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return false
	}
	return stat.Type == unix.TMPFS_MAGIC || stat.Type == unix.RAMFS_MAGIC
}
