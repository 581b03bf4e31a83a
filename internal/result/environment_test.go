package result_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/result"
)

func TestDifferencesNameWhatSetsEnvironmentsApart(t *testing.T) {
	here := result.Environment{
		OS: "linux", Arch: "amd64", Kernel: "6.1", CPU: "a", CPUFlags: "f", Cores: 2, CPULimit: 1.5, MemoryBytes: 24 << 30, MemoryLimitBytes: 8 << 30,
		Governor: "performance", Virtualisation: "container", RunnerClass: "big", Toolchain: "go1",
	}
	boot := here
	boot.MemoryBytes -= 100 << 20 // what the kernel keeps for itself differs between boots
	if got := here.Differences(boot.Traits()); got != nil {
		t.Errorf("another boot: %q", got)
	}
	for want, change := range map[string]func(*result.Environment){
		"system linux (there plan9)":                       func(e *result.Environment) { e.OS = "plan9" },
		"architecture amd64 (there arm64)":                 func(e *result.Environment) { e.Arch = "arm64" },
		"runner class big (there unknown or none)":         func(e *result.Environment) { e.RunnerClass = "" },
		"processor a (there b)":                            func(e *result.Environment) { e.CPU = "b" },
		"processor features f (there g)":                   func(e *result.Environment) { e.CPUFlags = "g" },
		"cores 2 (there 4)":                                func(e *result.Environment) { e.Cores = 4 },
		"CPU quota 1.5 (there unknown or none)":            func(e *result.Environment) { e.CPULimit = 0 },
		"memory 24 GiB (there 16 GiB)":                     func(e *result.Environment) { e.MemoryBytes = 16 << 30 },
		"memory limit 8 GiB (there 4 GiB)":                 func(e *result.Environment) { e.MemoryLimitBytes = 4 << 30 },
		"virtualisation container (there unknown or none)": func(e *result.Environment) { e.Virtualisation = "" },
		"governor performance (there powersave)":           func(e *result.Environment) { e.Governor = "powersave" },
		"kernel 6.1 (there 6.2)":                           func(e *result.Environment) { e.Kernel = "6.2" },
		"toolchain go1 (there go2)":                        func(e *result.Environment) { e.Toolchain = "go2" },
	} {
		there := here
		change(&there)
		if diff := cmp.Diff([]string{want}, here.Differences(there.Traits())); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	for _, trait := range here.Traits() {
		if strings.Contains(trait.Name, "_") || trait.Value == "" {
			t.Errorf("%+v: no trait of the example", trait)
		}
	}
}
