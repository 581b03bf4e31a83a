package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/communitas/perfgate/internal/metric"
)

func cores() int { return runtime.NumCPU() }

// checkSteal says how much time the host of a virtual machine has taken away.
func checkSteal(root fs.FS) outcome {
	now, ok := readTimes(root)
	if !ok || now.fields < 8 {
		return doubtful("not visible: the kernel counts no stolen time", "time that a host takes away shows up as the nodes' own", "")
	}
	if now.total == 0 {
		return fine("none")
	}
	share := float64(now.steal) / float64(now.total)
	text := metric.Format(share, metric.Ratio) + " of the time since boot was taken by the host"
	switch {
	case now.steal == 0:
		return fine("none since boot")
	case share > 0.01:
		return doubtful(text, "times are longer whenever the host has other work", "measure on a machine whose processors are not shared")
	}
	return fine(text)
}

// times are those of all processors since boot, in ticks.
type times struct {
	fields                   int // how many the kernel shows
	busy, idle, steal, total int64
}

// readTimes reads the first line of /proc/stat: user nice system idle iowait irq softirq steal, then two that are part of
// the first two, see proc_stat(5).
func readTimes(root fs.FS) (times, bool) {
	text, _ := word(root, "proc/stat")
	line, _, _ := strings.Cut(text, "\n")
	fields := strings.Fields(line)
	if len(fields) < 5 || fields[0] != "cpu" {
		return times{}, false
	}
	fields = fields[1:min(len(fields), 9)]
	t := times{fields: len(fields)}
	for i, field := range fields {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil || n < 0 {
			return times{}, false
		}
		switch i {
		case 3, 4:
			t.idle += n
		case 7:
			t.steal = n
		default:
			t.busy += n
		}
		t.total += n
	}
	return t, true
}

// loadSample is how long the others' use of the processors is watched.
const loadSample = 200 * time.Millisecond

// checkLoad says how busy the machine is with what is not perfgate.
func (e *Examination) checkLoad(ctx context.Context) outcome {
	before, ok := readTimes(e.Root)
	select {
	case <-time.After(loadSample):
	case <-ctx.Done():
	}
	after, still := readTimes(e.Root)
	if !ok || !still {
		return doubtful("not visible: /proc/stat cannot be read", "a busy machine cannot be told from an idle one", "")
	}
	average, _ := word(e.Root, "proc/loadavg")
	return judgeLoad(before, after, average, cores())
}

// judgeLoad says how busy the processors were between two readings; average is the text of /proc/loadavg.
func judgeLoad(before, after times, average string, cores int) outcome {
	total := after.total - before.total
	if total <= 0 {
		return doubtful("not visible: the kernel's counters stand still", "a busy machine cannot be told from an idle one", "")
	}
	share := float64(after.busy+after.steal-before.busy-before.steal) / float64(total)
	text := fmt.Sprintf("%.0f%% of %s busy", 100*share, processors(cores))
	minute, _, _ := strings.Cut(average, " ")
	queue, err := strconv.ParseFloat(minute, 64)
	if err == nil {
		text += fmt.Sprintf(" now, load average %s in the last minute", minute)
	}
	if share > 0.2 || err == nil && queue > float64(cores)/2 {
		return doubtful(text, "what else runs takes time from the nodes: times are longer and differ more",
			"end what else runs, or measure base and head in one session")
	}
	return fine(text)
}

func processors(n int) string {
	if n == 1 {
		return "1 processor"
	}
	return fmt.Sprintf("%d processors", n)
}

// memoryTarget is the budget of a node in the monitoring guide, for a node that was never measured.
const memoryTarget = 100e6

// checkMemory says whether the largest network fits into what is free. perNode is what a node was measured to take, in bytes,
// 0 when it was not.
func checkMemory(root fs.FS, nodes int, perNode float64) outcome {
	available, ok := bytesOf(root, "MemAvailable")
	if !ok {
		return doubtful("not visible: /proc/meminfo cannot be read", "whether the largest network fits is unknown", "")
	}
	source := "as in the last results"
	if perNode <= 0 {
		perNode, source = memoryTarget, "by the guide's budget"
	}
	text := metric.Format(float64(available), metric.Bytes) + " free"
	if nodes == 0 {
		return fine(text)
	}
	need := float64(nodes) * perNode
	text += fmt.Sprintf(", and the largest network (%d nodes) takes %s, %s", nodes, metric.Format(need, metric.Bytes), source)
	if need > 0.8*float64(available) {
		return doubtful(text, "nodes are swapped out or killed: memory and times are wrong", "free memory, or measure smaller networks with --nodes")
	}
	return fine(text)
}

// checkSwap says whether memory of nodes may be on a disk, where it counts in no metric.
func checkSwap(root fs.FS) outcome {
	total, okTotal := bytesOf(root, "SwapTotal")
	free, okFree := bytesOf(root, "SwapFree")
	switch {
	case !okTotal || !okFree:
		return doubtful("not visible: /proc/meminfo cannot be read", "memory that was swapped out is missing in memory_per_node", "")
	case total == 0:
		return fine("there is none")
	case total == free:
		return fine(metric.Format(float64(total), metric.Bytes) + ", none of it in use")
	}
	text := fmt.Sprintf("%s of %s in use", metric.Format(float64(total-free), metric.Bytes), metric.Format(float64(total), metric.Bytes))
	return doubtful(text, "memory of nodes that is swapped out is missing in memory_per_node and memory_private", "swapoff -a while measuring")
}

// checkPressure says whether the kernel tells how long processes had to wait for a processor.
func checkPressure(root fs.FS) outcome {
	text, ok := word(root, "proc/pressure/cpu")
	if !ok {
		return doubtful("the kernel does not tell how long processes wait for a processor (PSI)",
			"whether a run was disturbed by others cannot be told", "boot with the parameter psi=1, on Linux 4.20 or newer")
	}
	line, _, _ := strings.Cut(text, "\n")
	for field := range strings.FieldsSeq(line) {
		if percent, found := strings.CutPrefix(field, "avg60="); found {
			return fine("visible; processes waited for a processor in " + percent + "% of the last minute")
		}
	}
	return doubtful(fmt.Sprintf("/proc/pressure/cpu shows %q", line), "whether a run was disturbed by others cannot be told", "")
}
