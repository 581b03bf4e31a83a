package host

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/communitas/perfgate/internal/result"
)

// readMachine fills in what the files of a machine tell of it: Linux shows itself in /proc and /sys, and other systems have
// none of these files. Root is the file system of the machine.
func readMachine(root fs.FS, e *result.Environment) {
	e.Kernel = line(root, "proc/sys/kernel/osrelease")
	e.CPU = field(root, "proc/cpuinfo", "model name")
	flags := strings.Fields(field(root, "proc/cpuinfo", "flags"))
	if len(flags) == 0 {
		flags = strings.Fields(field(root, "proc/cpuinfo", "Features")) // the name on ARM
	}
	e.CPUFlags = digest(flags)
	if kib, _, found := strings.Cut(field(root, "proc/meminfo", "MemTotal"), " "); found {
		if n, err := strconv.ParseInt(kib, 10, 64); err == nil {
			e.MemoryBytes = n * 1024
		}
	}
	e.Governor = governor(root)
	e.Virtualisation = virtualisation(root, slices.Contains(flags, "hypervisor"))
	limits := readLimits(root)
	e.CPULimit = limits.cores
	if limits.memory < e.MemoryBytes {
		e.MemoryLimitBytes = limits.memory
	}
}

// digest names a set of words, whatever their order; "" for none.
func digest(words []string) string {
	if len(words) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(slices.Sorted(slices.Values(words))), " ")))
	return hex.EncodeToString(sum[:4])
}

// governor is how the kernel chooses the frequency of the processors, "" where the host of a virtual machine does that.
func governor(root fs.FS) string {
	files, err := fs.Glob(root, "sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
	if err != nil {
		return ""
	}
	var governors []string
	for _, file := range files {
		governors = append(governors, line(root, file))
	}
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(governors))), ", ")
}

// virtualisation names what lies between the program and the hardware, the outermost first; "" for nothing that shows.
func virtualisation(root fs.FS, hypervisor bool) string {
	var layers []string
	product := strings.TrimSpace(line(root, "sys/class/dmi/id/sys_vendor") + " " + line(root, "sys/class/dmi/id/product_name"))
	if hypervisor {
		layers = append(layers, strings.TrimSpace("virtual machine "+parenthesised(product)))
	}
	for _, mark := range []string{".dockerenv", "run/.containerenv"} {
		if _, err := fs.Stat(root, mark); err == nil {
			layers = append(layers, "container")
			break
		}
	}
	return strings.Join(layers, ", ")
}

func parenthesised(text string) string {
	if text == "" {
		return ""
	}
	return "(" + text + ")"
}

// line is a file's content without the space around it, "" when it cannot be read.
func line(root fs.FS, name string) string {
	raw, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// field returns what follows "name:" on the first line of a file that starts with it, "" when there is none.
func field(root fs.FS, file, name string) string {
	for text := range strings.Lines(line(root, file)) {
		key, value, found := strings.Cut(text, ":")
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
