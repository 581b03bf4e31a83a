package host

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ticksPerSecond is USER_HZ, which Linux fixes at 100 for everything that it shows in /proc.
const ticksPerSecond = 100

// processors is what /proc/stat says of some processors together.
type processors struct {
	count      int
	idle       float64 // seconds without anything to do, also while a disk was waited for
	interrupts float64 // seconds in interrupts, soft ones too
	steal      float64 // seconds that the hypervisor gave to others
}

// The fields of a "cpuN" line, see proc_stat(5).
const (
	statIdle    = 4
	statIOWait  = 5
	statIRQ     = 6
	statSoftIRQ = 7
	statSteal   = 8
)

// parseProcessors adds up the processors of /proc/stat that may be used. It takes the time in which they did nothing, since
// the kernel knows when a processor went idle and when it woke up; what it says of programs comes of a look at every tick,
// and tells little of a tenth of a second.
func parseProcessors(text []byte, allowed func(cpu int) bool) (processors, error) {
	var all processors
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20) // the line of interrupts is long
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 {
			continue
		}
		name, isCPU := strings.CutPrefix(fields[0], "cpu")
		if !isCPU || name == "" { // "cpu" itself is the sum over all
			continue
		}
		cpu, err := strconv.Atoi(name)
		if err != nil || cpu < 0 {
			return processors{}, fmt.Errorf("parse processors: %q is no processor", fields[0])
		}
		if !allowed(cpu) {
			continue
		}
		if len(fields) <= statSteal {
			return processors{}, fmt.Errorf("parse processors: %s has %d fields, %d are wanted", fields[0], len(fields)-1, statSteal)
		}
		if err := all.add(fields); err != nil {
			return processors{}, fmt.Errorf("parse processors: %s: %w", fields[0], err)
		}
	}
	if err := lines.Err(); err != nil {
		return processors{}, fmt.Errorf("parse processors: %w", err)
	}
	if all.count == 0 {
		return processors{}, errors.New("parse processors: none that may be used is listed")
	}
	return all, nil
}

// add takes one processor in.
func (p *processors) add(fields []string) error {
	for field, into := range map[int]*float64{
		statIdle: &p.idle, statIOWait: &p.idle, statIRQ: &p.interrupts, statSoftIRQ: &p.interrupts, statSteal: &p.steal,
	} {
		ticks, err := strconv.ParseUint(fields[field], 10, 64)
		if err != nil {
			return err
		}
		*into += float64(ticks) / ticksPerSecond
	}
	p.count++
	return nil
}

// parseCounters reads lines of "name number", as cpu.stat of a control group has them. Lines of another form are passed over.
func parseCounters(text []byte) map[string]float64 {
	counters := map[string]float64{}
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if len(fields) != 2 {
			continue
		}
		if n, err := strconv.ParseUint(fields[1], 10, 64); err == nil {
			counters[fields[0]] = float64(n)
		}
	}
	return counters
}

// throttling is for how long, in seconds, and in how many periods a quota kept a control group from running: cpu.stat of
// version 2 has throttled_usec, that of version 1 throttled_time in nanoseconds.
func throttling(text []byte) (seconds, periods float64, err error) {
	counters := parseCounters(text)
	periods, counted := counters["nr_throttled"]
	usec, second := counters["throttled_usec"]
	nsec, first := counters["throttled_time"]
	switch {
	case !counted || !second && !first:
		return 0, 0, errors.New("cpu.stat has no throttling: no quota is enforced here")
	case second:
		return usec / 1e6, periods, nil
	}
	return nsec / 1e9, periods, nil
}

// pressure is what one file of /proc/pressure says, in seconds since the boot.
type pressure struct {
	some float64
	full *float64 // nil where the kernel does not tell
}

// parsePressure reads pressure stall information, see Documentation/accounting/psi.rst of Linux.
func parsePressure(text []byte) (pressure, error) {
	var p pressure
	told := false
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if len(fields) == 0 {
			continue
		}
		total, err := pressureTotal(fields[1:])
		if err != nil {
			return pressure{}, fmt.Errorf("parse pressure: %q: %w", fields[0], err)
		}
		switch fields[0] {
		case "some":
			p.some, told = total, true
		case "full":
			p.full = &total
		}
	}
	if !told {
		return pressure{}, errors.New(`parse pressure: no line "some"`)
	}
	return p, nil
}

func pressureTotal(fields []string) (float64, error) {
	for _, field := range fields {
		if text, ok := strings.CutPrefix(field, "total="); ok {
			usec, err := strconv.ParseUint(text, 10, 64)
			return float64(usec) / 1e6, err
		}
	}
	return math.NaN(), errors.New("no total")
}
