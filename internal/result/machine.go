package result

// MachineSample is one line of machine.jsonl: the machine at one moment of a run. Counters grow from the boot of the
// machine on, so that it takes two samples to say anything. What could not be read is nil.
type MachineSample struct {
	// Mark says which moment it is: one of the Mark constants, "" between them.
	Mark string `json:"mark,omitempty"`
	// MonotonicSeconds is CLOCK_MONOTONIC.
	MonotonicSeconds float64 `json:"monotonic_seconds"`
	// Cores is how many processors perfgate and its nodes may run on; 0 when unknown.
	Cores int `json:"cores"`
	// IdleSeconds is for how long these cores together did nothing, InterruptSeconds for how long they served interrupts,
	// StealSeconds for how long the hypervisor gave them to others. The rest of the time they ran programs.
	IdleSeconds      *float64 `json:"idle_seconds,omitempty"`
	InterruptSeconds *float64 `json:"interrupt_seconds,omitempty"`
	StealSeconds     *float64 `json:"steal_seconds,omitempty"`
	// NodesCPUSeconds is the CPU time of all nodes, OwnCPUSeconds that of perfgate itself.
	NodesCPUSeconds *float64 `json:"nodes_cpu_seconds,omitempty"`
	OwnCPUSeconds   *float64 `json:"own_cpu_seconds,omitempty"`
	// ThrottledSeconds is for how long the control group of perfgate was kept from running by its quota, counted in
	// ThrottledPeriods; ThermalThrottles is how often a core was slowed down by its heat.
	ThrottledSeconds *float64 `json:"throttled_seconds,omitempty"`
	ThrottledPeriods *float64 `json:"throttled_periods,omitempty"`
	ThermalThrottles *float64 `json:"thermal_throttles,omitempty"`
	// The pressures are for how long some tasks, or all that were not idle (full), waited for a resource.
	CPUSomeSeconds    *float64 `json:"cpu_some_pressure_seconds,omitempty"`
	MemorySomeSeconds *float64 `json:"memory_some_pressure_seconds,omitempty"`
	MemoryFullSeconds *float64 `json:"memory_full_pressure_seconds,omitempty"`
	IOSomeSeconds     *float64 `json:"io_some_pressure_seconds,omitempty"`
	IOFullSeconds     *float64 `json:"io_full_pressure_seconds,omitempty"`
	// WallOffsetSeconds is the wall clock less CLOCK_MONOTONIC, and SuspendedSeconds CLOCK_BOOTTIME less CLOCK_MONOTONIC.
	WallOffsetSeconds *float64 `json:"wall_offset_seconds,omitempty"`
	SuspendedSeconds  *float64 `json:"suspended_seconds,omitempty"`
}

// The marks of samples that bound the phases of a run.
const (
	MarkStart  = "start"  // just before the first node is started
	MarkSteady = "steady" // the steady window begins
	MarkLoad   = "load"   // the load begins, in the midst of the steady window
	MarkEnd    = "end"    // the last look was made, and the nodes are still there
)

// Machine is what the machine did in the phases of one run; a phase that did not come about is nil.
type Machine struct {
	// Forming is from the first launch until the steady window begins, or until the run is given up without one.
	Forming *MachinePhase `json:"forming,omitempty"`
	Steady  *MachinePhase `json:"steady,omitempty"`
	// Load is the part of Steady from the beginning of the load on; nil without a workload.
	Load *MachinePhase `json:"load,omitempty"`
	// Running is the whole of an execution of a benchmark, whose processes count as nodes; nil for a network.
	Running *MachinePhase `json:"running,omitempty"`
	// Missing says once what could not be read, and why.
	Missing []string `json:"missing,omitempty"`
}

// MachinePhase is what the machine did in one phase. Shares of the machine are of all cores for the whole phase, 1 is all
// of it; what could not be read is nil.
type MachinePhase struct {
	Seconds float64 `json:"seconds"`
	Cores   int     `json:"cores"`
	// OthersRatio is the share of the machine that programs other than the nodes and perfgate took, at least 0.
	OthersRatio *float64 `json:"others_ratio,omitempty"`
	NodesRatio  *float64 `json:"nodes_ratio,omitempty"`
	OwnRatio    *float64 `json:"own_ratio,omitempty"`
	StealRatio  *float64 `json:"steal_ratio,omitempty"`
	// ThrottledRatio is the share of the phase in which a quota kept perfgate's control group from running; above 1 where
	// the kernel counts each core for itself.
	ThrottledRatio *float64 `json:"throttled_ratio,omitempty"`
	// ThermalThrottles is how often a core was slowed down by its heat.
	ThermalThrottles *float64 `json:"thermal_throttles,omitempty"`
	// The pressures are shares of the phase.
	CPUSomeRatio    *float64 `json:"cpu_some_pressure_ratio,omitempty"`
	MemorySomeRatio *float64 `json:"memory_some_pressure_ratio,omitempty"`
	MemoryFullRatio *float64 `json:"memory_full_pressure_ratio,omitempty"`
	IOSomeRatio     *float64 `json:"io_some_pressure_ratio,omitempty"`
	IOFullRatio     *float64 `json:"io_full_pressure_ratio,omitempty"`
	// ClockStepSeconds is the largest leap of the wall clock between two samples, negative when it was set back.
	ClockStepSeconds *float64 `json:"clock_step_seconds,omitempty"`
	// SuspendedSeconds is for how long the machine slept.
	SuspendedSeconds *float64 `json:"suspended_seconds,omitempty"`
}

// OfSubject tells the findings that no state of the machine explains: a node that crashed, a gauge that showed what cannot
// be. They are faults on a disturbed machine too.
func (f Finding) OfSubject() bool {
	return f.Kind == FindingCrash || f.Kind == FindingGaugeInvalid
}

// FaultOfSubject tells whether a run has such a finding.
func (r Run) FaultOfSubject() bool {
	for _, f := range r.Findings {
		if f.OfSubject() {
			return true
		}
	}
	return false
}

// Unread tells the runs of which a page could not be read, and that have no other fault of their own: no crash, no impossible gauge, nothing
// left behind. One that is invalid for another reason is none of them.
func (r Run) Unread() bool {
	unread := false
	for _, f := range r.Findings {
		switch f.Kind {
		case FindingCrash, FindingGaugeInvalid, FindingLeft:
			return false
		case FindingUnreadable:
			unread = true
		}
	}
	return unread && r.Invalid == ""
}
