package host

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"
)

// machine reads the kernel's release, the processor's name and the memory in bytes.
func machine() (kernel, cpu string, memory int64) {
	if raw, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		kernel = strings.TrimSpace(string(raw))
	}
	cpu = field("/proc/cpuinfo", "model name")
	if kib, _, found := strings.Cut(field("/proc/meminfo", "MemTotal"), " "); found {
		n, err := strconv.ParseInt(kib, 10, 64)
		if err == nil {
			memory = n * 1024
		}
	}
	return kernel, cpu, memory
}

// field returns what follows "name:" on the first line of a /proc file that starts with it.
func field(path, name string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		key, value, found := strings.Cut(lines.Text(), ":")
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
