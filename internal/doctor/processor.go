package doctor

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

const hiddenByHost = "not visible here, as in most virtual machines"

// checkGovernor says how the processors' frequency is chosen.
func checkGovernor(root fs.FS) outcome {
	governors := distinct(each(root, "sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor"))
	if len(governors) == 0 {
		return fine(hiddenByHost)
	}
	drivers := distinct(each(root, "sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_driver"))
	text := strings.Join(governors, " and ")
	if len(drivers) > 0 {
		text += " (" + strings.Join(drivers, ", ") + ")"
	}
	if slices.Equal(governors, []string{"performance"}) {
		return fine(text)
	}
	return doubtful(text, "the frequency follows the load, so times and CPU time differ from run to run",
		"cpupower frequency-set -g performance")
}

// checkBoost says whether processors may run faster than their nominal frequency for a while.
func checkBoost(root fs.FS) outcome {
	const noTurbo, boost = "sys/devices/system/cpu/intel_pstate/no_turbo", "sys/devices/system/cpu/cpufreq/boost"
	const cost = "the first seconds of a measurement may be faster than the rest"
	if off, ok := number(root, noTurbo); ok {
		if off == 1 {
			return fine("off")
		}
		return lacking("on", cost, "echo 1 >/"+noTurbo)
	}
	if on, ok := number(root, boost); ok {
		if on == 0 {
			return fine("off")
		}
		return lacking("on", cost, "echo 0 >/"+boost)
	}
	return fine(hiddenByHost)
}

// checkThreads says whether two logical processors share a core.
func checkThreads(root fs.FS) outcome {
	control, _ := word(root, "sys/devices/system/cpu/smt/control")
	active, ok := number(root, "sys/devices/system/cpu/smt/active")
	switch {
	case !ok:
		return fine(hiddenByHost)
	case active == 1 && control == "on":
		return lacking("two logical processors share a core", "CPU time depends on what the sibling does",
			"echo off >/sys/devices/system/cpu/smt/control")
	case active == 1:
		return fine("two logical processors share a core, which cannot be changed here")
	}
	return fine("each logical processor is a core of its own, as far as is visible here")
}

// checkThrottling counts how often processors were slowed down because of heat.
func checkThrottling(root fs.FS) outcome {
	counters := each(root, "sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_throttle_count")
	if len(counters) == 0 {
		return fine(hiddenByHost)
	}
	var times int64
	for _, text := range counters {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return doubtful(fmt.Sprintf("a counter of the kernel shows %q", text), "whether processors were throttled is unknown", "")
		}
		times += n
	}
	if times == 0 {
		return fine("none since boot")
	}
	return doubtful(fmt.Sprintf("%d times since boot", times), "a processor that is too hot is slower, and so is what it runs",
		"cool the machine; measure with fewer processors busy")
}

// checkHugePages says whether private memory comes in steps of 2 MiB.
func checkHugePages(root fs.FS) outcome {
	const file = "sys/kernel/mm/transparent_hugepage/enabled"
	text, ok := word(root, file)
	if !ok {
		return fine("the kernel has none")
	}
	chosen := text
	if _, rest, found := strings.Cut(text, "["); found {
		chosen, _, _ = strings.Cut(rest, "]")
	}
	if chosen == "always" {
		return doubtful("always", "the private memory of a node moves in steps of 2 MiB: memory_private is less exact", "echo madvise >/"+file)
	}
	return fine(chosen)
}
