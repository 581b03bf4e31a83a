package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machineOf lays out files of /proc and /sys below a folder.
func machineOf(t *testing.T, files map[string]string) *Watch {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w := newWatch(filepath.Join(root, "proc"), filepath.Join(root, "sys"))
	w.allowed = func(int) bool { return true } // those of the test's machine are others
	return w
}

func TestWatchReadsWhatAMachineShows(t *testing.T) {
	const some = "some avg10=0 total=1000000\nfull avg10=0 total=500000\n"
	w := machineOf(t, map[string]string{
		"proc/stat": stat, "proc/pressure/cpu": some, "proc/pressure/memory": some, "proc/pressure/io": some,
		"proc/self/cgroup":                   "4:memory:/elsewhere\n0::/outer/inner\n",
		"sys/fs/cgroup/outer/inner/cpu.stat": "nr_throttled 3\nthrottled_usec 250000\n",
		"sys/fs/cgroup/outer/cpu.stat":       "nr_throttled 1\nthrottled_usec 50000\n",
		"sys/fs/cgroup/cpu.stat":             "usage_usec 9\n",
		"sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "4\n",
		"sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count": "5\n",
	})
	s := w.Read()
	got := map[string]float64{
		"cores": float64(s.Cores), "idle": *s.IdleSeconds, "interrupts": *s.InterruptSeconds, "steal": *s.StealSeconds, "throttled": *s.ThrottledSeconds,
		"periods": *s.ThrottledPeriods, "heat": *s.ThermalThrottles, "memory": *s.MemoryFullSeconds, "io": *s.IOSomeSeconds, "cpu": *s.CPUSomeSeconds,
	}
	for name, want := range map[string]float64{
		"cores": 2, "idle": 90.3, "interrupts": 0.77, "steal": 0.12, "throttled": 0.3, "periods": 4, "heat": 9, "memory": 0.5, "io": 1, "cpu": 1,
	} {
		if d := got[name] - want; d > 1e-9 || d < -1e-9 {
			t.Errorf("%s: %v, want %v", name, got[name], want)
		}
	}
	if len(w.Missing()) > 0 || s.OwnCPUSeconds == nil || *s.OwnCPUSeconds <= 0 || s.MonotonicSeconds <= 0 || *s.WallOffsetSeconds <= 0 {
		t.Errorf("missing %q; %+v", w.Missing(), s)
	}
}

func TestWatchFindsTheQuotaOfTheFirstVersion(t *testing.T) {
	w := machineOf(t, map[string]string{
		"proc/self/cgroup":                       "3:cpuset:/\n2:cpu,cpuacct:/job\n0::/\n",
		"sys/fs/cgroup/cpu,cpuacct/job/cpu.stat": "nr_throttled 2\nthrottled_time 2000000000\n",
	})
	if s := w.Read(); s.ThrottledSeconds == nil || *s.ThrottledSeconds != 2 {
		t.Errorf("throttled for %v", s.ThrottledSeconds)
	}
}

func TestWhatAMachineDoesNotShowIsAbsentAndNamedOnce(t *testing.T) {
	w := machineOf(t, map[string]string{"proc/pressure/io": "some total=many\n"})
	for range 3 {
		s := w.Read()
		for name, value := range map[string]*float64{
			"idle": s.IdleSeconds, "interrupts": s.InterruptSeconds, "steal": s.StealSeconds, "throttled": s.ThrottledSeconds, "heat": s.ThermalThrottles,
			"cpu": s.CPUSomeSeconds, "memory": s.MemoryFullSeconds, "io": s.IOSomeSeconds,
		} {
			if value != nil {
				t.Errorf("%s: %v, want none", name, *value)
			}
		}
	}
	var what []string
	for _, m := range w.Missing() {
		name, why, _ := strings.Cut(m, ": ")
		if what = append(what, name); why == "" {
			t.Errorf("%q has no reason", m)
		}
	}
	want := []string{
		"throttling by a quota", "throttling by heat", "what the processors do", "the pressure on cpu", "the pressure on memory", "the pressure on io",
	}
	if diff := cmp.Diff(want, what); diff != "" {
		t.Errorf("missing: -want +got\n%s", diff)
	}
}

// TestWatchSeesThisMachineWork burns until the kernel has counted it, in ticks. One core does nothing but this.
func TestWatchSeesThisMachineWork(t *testing.T) {
	w := NewWatch()
	first := w.Read()
	if first.IdleSeconds == nil {
		t.Skip(w.Missing())
	}
	for t.Context().Err() == nil {
		if now := w.Read(); now.MonotonicSeconds-first.MonotonicSeconds > (*now.IdleSeconds-*first.IdleSeconds)/float64(now.Cores)+0.02 && *now.OwnCPUSeconds > *first.OwnCPUSeconds {
			return
		}
	}
}
