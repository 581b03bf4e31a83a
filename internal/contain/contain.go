// Package contain makes sure that nothing of a measurement outlives it, however it ends: it holds the processes of each
// network together, keeps a journal of what has to go, and has a guard, a process of its own, that takes it away when
// perfgate cannot do so itself.
//
// What is to be made is first written into the journal, then made, and struck out once it is gone. The guard waits until the
// pipe from perfgate closes, which the kernel sees to even when perfgate is killed, and then takes away what the journal
// still names. Should the guard be killed as well, the next start or `perfgate clean` does the same with the same journal.
package contain

import (
	"errors"
	"fmt"
	"slices"
)

// Method is how the processes of a network are held together.
type Method string

// The methods, the best first.
const (
	// ByCgroup puts the processes into a cgroup (version 2) of their own. None can leave it, and all of it is killed at once.
	ByCgroup Method = "cgroup"
	// ByGroup knows them by process group, parent-death signal, and a mark in the environment, which a child that clears
	// its environment and leaves its session does not have.
	ByGroup Method = "process_group"
)

// MethodVariable is the environment variable by which a person forces a method.
const MethodVariable = "PERFGATE_CLEANUP"

// ParseMethod reads a method's name; "" chooses the best that the machine allows.
func ParseMethod(text string) (Method, error) {
	if text == "" || slices.Contains([]Method{ByCgroup, ByGroup}, Method(text)) {
		return Method(text), nil
	}
	return "", fmt.Errorf("%s=%s: there are %s and %s (leave it unset to have the best that the machine allows)", MethodVariable, text, ByCgroup, ByGroup)
}

// ErrUnsupported says that nothing can be contained on this system.
var ErrUnsupported = errors.New("containing processes needs Linux")

// Options say how to contain a measurement.
type Options struct {
	// State is a folder of perfgate's own, in which the journal lies; it is made where it is missing.
	State string
	// Results is the absolute path of the results directory: nothing outside of it is ever removed.
	Results string
	// Method forces a method; "" chooses the best.
	Method Method
}

// Report counts what was taken away.
type Report struct {
	Processes int `json:"processes"`
	Cgroups   int `json:"cgroups"`
	Folders   int `json:"folders"`
}

// Nothing tells whether there was nothing to take away.
func (r Report) Nothing() bool { return r == Report{} }

func (r Report) plus(s Report) Report {
	return Report{r.Processes + s.Processes, r.Cgroups + s.Cgroups, r.Folders + s.Folders}
}

// String counts in words.
func (r Report) String() string {
	return fmt.Sprintf("%s, %s, %s", many(r.Processes, "process", "processes"), many(r.Cgroups, "cgroup", "cgroups"), many(r.Folders, "folder", "folders"))
}

func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// Left is what an invocation has left, or still has.
type Left struct {
	// PID is the invocation's process id, Results its results directory, "" when it had not come to have one.
	PID     int    `json:"pid"`
	Results string `json:"results"`
	// Alive says that it still runs: it was left alone.
	Alive bool `json:"alive"`
	Report
	// Failure says why not all of it could be taken away, "" when it was.
	Failure string `json:"failure,omitempty"`
}
