package doctor

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/communitas/perfgate/internal/diagnosis"
)

// files is a machine of which only some files are there.
func files(pairs ...string) fs.FS {
	machine := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		machine[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return machine
}

// says checks an outcome: its severity, and words of its text, cost and mend; "" wants none of the latter two.
func says(t *testing.T, o outcome, severity diagnosis.Severity, text, cost, mend string) {
	t.Helper()
	holds := func(got, want string) bool { return got == want || want != "" && strings.Contains(got, want) }
	if o.severity != severity || text == "" || !holds(o.text, text) || !holds(o.cost, cost) || !holds(o.mend, mend) {
		t.Errorf("got %s %q, cost %q, mend %q\nwant %s %q, cost %q, mend %q", o.severity, o.text, o.cost, o.mend, severity, text, cost, mend)
	}
}

func TestChecksThatReadTheMachine(t *testing.T) {
	const (
		ok, warn = diagnosis.OK, diagnosis.Warn
		cpu      = "sys/devices/system/cpu/"
		clock    = "sys/devices/system/clocksource/clocksource0/"
	)
	for _, tc := range []struct {
		name             string
		check            func(fs.FS) outcome
		machine          fs.FS
		severity         diagnosis.Severity
		text, cost, mend string
	}{
		{"governor in a virtual machine", checkGovernor, files(cpu+"online", "0-1\n"), ok, "not visible here", "", ""},
		{
			"governor of a server", checkGovernor,
			files(cpu+"cpu0/cpufreq/scaling_governor", "performance\n", cpu+"cpu1/cpufreq/scaling_governor", "performance\n", cpu+"cpu0/cpufreq/scaling_driver", "acpi-cpufreq\n"),
			ok, "performance (acpi-cpufreq)", "", "",
		},
		{
			"governor of a laptop", checkGovernor,
			files(cpu+"cpu0/cpufreq/scaling_governor", "powersave\n", cpu+"cpu0/cpufreq/scaling_driver", "intel_pstate\n"),
			warn, "powersave (intel_pstate)", "frequency follows the load", "cpupower frequency-set -g performance",
		},
		{
			"governor that differs", checkGovernor,
			files(cpu+"cpu0/cpufreq/scaling_governor", "schedutil\n", cpu+"cpu11/cpufreq/scaling_governor", "performance\n"),
			warn, "performance and schedutil", "frequency", "cpupower",
		},
		{"turbo of Intel on", checkBoost, files(cpu+"intel_pstate/no_turbo", "0\n"), ok, "on", "faster", "echo 1 >/" + cpu + "intel_pstate/no_turbo"},
		{"turbo of Intel off", checkBoost, files(cpu+"intel_pstate/no_turbo", "1\n", cpu+"cpufreq/boost", "1\n"), ok, "off", "", ""},
		{"boost of AMD on", checkBoost, files(cpu+"cpufreq/boost", "1\n"), ok, "on", "faster", "echo 0 >/" + cpu + "cpufreq/boost"},
		{"boost of AMD off", checkBoost, files(cpu+"cpufreq/boost", "0\n"), ok, "off", "", ""},
		{"boost of neither", checkBoost, files(), ok, "not visible", "", ""},
		{"two threads a core", checkThreads, files(cpu+"smt/active", "1\n", cpu+"smt/control", "on\n"), ok, "share a core", "sibling", "echo off"},
		{"two threads a core for good", checkThreads, files(cpu+"smt/active", "1\n", cpu+"smt/control", "notsupported\n"), ok, "cannot be changed", "", ""},
		{"one thread a core", checkThreads, files(cpu+"smt/active", "0\n", cpu+"smt/control", "notimplemented\n"), ok, "core of its own", "", ""},
		{"cool", checkThrottling, files(cpu+"cpu0/thermal_throttle/core_throttle_count", "0\n"), ok, "none since boot", "", ""},
		{
			"hot", checkThrottling,
			files(cpu+"cpu0/thermal_throttle/core_throttle_count", "12\n", cpu+"cpu1/thermal_throttle/package_throttle_count", "30\n", cpu+"cpu1/thermal_throttle/core_throttle_max_time_ms", "7\n"),
			warn, "42 times", "too hot", "cool",
		},
		{"a counter of no number", checkThrottling, files(cpu+"cpu0/thermal_throttle/core_throttle_count", "?\n"), warn, `"?"`, "unknown", ""},
		{"huge pages always", checkHugePages, files("sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n"), warn, "always", "memory_private", "echo madvise"},
		{"huge pages on request", checkHugePages, files("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n"), ok, "madvise", "", ""},
		{"no huge pages", checkHugePages, files(), ok, "has none", "", ""},
		{"tsc", checkClockSource, files(clock+"current_clocksource", "tsc\n", clock+"available_clocksource", "tsc hpet acpi_pm\n"), ok, "tsc", "", ""},
		{"arm", checkClockSource, files(clock+"current_clocksource", "arch_sys_counter\n"), ok, "arch_sys_counter", "", ""},
		{"hpet where tsc is to be had", checkClockSource, files(clock+"current_clocksource", "hpet\n", clock+"available_clocksource", "hpet tsc acpi_pm\n"), warn, "hpet", "each look at the clock", "echo tsc"},
		{"hpet for want of better", checkClockSource, files(clock+"current_clocksource", "hpet\n", clock+"available_clocksource", "hpet acpi_pm\n"), warn, "hpet", "each look", "tsc=reliable"},
		{"no stolen time", checkSteal, files("proc/stat", "cpu  41587 0 15761 467016 650 0 263 0 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n"), ok, "none since boot", "", ""},
		{"a little stolen time", checkSteal, files("proc/stat", "cpu  41587 0 15761 467016 650 0 263 35 0 0\n"), ok, "0.00666% of the time", "", ""},
		{"a crowded host", checkSteal, files("proc/stat", "cpu 400 0 100 400 0 0 0 100 0 0\n"), warn, "10% of the time", "times are longer", "not shared"},
		{"an old kernel", checkSteal, files("proc/stat", "cpu 400 0 100 400 0 0 0\n"), warn, "no stolen time", "nodes' own", ""},
		{"no statistics", checkSteal, files("proc/stat", "intr 5\n"), warn, "not visible", "nodes' own", ""},
		{"pressure", checkPressure, files("proc/pressure/cpu", "some avg10=4.38 avg60=4.46 avg300=5.62 total=150008199\nfull avg10=0.00 avg60=9.00 avg300=0.00 total=0\n"), ok, "in 4.46% of the last minute", "", ""},
		{"no pressure", checkPressure, files(), warn, "PSI", "disturbed", "psi=1"},
		{"strange pressure", checkPressure, files("proc/pressure/cpu", "none\n"), warn, `"none"`, "disturbed", ""},
		{"no swap", checkSwap, files("proc/meminfo", "MemTotal: 10 kB\nSwapTotal:       0 kB\nSwapFree:        0 kB\n"), ok, "there is none", "", ""},
		{"idle swap", checkSwap, files("proc/meminfo", "SwapTotal: 2097148 kB\nSwapFree: 2097148 kB\n"), ok, "2.15GB, none of it in use", "", ""},
		{"swap in use", checkSwap, files("proc/meminfo", "SwapTotal: 2000000 kB\nSwapFree: 1000000 kB\n"), warn, "1.02GB of 2.05GB in use", "memory_per_node", "swapoff"},
		{"no memory to be seen", checkSwap, files(), warn, "not visible", "memory_per_node", ""},
		{"small buffers", checkBuffers, files("proc/sys/net/core/rmem_max", "212992\n", "proc/sys/net/core/wmem_max", "212992\n"), warn, "213kB to receive", "loses packets", "net.core.rmem_max=7500000"},
		{"middling buffers", checkBuffers, files("proc/sys/net/core/rmem_max", "7500000\n", "proc/sys/net/core/wmem_max", "4194304\n"), ok, "4.19MB to send", "throughput may be lower", "net.core.wmem_max=7500000"},
		{"large buffers", checkBuffers, files("proc/sys/net/core/rmem_max", "7500000\n", "proc/sys/net/core/wmem_max", "7500000\n"), ok, "7.5MB", "", ""},
		{"usual ports", checkPortRange, files("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n"), ok, "nodes 20000 to 32767", "", ""},
		{"ports that begin in the range", checkPortRange, files("proc/sys/net/ipv4/ip_local_port_range", "30000\t60999\n"), ok, "nodes 20000 to 29999", "", ""},
		{"ports that hold the range", checkPortRange, files("proc/sys/net/ipv4/ip_local_port_range", "1024\t65535\n"), warn, "take 1024 to 65535", "crashes", "sysctl"},
		{"ports of another kind", checkPortRange, files("proc/sys/net/ipv4/ip_local_port_range", "all ports\n"), warn, `"all ports"`, "take a node's port", ""},
		{"root", checkPrivileges, files("proc/self/status", "Name:\tperfgate\nUid:\t0\t0\t0\t0\nCapEff:\t000001fffeffffff\n"), ok, "root, with CAP_NET_ADMIN and CAP_SYS_ADMIN", "", ""},
		{"root of a container", checkPrivileges, files("proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t00000000a80425fb\n"), ok, "root, without CAP_NET_ADMIN and CAP_SYS_ADMIN", "an extra", "as root"},
		{"a user with a network", checkPrivileges, files("proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000001000\n"), ok, "an ordinary user, without CAP_SYS_ADMIN", "an extra", "as root"},
		{"nobody", checkPrivileges, files(), warn, "not visible", "unknown", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			says(t, tc.check(tc.machine), tc.severity, tc.text, tc.cost, tc.mend)
		})
	}
}

func TestLoad(t *testing.T) {
	at := func(text string) times {
		read, ok := readTimes(files("proc/stat", text))
		if !ok {
			t.Fatalf("%q cannot be read", text)
		}
		return read
	}
	begin := at("cpu 100 0 0 900 0 0 0 0 0 0\n")
	says(t, judgeLoad(begin, at("cpu 101 0 1 936 2 0 0 0 0 0"), "0.10 0.2 0.3 1/2 3", 2), diagnosis.OK, "5% of 2 processors busy now, load average 0.10 in the last minute", "", "")
	says(t, judgeLoad(begin, at("cpu 110 0 0 910 0 0 0 20 0 0"), "0.10 0.2", 1), diagnosis.Warn, "75% of 1 processor busy", "takes time from the nodes", "end what else runs")
	says(t, judgeLoad(begin, at("cpu 100 0 0 940 0 0 0 0 0 0"), "1.50 0.2", 2), diagnosis.Warn, "0% of 2 processors busy now, load average 1.50 in", "takes time", "end")
	says(t, judgeLoad(begin, begin, "", 2), diagnosis.Warn, "stand still", "busy machine", "")
	e := &Examination{Root: files("proc/stat", "cpu 1 2 x 4 5\n")}
	says(t, e.checkLoad(t.Context()), diagnosis.Warn, "/proc/stat cannot be read", "busy machine", "")
}

func TestMemory(t *testing.T) {
	machine := files("proc/meminfo", "MemTotal:       2000000 kB\nMemAvailable:    1000000 kB\n")
	says(t, checkMemory(machine, 5, 0), diagnosis.OK, "1.02GB free, and the largest network (5 nodes) takes 500MB, by the guide's budget", "", "")
	says(t, checkMemory(machine, 100, 10e6), diagnosis.Warn, "takes 1GB, as in the last results", "swapped out", "--nodes")
	says(t, checkMemory(machine, 0, 0), diagnosis.OK, "1.02GB free", "", "")
	says(t, checkMemory(files(), 5, 0), diagnosis.Warn, "not visible", "unknown", "")
}

func TestClock(t *testing.T) {
	says(t, judgeClock(clockState{resolution: 1, synchronised: true, maxError: 12345 * time.Microsecond}), diagnosis.OK, "synchronised within 12ms", "", "")
	says(t, judgeClock(clockState{resolution: 1}), diagnosis.OK, "not synchronised", "dates", "set-ntp")
	says(t, judgeClock(clockState{resolution: 4 * time.Millisecond, synchronised: true}), diagnosis.Warn, "4ms", "no more exact", "highres")
	says(t, judgeClock(clockState{err: errors.New("forbidden")}), diagnosis.Warn, "forbidden", "unknown", "")
}

func TestNamespaces(t *testing.T) {
	denied := errors.New("operation not permitted")
	says(t, judgeNamespaces(files(), nil), diagnosis.OK, "of its own", "", "")
	says(t, judgeNamespaces(files("proc/sys/user/max_user_namespaces", "0\n"), denied), diagnosis.OK, "not permitted", "an extra", "user.max_user_namespaces")
	says(t, judgeNamespaces(files("proc/sys/user/max_user_namespaces", "9000\n", "proc/sys/kernel/unprivileged_userns_clone", "0\n"), denied),
		diagnosis.OK, "not permitted", "an extra", "kernel.unprivileged_userns_clone=1")
	says(t, judgeNamespaces(files("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n"), denied),
		diagnosis.OK, "not permitted", "an extra", "apparmor_restrict_unprivileged_userns=0")
	says(t, judgeNamespaces(files("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0\n"), denied), diagnosis.OK, "not permitted", "an extra", "sandbox")
}

func TestChildren(t *testing.T) {
	denied := errors.New("read memory: permission denied")
	says(t, judgeChildren(files(), looks{}), diagnosis.OK, "can be read", "", "")
	says(t, judgeChildren(files("proc/sys/kernel/yama/ptrace_scope", "2\n"), looks{memory: denied}), diagnosis.Bad, "permission denied", "memory cannot be read", "ptrace_scope=1")
	hidden := files("proc/sys/kernel/yama/ptrace_scope", "1\n",
		"proc/self/mountinfo", "22 27 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw,hidepid=invisible\n")
	says(t, judgeChildren(hidden, looks{usage: denied, environment: denied}), diagnosis.Bad, "denied; read", "CPU time and disk_write, the strays of nodes cannot be read", "hidepid=0")
	says(t, judgeChildren(files("proc/self/mountinfo", "22 27 0:21 / /proc rw - proc proc rw,hidepid=0\n"), looks{usage: denied}), diagnosis.Bad, "denied", "CPU time", "sandbox")
}
