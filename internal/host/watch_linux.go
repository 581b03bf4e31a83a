package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/communitas/perfgate/internal/result"
)

// Watch reads what a machine does, again and again, from the same places.
type Watch struct {
	proc    string   // /proc
	quotas  []string // cpu.stat of the control groups that may hold this process back
	heat    []string // counters of the processors
	allowed func(cpu int) bool
	missing []string
}

// NewWatch looks for what this machine shows. What it does not is named by Missing.
func NewWatch() *Watch { return newWatch("/proc", "/sys") }

func newWatch(proc, sys string) *Watch {
	w := &Watch{proc: proc, allowed: func(int) bool { return true }}
	var mask unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mask); err == nil && mask.Count() > 0 {
		w.allowed = mask.IsSet
	}
	var err error
	if w.quotas, err = quotaFiles(proc, sys); err != nil {
		w.miss("throttling by a quota", err)
	}
	w.heat, err = filepath.Glob(filepath.Join(sys, "devices/system/cpu/cpu*/thermal_throttle/core_throttle_count"))
	if err != nil || len(w.heat) == 0 {
		w.miss("throttling by heat", errors.New("this machine does not count it"))
	}
	return w
}

// quotaFiles finds cpu.stat of the control group of this process and of those that it lies in, see cgroups(7): in the
// hierarchy of version 2, or in that of version 1 which has the controller cpu. A quota may stand at any of them.
func quotaFiles(proc, sys string) ([]string, error) {
	raw, err := os.ReadFile(filepath.Join(proc, "self/cgroup"))
	if err != nil {
		return nil, err
	}
	var files []string
	for line := range strings.Lines(string(raw)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		var mounts []string
		switch {
		case parts[1] == "":
			mounts = []string{"", "unified"}
		case slices.Contains(strings.Split(parts[1], ","), "cpu"):
			mounts = []string{parts[1], "cpu"}
		}
		for _, mount := range mounts {
			if files = quotasAbove(filepath.Join(sys, "fs/cgroup", mount), parts[2]); len(files) > 0 {
				return files, nil
			}
		}
	}
	return nil, errors.New("no control group with a quota holds this process")
}

// quotasAbove lists the files that tell of throttling from a group up to the root.
func quotasAbove(root, group string) []string {
	var files []string
	for group = filepath.Join("/", group); ; group = filepath.Dir(group) {
		path := filepath.Join(root, group, "cpu.stat")
		if text, err := os.ReadFile(path); err == nil {
			if _, _, err := throttling(text); err == nil {
				files = append(files, path)
			}
		}
		if group == "/" {
			return files
		}
	}
}

// Missing says what this machine does not show, each once with the reason.
func (w *Watch) Missing() []string { return w.missing }

func (w *Watch) miss(what string, err error) {
	for _, told := range w.missing {
		if strings.HasPrefix(told, what+": ") {
			return
		}
	}
	w.missing = append(w.missing, fmt.Sprintf("%s: %v", what, err))
}

// Read takes one sample of everything but the nodes. What cannot be read is nil and named by Missing.
func (w *Watch) Read() result.MachineSample {
	s := result.MachineSample{MonotonicSeconds: w.clock(unix.CLOCK_MONOTONIC)}
	wall, boot := w.clock(unix.CLOCK_REALTIME)-s.MonotonicSeconds, w.clock(unix.CLOCK_BOOTTIME)-s.MonotonicSeconds
	s.WallOffsetSeconds, s.SuspendedSeconds = &wall, &boot
	w.readProcessors(&s)
	s.CPUSomeSeconds, _ = w.pressure("cpu") // all that are not idle cannot wait for the processor
	s.MemorySomeSeconds, s.MemoryFullSeconds = w.pressure("memory")
	s.IOSomeSeconds, s.IOFullSeconds = w.pressure("io")
	w.readQuotas(&s)
	w.readHeat(&s)
	if own, err := ownCPU(); err != nil {
		w.miss("the CPU time of perfgate", err)
	} else {
		seconds := own.Seconds()
		s.OwnCPUSeconds = &seconds
	}
	return s
}

func (w *Watch) clock(id int32) float64 {
	var now unix.Timespec
	if err := unix.ClockGettime(id, &now); err != nil {
		w.miss("the clocks", err)
	}
	return time.Duration(now.Nano()).Seconds()
}

func (w *Watch) readProcessors(s *result.MachineSample) {
	raw, err := os.ReadFile(filepath.Join(w.proc, "stat"))
	var all processors
	if err == nil {
		all, err = parseProcessors(raw, w.allowed)
	}
	if err != nil {
		w.miss("what the processors do", err)
		return
	}
	s.Cores, s.IdleSeconds, s.InterruptSeconds, s.StealSeconds = all.count, &all.idle, &all.interrupts, &all.steal
}

func (w *Watch) pressure(resource string) (some, full *float64) {
	raw, err := os.ReadFile(filepath.Join(w.proc, "pressure", resource))
	var p pressure
	if err == nil {
		p, err = parsePressure(raw)
	}
	if err != nil {
		w.miss("the pressure on "+resource, err)
		return nil, nil
	}
	return &p.some, p.full
}

// readQuotas adds up the throttling of all groups: it takes one to hold this process back.
func (w *Watch) readQuotas(s *result.MachineSample) {
	seconds, periods := 0.0, 0.0
	for _, path := range w.quotas {
		raw, err := os.ReadFile(path)
		var here, count float64
		if err == nil {
			here, count, err = throttling(raw)
		}
		if err != nil {
			w.miss("throttling by a quota", err)
			return
		}
		seconds, periods = seconds+here, periods+count
	}
	if len(w.quotas) > 0 {
		s.ThrottledSeconds, s.ThrottledPeriods = &seconds, &periods
	}
}

func (w *Watch) readHeat(s *result.MachineSample) {
	total := 0.0
	for _, path := range w.heat {
		raw, err := os.ReadFile(path)
		var n uint64
		if err == nil {
			n, err = strconv.ParseUint(strings.TrimSpace(string(raw)), 10, 64)
		}
		if err != nil {
			w.miss("throttling by heat", err)
			return
		}
		total += float64(n)
	}
	if len(w.heat) > 0 {
		s.ThermalThrottles = &total
	}
}

// ownCPU is the CPU time of this process.
func ownCPU() (time.Duration, error) { return cpuOf(unix.RUSAGE_SELF) }

// ChildrenCPU is the CPU time of those children of this process that have ended and were waited for, and of those that they
// waited for themselves.
func ChildrenCPU() (time.Duration, error) { return cpuOf(unix.RUSAGE_CHILDREN) }

func cpuOf(who int) (time.Duration, error) {
	var usage unix.Rusage
	if err := unix.Getrusage(who, &usage); err != nil {
		return 0, fmt.Errorf("read CPU time: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}
