package doctor

import (
	"context"
	"io/fs"

	"github.com/communitas/perfgate/internal/diagnosis"
)

// checks lists what an examination looks at, group by group.
func (e *Examination) checks() []check {
	seen := readLast(e.Results)
	all := e.machineChecks(seen)
	all = append(all, e.limitChecks()...)
	if e.Suite != nil {
		all = append(all, e.projectChecks(seen)...)
		all = append(all, e.networkChecks()...)
		all = append(all, lastChecks(seen)...)
	}
	return append(all, e.workflowChecks()...)
}

func (e *Examination) machineChecks(seen lastResults) []check {
	return []check{
		{diagnosis.Machine, "system", together, false, func(context.Context) outcome { return checkSystem() }},
		{diagnosis.Machine, "load", alone, true, e.checkLoad},
		{diagnosis.Machine, "memory", together, true, func(context.Context) outcome { return checkMemory(e.Root, e.nodes(), seen.memoryPerNode()) }},
		{diagnosis.Machine, "swap", together, true, e.reading(checkSwap)},
		{diagnosis.Machine, "steal", together, true, e.reading(checkSteal)},
		{diagnosis.Machine, "pressure", together, true, e.reading(checkPressure)},
		{diagnosis.Machine, "governor", together, true, e.reading(checkGovernor)},
		{diagnosis.Machine, "boost", together, true, e.reading(checkBoost)},
		{diagnosis.Machine, "smt", together, true, e.reading(checkThreads)},
		{diagnosis.Machine, "throttling", together, true, e.reading(checkThrottling)},
		{diagnosis.Machine, "huge pages", together, true, e.reading(checkHugePages)},
		{diagnosis.Machine, "clock source", together, true, e.reading(checkClockSource)},
		{diagnosis.Machine, "clock", together, true, func(context.Context) outcome { return checkClock() }},
		{diagnosis.Machine, "privileges", together, true, e.reading(checkPrivileges)},
		{diagnosis.Machine, "cgroup", together, true, e.checkCgroup},
		{diagnosis.Machine, "namespaces", together, true, e.checkNamespaces},
		{diagnosis.Machine, "children", together, true, e.checkChildren},
	}
}

func (e *Examination) limitChecks() []check {
	return []check{
		{diagnosis.Limits, "open files", together, true, func(context.Context) outcome { return checkFiles(e.nodes()) }},
		{diagnosis.Limits, "processes", together, true, func(context.Context) outcome { return checkProcesses(e.Root, processLimit(), e.nodes()) }},
		{diagnosis.Limits, "udp buffers", together, true, e.reading(checkBuffers)},
		{diagnosis.Limits, "port range", together, true, e.reading(checkPortRange)},
	}
}

func (e *Examination) projectChecks(seen lastResults) []check {
	all := []check{
		{diagnosis.Project, "configuration", together, false, func(context.Context) outcome { return e.checkConfiguration() }},
		{diagnosis.Project, "git", together, false, func(ctx context.Context) outcome { return checkGit(ctx, e.Project) }},
	}
	if len(e.Suite.Scenarios) > 0 {
		all = append(all,
			check{diagnosis.Project, "binary", together, false, func(context.Context) outcome { return checkBinary(e.Binary, e.Build) }},
			check{diagnosis.Project, "timeouts", together, false, func(context.Context) outcome { return checkTimeouts(e.Suite, cores(), seen.formation()) }})
	}
	if len(e.Suite.Benchmarks) > 0 {
		all = append(all, check{diagnosis.Project, "benchmarks", together, false, func(context.Context) outcome { return checkBenchmarks(e.Suite.Benchmarks, e.Project) }})
	}
	return append(all, check{diagnosis.Project, "disk", together, true, func(context.Context) outcome { return checkDisk(e.Out) }})
}

func (e *Examination) networkChecks() []check {
	if len(e.Suite.Scenarios) == 0 {
		return nil
	}
	return []check{
		{diagnosis.Network, "ports", last, false, func(context.Context) outcome { return e.checkPorts() }},
		{diagnosis.Network, "loopback", last, false, e.checkLoopback},
		{diagnosis.Network, "bootstrap", last, false, e.checkBootstrap},
	}
}

func lastChecks(seen lastResults) []check {
	return []check{
		{diagnosis.LastResults, "runs", together, false, func(context.Context) outcome { return seen.checkRuns() }},
		{diagnosis.LastResults, "logs", together, false, func(context.Context) outcome { return seen.checkLogs() }},
	}
}

// reading makes a check of a function that only reads the machine's files.
func (e *Examination) reading(f func(fs.FS) outcome) func(context.Context) outcome {
	return func(context.Context) outcome { return f(e.Root) }
}
