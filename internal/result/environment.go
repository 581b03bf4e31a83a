package result

import (
	"fmt"
	"strconv"

	"github.com/communitas/perfgate/internal/metric"
)

// Environment is the machine and the toolchain. What is not known is empty or 0.
type Environment struct {
	// Fingerprint names the environment; it is made of all the rest.
	Fingerprint string `json:"fingerprint"`
	OS          string `json:"os,omitempty"`
	Arch        string `json:"arch,omitempty"`
	Kernel      string `json:"kernel,omitempty"`
	// CPU is the model's name, CPUFlags a digest of what its cores are able to do.
	CPU      string `json:"cpu,omitempty"`
	CPUFlags string `json:"cpu_flags,omitempty"`
	// Cores are the processors that perfgate may run on.
	Cores int `json:"cores,omitempty"`
	// CPULimit is the quota of the control groups, in cores; 0 is none.
	CPULimit    float64 `json:"cpu_limit_cores,omitempty"`
	MemoryBytes int64   `json:"memory_bytes,omitempty"`
	// MemoryLimitBytes is the limit of the control groups where it is below MemoryBytes; 0 is none.
	MemoryLimitBytes int64 `json:"memory_limit_bytes,omitempty"`
	// Governor is how the frequency of the processors is chosen.
	Governor string `json:"governor,omitempty"`
	// Virtualisation names what lies between the program and the hardware: a virtual machine, a container.
	Virtualisation string `json:"virtualisation,omitempty"`
	// RunnerClass is the kind of machine that somebody has named, or that a CI runner says it is.
	RunnerClass string `json:"runner_class,omitempty"`
	// Toolchain is the compiler that made the subject.
	Toolchain string `json:"toolchain,omitempty"`
}

// Trait is one property by which environments are told apart.
type Trait struct {
	Name  string // in the words of a sentence
	Value string // "" when not known, or when there is no such thing
}

// Traits are what must be equal for figures of two environments to be compared, in the order in which a person would
// ask. Memory counts in whole GiB, since the kernel keeps a little for itself that differs between boots.
func (e Environment) Traits() []Trait {
	return []Trait{
		{"system", e.OS}, {"architecture", e.Arch}, {"runner class", e.RunnerClass}, {"processor", e.CPU},
		{"processor features", e.CPUFlags}, {"cores", whole(int64(e.Cores))}, {"CPU quota", cores(e.CPULimit)},
		{"memory", gibibytes(e.MemoryBytes)}, {"memory limit", gibibytes(e.MemoryLimitBytes)}, {"virtualisation", e.Virtualisation},
		{"governor", e.Governor}, {"kernel", e.Kernel}, {"toolchain", e.Toolchain},
	}
}

// Differences says in which traits an environment differs from those of another, each with both values: "kernel 6.1 (there
// 6.2)". None means that figures of both may be compared.
func (e Environment) Differences(other []Trait) []string {
	var all []string
	for _, trait := range e.Traits() {
		there := ""
		for _, o := range other {
			if o.Name == trait.Name {
				there = o.Value
			}
		}
		if trait.Value != there {
			all = append(all, fmt.Sprintf("%s %s (there %s)", trait.Name, known(trait.Value), known(there)))
		}
	}
	return all
}

func known(value string) string {
	if value == "" {
		return "unknown or none"
	}
	return value
}

func whole(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func cores(n float64) string {
	if n == 0 {
		return ""
	}
	return metric.Format(n, metric.Count)
}

func gibibytes(n int64) string {
	if n == 0 {
		return ""
	}
	return whole((n+1<<29)>>30) + " GiB"
}
