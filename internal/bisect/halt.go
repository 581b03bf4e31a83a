package bisect

import "fmt"

// Halt is a limit that has ended a search which more time, another machine or another range could have brought further.
type Halt string

// The limits.
const (
	HaltEnds      Halt = "ends"      // an end of the range can not be measured
	HaltDisturbed Halt = "disturbed" // hardly a run counts
	HaltBudget    Halt = "budget"
	HaltExhausted Halt = "exhausted" // nothing that could be measured would tell more
)

// unmeasured counts the runs that gave nothing, since the search began or was given other limits.
type unmeasured struct {
	inARow    int
	all, runs int    // of all runs
	last      string // why the last one did not count
}

func (u *unmeasured) run(invalid bool, why string) {
	u.runs++
	if !invalid {
		u.inARow = 0
		return
	}
	u.inARow++
	u.all++
	u.last = why
}

// hopeless says that so few runs count that the search would go on for ever, "" when enough do.
//
// Note: a driver that measures a disturbed run again itself has tried more often than is counted here.
func (u *unmeasured) hopeless() string {
	switch {
	case u.inARow >= invalidInARow:
		return fmt.Sprintf("%d runs in a row did not count (the last one: %s)", u.inARow, u.last)
	case u.all >= invalidAtAll && float64(u.all) >= invalidShare*float64(u.runs):
		return fmt.Sprintf("%d of %d runs did not count (the last one: %s)", u.all, u.runs, u.last)
	}
	return ""
}

// stuck says why the search can not go on, and by which limit; "" when it can.
func (s *Search) stuck() (Halt, string) {
	for _, end := range []int{s.low, s.high} {
		if why := s.broken[s.class[end]]; why != "" {
			return HaltEnds, fmt.Sprintf("the end %s can not be measured: %s", s.task.Commits[end].ID, why)
		}
	}
	if why := s.invalid.hopeless(); why != "" {
		return HaltDisturbed, why
	}
	if why := s.spent.beyond(s.params.Budget); why != "" {
		return HaltBudget, why
	}
	return "", ""
}

// Budget is where the search gives up, as it was told last.
func (s *Search) Budget() Budget { return s.params.Budget }

// Halted is the limit that has ended the search, "" when none has: then it goes on, or is over for good.
func (s *Search) Halted() Halt {
	if s.outcome == nil {
		return ""
	}
	return s.outcome.Halt
}

// limited gives the search another budget, and begins to count anew which runs do not count. A search that a limit has ended goes on,
// where it was the one that has changed; an outcome that no limit has made stays.
func (s *Search) limited(b Budget) {
	s.params.Budget, s.invalid = b, unmeasured{}
	if s.Halted() != "" || s.outcome == nil && s.spent.beyond(b) != "" {
		s.decide()
	}
}
