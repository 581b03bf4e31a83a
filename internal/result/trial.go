package result

import "fmt"

// Trial is what both sides of a trial have in common, and which side this is. A trial measures base and head in turns,
// in pairs of runs: the run of one side belongs to the run of the same number and scenario of the other. It is decided at
// looks, which were laid down before the first pair; everything that a look needs is in both sides' results.
type Trial struct {
	// ID is the same on both sides, and on no other results.
	ID string `json:"id"`
	// Side is SideBase or SideHead.
	Side string `json:"side"`
	// Seed is what the order within the blocks was drawn from.
	Seed uint64 `json:"seed"`
	// Looks are the numbers of pairs after which it is decided, rising. No pair beyond the last one is measured.
	Looks []int `json:"looks"`
}

// The sides of a trial.
const (
	SideBase = "base"
	SideHead = "head"
)

// Controls are how long the machine took for work that neither side has a part in, in seconds. A difference between base
// and head here is the machine's. What could not be measured is nil.
type Controls struct {
	// Spin is a fixed number of steps of arithmetic on one core.
	Spin *float64 `json:"spin_seconds,omitempty"`
	// Loopback is the median round trip of a datagram over the loopback interface.
	Loopback *float64 `json:"loopback_seconds,omitempty"`
	// Disk is a small file, written and synced where the nodes have their folders.
	Disk *float64 `json:"disk_seconds,omitempty"`
}

// maxLooks bounds how often a trial may be decided.
const maxLooks = 1000

func (t *Trial) validate() error {
	switch {
	case t == nil:
		return nil
	case t.ID == "" || len(t.ID) > maxName:
		return fmt.Errorf("a trial needs an id of at most %d bytes", maxName)
	case t.Side != SideBase && t.Side != SideHead:
		return fmt.Errorf("side %q of the trial is neither %s nor %s", t.Side, SideBase, SideHead)
	case len(t.Looks) == 0 || len(t.Looks) > maxLooks:
		return fmt.Errorf("a trial has 1 to %d looks, not %d", maxLooks, len(t.Looks))
	}
	before := 0
	for _, pairs := range t.Looks {
		if pairs <= before {
			return fmt.Errorf("the looks %v of the trial do not rise from 1 pair on", t.Looks)
		}
		before = pairs
	}
	return nil
}
