package doctor

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// checkClockSource says which hardware the clocks are read from. Some can only be read through a call of the kernel.
func checkClockSource(root fs.FS) outcome {
	const folder = "sys/devices/system/clocksource/clocksource0/"
	current, ok := word(root, folder+"current_clocksource")
	if !ok {
		return fine("not visible here")
	}
	if !slices.Contains([]string{"hpet", "acpi_pm", "jiffies", "refined-jiffies", "pit", "xen"}, current) {
		return fine(current)
	}
	mend := "boot with the parameter tsc=reliable, on a machine whose processor has a steady counter"
	if available, _ := word(root, folder+"available_clocksource"); slices.Contains(strings.Fields(available), "tsc") {
		mend = "echo tsc >/" + folder + "current_clocksource"
	}
	return doubtful(current, "nodes and perfgate ask the kernel for each look at the clock: CPU time and latencies are higher", mend)
}

// clockState is what the kernel says of its clocks.
type clockState struct {
	resolution   time.Duration // of CLOCK_MONOTONIC
	synchronised bool          // the time of day is kept by somebody
	maxError     time.Duration // of the time of day, as the kernel estimates it
	err          error
}

func checkClock() outcome { return judgeClock(readClock()) }

func judgeClock(s clockState) outcome {
	switch {
	case s.err != nil:
		return doubtful(s.err.Error(), "whether the time of day is right is unknown", "")
	case s.resolution > time.Microsecond:
		return doubtful(fmt.Sprintf("times have a resolution of %v", s.resolution), "formation and latencies are no more exact than that",
			"boot with a kernel that has high-resolution timers (highres=on)")
	case !s.synchronised:
		return lacking(fmt.Sprintf("resolution %v; the time of day is not synchronised", s.resolution),
			"dates in results and of waivers may be wrong; durations are taken from another clock",
			"timedatectl set-ntp true")
	}
	return fine(fmt.Sprintf("resolution %v; the time of day is synchronised within %v", s.resolution, s.maxError.Round(time.Millisecond)))
}
