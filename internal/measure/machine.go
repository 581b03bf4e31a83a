package measure

import (
	"fmt"
	"math"

	"github.com/communitas/perfgate/internal/result"
)

// The limits beyond which a machine was too disturbed to measure on. docs/adr/0009 has the measurements behind them. What
// is not among them is kept and not judged: pressure on the processors and on the disk is what the nodes themselves cause
// too, and a core that is hot slows down whoever works.
const (
	// maxOthers is the share of the machine that other programs may take. Beyond it the formation, which keeps every core
	// busy, takes longer by more than the tolerance of its time; below it, compare looks whether both sides had as much.
	maxOthers = 0.10
	// maxOwn is perfgate's own share: above it, it measures itself.
	maxOwn = 0.25
	// maxSteal is the share that a hypervisor may give to others. The scheduler of this machine does not know of it, and
	// lets the nodes wait for a processor that is not there.
	maxSteal = 0.10
	// maxThrottled is the share of a phase in which a quota may keep the nodes from running: all of them at once.
	maxThrottled = 0.05
	// maxMemoryFull is the share of a phase in which nobody got on for want of memory: pages are read back from the disk.
	maxMemoryFull = 0.10
	// maxClockStep is the leap of the wall clock, in seconds, that the times of day in logs and results may have. What is
	// measured rests on the monotonic clock, so the limit is wide. A clock that is slewed moves far less in a second.
	maxClockStep = 0.5
	// maxSuspended is how long, in seconds, the machine may sleep: the nodes' timers notice.
	maxSuspended = 0.1
	// minCPUSeconds is the least CPU time that a share is judged by. The kernel shows the times of a processor in ticks of a
	// hundredth of a second, cut off: the differences of two are off by six milliseconds on average, and a calm machine has
	// its own chores, of which up to 25 ms were seen in one formation of 0.1 s. Twice that is somebody else.
	minCPUSeconds = 0.05
)

// Machine says what the machine did in the phases of a run, from samples in the order of their times. Phases are bounded by
// samples with marks.
func Machine(samples []result.MachineSample) result.Machine {
	start, steady, end := marked(samples, result.MarkStart), marked(samples, result.MarkSteady), marked(samples, result.MarkEnd)
	var m result.Machine
	if load := marked(samples, result.MarkLoad); load >= 0 && load < end { // what ended the run may have come before the sample
		m.Load = phase(samples[load : end+1])
	}
	switch {
	case start < 0 || end < 0:
	case steady < 0:
		m.Forming = phase(samples[start : end+1])
	default:
		m.Forming, m.Steady = phase(samples[start:steady+1]), phase(samples[steady:end+1])
	}
	return m
}

func marked(samples []result.MachineSample, mark string) int {
	for i, s := range samples {
		if s.Mark == mark {
			return i
		}
	}
	return -1
}

// Between is what the machine did from one sample to the next, nil when no time lies between them.
func Between(first, last result.MachineSample) *result.MachinePhase {
	return phase([]result.MachineSample{first, last})
}

func phase(samples []result.MachineSample) *result.MachinePhase {
	first, last := samples[0], samples[len(samples)-1]
	seconds := last.MonotonicSeconds - first.MonotonicSeconds
	if seconds <= 0 {
		return nil
	}
	share := func(pick func(result.MachineSample) *float64) *float64 {
		return divide(grown(pick(first), pick(last)), seconds)
	}
	ofMachine := func(pick func(result.MachineSample) *float64) *float64 {
		return divide(grown(pick(first), pick(last)), seconds*float64(last.Cores))
	}
	p := &result.MachinePhase{
		Seconds: seconds, Cores: last.Cores,
		NodesRatio:       ofMachine(func(s result.MachineSample) *float64 { return s.NodesCPUSeconds }),
		OwnRatio:         ofMachine(func(s result.MachineSample) *float64 { return s.OwnCPUSeconds }),
		StealRatio:       ofMachine(func(s result.MachineSample) *float64 { return s.StealSeconds }),
		ThrottledRatio:   share(func(s result.MachineSample) *float64 { return s.ThrottledSeconds }),
		ThermalThrottles: grown(first.ThermalThrottles, last.ThermalThrottles),
		CPUSomeRatio:     share(func(s result.MachineSample) *float64 { return s.CPUSomeSeconds }),
		MemorySomeRatio:  share(func(s result.MachineSample) *float64 { return s.MemorySomeSeconds }),
		MemoryFullRatio:  share(func(s result.MachineSample) *float64 { return s.MemoryFullSeconds }),
		IOSomeRatio:      share(func(s result.MachineSample) *float64 { return s.IOSomeSeconds }),
		IOFullRatio:      share(func(s result.MachineSample) *float64 { return s.IOFullSeconds }),
		SuspendedSeconds: grown(first.SuspendedSeconds, last.SuspendedSeconds),
		ClockStepSeconds: largestStep(samples),
	}
	p.OthersRatio = remainder([]*float64{
		ofMachine(func(s result.MachineSample) *float64 { return s.IdleSeconds }),
		ofMachine(func(s result.MachineSample) *float64 { return s.InterruptSeconds }),
		p.StealRatio, p.NodesRatio, p.OwnRatio,
	})
	if first.Cores != last.Cores { // one came or went, with its counters
		p.OthersRatio, p.StealRatio = nil, nil
	}
	return p
}

// remainder is what is left of the machine besides all that is known; nil when any of it is not. Interrupts are nobody's: the
// network traffic of the nodes themselves makes most of them. Some kernels count them to the nodes as well, and then the
// rest is a little too small, never too large. The times of processors are in ticks, so that it may come out below zero.
func remainder(known []*float64) *float64 {
	left := 1.0
	for _, ratio := range known {
		if ratio == nil {
			return nil
		}
		left -= *ratio
	}
	left = max(0, left)
	return &left
}

// grown is by how much a counter grew, nil when it is not there, at least 0: counters of a machine do not fall.
func grown(first, last *float64) *float64 {
	if first == nil || last == nil {
		return nil
	}
	by := max(0, *last-*first)
	return &by
}

func divide(value *float64, by float64) *float64 {
	if value == nil || by <= 0 {
		return nil
	}
	ratio := *value / by
	return &ratio
}

// largestStep is the largest leap of the wall clock from one sample to the next, nil when none can be told.
func largestStep(samples []result.MachineSample) *float64 {
	var largest *float64
	for i := range samples[1:] {
		before, after := samples[i].WallOffsetSeconds, samples[i+1].WallOffsetSeconds
		if before == nil || after == nil {
			continue
		}
		if step := *after - *before; largest == nil || math.Abs(step) > math.Abs(*largest) {
			largest = &step
		}
	}
	return largest
}

// Disturbed says what kept the machine from being fit to measure on during a run, "" when nothing did.
func Disturbed(m result.Machine) string {
	for _, p := range []struct {
		phase *result.MachinePhase
		when  string
	}{{m.Forming, "while the network formed"}, {m.Steady, "in the steady window"}, {m.Load, "under load"}, {m.Running, "while it ran"}} {
		if p.phase == nil {
			continue
		}
		if reason := unfit(*p.phase, minCPUSeconds); reason != "" {
			return reason + " " + p.when
		}
	}
	return ""
}

// Restless says what would disturb a run that began now, from a moment without nodes; "" when nothing would. It takes a
// short look at its word: to wait in vain costs little.
func Restless(p *result.MachinePhase) string {
	if p == nil {
		return ""
	}
	return unfit(*p, 0)
}

// unfit says which limit a phase breaks, "" for none. Shares of less than the least CPU time are not judged.
func unfit(p result.MachinePhase, least float64) string {
	share := func(ratio *float64, limit float64) bool {
		return ratio != nil && *ratio > limit && *ratio*p.Seconds*float64(p.Cores) >= least
	}
	over := func(value *float64, limit float64) bool { return value != nil && math.Abs(*value) > limit }
	switch {
	case share(p.OthersRatio, maxOthers):
		return fmt.Sprintf("other processes took %s of the machine", percent(*p.OthersRatio))
	case share(p.StealRatio, maxSteal):
		return fmt.Sprintf("the hypervisor took %s of the machine", percent(*p.StealRatio))
	case over(p.ThrottledRatio, maxThrottled):
		return fmt.Sprintf("a quota throttled the processors for %s of the time", percent(*p.ThrottledRatio))
	case over(p.MemoryFullRatio, maxMemoryFull):
		return fmt.Sprintf("everything waited for memory for %s of the time", percent(*p.MemoryFullRatio))
	case over(p.SuspendedSeconds, maxSuspended):
		return fmt.Sprintf("the machine was suspended for %.1fs", *p.SuspendedSeconds)
	case over(p.ClockStepSeconds, maxClockStep):
		return fmt.Sprintf("the wall clock was set by %+.1fs", *p.ClockStepSeconds)
	case share(p.OwnRatio, maxOwn):
		return fmt.Sprintf("perfgate itself took %s of the machine", percent(*p.OwnRatio))
	}
	return ""
}

func percent(ratio float64) string { return fmt.Sprintf("%.0f %%", 100*ratio) }

// Disturb keeps measurements out of statistics because of the machine. What could not be measured may be so for the same
// reason; a reason of the subject's stays.
func Disturb(measurements []result.Measurement, reason string, faultOfSubject bool) []result.Measurement {
	all := make([]result.Measurement, len(measurements))
	for i, m := range measurements {
		switch {
		case m.Status == result.Measured && m.Invalid == "":
			m.Invalid = reason
		case m.Status == result.Failed && !faultOfSubject:
			m.Reason = reason
		}
		all[i] = m
	}
	return all
}
