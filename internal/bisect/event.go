package bisect

import (
	"fmt"
	"math"
)

// EventType says what happened.
type EventType string

// The events of a search. Waiting for a machine or an infrastructure that failed are none: nothing was learnt.
const (
	Built   EventType = "built"   // a commit was built, or a built one once more with another layout
	Broken  EventType = "broken"  // a commit can not be measured: it does not build, or its suite does not start
	Ran     EventType = "ran"     // a run gave a value
	Invalid EventType = "invalid" // a run that does not count: the machine was disturbed
	Focused EventType = "focused" // from now on the search is between two other commits, all measurements kept
	Limited EventType = "limited" // from now on another budget holds, and whether runs count is counted anew
)

// Event is one thing that happened. Only what its type needs is set; the rest is zero.
type Event struct {
	Type EventType `json:"type"`
	// Commit is the id of what was built or is broken.
	Commit string `json:"commit,omitempty"`
	// Artifact is the number of the build that ran, from 1 in the order of the built events.
	Artifact int `json:"artifact,omitempty"`
	// Binary names the content of what was built: equal ones share all measurements. "" is unlike any other.
	Binary string `json:"binary,omitempty"`
	// Value is what the run gave, in any unit, above 0 and finite; of a count it may be 0.
	Value float64 `json:"value,omitempty"`
	// AtSeconds is when it happened, since the search began; never less than in the event before.
	AtSeconds float64 `json:"at_seconds,omitempty"`
	// Seconds is how long it took, 0 when nothing had to be done.
	Seconds float64 `json:"seconds,omitempty"`
	// Reason says why something is broken or invalid; equal reasons mean the same fault.
	Reason string `json:"reason,omitempty"`
	// Good and Bad are the ids of the new ends of a focused search.
	Good string `json:"good,omitempty"`
	Bad  string `json:"bad,omitempty"`
	// Budget is the new one of a limited search.
	Budget *Budget `json:"budget,omitempty"`
}

// check says what is wrong with an event by itself: a field that its type needs or may not have.
func (e Event) check() error {
	if err := e.checkNumbers(); err != nil {
		return err
	}
	needs, known := map[EventType]Event{
		Built:   {Commit: "x", Binary: "?"},
		Broken:  {Commit: "x", Reason: "x"},
		Ran:     {Artifact: 1, Value: 1},
		Invalid: {Artifact: 1, Reason: "x"},
		Focused: {Good: "x", Bad: "x"},
		Limited: {Budget: &Budget{}},
	}[e.Type]
	if !known {
		return fmt.Errorf("unknown type %q: this perfgate knows built, broken, ran, invalid, focused, limited", e.Type)
	}
	for _, field := range []struct {
		name      string
		set       bool
		mayBe, is bool
	}{
		{"commit", e.Commit != "", needs.Commit != "", needs.Commit != ""},
		{"artifact", e.Artifact != 0, needs.Artifact != 0, needs.Artifact != 0},
		{"binary", e.Binary != "", needs.Binary != "", false},
		{"value", e.Value != 0, needs.Value != 0, false},
		{"reason", e.Reason != "", needs.Reason != "", needs.Reason != ""},
		{"good", e.Good != "", needs.Good != "", needs.Good != ""},
		{"bad", e.Bad != "", needs.Bad != "", needs.Bad != ""},
		{"budget", e.Budget != nil, needs.Budget != nil, needs.Budget != nil},
	} {
		if field.set && !field.mayBe {
			return fmt.Errorf("%s: has %s, which belongs to other events", e.Type, field.name)
		}
		if !field.set && field.is {
			return fmt.Errorf("%s: has no %s", e.Type, field.name)
		}
	}
	return nil
}

func (e Event) checkNumbers() error {
	if !(e.AtSeconds >= 0 && e.AtSeconds <= 1e12) || !(e.Seconds >= 0 && e.Seconds <= 1e12) {
		return fmt.Errorf("%s: at_seconds %v, seconds %v: times are from 0 to 1e12", e.Type, e.AtSeconds, e.Seconds)
	}
	if b := e.Budget; b != nil && !b.sane() {
		return fmt.Errorf("%s: budget of %d builds, %d runs, %v seconds: none is below 0, and there is a limit of runs", e.Type, b.Builds, b.Runs, b.Seconds)
	}
	if e.Type == Ran && !(e.Value >= 0 && !math.IsInf(e.Value, 0)) {
		return fmt.Errorf("ran: value %v: the model is one of ratios, so values are above 0 and finite", e.Value)
	}
	return nil
}

func (b Budget) sane() bool {
	return b.Builds >= 0 && b.Runs > 0 && b.Seconds >= 0 && b.Seconds <= 1e12
}
